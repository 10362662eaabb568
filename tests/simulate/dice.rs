//! All chance of a simulation: one number decides everything.

use engine::clock::{Clock, Ids};
use std::sync::{Arc, Mutex, PoisonError};

use crate::time::Time;

/// A generator of the splitmix family: small, fast, and the same everywhere.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<u64>>);

impl Dice {
    /// Everything drawn from it follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// Any number.
    pub fn draw(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = *state;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&self, low: u64, high: u64) -> u64 {
        low + self.draw() % (high - low + 1)
    }

    /// Whether something of so many in a thousand happens.
    pub fn happens(&self, per_mille: u64) -> bool {
        self.draw() % 1000 < per_mille
    }

    /// One of these, each as likely as its weight.
    pub fn one_of<T: Copy>(&self, weighted: &[(u64, T)]) -> T {
        let all: u64 = weighted.iter().map(|(weight, _)| weight).sum();
        let mut left = self.draw() % all;
        for (weight, one) in weighted {
            if left < *weight {
                return *one;
            }
            left -= weight;
        }
        weighted[0].1
    }
}

/// Ids from the dice, in the order of the stopped clock.
pub struct Drawn {
    /// Where chance comes from.
    pub dice: Dice,
    /// Where time comes from.
    pub time: Arc<Time>,
}

impl Ids for Drawn {
    fn ordered(&self) -> u128 {
        let millis = u64::try_from(self.time.now().micros() / 1000).expect("after 1970");
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.dice.draw().to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes)
            .into_uuid()
            .as_u128()
    }

    fn random(&self) -> u128 {
        let half = || u128::from(self.dice.draw());
        uuid::Builder::from_u128(half() << 64 | half())
            .with_version(uuid::Version::Random)
            .into_uuid()
            .as_u128()
    }
}
