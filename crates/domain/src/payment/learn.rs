//! Payment × Finding → the second commit: what the gateway told us, applied once.

use super::compare::contradictions;
use super::refunds::Moment;
use super::{Claim, Event, MAX_ATTEMPTS, Pace, Payment, Phase};
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState};
use crate::finding::{Door, Finding, GatewayRefusal, What};
use crate::ids::PaymentId;
use crate::ledger::{Cause, Posting};
use crate::operation::{Operation, OperationKind, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::refund::PartState;
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
            Door::Question { version } if version != self.version && !planted(Defect::OlderAnswerApplied) => {
                return Err(Stale);
            }
            Door::Question { .. } => next.learn_asked(&finding.what, learning, &mut lesson),
            Door::Answer { operation, attempt } => {
                next.learn_answer(operation, attempt, &finding.what, learning, &mut lesson);
            }
        }
        if let (Some(claims), What::Shown(sight)) = (learning.claims, &finding.what) {
            next.learn_contradictions(claims, sight, learning, &mut lesson);
        }
        if next != *self {
            self.conclude(&mut next, learning, &mut lesson);
            lesson.next = Some(next);
        }
        Ok(lesson)
    }

    /// What follows from any change: operations of our own, claims, the next look.
    fn conclude(&self, next: &mut Self, learning: &Learning<'_>, lesson: &mut Lesson) {
        if !planted(Defect::FollowUpNotCommitted) {
            next.follow_up(learning.now, lesson);
        }
        if next.phase != self.phase {
            next.asked = 0;
            let detail = format!("{} → {}", self.phase.as_str(), next.phase.as_str());
            lesson.say("phase", None, detail);
        }
        if self.is_live() && !next.is_live() && !planted(Defect::OrderNeverReleased) {
            lesson.claims_released.extend(next.sale.order_claim());
        }
        if next.sendable().is_some() {
            next.due_at = Some(learning.now);
        } else if next.due_at != Some(learning.now) && !planted(Defect::QuestionNotRepeated) {
            next.schedule(learning.pace, learning.now);
        }
        next.version = self.version.saturating_add(1);
        next.updated_at = learning.now;
        next.assert_sound();
    }

    /// A notification that lied, or was forged, is filed as evidence; it holds nothing (DESIGN law 5).
    fn learn_contradictions(&mut self, claims: &Sight, sight: &Sight, learning: &Learning<'_>, lesson: &mut Lesson) {
        if planted(Defect::NotificationBelieved) {
            return self.learn_shown(&What::Shown(Box::new(claims.clone())), None, learning, lesson);
        }
        let found = contradictions(claims, sight);
        if !found.is_empty() {
            let (kind, state) = (DiscrepancyKind::NotificationDiffers, DiscrepancyState::Closed);
            self.report(kind, state, found.join("; "), learning, lesson);
        }
    }

    /// The direct answer to an attempt.
    fn learn_answer(&mut self, number: u16, attempt: u32, what: &What, learning: &Learning<'_>, lesson: &mut Lesson) {
        match what {
            // Whoever was asked, the gateway holds this: a fact at any time.
            What::Shown(_) | What::ShownMany(_) => {
                self.learn_shown(what, Some(number), learning, lesson);
                self.has_answered(number, attempt, learning.now);
                return;
            }
            What::Refund(shown) => return self.learn_refund(shown, Some(number), learning, lesson),
            What::Added(shown) => return self.learn_added(number, shown, learning, lesson),
            _ => {}
        }
        let Some(operation) = self.operations.iter_mut().find(|one| one.number == number) else {
            return;
        };
        // What an earlier attempt, or one that another door has settled, did *not* do is no news.
        let settled = operation.attempts() != attempt || operation.state != OperationState::Sending;
        if settled && !planted(Defect::LateAnswerReopens) {
            return;
        }
        let first = operation.attempt.as_ref().is_some_and(|one| one.nothing_before);
        lesson.say(what.name(), Some(number), describe(what));
        match what {
            What::Refused(refusal) | What::AlreadyThere(refusal) if is_final(what, first) => {
                operation.refusal = Some(refusal.clone());
                self.end_unmoved(number, OperationState::Refused, learning.now, lesson);
            }
            // A refusal where an earlier attempt may have arrived, or *already*, means: ask, compare, then adopt or hold (DESIGN law 3).
            What::Refused(refusal) | What::AlreadyThere(refusal) => {
                operation.refusal = Some(refusal.clone());
                operation.state = OperationState::Unknown;
                self.due_at = Some(learning.now);
            }
            What::NotSent(why) if first => {
                operation.note = Some(why.clone());
                self.end_unmoved(number, OperationState::NotSent, learning.now, lesson);
            }
            What::NotSent(why) | What::Unknown(why) => {
                operation.note = Some(why.clone());
                operation.state = if planted(Defect::ResendAfterTimeout) {
                    OperationState::Ready
                } else {
                    OperationState::Unknown
                };
                self.due_at = Some(learning.now);
            }
            // No command is answered by a look-up.
            What::Absent | What::Shown(_) | What::ShownMany(_) | What::Added(_) | What::Refund(_) => {}
        }
    }

    /// An answer came, whether or not it settled the operation: nothing is on its way any more.
    fn has_answered(&mut self, number: u16, attempt: u32, now: Timestamp) {
        let answered = |one: &&mut Operation| {
            one.number == number && one.attempts() == attempt && one.state == OperationState::Sending
        };
        if let Some(one) = self.operations.iter_mut().find(answered) {
            one.state = OperationState::Unknown;
            self.due_at = Some(now);
        }
    }

    fn learn_added(
        &mut self,
        number: u16,
        shown: &[crate::sight::SplitSight],
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        self.adopt_added(shown, learning, lesson);
        if let Some(one) = self
            .operations
            .iter_mut()
            .find(|one| one.number == number && one.is_open())
        {
            one.state = OperationState::Unknown;
            self.due_at = Some(learning.now);
        }
    }

    /// The answer to a question about the payment.
    fn learn_asked(&mut self, what: &What, learning: &Learning<'_>, lesson: &mut Lesson) {
        if self.due_at.is_some_and(|due| due <= learning.now) {
            self.asked = self.asked.saturating_add(1);
            self.due_at = None;
        }
        match what {
            What::Shown(_) | What::ShownMany(_) => self.learn_shown(what, None, learning, lesson),
            What::Absent => {
                let create = self.authorize().filter(|one| one.is_open() && one.attempt.is_some());
                if let Some(number) = create.map(|one| one.number) {
                    self.absent(number, learning, lesson);
                }
            }
            // The question itself failed: ask again later.
            What::Refused(_) | What::AlreadyThere(_) | What::NotSent(_) | What::Unknown(_) => {}
            // No question is answered so.
            What::Added(_) | What::Refund(_) => {}
        }
        self.settle_wishes(what, learning, lesson);
        self.give_up(learning, lesson);
    }

    /// A proof that the gateway does not show what an operation asks for: after the quiet period, and more than once, it
    /// lets the operation be sent again, or closes it.
    pub(super) fn absent(&mut self, number: u16, learning: &Learning<'_>, lesson: &mut Lesson) {
        let cancelled = self.waits_for(OperationKind::Cancel) && !planted(Defect::CancelledCreateSentAgain);
        let coded = self.sale.card.is_some();
        let disputed = matches!(self.phase, Phase::Disputed | Phase::ChargedBack);
        let (wished, given_up) = self.wished(number);
        let Some(operation) = self.operations.iter_mut().find(|one| one.number == number) else {
            return;
        };
        let Some(attempt) = operation.attempt.clone() else {
            return;
        };
        // What the gateway has accepted is a fact: a refund that a list leaves out is not gone (DESIGN law 7), and a
        // capture or cancel that it was working on has failed.
        let accepted = operation.state == OperationState::Pending;
        if accepted && matches!(operation.work, Work::Refund { .. }) {
            return;
        }
        if operation.state == OperationState::Sending && learning.now < attempt.over_at {
            return;
        }
        if operation.state == OperationState::Sending {
            operation.state = OperationState::Unknown;
        }
        operation.absences = operation.absences.saturating_add(1);
        // No refusal of duplicates is documented for these two (DESIGN §5), so only patience lets them be sent again.
        let doubles = matches!(operation.work, Work::Refund { .. } | Work::AddSplits(_))
            && operation.refusal.is_none()
            && !planted(Defect::RefundResentTooSoon);
        let wait = if doubles && !wished {
            learning.pace.resend_refund_after
        } else {
            Some(learning.pace.quiet)
        };
        let quiet =
            planted(Defect::QuietPeriodIgnored) || wait.is_some_and(|wait| learning.now >= attempt.over_at.plus(wait));
        let failed = planted(Defect::AbsenceTakenForFailure);
        if (!quiet || operation.absences < ABSENCES_THAT_PROVE) && !failed {
            return;
        }
        let create = operation.work == Work::Authorize;
        let unwanted = disputed && matches!(operation.work, Work::Refund { .. });
        if operation.refusal.is_some() || accepted || unwanted || failed {
            let words = "nothing came of it: the gateway still shows the payment without it";
            lesson.say("refused", Some(number), words);
            self.end_unmoved(number, OperationState::Refused, learning.now, lesson);
        } else if create && (cancelled || coded) {
            let words = if cancelled {
                "absent after the quiet period, and cancelled meanwhile: it is not sent again"
            } else {
                "absent after the quiet period: its security code is gone, so it cannot be sent again"
            };
            operation.note = Some(words.to_owned());
            lesson.say("absent", Some(number), words);
            self.end_unmoved(number, OperationState::Refused, learning.now, lesson);
        } else if given_up {
            operation.note = Some("given up by a person, when the gateway showed nothing of it".to_owned());
            self.end_unmoved(number, OperationState::Refused, learning.now, lesson);
        } else if attempt.number >= MAX_ATTEMPTS && !wished {
            operation.state = OperationState::NeedsAttention;
        } else if operation.state != OperationState::Ready {
            let words = "absent after the quiet period: it may be sent again";
            lesson.say("absent", Some(number), words);
            operation.state = OperationState::Ready;
        }
    }

    /// What a day of asking did not decide is handed to a person.
    fn give_up(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        for operation in &mut self.operations {
            let waits = matches!(operation.state, OperationState::Unknown | OperationState::Sending);
            let over = learning.now > decided_by(operation, learning.pace);
            if waits && (over || planted(Defect::GivenUpTooEarly)) {
                operation.state = OperationState::NeedsAttention;
                let words = operation.all_that_is_known();
                lesson.say("needs_attention", Some(operation.number), words.clone());
                operation.note = Some(words);
                self.due_at = None;
            }
        }
    }

    /// An operation ends, and nothing came of it: what it had reserved is released.
    pub(super) fn end_unmoved(&mut self, number: u16, state: OperationState, now: Timestamp, lesson: &mut Lesson) {
        let Some(operation) = self.operations.iter_mut().find(|one| one.number == number) else {
            return;
        };
        operation.end(state, now);
        let work = operation.work.clone();
        self.due_at = None;
        match work {
            Work::Authorize if self.phase == Phase::Processing => {
                self.phase = Phase::Failed;
                self.cancel_is_done(now);
            }
            Work::Refund {
                refund,
                split: Some(split),
            } => {
                let cause = Cause::Operation(number);
                self.part_learned(refund, split, PartState::Failed, Moment { now, cause, lesson });
            }
            // A refusal that our own books do not explain is followed by a question (DESIGN law 3).
            Work::Capture { .. } | Work::Cancel | Work::AddSplits(_) if state == OperationState::Refused => {
                self.due_at = Some(now);
            }
            _ => {}
        }
    }

    /// A cancel that waited for a create of which nothing came has nothing left to do.
    fn cancel_is_done(&mut self, now: Timestamp) {
        let waits = |one: &&mut Operation| one.work == Work::Cancel && one.is_open();
        if let Some(cancel) = self.operations.iter_mut().find(waits) {
            cancel.end(OperationState::Done, now);
            self.phase = Phase::Cancelled;
        }
    }
}

