//! What was injected, what was reached, what was wrong, and a digest of everything in its order.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What happened in one world, or in all.
#[derive(Clone, Default, serde::Serialize)]
pub struct Tally {
    /// Payments asked for.
    pub payments: u64,
    /// Requests at the gateway.
    pub calls: u64,
    /// How often each thing went wrong on purpose.
    pub faults: BTreeMap<String, u64>,
    /// How often each situation was reached that only sometimes comes.
    pub sometimes: BTreeMap<String, u64>,
    /// What must never be, each with its seed.
    pub violations: Vec<String>,
    /// Payments that were asked for when the first of them was seen.
    #[serde(skip)]
    pub payments_until_violation: Option<u64>,
    /// What happened, in its order.
    #[serde(skip)]
    digest: u64,
}

impl Tally {
    /// Something went wrong on purpose.
    pub fn fault(&mut self, name: &str) {
        *self.faults.entry(name.to_owned()).or_default() += 1;
    }

    /// A situation was reached.
    pub fn reached(&mut self, name: &str) {
        *self.sometimes.entry(name.to_owned()).or_default() += 1;
    }

    /// Something happened: it becomes part of the digest.
    pub fn happened(&mut self, at: u64, what: &impl Hash) {
        // With fixed keys: the same in every process.
        let mut hasher = DefaultHasher::new();
        (self.digest, at).hash(&mut hasher);
        what.hash(&mut hasher);
        self.digest = hasher.finish();
    }

    /// The digest of everything that happened.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// Adds another world.
    pub fn add(&mut self, other: Self) {
        self.payments += other.payments;
        self.calls += other.calls;
        for (name, times) in other.faults {
            *self.faults.entry(name).or_default() += times;
        }
        for (name, times) in other.sometimes {
            *self.sometimes.entry(name).or_default() += times;
        }
        self.violations.extend(other.violations);
    }
}
