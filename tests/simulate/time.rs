//! Time that only passes when everybody waits, and survives a crash.

use domain::time::Timestamp;
use engine::clock::Clock;
use std::sync::Mutex;
use tokio::time::Instant;

/// 2030-01-01, in microseconds.
const BEGINNING: u64 = 1_893_456_000_000_000;

/// What of it has passed in earlier lives, and since when the present one runs.
pub struct Time(Mutex<(u64, Option<Instant>)>);

impl Time {
    /// The beginning.
    pub fn new() -> Self {
        Self(Mutex::new((BEGINNING, None)))
    }

    /// Now, in microseconds.
    pub fn micros(&self) -> u64 {
        let (before, since) = *self.0.lock().unwrap();
        let passed = since.map_or(0, |since| since.elapsed().as_micros());
        before + u64::try_from(passed).expect("a simulation ends")
    }

    /// A life begins. Its runtime's clock is a new one.
    pub fn begin(&self) {
        self.0.lock().unwrap().1 = Some(Instant::now());
    }

    /// A life ends. Called within its runtime.
    pub fn end(&self) {
        let now = self.micros();
        *self.0.lock().unwrap() = (now, None);
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(i64::try_from(self.micros()).expect("before the year 292000"))
    }
}
