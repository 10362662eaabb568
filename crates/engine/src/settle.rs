//! Three doors, one room: whatever was learned, by whichever way, ends here (DESIGN law 4).

use std::sync::Arc;

use domain::finding::{Finding, What};
use domain::ids::PaymentId;
use domain::notification::{Notification, NotificationKind, NotificationState};
use domain::payment::{Learning, Payment};
use domain::planted::{Defect, planted};
use gateway_client::KeptCard;
use store::{Change, Commit, NotificationChange, StoreError};

use crate::desk::Desk;
use crate::error::Error;
use crate::perform::CONFLICTS_MAX;

/// What became of a finding.
pub(crate) enum Settled {
    /// The payment, which now knows it.
    Payment(Arc<Payment>),
    /// The payment had moved on since the question was asked: ask again.
    Stale,
}

impl Desk {
    /// Lets the payment learn, and commits what follows. Learning twice changes nothing, so a commit whose outcome is
    /// unknown is simply learned again from what is there.
    pub(crate) async fn settle(
        &self,
        known: Arc<Payment>,
        finding: &Finding,
        card: Option<KeptCard>,
        mut bell: Option<Notification>,
    ) -> Result<Settled, Error> {
        let mut payment = known;
        for _ in 0..CONFLICTS_MAX {
            let learning = Learning {
                now: self.clock.now(),
                pace: &self.settings.pace,
                claims: bell.as_ref().and_then(|bell| bell.claims.as_deref()),
                order_holder: self.order_holder(&payment).await?,
            };
            let Ok(lesson) = payment.learn(finding, &learning) else {
                return Ok(Settled::Stale);
            };
            let held = lesson.next.as_ref().unwrap_or(payment.as_ref()).is_held();
            let answer = |bell: &Notification| self.answered(bell, payment.id, &finding.what, held);
            let notification = bell.as_ref().map(answer);
            let card = match &card {
                Some(card) => self.card_to_keep(&payment, card).await?,
                None => None,
            };
            if lesson.next.is_none() && notification.is_none() && card.is_none() {
                return Ok(Settled::Payment(payment));
            }
            // A card belongs to a payment, so it lands with a version of it, also where nothing else is new.
            let next = lesson
                .next
                .or_else(|| card.is_some().then(|| payment.follows(learning.now)))
                .map(Arc::new);
            let commit = Commit {
                payment: next.clone().map(|after| Change::Update {
                    before: Arc::clone(&payment),
                    after,
                }),
                claims_taken: lesson.claims_taken,
                claims_released: lesson.claims_released,
                postings: lesson.postings,
                events: lesson.events,
                notification,
                card,
                ..Commit::default()
            };
            match self.store.commit(commit).await {
                Ok(_) => return Ok(Settled::Payment(next.unwrap_or(payment))),
                Err(StoreError::Conflict | StoreError::Unknown(_)) => {}
                Err(other) => return Err(other.into()),
            }
            payment = self.payment(payment.id).await?;
            bell = self.still_waiting(bell).await?;
        }
        Err(Error::Contended)
    }

    /// Who holds the order of a payment that has ended: a late success must not displace it.
    pub(crate) async fn order_holder(&self, payment: &Payment) -> Result<Option<PaymentId>, Error> {
        match payment.sale.order_claim() {
            Some(claim) if !payment.is_live() => Ok(self.store.read(move |tx| tx.claim(&claim)).await?),
            _ => Ok(None),
        }
    }

    /// The doorbell after the gateway was asked: answered, or to be tried again.
    fn answered(&self, bell: &Notification, payment: PaymentId, what: &What, held: bool) -> NotificationChange {
        let mut after = bell.clone();
        after.tries = bell.tries.saturating_add(1);
        after.payment = Some(payment);
        // A bell about a refund is answered by the list of refunds, not by the payment alone; and not by an answer that is
        // distrusted, because nothing of its list is believed then, and nobody asks for one again.
        let told = match what {
            What::Shown(sight) => bell.kind != NotificationKind::Refund || sight.refunds.is_some() && !held,
            What::ShownMany(_) => true,
            _ => planted(Defect::BellSettledUnanswered),
        };
        if told {
            after.state = NotificationState::Settled;
            after.due_at = None;
        } else {
            after.due_at = Some(self.next_try(&after));
        }
        NotificationChange::Update(after, bell.tries)
    }

    /// The bell, unless somebody else has answered it meanwhile.
    async fn still_waiting(&self, bell: Option<Notification>) -> Result<Option<Notification>, Error> {
        let Some(bell) = bell else { return Ok(None) };
        let found = self.store.read(move |tx| tx.notification(bell.id)).await?;
        Ok(found.filter(|bell| bell.state == NotificationState::Waiting))
    }
}
