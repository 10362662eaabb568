//! Record, call, record: the one path of every command (DESIGN §4).

use std::sync::Arc;
use std::time::Duration;

use domain::command::Command;
use domain::finding::{Door, Finding};
use domain::ids::{PaymentId, Reference};
use domain::operation::{Asked, Operation, OperationState};
use domain::payment::{Asking, Charged, Decision, Payment};
use domain::planted::{Defect, planted};
use domain::refusal::Refusal;
use gateway_client::CardSecret;
use store::{Change, Commit, StoreError};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::error::Error;
use crate::identity;
use crate::settle::Settled;

/// A command carried out, or the earlier one under the same key.
pub(crate) struct Performed {
    /// The payment as it is now.
    pub payment: Arc<Payment>,
    /// The operation, by number.
    pub operation: u16,
    /// Whether the key was known already.
    pub replayed: bool,
}

impl Desk {
    /// Carries out a command under a key: loads, decides, commits, calls, settles, and sends what follows. A conflict
    /// loads again.
    pub(crate) async fn perform(
        self: &Arc<Self>,
        command: &Command,
        target: Option<PaymentId>,
        asked: Asked,
        card: Option<CardSecret>,
    ) -> Result<Performed, Error> {
        let reference = identity::reference(&self.settings.installation, &asked, target)?;
        // A command that creates a payment first assumes that nobody holds its names: the commit finds out.
        let mut before = match target {
            Some(id) => Some(self.payment(id).await?),
            None => None,
        };
        for _ in 0..CONFLICTS_MAX {
            let known = before.as_ref().and_then(|payment| keyed(payment, &asked));
            let attempts = match known {
                Some(operation) if is_reused(operation, &asked) => return Err(Error::KeyReused),
                Some(operation) if operation.state == OperationState::NotSent => {
                    self.may_live_again(before.as_deref()).await?;
                    operation.attempts()
                }
                // A repeat while the first is still running waits for it, for a while, and then answers what is known.
                Some(operation) => {
                    let (payment, operation) = (before.clone().ok_or(Error::Contended)?, operation.number);
                    return Ok(Performed {
                        payment: self.wait_for(payment, operation).await,
                        operation,
                        replayed: true,
                    });
                }
                None => 0,
            };
            let (attempt, not_after) = self.plan_attempt(attempts.saturating_add(1));
            let now = self.clock.now();
            let decided = match (&before, known) {
                (Some(payment), Some(operation)) => payment.attempt(operation.number, attempt, now),
                (payment, _) => {
                    let asking = Asking {
                        now,
                        payment: PaymentId::from_u128(self.ids.ordered()),
                        asked: asked.clone(),
                        reference: reference.clone(),
                        attempt,
                    };
                    Payment::decide(payment.as_deref(), command, asking).map(Some)
                }
            };
            let decided = decided.map_err(|refusal| Error::refused(refusal, before.as_deref()))?;
            let decision = decided.ok_or(Error::Contended)?;
            let (operation, sends) = (decision.operation, decision.sends());
            if let Some(landed) = self.land(before.as_ref(), decision).await? {
                let payment = if sends {
                    self.send(landed, operation, card.as_ref(), not_after).await?
                } else {
                    landed
                };
                let payment = self.follow(payment).await;
                let payment = self.wait_for(payment, operation).await;
                return Ok(Performed {
                    payment,
                    operation,
                    replayed: false,
                });
            }
            before = self.load(command, target, &reference).await?;
        }
        Err(Error::Contended)
    }