/// Until when asking may decide it: for a day; and what is sent again once by itself, until that was due and asked about.
fn decided_by(operation: &Operation, pace: &Pace) -> Timestamp {
    let day = operation.created_at.plus(pace.patience);
    let doubles = matches!(operation.work, Work::Refund { .. } | Work::AddSplits(_));
    let first = operation.attempt.as_ref().filter(|one| doubles && one.number == 1);
    let again = first.zip(pace.resend_refund_after);
    let again = again.map(|(one, after)| one.over_at.plus(after).plus(pace.longest));
    again.map_or(day, |again| day.max(again))
}

impl Operation {
    pub(super) fn end(&mut self, state: OperationState, now: Timestamp) {
        self.state = state;
        self.settled_at = Some(now);
    }
}

/// Whether a refusal closes the operation: the first one, unless it says *already* (DESIGN law 3).
fn is_final(refusal: &What, first: bool) -> bool {
    match refusal {
        What::AlreadyThere(_) => planted(Defect::AlreadyThereTakenAsRefused),
        _ => first || planted(Defect::LaterRefusalTakenAsFinal),
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
        What::Added(splits) => format!("{} splits", splits.len()),
        What::Refund(sight) => format!("refund {}: {} {}", sight.id, sight.status.id, sight.status.info),
    }
}
