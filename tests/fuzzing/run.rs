//! Reading and counting.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tests::outside::Target;
use tests::outside::mutation::{Chance, next, shortened};

use crate::report;

/// Inputs of one reader at a stretch.
const BLOCK: u64 = 100;
/// After so many failures there is enough to mend.
const FAILURES_MAX: usize = 10;

/// How much, and from what.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub executions: u64,
    pub at_most: Option<Duration>,
    pub seed: u64,
    pub threads: usize,
}

/// An input that made a reader break its promise.
#[derive(Clone, Debug)]
pub struct Failure {
    pub target: &'static str,
    pub input: Vec<u8>,
    pub message: String,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    pub counts: Vec<(&'static str, u64)>,
    pub failures: Vec<Failure>,
    pub took: Duration,
    /// Of every input that was read.
    pub digest: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.target, self.message)?;
        writeln!(f, "  reading {:?}", String::from_utf8_lossy(&self.input))?;
        let input = report::hexadecimal(&self.input);
        write!(f, "  again: tests/fuzz --target {} --input {input}", self.target)
    }
}

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics from being printed: each is told once, with its input.
pub fn hush() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("a panic without words");
        LAST_PANIC.set(format!("{words} ({place})"));
    }));
}

/// The whole, as the threads share it.
struct Work<'a> {
    plan: &'a Plan,
    targets: &'a [&'a Target],
    seeds: Vec<Vec<Vec<u8>>>,
    block: u64,
    weights: u64,
    taken: AtomicU64,
    counts: Vec<AtomicU64>,
    digest: AtomicU64,
    failures: Mutex<Vec<Failure>>,
    begun: Instant,
}

/// Reads as much as was planned. `look` is told from time to time how much was read.
pub fn play(plan: &Plan, targets: &[&Target], look: impl Fn(u64, Duration) + Sync) -> Outcome {
    let weights = targets.iter().map(|target| target.weight).sum::<u64>();
    let work = Work {
        plan,
        targets,
        seeds: targets.iter().map(|target| (target.seeds)()).collect(),
        block: (plan.executions / weights).clamp(1, BLOCK),
        weights,
        taken: AtomicU64::new(0),
        counts: targets.iter().map(|_| AtomicU64::new(0)).collect(),
        digest: AtomicU64::new(0),
        failures: Mutex::default(),
        begun: Instant::now(),
    };
    std::thread::scope(|scope| {
        for _ in 0..plan.threads {
            scope.spawn(|| work.share(&look));
        }
    });
    let counts = targets.iter().zip(&work.counts);
    Outcome {
        counts: counts
            .map(|(target, count)| (target.name, count.load(Ordering::Relaxed)))
            .collect(),
        failures: work.failures.into_inner().unwrap_or_else(PoisonError::into_inner),
        took: work.begun.elapsed(),
        digest: work.digest.into_inner(),
    }
}

impl Work<'_> {
    /// One thread's share: block after block, until there is enough of them, of time or of failures.
    fn share(&self, look: &(impl Fn(u64, Duration) + Sync)) {
        let mut broken: BTreeSet<&str> = BTreeSet::new();
        let mut input = Vec::new();
        loop {
            let number = self.taken.fetch_add(1, Ordering::Relaxed);
            let elapsed = self.begun.elapsed();
            let is_enough = number.saturating_mul(self.block) >= self.plan.executions
                || self.plan.at_most.is_some_and(|most| elapsed >= most)
                || self.failed() >= FAILURES_MAX;
            if is_enough {
                return;
            }
            if number.is_multiple_of(20_000) {
                look(number * self.block, elapsed);
            }
            let index = self.target_of(number);
            let target = self.targets[index];
            if !broken.contains(target.name) && !self.block(number, index, &mut input) {
                broken.insert(target.name);
            }
        }
    }

    /// Every reader in its turn, as often as it weighs.
    fn target_of(&self, number: u64) -> usize {
        let mut place = number % self.weights;
        for (index, target) in self.targets.iter().enumerate() {
            if place < target.weight {
                return index;
            }
            place -= target.weight;
        }
        0
    }

    /// Whether a block went well.
    fn block(&self, number: u64, index: usize, input: &mut Vec<u8>) -> bool {
        let target = self.targets[index];
        let mut chance = Chance::new(Chance::new(self.plan.seed ^ number.rotate_left(32)).draw());
        let (mut read, mut digest) = (0, 0_u64);
        for _ in 0..self.block {
            next(&mut chance, &self.seeds[index], input);
            digest = input.iter().fold(digest, |sum, byte| {
                (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
            });
            read += 1;
            if let Err(message) = tried(target, input) {
                self.tell(target, input, message);
                break;
            }
        }
        self.counts[index].fetch_add(read, Ordering::Relaxed);
        self.digest.fetch_add(digest, Ordering::Relaxed);
        read == self.block
    }

    fn tell(&self, target: &Target, input: &[u8], message: String) {
        let input = shortened(input.to_vec(), |part| tried(target, part).is_err());
        // The shortest may fail in other words.
        let message = tried(target, &input).err().unwrap_or(message);
        let failure = Failure {
            target: target.name,
            input,
            message,
        };
        eprintln!("{failure}");
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(failure);
    }

    fn failed(&self) -> usize {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn tried(target: &Target, input: &[u8]) -> Result<(), String> {
    panic::catch_unwind(AssertUnwindSafe(|| (target.read)(input))).map_err(|panic| {
        let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
        let words = words
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let seen = LAST_PANIC.take();
        if seen.is_empty() { words } else { seen }
    })
}
