//! Record, call, record: the one path of every command (DESIGN §4).

use std::sync::Arc;
use std::time::Duration;

use domain::finding::{Door, Finding};
use domain::ids::{PaymentId, Reference};
use domain::operation::{Asked, Command, Operation, OperationState};
use domain::payment::{Asking, Charged, Decision, Payment};
use domain::refusal::Refusal;
use store::{Change, Commit, StoreError};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::error::Error;
use crate::identity;
use crate::settle::Settled;

/// A command carried out, or the earlier one under the same key.
pub(crate) struct Performed {
    /// The payment as it is now.
    pub payment: Payment,
    /// The operation, by number.
    pub operation: u16,
    /// Whether the key was known already.
    pub replayed: bool,
}

impl Desk {
    /// Carries out a command under a key: loads, decides, commits, calls, settles. A conflict loads again.
    pub(crate) async fn perform(
        self: &Arc<Self>,
        command: &Command,
        target: Option<PaymentId>,
        asked: Asked,
    ) -> Result<Performed, Error> {
        let reference = identity::reference(&self.settings.installation, &asked)?;
        // A command that creates a payment first assumes that nobody holds its names: the commit finds out.
        let mut before = match target {
            Some(id) => Some(self.payment(id).await?),
            None => None,
        };
        for _ in 0..CONFLICTS_MAX {
            let known = before.as_ref().and_then(|payment| keyed(payment, &asked));
            let attempts = match known {
                Some(operation) if operation.asked.fingerprint != asked.fingerprint => return Err(Error::KeyReused),
                Some(operation) if operation.state == OperationState::NotSent => {
                    self.may_live_again(before.as_ref()).await?;
                    operation.attempts()
                }
                Some(operation) => return self.wait_for(before.as_ref(), operation.number).await,
                None => 0,
            };
            let (attempt, not_after) = self.plan_attempt(attempts.saturating_add(1));
            let now = self.clock.now();
            let decision = match (&before, known) {
                (Some(payment), Some(operation)) => payment
                    .attempt(operation.number, attempt, now)
                    .ok_or(Error::Contended)?,
                (payment, _) => {
                    let payment_id = PaymentId::from_u128(self.ids.ordered());
                    let request_id = uuid::Uuid::from_u128(self.ids.random()).to_string();
                    let (asked, reference) = (asked.clone(), reference.clone());
                    let asking = Asking {
                        now,
                        payment: payment_id,
                        asked,
                        reference,
                        request_id,
                        attempt,
                    };
                    Payment::decide(payment.as_ref(), command, asking).map_err(|refusal| Error::Refused {
                        refusal,
                        payment: before.as_ref().map(|one| one.id),
                    })?
                }
            };
            if self.land(before.as_ref(), &decision).await? {
                let operation = decision.operation;
                let payment = self.send(decision, not_after).await?;
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

    /// The first commit. `false` when somebody else was faster: load again.
    pub(crate) async fn land(&self, before: Option<&Payment>, decision: &Decision) -> Result<bool, Error> {
        let next = decision.next.clone();
        let change = match before {
            Some(before) => Change::Update {
                before: before.clone(),
                after: next,
            },
            None => Change::Insert(next),
        };
        let commit = Commit {
            payment: Some(change),
            claims_taken: decision.claims_taken.clone(),
            events: decision.events.clone(),
            ..Commit::default()
        };
        match self.store.commit(commit).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            // COMMIT was sent and not answered: read back whose attempt it is.
            Err(StoreError::Unknown(_)) => {
                let id = decision.next.id;
                let landed = self.store.read(move |tx| tx.payment(id)).await?;
                Ok(landed.is_some_and(|landed| {
                    owner(&landed, decision.operation) == owner(&decision.next, decision.operation)
                }))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The call and the second commit. No database is involved until the gateway has answered.
    pub(crate) async fn send(self: &Arc<Self>, decision: Decision, not_after: Instant) -> Result<Payment, Error> {
        let Decision {
            next: payment,
            operation: number,
            ..
        } = decision;
        let id = payment.id;
        let Some(operation) = payment.operation(number) else {
            return Err(Error::Internal(format!("{id} has no operation {number}")));
        };
        let door = Door::Answer {
            operation: number,
            attempt: operation.attempts(),
        };
        let what = self.gateway.execute(&payment, operation, not_after).await;
        let settled = self
            .settle(payment, &Finding { door, what }, None)
            .await
            .map_err(|error| {
                tracing::error!(payment = %id, %error, "the gateway's answer could not be recorded; recovery will ask");
                Error::Unavailable {
                    what: "database",
                    charged: Charged::Unknown,
                    payment: Some(id),
                }
            })?;
        match settled {
            Settled::Payment(payment) => Ok(*payment),
            Settled::Stale => Err(Error::Internal("an answer to a command is never stale".to_owned())),
        }
    }

    /// The payment that a command is about: its target, else the one that holds a name which the command needs.
    async fn load(
        &self,
        command: &Command,
        target: Option<PaymentId>,
        reference: &Reference,
    ) -> Result<Option<Payment>, Error> {
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

    /// A repeat while the first is still running waits for it, for a while, and then answers what is known.
    async fn wait_for(&self, payment: Option<&Payment>, number: u16) -> Result<Performed, Error> {
        let Some(mut payment) = payment.cloned() else {
            return Err(Error::Contended);
        };
        let until = Instant::now().checked_add(REPEAT_WAITS_AT_MOST);
        let mut pause = Duration::from_millis(10);
        while payment
            .operation(number)
            .is_some_and(|one| one.state == OperationState::Sending)
            && until.is_some_and(|until| Instant::now() < until)
        {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(Duration::from_millis(200));
            payment = self.payment(payment.id).await?;
        }
        Ok(Performed {
            payment,
            operation: number,
            replayed: true,
        })
    }
}

/// The operation that was asked under this key.
fn keyed<'a>(payment: &'a Payment, asked: &Asked) -> Option<&'a Operation> {
    let same = |one: &&Operation| {
        one.asked.principal == asked.principal && one.asked.key == asked.key && one.asked.part == asked.part
    };
    payment.operations.iter().find(same)
}

fn owner(payment: &Payment, operation: u16) -> Option<&str> {
    payment
        .operation(operation)?
        .attempt
        .as_ref()
        .map(|attempt| attempt.owner.as_str())
}

/// How often one request loads again before it is told that the payment is contended.
pub(crate) const CONFLICTS_MAX: usize = 16;

/// API.md "Conventions": a repeat waits for the first at most this long.
const REPEAT_WAITS_AT_MOST: Duration = Duration::from_secs(10);
