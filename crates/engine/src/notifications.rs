//! The doorbell: authenticate, store, answer 204, then ask the gateway and believe that answer (DESIGN law 5).

use std::sync::Arc;
use std::time::Duration;

use domain::finding::What;
use domain::ids::{NotificationId, PaymentId, SiteId};
use domain::notification::{Notification, NotificationKind, NotificationState};
use domain::payment::{Charged, Claim};
use domain::planted::{Defect, planted};
use domain::sight::{GatewayRef, Host};
use domain::time::Timestamp;
use gateway_client::notification;
use secrecy::SecretString;
use store::{Commit, NotificationChange, StoreError};
use tokio::sync::Semaphore;

use crate::desk::{Desk, Engine};
use crate::error::Error;
use crate::gateway::Question;
use crate::identity;

/// Tells the gateway's doorbell from anybody else's: its site and the keys that may ring.
pub struct Doorkeeper {
    /// The marketplace's site at the gateway.
    pub site: SiteId,
    /// The key in use.
    pub api_key: SecretString,
    /// The key before the last rotation, accepted here only.
    pub previous_api_key: Option<SecretString>,
}

/// How many bells are answered at one time, and how many may wait in memory for it; the rest wait in the database.
pub(crate) struct Bells {
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Bells {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(BELLS_AT_ONCE)),
            waiting: Arc::new(Semaphore::new(BELLS_WAITING)),
        }
    }
}

impl Engine {
    /// Takes one notification. `Ok` means that it is stored: the gateway may be told 204.
    ///
    /// # Errors
    /// [`Error::Unauthorized`], [`Error::Invalid`] when it is no notification, [`Error::Unavailable`] when it could not
    /// be stored (the gateway will ring again).
    pub async fn ring(&self, authorization: Option<&[u8]>, body: &[u8]) -> Result<(), Error> {
        let desk = &self.desk;
        let mut keys = vec![&desk.door.api_key];
        keys.extend(&desk.door.previous_api_key);
        let known = notification::authorized(authorization, desk.door.site, &keys);
        if !known && !planted(Defect::BasicAuthIgnored) {
            metrics::counter!("apportion_notifications_total", "result" => "unauthorized").increment(1);
            return Err(Error::Unauthorized);
        }
        let read =
            notification::read(body).map_err(|error| Error::fault("", "notification_unreadable", error.to_string()))?;
        let now = desk.clock.now();
        let bell = Notification {
            id: NotificationId::from_u128(desk.ids.ordered()),
            kind: read.kind,
            about: read.about,
            gateway_id: read.gateway_id,
            reference: read.reference,
            claims: read.claims,
            digest: identity::digest(body),
            redacted: notification::redact(body).to_string(),
            state: if read.about.is_some() {
                NotificationState::Waiting
            } else {
                NotificationState::Orphan
            },
            payment: None,
            received_at: now,
            // Answered at once below; this is when the sweep takes it over should that be lost.
            due_at: read
                .about
                .filter(|_| !planted(Defect::BellNotTakenOver))
                .map(|_| now.plus(SWEEP_TAKES_OVER_AFTER)),
            tries: 0,
        };
        if planted(Defect::AcknowledgedUnstored) {
            return Ok(());
        }
        let commit = Commit {
            notification: Some(NotificationChange::Insert(bell.clone())),
            ..Commit::default()
        };
        desk.store.commit(commit).await.map_err(|error| {
            tracing::warn!(%error, "a notification could not be stored; the gateway will ring again");
            Error::Unavailable {
                what: "database",
                charged: Charged::Unknown,
                payment: None,
            }
        })?;
        metrics::counter!("apportion_notifications_total", "result" => "stored").increment(1);
        if bell.about.is_some() {
            self.answer_soon(bell);
        }
        Ok(())
    }

    /// Waits, for a while, until no bell waits in memory. What is left is in the database, and answered at the next start.
    pub async fn drain(&self) {
        let all = u32::try_from(BELLS_WAITING).unwrap_or(u32::MAX);
        let quiet = tokio::time::timeout(DRAIN_AT_MOST, self.desk.bells.waiting.acquire_many(all)).await;
        if quiet.is_err() {
            tracing::info!("notifications are still waiting for an answer; the next start answers them");
        }
    }

