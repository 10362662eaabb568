//! Payments that were read or written last: a version of a payment never changes, so that whoever asks for it again needs
//! one small question, whether it still is the current one, instead of the rows of six tables.
//!
//! Nothing is believed of it that the database does not say at that moment: a version counts only with the moment at which
//! it was decided, because a standby that was promoted may have forgotten versions and give their numbers to others.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::PaymentId;
use domain::payment::Payment;
use lru::LruCache;

/// The payments that are remembered; shared by everything that reads and writes one database.
#[derive(Clone)]
pub(crate) struct Remembered(Arc<Mutex<LruCache<PaymentId, Arc<Payment>>>>);

/// What tells one version of a payment from every other: its number, and when it was decided, in microseconds.
pub(crate) type Version = (i64, i64);

impl Default for Remembered {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(LruCache::new(PAYMENTS_MAX))))
    }
}

impl Remembered {
    /// Whether some version of it is remembered.
    pub fn knows(&self, id: PaymentId) -> bool {
        self.payments().contains(&id)
    }

    /// This version of it.
    pub fn version(&self, id: PaymentId, version: Version) -> Option<Arc<Payment>> {
        self.payments().get(&id).filter(|one| of(one) == Some(version)).cloned()
    }

    /// Remembers a version that is known to be written.
    pub fn keep(&self, payment: &Arc<Payment>) {
        if payment.sale.cart.lines().len() <= LINES_MAX {
            let replaced = self.payments().put(payment.id, Arc::clone(payment));
            // Let go of when nobody waits for it any more.
            drop(replaced);
        }
    }

    fn payments(&self) -> MutexGuard<'_, LruCache<PaymentId, Arc<Payment>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of(payment: &Payment) -> Option<Version> {
    Some((i64::try_from(payment.version).ok()?, payment.updated_at.micros()))
}

/// How many payments are remembered, at most: some ten kilobytes each.
const PAYMENTS_MAX: NonZeroUsize = NonZeroUsize::new(96).unwrap();

/// A payment of more lines is large, rare, and not remembered.
const LINES_MAX: usize = 32;
