//! Payment × Command → the first commit: what is about to be asked, or a named refusal.

use std::sync::Arc;

use super::{Claim, Event, Payment, Phase};
use crate::ids::{PaymentId, Reference};
use crate::money::Amount;
use crate::operation::{Asked, Attempt, Command, Operation, OperationState};
use crate::refusal::Refusal;
use crate::sale::{CaptureMode, Sale, Steps};
use crate::split::Split;
use crate::time::Timestamp;

/// Everything a decision needs that the rulebook may not draw for itself.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The moment of the decision.
    pub now: Timestamp,
    /// The id a new payment gets.
    pub payment: PaymentId,
    /// Who asks, under which key.
    pub asked: Asked,
    /// The operation's own reference, derived from `asked`.
    pub reference: Reference,
    /// The gateway's idempotency header.
    pub request_id: String,
    /// The attempt that will be made as soon as the commit has landed.
    pub attempt: Attempt,
}

/// A first commit: the payment as it will be, and which of its operations is to be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The payment, one version on.
    pub next: Payment,
    /// The operation to send, by number.
    pub operation: u16,
    /// Names that only this payment may hold from now on.
    pub claims_taken: Vec<Claim>,
    /// What to remember.
    pub events: Vec<Event>,
}

impl Payment {
    /// Decides a command on `current`, or on nothing where it creates a payment.
    ///
    /// # Errors
    /// The rule that says no. Nothing is to be written or sent then.
    pub fn decide(current: Option<&Self>, command: &Command, asking: Asking) -> Result<Decision, Refusal> {
        match (current, command) {
            (None, Command::Authorize(sale)) => Self::open(command, sale, asking),
            (Some(payment), Command::Authorize(_)) => Err(Refusal::OrderHasLivePayment {
                order: payment.sale.order.to_string(),
                payment: payment.id,
                phase: payment.phase,
            }),
        }
    }

    fn open(command: &Command, sale: &Arc<Sale>, asking: Asking) -> Result<Decision, Refusal> {
        let refuse = |why| {
            Err(Refusal::MethodCannot {
                method: sale.method,
                why,
            })
        };
        match (sale.steps, sale.capture) {
            (Steps::One, CaptureMode::Automatic) => {}
            (Steps::One, CaptureMode::Manual) => {
                return refuse("it takes the money at once; send capture \"automatic\"");
            }
            (Steps::Two, _) => {
                return refuse("it only authorizes, and captures are not available yet; choose a one-step method");
            }
        }
        let splits: Vec<Split> = (1..)
            .zip(sale.allocation.splits())
            .map(|(number, split)| Split::asked(number, split.party, split.site, split.amount))
            .collect();
        let total = Amount::sum(splits.iter().map(|split| split.amount));
        assert!(
            total == Ok(sale.allocation.total()),
            "the splits of an allocation sum to what the buyer pays"
        );

        let mut payment = Self {
            id: asking.payment,
            version: 1,
            sale: Arc::clone(sale),
            phase: Phase::Processing,
            splits,
            operations: Vec::new(),
            discrepancies: Vec::new(),
            seen: None,
            amount_suspense: Amount::ZERO,
            due_at: Some(asking.attempt.over_at),
            asked: 0,
            created_at: asking.now,
            updated_at: asking.now,
        };
        let claims_taken = command.claims(&asking.reference);
        let kind = command.kind();
        let decided = event(
            "decided",
            1,
            format!("{} asked by {}", kind.as_str(), asking.asked.principal),
        );
        let sent = attempted(1, &asking.attempt);
        payment.operations.push(Operation {
            number: 1,
            kind,
            state: OperationState::Sending,
            asked: asking.asked,
            reference: asking.reference,
            request_id: asking.request_id,
            attempt: Some(asking.attempt),
            absences: 0,
            refusal: None,
            note: None,
            created_at: asking.now,
            settled_at: None,
        });
        Ok(Decision {
            next: payment,
            operation: 1,
            claims_taken,
            events: vec![decided, sent],
        })
    }

    /// The next attempt of an operation that is ready, or whose last attempt never left: itself a commit, so that
    /// two instances cannot both send (DESIGN §4). `None` where the operation is not waiting for one.
    pub fn attempt(&self, operation: u16, attempt: Attempt, now: Timestamp) -> Option<Decision> {
        let mut next = self.clone();
        let one = next.operations.iter_mut().find(|one| one.number == operation)?;
        if !matches!(one.state, OperationState::Ready | OperationState::NotSent) {
            return None;
        }
        assert!(
            attempt.number == one.attempts().saturating_add(1),
            "attempts are counted without a gap"
        );
        let revived = one.state == OperationState::NotSent;
        let events = vec![attempted(operation, &attempt)];
        one.state = OperationState::Sending;
        one.absences = 0;
        one.note = None;
        one.settled_at = None;
        next.due_at = Some(attempt.over_at);
        one.attempt = Some(attempt);
        next.asked = 0;
        next.version = self.version.saturating_add(1);
        next.updated_at = now;
        let mut claims_taken = Vec::new();
        if revived && next.phase.is_over() && next.seen.is_none() {
            next.phase = Phase::Processing;
            claims_taken.extend(next.sale.order_claim());
        }
        Some(Decision {
            next,
            operation,
            claims_taken,
            events,
        })
    }
}

fn event(kind: &str, operation: u16, detail: String) -> Event {
    Event {
        kind: kind.to_owned(),
        operation: Some(operation),
        detail,
    }
}

fn attempted(operation: u16, attempt: &Attempt) -> Event {
    event(
        "attempt",
        operation,
        format!("attempt {} may be sent until {}", attempt.number, attempt.send_before),
    )
}
