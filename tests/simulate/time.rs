//! Time that only passes when everybody waits, and survives a crash; and a clock on the wall that people put right.

use domain::time::Timestamp;
use engine::clock::Clock;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::time::Instant;

/// 2030-01-01, in microseconds.
const BEGINNING: u64 = 1_893_456_000_000_000;

/// What of it has passed in earlier lives, and since when the present one runs.
pub struct Time {
    passed: Mutex<(u64, Option<Instant>)>,
    /// By how much our clock is ahead of it, in microseconds.
    ahead: AtomicI64,
    /// The latest that it has shown, in microseconds.
    latest: AtomicI64,
}

impl Time {
    /// The beginning.
    pub fn new() -> Self {
        Self {
            passed: Mutex::new((BEGINNING, None)),
            ahead: AtomicI64::new(0),
            latest: AtomicI64::new(0),
        }
    }

    /// Now, in microseconds, whatever our clock shows.
    pub fn micros(&self) -> u64 {
        let (before, since) = *self.passed.lock().unwrap();
        let passed = since.map_or(0, |since| since.elapsed().as_micros());
        before + u64::try_from(passed).expect("a simulation ends")
    }

    /// The latest that our clock has shown to anybody, though it may have been set back since.
    pub fn latest(&self) -> Timestamp {
        Timestamp::from_micros(self.latest.load(Ordering::Relaxed))
    }

    /// Since the beginning, in seconds.
    pub fn seconds(&self) -> f64 {
        std::time::Duration::from_micros(self.micros() - BEGINNING).as_secs_f64()
    }

    /// A life begins. Its runtime's clock is a new one.
    pub fn begin(&self) {
        self.passed.lock().unwrap().1 = Some(Instant::now());
    }

    /// A life ends. Called within its runtime.
    pub fn end(&self) {
        let now = self.micros();
        *self.passed.lock().unwrap() = (now, None);
    }

    /// Somebody sets our clock, so many microseconds ahead.
    pub fn set_ahead(&self, micros: i64) {
        self.ahead.store(micros, Ordering::Relaxed);
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        let micros = i64::try_from(self.micros()).expect("before the year 292000");
        let now = micros + self.ahead.load(Ordering::Relaxed);
        self.latest.fetch_max(now, Ordering::Relaxed);
        Timestamp::from_micros(now)
    }
}