    /// The first commit, and the payment after it; none when somebody else was faster: load again.
    pub(crate) async fn land(
        &self,
        before: Option<&Arc<Payment>>,
        decision: Decision,
    ) -> Result<Option<Arc<Payment>>, Error> {
        let (next, operation) = (Arc::new(decision.next), decision.operation);
        let change = match before {
            Some(before) => Change::Update {
                before: Arc::clone(before),
                after: Arc::clone(&next),
            },
            None => Change::Insert(Arc::clone(&next)),
        };
        let commit = Commit {
            payment: Some(change),
            claims_taken: decision.claims_taken,
            postings: decision.postings,
            events: decision.events,
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            Ok(_) => Ok(Some(next)),
            Err(StoreError::Conflict) => Ok(None),
            Err(StoreError::Unknown(_)) if planted(Defect::UncertainCommitTakenForDone) => Ok(Some(next)),
            // COMMIT was sent and not answered: read back whose attempt it is.
            Err(StoreError::Unknown(_)) => {
                let id = next.id;
                let landed = self.store.read(move |tx| tx.payment(id)).await?;
                let is_ours = landed.is_some_and(|landed| mark(&landed, operation) == mark(&next, operation));
                Ok(is_ours.then_some(next))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The call and the second commit. No database is involved until the gateway has answered.
    pub(crate) async fn send(
        self: &Arc<Self>,
        payment: Arc<Payment>,
        number: u16,
        card: Option<&CardSecret>,
        not_after: Instant,
    ) -> Result<Arc<Payment>, Error> {
        let id = payment.id;
        let Some(operation) = payment.operation(number) else {
            return Err(Error::Internal(format!("{id} has no operation {number}")));
        };
        let door = Door::Answer {
            operation: number,
            attempt: operation.attempts(),
        };
        let told = self.gateway.execute(&payment, operation, card, not_after).await;
        let finding = Finding { door, what: told.what };
        let settled = self.settle(payment, &finding, told.card, None).await.map_err(|error| {
            tracing::error!(payment = %id, %error, "the gateway's answer could not be recorded; recovery will ask");
            Error::Unavailable {
                what: "database",
                charged: Charged::Unknown,
                payment: Some(id),
            }
        })?;
        match settled {
            Settled::Payment(payment) => Ok(payment),
            Settled::Stale => Err(Error::Internal("an answer to a command is never stale".to_owned())),
        }
    }

    /// Sends whatever a payment has ready, one after another: the parts of a refund, the capture that follows an
    /// authorization. What fails here is found by the sweep, so that nobody is told a success is a failure.
    pub(crate) async fn follow(self: &Arc<Self>, mut payment: Arc<Payment>) -> Arc<Payment> {
        for _ in 0..FOLLOWING_MAX {
            let ready = payment.sendable().filter(|_| !planted(Defect::ReadyNeverSent));
            let Some(operation) = ready else { break };
            let sent = match self.resend(&payment, operation).await {
                // Somebody else was faster: what is left may still be ours to send.
                Ok(None) => self
                    .payment(payment.id)
                    .await
                    .map(|now| (now.version != payment.version).then_some(now)),
                sent => sent,
            };
            match sent {
                Ok(Some(next)) => payment = next,
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(payment = %payment.id, %error, "what follows is left to the sweep");
                    break;
                }
            }
        }
        payment
    }

    /// The next attempt of an operation that is ready, through the same commit, call and settle as the first.
    async fn resend(
        self: &Arc<Self>,
        payment: &Arc<Payment>,
        operation: &Operation,
    ) -> Result<Option<Arc<Payment>>, Error> {
        let (attempt, not_after) = self.plan_attempt(operation.attempts().saturating_add(1));
        let Ok(Some(decision)) = payment.attempt(operation.number, attempt, self.clock.now()) else {
            return Ok(None);
        };
        let landed = if planted(Defect::SentWithoutCommit) {
            Some(Arc::new(decision.next))
        } else {
            self.land(Some(payment), decision).await?
        };
        let Some(landed) = landed else { return Ok(None) };
        self.send(landed, operation.number, None, not_after).await.map(Some)
    }

    /// The payment that a command is about: its target, else the one that holds a name which the command needs.
    async fn load(
        &self,
        command: &Command,
        target: Option<PaymentId>,
        reference: &Reference,
    ) -> Result<Option<Arc<Payment>>, Error> {
        let claims = command.claims(reference);
        let load = move |tx: &mut store::Tx<'_>| {
            let mut id = target;
            for claim in &claims {
                if id.is_none() {
                    id = tx.claim(claim)?;
                }
            }
            id.map_or(Ok(None), |id| tx.payment(id))
        };
        Ok(self.store.read(load).await?)
    }

    /// A payment that was never sent released its names; whoever took one meanwhile keeps it.
    async fn may_live_again(&self, payment: Option<&Payment>) -> Result<(), Error> {
        let Some(payment) = payment else { return Ok(()) };
        match self.order_holder(payment).await? {
            Some(other) if other != payment.id => {
                let phase = self.payment(other).await?.phase;
                let refusal = Refusal::OrderHasLivePayment {
                    order: payment.sale.order.to_string(),
                    payment: other,
                    phase,
                };
                Err(Error::Refused {
                    refusal,
                    payment: Some(other),
                })
            }
            _ => Ok(()),
        }
    }

    /// The payment once nothing under an operation's key is under way or waits for its turn, or after a while as it is then.
    async fn wait_for(&self, mut payment: Arc<Payment>, number: u16) -> Arc<Payment> {
        let until = Instant::now().checked_add(WAITS_AT_MOST);
        let mut pause = Duration::from_millis(10);
        let runs = |payment: &Payment| {
            let shown = payment.seen.is_some() && !payment.is_held();
            payment.under_one_key(number).any(|one| match one.state {
                OperationState::Sending => true,
                // Behind another part of a refund; but not behind a create of which nothing is known.
                OperationState::Ready => shown,
                _ => false,
            })
        };
        while runs(&payment) && until.is_some_and(|until| Instant::now() < until) {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(Duration::from_millis(200));
            match self.payment(payment.id).await {
                Ok(now) => payment = now,
                Err(_) => break,
            }
        }
        payment
    }
}

/// The operation that was asked under this key.
fn keyed<'a>(payment: &'a Payment, asked: &Asked) -> Option<&'a Operation> {
    let same = |one: &&Operation| {
        one.asked.principal == asked.principal && one.asked.key == asked.key && one.asked.part == asked.part
    };
    payment.operations.iter().find(same)
}

/// Whether its key comes back with another request.
fn is_reused(operation: &Operation, asked: &Asked) -> bool {
    operation.asked.fingerprint != asked.fingerprint && !planted(Defect::FingerprintIgnored)
}

/// What tells an operation from every other under its number: who asked for it, and who may send it. Never none of one
/// that was decided: where nothing of it is stored, that differs also from one that nobody may send yet.
fn mark(payment: &Payment, operation: u16) -> Option<(&Asked, Option<&str>)> {
    let one = payment.operation(operation)?;
    Some((&one.asked, one.attempt.as_ref().map(|attempt| attempt.owner.as_str())))
}

/// How often one request loads again before it is told that the payment is contended.
pub(crate) const CONFLICTS_MAX: usize = 16;

/// How many operations follow one another at once: a refund has at most as many parts as a cart has sellers.
const FOLLOWING_MAX: usize = 512;

/// API.md "Conventions": a repeat waits for the first at most this long.
const WAITS_AT_MOST: Duration = Duration::from_secs(10);
