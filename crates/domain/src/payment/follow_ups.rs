//! What follows from a payment's own terms without anybody asking, and when somebody looks at it next.

use std::time::Duration;

use super::{Lesson, Pace, Payment, Phase};
use crate::capture_plan::{CaptureAsk, Next, Readiness};
use crate::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState};
use crate::ids::{IdempotencyKey, Principal};
use crate::operation::{Asked, Operation, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::sale::CaptureMode;
use crate::time::Timestamp;

impl Payment {
    /// An authorization was confirmed: until when it lasts, and when the one capture is made at the latest.
    pub(super) fn authorization_begins(&mut self, now: Timestamp) {
        if self.authorized_until.is_some() {
            return;
        }
        let day = Duration::from_secs(86_400);
        let days = u32::from(self.sale.authorization_days);
        let until = now.plus(day.saturating_mul(days));
        self.authorized_until = Some(until);
        if self.sale.capture == CaptureMode::Manual && !self.splits.is_empty() {
            // A day before it lapses, or half way where it lasts but a day.
            let lead = (day.saturating_mul(days) / 2).min(day);
            let default = now.plus(day.saturating_mul(days).saturating_sub(lead));
            let capture_by = self.sale.capture_by.unwrap_or(default).min(until);
            self.readiness = Some(Readiness::new(capture_by, self.sale.capture_unanswered));
        }
    }

    /// Opens what follows from the payment's own terms, under a key of ours, in the commit that made it follow: the
    /// capture of an automatic payment, or the one that everybody is ready for.
    pub(super) fn follow_up(&mut self, now: Timestamp, lesson: &mut Lesson) {
        let busy = self.operations.iter().any(Operation::is_open);
        if self.phase != Phase::Authorized || busy || self.is_held() || self.is_unwanted() {
            return;
        }
        match self.own_turn() {
            Some(turn) if turn <= now => {}
            Some(_) => return,
            None => return self.give_own_up(now, lesson),
        }
        let Some(work) = self.own_work(now) else { return };
        let number = u16::try_from(self.operations.len().saturating_add(1)).unwrap_or(u16::MAX);
        let asked = Asked {
            principal: Principal::ourselves(),
            key: IdempotencyKey::own(number),
            part: 0,
            fingerprint: String::new(),
        };
        let Some(create) = self.authorize() else { return };
        let reference = create.reference.part(number.saturating_add(OWN_REFERENCES_FROM));
        self.enter(work, asked, reference, now, lesson);
        self.due_at = Some(now);
    }

    /// A payment that came to life again after it was cancelled, or beside another one of its order: nobody waits for
    /// its money, so people decide.
    fn is_unwanted(&self) -> bool {
        let cancelled = |one: &Operation| one.work == Work::Cancel && one.state == OperationState::Done;
        let twice =
            |one: &Discrepancy| one.kind == DiscrepancyKind::OrderPaidTwice && one.state == DiscrepancyState::Open;
        self.operations.iter().any(cancelled) || self.discrepancies.iter().any(twice)
    }

    /// Nobody else will capture it: a person has to, before it lapses.
    fn give_own_up(&mut self, now: Timestamp, lesson: &mut Lesson) {
        let until = self.authorized_until.map(|until| format!(" before {until}"));
        let detail = format!(
            "what should follow the authorization was tried {OWN_TRIES_MAX} times; capture or cancel it by hand{}",
            until.unwrap_or_default()
        );
        let (kind, state) = (DiscrepancyKind::CaptureGivenUp, DiscrepancyState::Open);
        if self.file(kind, state, detail.clone(), now) {
            lesson.say("discrepancy", None, format!("{}: {detail}", kind.as_str()));
        }
    }

    /// When we may try on our own: at once, later each time after a refusal, and in the end no more.
    fn own_turn(&self) -> Option<Timestamp> {
        let own = Principal::ourselves();
        let tries = self.operations.iter().filter(|one| one.asked.principal == own);
        let (count, last) = tries.fold((0_u32, None), |(count, _), one| {
            (count.saturating_add(1), one.settled_at)
        });
        let Some(last) = last else {
            return Some(Timestamp::MIN).filter(|_| count == 0);
        };
        let wait = OWN_WAIT_SECONDS.saturating_mul(4_u64.saturating_pow(count.saturating_sub(1)));
        (count < OWN_TRIES_MAX).then(|| last.plus(Duration::from_secs(wait)))
    }

    fn own_work(&self, now: Timestamp) -> Option<Work> {
        let capture = |plan| Work::Capture {
            plan: Box::new(plan),
            only: None,
        };
        if self.sale.capture == CaptureMode::Automatic {
            return self.plan_capture(&CaptureAsk::Everything).ok().map(capture);
        }
        let readiness = self.readiness.as_ref()?;
        match self.with_authorized(|goods| readiness.next(goods, now)).ok()? {
            Next::Wait(_) => None,
            Next::Capture(plan) => Some(capture(*plan)),
            Next::Cancel => Some(Work::Cancel),
        }
    }

    /// When the sweep should look next: never for a payment at rest.
    pub(super) fn schedule(&mut self, pace: &Pace, now: Timestamp) {
        let undecided = |one: &Operation| one.is_open() && one.state != OperationState::NeedsAttention;
        let waits = self.operations.iter().any(undecided);
        let returns = self.refunds.iter().any(|refund| refund.settled_at.is_none());
        let rests = self.phase.is_at_rest() || self.phase == Phase::Processing;
        // It should have lapsed, and the gateway has not said so yet.
        let lapses = self.expires_at().is_some_and(|ends| ends <= now) && !planted(Defect::LapseNotNoticed);
        let asks = waits || returns || lapses || self.is_held() || !rests;
        let asked_at = self.operations.iter().map(|one| one.created_at);
        let since = asked_at.chain(self.expires_at().filter(|_| lapses)).max();
        let patient = pace.next(self.id, self.asked, since.unwrap_or(self.created_at), now);
        // Absence is about to be proved: the question that proves it is asked when the quiet period ends.
        let absent = self.operations.iter().filter(|one| one.is_open() && one.absences > 0);
        let quiet_ends = absent
            .filter_map(|one| one.attempt.as_ref())
            .map(|attempt| attempt.over_at.plus(pace.quiet));
        let questions = patient.into_iter().chain(quiet_ends).filter(|_| asks);
        self.due_at = questions.chain(self.deadlines()).filter(|at| *at > now).min();
    }

    /// When something happens to it by itself: the one capture, the end of its authorization.
    fn deadlines(&self) -> impl Iterator<Item = Timestamp> {
        let authorized = self.phase == Phase::Authorized;
        let capture_by = self.readiness.as_ref().map(|readiness| readiness.capture_by);
        let turn = self
            .own_turn()
            .filter(|turn| authorized && self.own_work(*turn).is_some());
        let capture = capture_by.filter(|_| authorized);
        let lapse = self.expires_at().filter(|_| !planted(Defect::LapseNotNoticed));
        capture.into_iter().chain(turn).chain(lapse)
    }

    /// Whether a part of it was captured, and the rest is still authorized.
    pub(super) fn is_stranded(&self) -> bool {
        self.phase == Phase::PartiallyCaptured && self.amount_authorized() > self.amount_captured()
    }
}

/// How often we try on our own before a person must look: for almost four days, well within an authorization's week.
const OWN_TRIES_MAX: u32 = 8;

/// How long we wait after the first try was refused, or did not leave; four times as long after each other.
const OWN_WAIT_SECONDS: u64 = 60;

/// Parts of the create's reference below this number are its splits.
const OWN_REFERENCES_FROM: u16 = 10_000;
