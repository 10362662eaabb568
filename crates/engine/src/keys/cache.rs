//! Keys that were just looked up, so that a busy storefront's key is not read from the database for every request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::caller::Caller;

/// Positive answers only, by the digest of the token: a key that is unknown now may be created a moment later.
#[derive(Default)]
pub(crate) struct KeyCache {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Counts revocations here.
    moment: u64,
    callers: HashMap<String, (Caller, Instant)>,
}

impl KeyCache {
    pub(super) fn get(&self, hash: &str) -> Option<Caller> {
        let known = self.lock();
        let (caller, until) = known.callers.get(hash)?;
        (Instant::now() < *until).then(|| caller.clone())
    }

    /// To be taken before the database is read, and handed in with what was read.
    pub(super) fn moment(&self) -> u64 {
        self.lock().moment
    }

    /// Remembers a caller, unless a key was revoked since it was read.
    pub(super) fn put(&self, hash: String, caller: Caller, moment: u64) {
        let mut known = self.lock();
        let now = Instant::now();
        let Some(until) = now.checked_add(LIFETIME) else { return };
        if known.moment != moment {
            return;
        }
        if known.callers.len() >= KEYS_MAX {
            known.callers.retain(|_, (_, until)| now < *until);
        }
        if known.callers.len() < KEYS_MAX {
            known.callers.insert(hash, (caller, until));
        }
    }

    /// Forgets every caller: a key was revoked.
    pub(super) fn forget(&self) {
        let mut known = self.lock();
        known.moment = known.moment.wrapping_add(1);
        known.callers.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing in here panics between two steps that belong together.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long another instance may still accept a key that was revoked.
pub(super) const LIFETIME: Duration = Duration::from_secs(2);

/// How many keys are remembered at one time.
const KEYS_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::{Caller, KEYS_MAX, KeyCache};
    use crate::caller::Role;

    fn caller() -> Caller {
        Caller {
            principal: "shop".parse().unwrap(),
            role: Role::Storefront,
            live: false,
        }
    }

    #[test]
    fn a_caller_that_was_read_before_a_revocation_is_not_remembered_after_it() {
        let cache = KeyCache::default();
        let before = cache.moment();
        cache.put("one".to_owned(), caller(), before);
        assert_eq!(cache.get("one"), Some(caller()));
        cache.forget();
        assert_eq!(cache.get("one"), None);
        cache.put("one".to_owned(), caller(), before);
        assert_eq!(cache.get("one"), None);
        cache.put("one".to_owned(), caller(), cache.moment());
        assert_eq!(cache.get("one"), Some(caller()));
        assert_eq!(cache.get("two"), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let cache = KeyCache::default();
        for number in 0..KEYS_MAX + 10 {
            cache.put(number.to_string(), caller(), cache.moment());
        }
        assert_eq!(cache.lock().callers.len(), KEYS_MAX);
    }
}