    /// Answers on a task of its own. Where too many wait already, the sweep does it.
    fn answer_soon(&self, bell: Notification) {
        let Ok(place) = Arc::clone(&self.desk.bells.waiting).try_acquire_owned() else {
            return;
        };
        let desk = Arc::clone(&self.desk);
        tokio::spawn(async move {
            let _place = place;
            let Ok(_turn) = desk.bells.at_once.acquire().await else {
                return;
            };
            let id = bell.id;
            if let Err(error) = desk.answer(bell).await {
                tracing::warn!(notification = %id, %error, "could not answer a notification; the sweep will");
            }
        });
    }
}

impl Desk {
    /// Finds the payment that a bell is about, asks, and settles the bell with the answer.
    pub(crate) async fn answer(self: &Arc<Self>, bell: Notification) -> Result<(), Error> {
        match self.identify(&bell).await? {
            Some(payment) => self.ask(payment, Some(&bell)).await.map(|_| ()),
            None => self.keep_waiting(bell).await,
        }
    }

    /// As it was found before; by the gateway's identity; else by asking for that id: the reference in the *answer* names
    /// our claim. The reference in the notification itself is not believed.
    async fn identify(&self, bell: &Notification) -> Result<Option<PaymentId>, Error> {
        if bell.payment.is_some() {
            return Ok(bell.payment);
        }
        let Some(about) = bell.about else { return Ok(None) };
        // A refund's bell does not tell the host: it is the card host's where only that one has the number.
        let cards = (bell.kind == NotificationKind::Refund).then_some(GatewayRef {
            host: Host::Cards,
            ..about
        });
        let look = move |tx: &mut store::Tx<'_>| match (tx.payment_by_gateway(about)?, cards) {
            (None, Some(at)) => tx.payment_by_gateway(at),
            (known, _) => Ok(known),
        };
        let known = self.store.read(look).await?;
        if known.is_some() {
            return Ok(known);
        }
        let question = Question::Payment {
            at: about,
            refunds: false,
        };
        let What::Shown(sight) = self.gateway.inquire(&question).await.what else {
            return Ok(None);
        };
        let Some(reference) = sight.reference else {
            return Ok(None);
        };
        Ok(self
            .store
            .read(move |tx| tx.claim(&Claim::Reference(reference)))
            .await?)
    }

    /// Tried again later, because its payment may be about to learn its gateway id; after a while shown as an orphan.
    async fn keep_waiting(&self, bell: Notification) -> Result<(), Error> {
        let mut after = bell.clone();
        after.tries = bell.tries.saturating_add(1);
        after.due_at = Some(self.next_try(&after));
        if self.clock.now().since(bell.received_at) >= self.settings.orphan_after {
            tracing::warn!(notification = %bell.id, "a notification about a payment that nobody here knows");
            after.state = NotificationState::Orphan;
            after.due_at = None;
        }
        let change = NotificationChange::Update(after, bell.tries);
        let commit = Commit {
            notification: Some(change),
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            // Somebody else looked at it meanwhile.
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// One second, then four times as long each time, up to an hour, but not past the moment it becomes an orphan.
    pub(crate) fn next_try(&self, bell: &Notification) -> Timestamp {
        let wait = Duration::from_secs(4_u64.saturating_pow(bell.tries.saturating_sub(1).min(6)))
            .min(Duration::from_secs(3600));
        let now = self.clock.now();
        let orphan_at = bell.received_at.plus(self.settings.orphan_after);
        if now < orphan_at {
            now.plus(wait).min(orphan_at)
        } else {
            now.plus(wait)
        }
    }
}

/// Calls to the gateway on behalf of notifications, at one time.
const BELLS_AT_ONCE: usize = 64;

/// Notifications that wait in memory for their turn.
const BELLS_WAITING: usize = 4096;

/// How long a shutdown waits for bells.
const DRAIN_AT_MOST: Duration = Duration::from_secs(5);

/// Long enough that the sweep does not answer a bell that is already waiting for its turn.
const SWEEP_TAKES_OVER_AFTER: Duration = Duration::from_secs(5);
