//! The shell's clock: the wall's time at start, then the monotonic clock, so that time never runs backwards.

use std::time::{Duration, Instant, SystemTime};

/// Tells the core what time it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started_micros: u64,
    started: Instant,
}

impl Clock {
    /// A clock that agrees with the wall now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox is another party: its clock is its own"
    )]
    pub fn start() -> Self {
        let wall = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            started_micros: micros(wall),
            started: Instant::now(),
        }
    }

    /// Microseconds since 1970 UTC.
    pub fn now_micros(&self) -> u64 {
        self.started_micros.saturating_add(micros(self.started.elapsed()))
    }

    /// How long it is until then; nothing if it has passed.
    pub fn until(&self, then_micros: u64) -> Duration {
        Duration::from_micros(then_micros.saturating_sub(self.now_micros()))
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
