//! Payment × Command → the first commit: what is about to be asked, or a named refusal.

use std::sync::Arc;

use super::{Claim, Event, Lesson, Payment, Phase};
use crate::command::Command;
use crate::ids::{PaymentId, Reference};
use crate::ledger::Posting;
use crate::money::Amount;
use crate::operation::{Asked, Attempt, Operation, OperationKind, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::refusal::Refusal;
use crate::sale::{CaptureMode, Sale, SplitMode, Steps};
use crate::sight::Host;
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
    /// The attempt that will be made as soon as the commit has landed.
    pub attempt: Attempt,
}

/// A first commit: the payment as it will be, and which of its operations it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The payment, one version on.
    pub next: Payment,
    /// The operation, by number; it is to be sent now where it is [`OperationState::Sending`].
    pub operation: u16,
    /// Names that only this payment may hold from now on.
    pub claims_taken: Vec<Claim>,
    /// What moves in the books without the gateway.
    pub postings: Vec<Posting>,
    /// What to remember.
    pub events: Vec<Event>,
}

impl Decision {
    /// Whether the gateway is to be called.
    #[must_use]
    pub fn sends(&self) -> bool {
        let operation = self.next.operation(self.operation);
        operation.is_some_and(|one| one.state == OperationState::Sending)
    }
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
            (Some(payment), command) => payment.clone().act(command, asking),
            (None, _) => Err(Refusal::NotAuthorized {
                phase: Phase::Processing,
            }),
        }
    }

    fn open(command: &Command, sale: &Arc<Sale>, asking: Asking) -> Result<Decision, Refusal> {
        can(sale)?;
        let planned = match sale.split {
            SplitMode::Now => sale.allocation.splits(),
            SplitMode::Later => Vec::new(),
        };
        let splits: Vec<Split> = (1..)
            .zip(planned)
            .map(|(number, split)| Split::asked(number, split.party, split.site, split.amount))
            .collect();
        let total = Amount::sum(splits.iter().map(|split| split.amount));
        assert!(
            splits.is_empty() || total == Ok(sale.allocation.total()),
            "the splits of an allocation sum to what the buyer pays"
        );

        let mut payment = Self {
            id: asking.payment,
            version: 0,
            sale: Arc::clone(sale),
            phase: Phase::Processing,
            splits,
            operations: Vec::new(),
            refunds: Vec::new(),
            lines: Vec::new(),
            readiness: None,
            discrepancies: Vec::new(),
            seen: None,
            authorized_until: None,
            amount_unallocated: Amount::ZERO,
            amount_suspense: Amount::ZERO,
            due_at: None,
            asked: 0,
            created_at: asking.now,
            updated_at: asking.now,
        };
        let claims_taken = command.claims(&asking.reference);
        let mut lesson = Lesson::default();
        payment.enter(Work::Authorize, asking.asked, asking.reference, asking.now, &mut lesson);
        payment.begin(1, asking.attempt, &mut lesson);
        let mut decision = payment.decided(1, lesson, asking.now);
        decision.claims_taken = claims_taken;
        Ok(decision)
    }

    /// Every command about a payment that exists.
    fn act(mut self, command: &Command, asking: Asking) -> Result<Decision, Refusal> {
        self.permits(command.kind())?;
        let first = self.next_operation();
        let mut lesson = Lesson::default();
        let work = match command {
            Command::Authorize(_) => None,
            Command::AddSplits(addition) => Some(self.plan_addition(addition)?),
            Command::Capture {
                ask,
                only,
                accept_stranded,
            } => {
                let plan = self.plan_capture(ask)?;
                plan.check(*accept_stranded)?;
                // The call for one split takes nothing of the others.
                let only = only.filter(|number| plan.takes_only(*number));
                let plan = Box::new(plan);
                Some(Work::Capture { plan, only })
            }
            Command::Cancel => {
                self.may_cancel()?;
                Some(Work::Cancel)
            }
            Command::Ready(take) => {
                self.answer_ready(take)?;
                Some(Work::Ready)
            }
            // What a refund does is one operation for each of its parts.
            Command::Refund(ask) => {
                self.open_refund(ask, &asking, &mut lesson)?;
                None
            }
            Command::Retry { refund } => {
                self.retry_refund(*refund, &asking, &mut lesson)?;
                None
            }
            Command::Abandon { refund } => {
                self.abandon_refund(*refund, &asking, &mut lesson)?;
                None
            }
            Command::Resolve { .. } | Command::Resend { .. } | Command::GiveUp { .. } => Some(self.wish(command)?),
        };
        if let Some(work) = work {
            let (asked, reference) = (asking.asked.clone(), asking.reference.clone());
            self.enter(work, asked, reference, asking.now, &mut lesson);
        }
        self.follow_up(asking.now, &mut lesson);
        self.asked = 0;
        let sent = self.sendable().map(|operation| operation.number);
        match sent.filter(|number| *number == first) {
            Some(number) => self.begin(number, asking.attempt, &mut lesson),
            None if sent.is_some() => self.due_at = Some(asking.now),
            None => {}
        }
        Ok(self.decided(first, lesson, asking.now))
    }

    /// The next attempt of an operation that is ready, or whose last attempt never left: itself a commit, so that
    /// two instances cannot both send (DESIGN §4). `None` where the operation is not waiting for one.
    ///
    /// # Errors
    /// The rule that says no: what was released when nothing was sent may be somebody else's by now.
    pub fn attempt(&self, operation: u16, attempt: Attempt, now: Timestamp) -> Result<Option<Decision>, Refusal> {
        let mut next = self.clone();
        let Some(one) = self.operation(operation).filter(|one| self.may_attempt(one)) else {
            return Ok(None);
        };
        assert!(
            attempt.number == one.attempts().saturating_add(1),
            "attempts are counted without a gap"
        );
        let mut lesson = Lesson::default();
        let mut claims_taken = Vec::new();
        if one.state == OperationState::NotSent {
            next.revive_unsent(one, &mut claims_taken)?;
        }
        next.begin(operation, attempt, &mut lesson);
        next.asked = 0;
        let mut decision = next.decided(operation, lesson, now);
        decision.claims_taken = claims_taken;
        Ok(Some(decision))
    }

    /// Enters an operation: ready to be sent, or done where nothing is asked of the gateway.
    pub(super) fn enter(
        &mut self,
        work: Work,
        asked: Asked,
        reference: Reference,
        now: Timestamp,
        lesson: &mut Lesson,
    ) -> u16 {
        let number = self.next_operation();
        let (called, wish) = (work.is_call(), work.is_wish());
        let detail = format!("{} asked by {}", work.kind().as_str(), asked.principal);
        lesson.say("decided", Some(number), detail);
        self.operations.push(Operation {
            number,
            work,
            state: match (called, wish) {
                (true, _) => OperationState::Ready,
                (false, true) => OperationState::Unknown,
                (false, false) => OperationState::Done,
            },
            asked,
            reference,
            request_id: request_id(self.id, number),
            attempt: None,
            absences: 0,
            refusal: None,
            note: None,
            created_at: now,
            settled_at: (!called && !wish).then_some(now),
        });
        if wish {
            self.due_at = Some(now);
        }
        number
    }

    /// The first operation that waits to be sent, unless another is under way: the parts of a refund go one by one, and
    /// nothing can be asked about a payment that the gateway has not shown yet, or that is held. Money that is disputed
    /// is not refunded.
    #[must_use]
    pub fn sendable(&self) -> Option<&Operation> {
        let under_way = |one: &Operation| one.state == OperationState::Sending;
        if self.operations.iter().any(under_way) {
            return None;
        }
        let askable = self.seen.is_some() && !self.is_held();
        let disputed = matches!(self.phase, Phase::Disputed | Phase::ChargedBack);
        let waits = |one: &&Operation| match one.kind() {
            OperationKind::Authorize => true,
            OperationKind::Refund => askable && !disputed,
            _ => askable,
        };
        let ready = |one: &&Operation| one.state == OperationState::Ready && self.may_attempt(one);
        self.operations.iter().filter(ready).find(waits)
    }

    fn begin(&mut self, operation: u16, mut attempt: Attempt, lesson: &mut Lesson) {
        let detail = format!("attempt {} may be sent until {}", attempt.number, attempt.send_before);
        lesson.say("attempt", Some(operation), detail);
        self.due_at = Some(attempt.over_at).filter(|_| !planted(Defect::SendingForgotten));
        let id = self.id;
        if let Some(one) = self.operations.iter_mut().find(|one| one.number == operation) {
            attempt.nothing_before = one
                .attempt
                .as_ref()
                .is_none_or(|last| last.nothing_before && one.state == OperationState::NotSent);
            if planted(Defect::NewReferenceOnResend) && attempt.number > 1 {
                one.reference = one.reference.part(one.number);
            }
            if planted(Defect::NewRequestIdOnResend) && attempt.number > 1 {
                one.request_id = request_id(id, u16::MAX);
            }
            one.state = OperationState::Sending;
            one.absences = 0;
            one.note = None;
            one.settled_at = None;
            one.attempt = Some(attempt);
        }
    }

    fn decided(mut self, operation: u16, lesson: Lesson, now: Timestamp) -> Decision {
        self.version = self.version.saturating_add(1);
        self.updated_at = now;
        self.assert_sound();
        Decision {
            next: self,
            operation,
            claims_taken: Vec::new(),
            postings: lesson.postings,
            events: lesson.events,
        }
    }

    fn next_operation(&self) -> u16 {
        u16::try_from(self.operations.len().saturating_add(1)).unwrap_or(u16::MAX)
    }
}

/// Whether the method can do what the sale asks of it.
fn can(sale: &Sale) -> Result<(), Refusal> {
    let refuse = |why| {
        Err(Refusal::MethodCannot {
            method: sale.method,
            why,
        })
    };
    match (sale.host(), sale.steps, sale.capture, sale.split) {
        (Host::Cards, _, CaptureMode::Manual, SplitMode::Now) => {
            refuse("a card payment with splits is captured at once; send capture \"automatic\"")
        }
        (Host::Pay, Steps::One, CaptureMode::Manual, _) => {
            refuse("it takes the money at once; send capture \"automatic\"")
        }
        (Host::Pay, ..) if sale.card.is_some() || sale.save_card => {
            refuse("only the card host keeps cards and pays with kept ones; send method_id 6")
        }
        _ => Ok(()),
    }
}

/// The gateway's idempotency header of an operation: a UUID made of what never changes, so that a resend has the same.
fn request_id(payment: PaymentId, operation: u16) -> String {
    let bits = payment.as_u128() ^ (u128::from(operation) << 112);
    // Version 4, as the gateway advises; the variant is the payment's own.
    let bits = (bits & !(0xf_u128 << 76)) | (0x4_u128 << 76);
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
