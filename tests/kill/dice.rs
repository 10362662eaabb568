//! All chance of a campaign. Processes and sockets have chance of their own, so a seed names what was tried, not the way
//! it went.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A generator of the splitmix family.
pub struct Dice(AtomicU64);

impl Dice {
    /// Everything drawn from it follows from `seed` and the order of drawing.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&self, low: u64, high: u64) -> u64 {
        low + self.draw() % (high - low + 1)
    }

    /// A place in a list of this length.
    pub fn place(&self, length: usize) -> usize {
        usize::try_from(self.draw() % u64::try_from(length.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// Whether something of so many in a hundred happens.
    pub fn happens(&self, per_cent: u64) -> bool {
        self.draw() % 100 < per_cent
    }

    /// A pause of so many milliseconds.
    pub async fn pause(&self, low: u64, high: u64) {
        tokio::time::sleep(Duration::from_millis(self.between(low, high))).await;
    }

    fn draw(&self) -> u64 {
        let step = 0x9e37_79b9_7f4a_7c15;
        let mut drawn = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }
}
