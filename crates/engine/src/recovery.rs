//! The third door: what nobody told us is found out by asking.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::PaymentId;
use domain::notification::Notification;
use futures_util::{StreamExt, stream};

use crate::desk::{Desk, Engine};
use crate::error::Error;

/// What one pass of the sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Swept {
    /// Payments that were due and looked at.
    pub payments: usize,
    /// Notifications that were due and answered.
    pub notifications: usize,
    /// Looks that failed and will be tried again.
    pub failed: usize,
}

impl Engine {
    /// One pass: everything that is due now.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn recover_once(&self) -> Result<Swept, Error> {
        let desk = &self.desk;
        let now = desk.clock.now();
        let due = desk
            .store
            .read(move |tx| Ok((tx.due_payments(now, SWEEP_MAX)?, tx.due_notifications(now, SWEEP_MAX)?)))
            .await?;
        let (payments, bells) = due;
        let (looked, answered) = (payments.len(), bells.len());
        let looks = stream::iter(payments).map(|id| async move {
            let result = desk.look(id).await;
            result.inspect_err(|error| tracing::warn!(payment = %id, %error, "could not look at a due payment"))
        });
        let answers = stream::iter(by_payment(bells)).map(|turn| async move {
            let mut failed = 0_usize;
            for bell in turn {
                let id = bell.id;
                if let Err(error) = desk.answer(bell).await {
                    tracing::warn!(notification = %id, %error, "could not answer a due notification");
                    failed = failed.saturating_add(1);
                }
            }
            failed
        });
        let looks = looks
            .buffer_unordered(SWEEP_AT_ONCE)
            .filter(|result| std::future::ready(result.is_err()))
            .count();
        let answers = answers
            .buffer_unordered(SWEEP_AT_ONCE)
            .fold(0_usize, |all, failed| std::future::ready(all.saturating_add(failed)));
        let (lost, unanswered) = tokio::join!(looks, answers);
        Ok(Swept {
            payments: looked,
            notifications: answered,
            failed: lost.saturating_add(unanswered),
        })
    }

    /// Sweeps until `stop` is ready. A pass that found a full page is followed by the next at once.
    pub async fn run_recovery(&self, stop: impl Future<Output = ()>) {
        let sweep = async {
            loop {
                let full = match self.recover_once().await {
                    Ok(swept) => swept.failed == 0 && swept.payments.max(swept.notifications) >= SWEEP_MAX,
                    Err(error) => {
                        tracing::warn!(%error, "the sweep could not read what is due");
                        false
                    }
                };
                let pause = if full {
                    Duration::ZERO
                } else {
                    self.desk.settings.sweep_every
                };
                tokio::time::sleep(pause).await;
            }
        };
        tokio::select! {
            () = sweep => {}
            () = stop => {}
        }
    }
}

impl Desk {
    /// Looks at one due payment: sends what is ready, asks about the rest.
    ///
    /// A question takes no claim: its answer applies only to the version it was asked at, so the settling commit is
    /// the claim, and a second instance that asks the same does no harm.
    pub(crate) async fn look(self: &Arc<Self>, id: PaymentId) -> Result<(), Error> {
        let payment = self.payment(id).await?;
        let now = self.clock.now();
        if payment.due_at.is_none_or(|due| due > now) {
            return Ok(());
        }
        if payment.sendable().is_some() {
            self.follow(payment).await;
            return Ok(());
        }
        self.ask(id, None).await.map(|_| ())
    }
}

/// Those about one payment one after another: each answer makes a version of it, and they would only be in each other's
/// way. Of more than a pass has time for, the rest stays due.
fn by_payment(bells: Vec<Notification>) -> Vec<Vec<Notification>> {
    let mut known: BTreeMap<PaymentId, Vec<Notification>> = BTreeMap::new();
    let mut turns = Vec::new();
    for bell in bells {
        match bell.payment {
            Some(payment) => known.entry(payment).or_default().push(bell),
            None => turns.push(vec![bell]),
        }
    }
    turns.extend(known.into_values());
    turns.iter_mut().for_each(|turn| turn.truncate(SWEEP_AT_ONCE));
    turns
}

/// How many due payments, and how many due notifications, one pass takes.
const SWEEP_MAX: usize = 256;

/// How many of them are looked at at one time; and how many notifications about one payment, one after another.
const SWEEP_AT_ONCE: usize = 16;

#[cfg(test)]
mod tests {
    use domain::ids::NotificationId;
    use domain::notification::{NotificationKind, NotificationState};
    use domain::time::Timestamp;

    use super::*;

    fn bell(number: u128, payment: Option<u128>) -> Notification {
        Notification {
            id: NotificationId::from_u128(number),
            kind: NotificationKind::Payment,
            about: None,
            gateway_id: None,
            reference: None,
            claims: None,
            digest: String::new(),
            redacted: String::new(),
            state: NotificationState::Waiting,
            payment: payment.map(PaymentId::from_u128),
            received_at: Timestamp::MIN,
            due_at: Some(Timestamp::MIN),
            tries: 0,
        }
    }

    #[test]
    fn what_is_about_one_payment_is_answered_one_after_another_and_all_else_beside_it() {
        let bells = vec![
            bell(1, Some(7)),
            bell(2, None),
            bell(3, Some(8)),
            bell(4, Some(7)),
            bell(5, None),
        ];
        let turns = by_payment(bells);
        let mut turns: Vec<Vec<u128>> = turns
            .iter()
            .map(|turn| turn.iter().map(|one| one.id.as_u128()).collect())
            .collect();
        turns.sort();
        assert_eq!(turns, [vec![1, 4], vec![2], vec![3], vec![5]]);
    }

    #[test]
    fn of_many_about_one_payment_the_oldest_come_first_and_the_rest_stays_due() {
        let many = 1..=40_u128;
        let turns = by_payment(many.map(|number| bell(number, Some(7))).collect());
        assert_eq!(turns.len(), 1);
        let answered: Vec<u128> = turns[0].iter().map(|one| one.id.as_u128()).collect();
        assert_eq!(answered, (1..=16).collect::<Vec<_>>());
    }
}
