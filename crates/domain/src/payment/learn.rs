//! Payment × Finding → the second commit: what the gateway told us, applied once.

use super::compare::contradictions;
use super::{Claim, Event, MAX_ATTEMPTS, Pace, Payment, Phase};
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState};
use crate::finding::{Door, Finding, GatewayRefusal, What};
use crate::ids::PaymentId;
use crate::ledger::Posting;
use crate::operation::{Operation, OperationState};
use crate::sight::Sight;
use crate::time::Timestamp;

/// What a lesson needs that the rulebook may not look up for itself.
#[derive(Clone, Copy, Debug)]
pub struct Learning<'a> {
    /// The moment of learning.
    pub now: Timestamp,
    /// The rhythm of questions.
    pub pace: &'a Pace,
    /// What the notification that rang claimed, where one did: compared with the answer, and never believed.
    pub claims: Option<&'a Sight>,
    /// The payment that holds the order's claim now, looked up where this one no longer does.
    pub order_holder: Option<PaymentId>,
}

/// A second commit. `next` is `None` where the finding told nothing new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson {
    /// The payment, one version on.
    pub next: Option<Payment>,
    /// What moves in the books.
    pub postings: Vec<Posting>,
    /// Names taken back by a payment that came to life again.
    pub claims_taken: Vec<Claim>,
    /// Names that others may take from now on.
    pub claims_released: Vec<Claim>,
    /// What to remember.
    pub events: Vec<Event>,
}

/// The question was asked of an older version: ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment has moved on since the question was asked")]
pub struct Stale;

impl Lesson {
    /// Remembers one thing that happened.
    pub(super) fn say(&mut self, kind: &str, operation: Option<u16>, detail: impl Into<String>) {
        self.events.push(Event {
            kind: kind.to_owned(),
            operation,
            detail: detail.into(),
        });
    }
}

impl Payment {
    /// Applies a finding.
    ///
    /// An answer to a command is a fact and always applies; an answer to a question applies only to the version it was
    /// asked at. So settling twice changes nothing, and older knowledge never overwrites newer (DESIGN law 4).
    ///
    /// # Errors
    /// [`Stale`] when the payment has moved on since the question was asked.
    pub fn learn(&self, finding: &Finding, learning: &Learning<'_>) -> Result<Lesson, Stale> {
        let mut next = self.clone();
        let mut lesson = Lesson::default();
        match finding.door {
            Door::Question { version } if version != self.version => return Err(Stale),
            Door::Question { .. } => next.learn_asked(&finding.what, learning, &mut lesson),
            Door::Answer { operation, attempt } => {
                next.learn_answer(operation, attempt, &finding.what, learning, &mut lesson);
            }
        }
        if let (Some(claims), What::Shown(sight)) = (learning.claims, &finding.what) {
            next.learn_contradictions(claims, sight, learning, &mut lesson);
        }
        if next != *self {
            if next.phase != self.phase {
                next.asked = 0;
                lesson.say(
                    "phase",
                    None,
                    format!("{} → {}", self.phase.as_str(), next.phase.as_str()),
                );
            }
            if self.is_live() && !next.is_live() {
                lesson.claims_released.extend(next.sale.order_claim());
            }
            if next.due_at != Some(learning.now) {
                next.schedule(learning.pace, learning.now);
            }
            next.version = self.version.saturating_add(1);
            next.updated_at = learning.now;
            next.assert_sound();
            lesson.next = Some(next);
        }
        Ok(lesson)
    }

    /// A notification that lied, or was forged, is filed as evidence; it holds nothing (DESIGN law 5).
    fn learn_contradictions(&mut self, claims: &Sight, sight: &Sight, learning: &Learning<'_>, lesson: &mut Lesson) {
        let found = contradictions(claims, sight);
        if !found.is_empty() {
            let (kind, state) = (DiscrepancyKind::NotificationDiffers, DiscrepancyState::Closed);
            self.report(kind, state, found.join("; "), learning, lesson);
        }
    }

