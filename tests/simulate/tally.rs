//! What was injected, what was reached, what was wrong, and a digest of everything in its order.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What happened in one world, or in all.
#[derive(Clone, Default, serde::Serialize)]
pub struct Tally {
    /// Payments that were recorded.
    pub payments: u64,
    /// How often one was asked for.
    pub asked: u64,
    /// Requests at the gateway.
    pub calls: u64,
    /// How often each thing went wrong on purpose.
    pub faults: BTreeMap<String, u64>,
    /// How often each situation was reached that only sometimes comes.
    pub sometimes: BTreeMap<String, u64>,
    /// How many payments were asked for under each answer to what the gateway's documents leave open.
    pub switches: BTreeMap<String, u64>,
    /// What must never be, each with its seed.
    pub violations: Vec<String>,
    /// Payments that were begun so far.
    #[serde(skip)]
    pub payments_begun: u64,
    /// How many they were when the first violation was seen.
    #[serde(skip)]
    pub payments_until_violation: Option<u64>,
    /// What happened, in its order.
    #[serde(skip)]
    digest: u64,
}

impl Tally {
    /// Something went wrong on purpose.
    pub fn fault(&mut self, name: &str) {
        count(&mut self.faults, name);
    }

    /// A situation was reached.
    pub fn reached(&mut self, name: &str) {
        count(&mut self.sometimes, name);
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
        self.asked += other.asked;
        self.calls += other.calls;
        for (name, times) in other.faults {
            *self.faults.entry(name).or_default() += times;
        }
        for (name, times) in other.sometimes {
            *self.sometimes.entry(name).or_default() += times;
        }
        for (name, times) in other.switches {
            *self.switches.entry(name).or_default() += times;
        }
        self.violations.extend(other.violations);
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(times) => *times += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}
