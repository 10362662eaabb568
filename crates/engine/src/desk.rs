//! The desk itself: what every use case shares.

use std::sync::Arc;

use domain::ids::{IdempotencyKey, PaymentId};
use domain::operation::Attempt;
use domain::payment::Payment;
use domain::planted::{Defect, planted};
use store::Store;
use tokio::time::Instant;

use crate::checkout::TermsCache;
use crate::clock::{Clock, Ids};
use crate::error::Error;
use crate::gateway::Gateway;
use crate::keys::KeyCache;
use crate::notifications::{Bells, Doorkeeper};
use crate::settings::Settings;

/// What a desk is made of; handed in, so that a simulation can own time, chance, the vault and the wire.
pub struct Parts {
    /// The vault.
    pub store: Store,
    /// The wire.
    pub gateway: Arc<dyn Gateway>,
    /// What tells a notification of the gateway from anybody else's.
    pub door: Doorkeeper,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn Ids>,
    /// Configuration.
    pub settings: Settings,
}

/// The use cases. Cheap to clone: every clone is the same desk.
#[derive(Clone)]
pub struct Engine {
    pub(crate) desk: Arc<Desk>,
}

/// What every use case shares.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) door: Doorkeeper,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) settings: Settings,
    pub(crate) bells: Bells,
    pub(crate) keys: KeyCache,
    pub(crate) terms: TermsCache,
}

/// A request that may move money: its key, and a digest of what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The caller's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// A digest of method, path and body; never of a security code.
    pub fingerprint: String,
}

/// What became of a request that may move money.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// The current view.
    pub view: T,
    /// Whether this request repeats an earlier one.
    pub replayed: bool,
    /// Whether the gateway's answer is known; if not, ask again later.
    pub settled: bool,
}

impl Engine {
    /// Sets the desk up. Nothing runs until a use case, or [`Engine::run_recovery`], is called.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            gateway,
            door,
            clock,
            ids,
            settings,
        } = parts;
        let (bells, keys, terms) = (Bells::default(), KeyCache::default(), TermsCache::default());
        Self {
            desk: Arc::new(Desk {
                store,
                gateway,
                door,
                clock,
                ids,
                settings,
                bells,
                keys,
                terms,
            }),
        }
    }

    /// Writes the installation's mark at first start and compares it at every later one, because references derived
    /// under another secret would let the gateway accept a payment twice.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the database belongs to another installation.
    pub async fn claim_database(&self) -> Result<(), Error> {
        let mark = crate::identity::digest(format!("installation:{}", self.desk.settings.installation).as_bytes());
        let kept = self
            .desk
            .store
            .write(move |tx| tx.set_meta_once("installation", &mark).map(|kept| kept == mark))
            .await?;
        if kept {
            return Ok(());
        }
        let detail =
            "this database was made under another `installation` secret; configure that one, or another database";
        Err(Error::Conflict {
            code: "installation_differs",
            detail: detail.to_owned(),
        })
    }
}

impl Desk {
    /// The next attempt of an operation: who may send it, until when, on both clocks.
    pub(crate) fn plan_attempt(&self, number: u32) -> (Attempt, Instant) {
        let send_before = self.clock.now().plus(self.settings.send_within);
        let owner = format!("{:032x}", self.ids.random());
        let limit = self.settings.timeout;
        let over_at = if planted(Defect::QuietFromAttemptsStart) {
            self.clock.now()
        } else {
            send_before.plus(limit)
        };
        let not_after = Instant::now()
            .checked_add(self.settings.send_within)
            .unwrap_or_else(Instant::now);
        (
            Attempt {
                number,
                owner,
                send_before,
                over_at,
                nothing_before: true,
            },
            not_after,
        )
    }

    /// The payment as it is now.
    pub(crate) async fn payment(&self, id: PaymentId) -> Result<Arc<Payment>, Error> {
        self.store.read(move |tx| tx.payment(id)).await?.ok_or(Error::NotFound)
    }
}
