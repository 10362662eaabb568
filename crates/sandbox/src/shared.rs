//! What the HTTP shell and the notifier share: the core behind one lock that is held for microseconds.

use crate::{clock::Clock, core::Core};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// The core, its clock, and the bell that tells the notifier to look.
#[derive(Debug)]
pub(crate) struct Shared {
    core: Mutex<Core>,
    pub clock: Clock,
    pub bell: Notify,
}

impl Shared {
    pub fn new(core: Core) -> Self {
        Self {
            core: Mutex::new(core),
            clock: Clock::start(),
            bell: Notify::new(),
        }
    }

    /// Works on the core at the present time; rings if something is due at another time than before.
    pub fn with<R>(&self, work: impl FnOnce(&mut Core, u64) -> R) -> R {
        // A panic in a caller's closure leaves the books as they were between two calls: they are usable.
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let before = core.next_due();
        let result = work(&mut core, self.clock.now_micros());
        if core.next_due() != before {
            self.bell.notify_one();
        }
        result
    }
}