    /// The direct answer to an attempt.
    fn learn_answer(&mut self, number: u16, attempt: u32, what: &What, learning: &Learning<'_>, lesson: &mut Lesson) {
        if let What::Shown(_) | What::ShownMany(_) = what {
            // Whoever was asked, the gateway holds this payment: a fact at any time.
            self.learn_shown(what, learning, lesson);
            return;
        }
        let Some(operation) = self.operations.iter_mut().find(|one| one.number == number) else {
            return;
        };
        // What an earlier attempt, or one that another door has settled, did *not* do is no news.
        if operation.attempts() != attempt || operation.state != OperationState::Sending {
            return;
        }
        let first = attempt == 1;
        lesson.say(what.name(), Some(number), describe(what));
        match what {
            What::Refused(refusal) if first => {
                operation.refusal = Some(refusal.clone());
                operation.end(OperationState::Refused, learning.now);
                self.end_without_money();
            }
            // A refusal of a later attempt, or *already*, means: ask, compare, then adopt or hold (DESIGN law 3).
            What::Refused(refusal) | What::AlreadyThere(refusal) => {
                operation.refusal = Some(refusal.clone());
                operation.state = OperationState::Unknown;
                self.due_at = Some(learning.now);
            }
            What::NotSent(why) if first => {
                operation.note = Some(why.clone());
                operation.end(OperationState::NotSent, learning.now);
                self.end_without_money();
            }
            What::NotSent(why) | What::Unknown(why) => {
                operation.note = Some(why.clone());
                operation.state = OperationState::Unknown;
                self.due_at = Some(learning.now);
            }
            // No command is answered by a look-up.
            What::Absent | What::Shown(_) | What::ShownMany(_) => {}
        }
    }

    /// The answer to a question about the payment.
    fn learn_asked(&mut self, what: &What, learning: &Learning<'_>, lesson: &mut Lesson) {
        if self.due_at.is_some_and(|due| due <= learning.now) {
            self.asked = self.asked.saturating_add(1);
            self.due_at = None;
        }
        match what {
            What::Shown(_) | What::ShownMany(_) => self.learn_shown(what, learning, lesson),
            What::Absent => self.learn_absent(learning, lesson),
            // The question itself failed: ask again later.
            What::Refused(_) | What::AlreadyThere(_) | What::NotSent(_) | What::Unknown(_) => {}
        }
        self.give_up(learning, lesson);
    }

    /// A proof of absence: after the quiet period, and more than once, it lets the operation be sent again.
    fn learn_absent(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        let Some(operation) = self
            .operations
            .iter_mut()
            .find(|one| one.is_open() && one.attempt.is_some())
        else {
            return;
        };
        let Some(attempt) = operation.attempt.clone() else {
            return;
        };
        if operation.state == OperationState::Sending && learning.now < attempt.over_at {
            return;
        }
        operation.state = OperationState::Unknown;
        operation.absences = operation.absences.saturating_add(1);
        let quiet = learning.now >= attempt.over_at.plus(learning.pace.quiet);
        if !quiet || operation.absences < ABSENCES_THAT_PROVE {
            return;
        }
        let number = operation.number;
        if operation.refusal.is_some() {
            lesson.say(
                "refused",
                Some(number),
                "the refusal stands: the gateway shows nothing under the reference",
            );
            operation.end(OperationState::Refused, learning.now);
            self.end_without_money();
        } else if attempt.number >= MAX_ATTEMPTS {
            operation.state = OperationState::NeedsAttention;
        } else {
            lesson.say(
                "absent",
                Some(number),
                "absent after the quiet period: it may be sent again",
            );
            operation.state = OperationState::Ready;
            self.due_at = Some(learning.now);
        }
    }

    /// What a day of asking did not decide is handed to a person.
    fn give_up(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        for operation in &mut self.operations {
            let waits = matches!(operation.state, OperationState::Unknown | OperationState::Sending);
            if waits && learning.now.since(operation.created_at) > learning.pace.patience {
                operation.state = OperationState::NeedsAttention;
                lesson.say(
                    "needs_attention",
                    Some(operation.number),
                    "a day of asking did not decide it",
                );
                self.due_at = None;
            }
        }
    }

    fn end_without_money(&mut self) {
        if self.phase == Phase::Processing {
            self.phase = Phase::Failed;
        }
        self.due_at = None;
    }
}

impl Operation {
    pub(super) fn end(&mut self, state: OperationState, now: Timestamp) {
        self.state = state;
        self.settled_at = Some(now);
    }
}

/// How many look-ups must find nothing.
const ABSENCES_THAT_PROVE: u32 = 2;

fn describe(what: &What) -> String {
    let refusal = |refusal: &GatewayRefusal| {
        let reasons: Vec<_> = refusal
            .reasons
            .iter()
            .map(|one| format!("{} {}", one.code, one.info))
            .collect();
        format!("HTTP {}: {}", refusal.http_status, reasons.join(", "))
    };
    match what {
        What::Refused(one) | What::AlreadyThere(one) => refusal(one),
        What::NotSent(why) | What::Unknown(why) => why.clone(),
        What::Absent => "nothing under the reference".to_owned(),
        What::Shown(sight) => format!("status {} {}", sight.status.id, sight.status.info),
        What::ShownMany(sights) => format!("{} payments under one reference", sights.len()),
    }
}
