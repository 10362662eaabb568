//! Taking what is authorized: what is planned, and what the gateway shows of it.

use std::borrow::Cow;

use super::{Learning, Lesson, Payment, Phase};
use crate::capture_plan::{self, CaptureAsk, CapturePlan, SellerTake, SplitAmount};
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState};
use crate::fault::{Fault, Faults};
use crate::ledger::{Account, Book, Cause};
use crate::money::Amount;
use crate::operation::{OperationKind, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::refusal::Refusal;
use crate::returns::{Funds, Goods, Line};
use crate::sale::{SplitMode, Steps};
use crate::sight::Sight;
use crate::split::Split;
use crate::time::Timestamp;

impl Payment {
    /// What was sold, and how much of each line has gone back.
    #[must_use]
    pub fn lines(&self) -> Cow<'_, [Line]> {
        if self.lines.is_empty() && self.sale.split == SplitMode::Now {
            return self.sale.allocation.lines().iter().cloned().map(Line::new).collect();
        }
        Cow::Borrowed(&self.lines)
    }

    /// What a capture would do; the same function that a capture is planned with.
    ///
    /// # Errors
    /// The rule that says no, as for the capture itself; stranding something is none here.
    pub fn plan_capture(&self, ask: &CaptureAsk) -> Result<CapturePlan, Refusal> {
        self.may_capture()?;
        if self.splits.is_empty() && *ask == CaptureAsk::Everything {
            return Ok(CapturePlan::unsplit(self.amount()));
        }
        self.with_authorized(|goods| capture_plan::plan(goods, ask))
            .map_err(Refusal::Invalid)
    }

    pub(super) fn may_capture(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Authorized => Ok(()),
            Phase::Captured | Phase::PartiallyCaptured | Phase::Disputed | Phase::ChargedBack => {
                Err(Refusal::AlreadyCaptured)
            }
            phase => Err(Refusal::NotAuthorized { phase }),
        }
    }

    /// What everybody is ready to take, as a capture would do it if time were up now; none where nothing is planned, or
    /// is any more.
    #[must_use]
    pub fn planned_capture(&self) -> Option<CapturePlan> {
        let readiness = self.readiness.as_ref().filter(|_| self.phase == Phase::Authorized)?;
        self.with_authorized(|goods| readiness.plan(goods)).ok()
    }

    /// The sellers that have not said what they are ready to take, and still may.
    #[must_use]
    pub fn unready(&self) -> Vec<crate::ids::SellerId> {
        let readiness = self.readiness.as_ref().filter(|_| self.phase == Phase::Authorized);
        readiness.map_or_else(Vec::new, |readiness| {
            self.with_authorized(|goods| readiness.missing(goods))
        })
    }

    pub(super) fn answer_ready(&mut self, take: &SellerTake) -> Result<(), Refusal> {
        self.may_capture()?;
        let Some(mut readiness) = self.readiness.clone() else {
            return Err(Refusal::MethodCannot {
                method: self.sale.method,
                why: "the payment is captured as a whole; create it with capture \"manual\" and its splits to plan its capture",
            });
        };
        self.with_authorized(|goods| readiness.answer(goods, take.seller.clone(), take.take.clone()))
            .map_err(Refusal::Invalid)?;
        self.readiness = Some(readiness);
        Ok(())
    }

    /// The capture that is under way, or that was made: its number and exactly what it takes.
    pub(super) fn capture(&self) -> Option<(u16, &CapturePlan)> {
        let alive = |state| !matches!(state, OperationState::Refused | OperationState::NotSent);
        self.operations.iter().rev().find_map(|one| match &one.work {
            Work::Capture { plan, .. } if alive(one.state) && one.attempt.is_some() => {
                Some((one.number, plan.as_ref()))
            }
            _ => None,
        })
    }

    /// The gateway shows it as taken: what the capture asked for, or all of it where none was needed.
    pub(super) fn learn_captured(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        if self.has_money() {
            self.lapse(learning.now, lesson);
            return;
        }
        let capture = self.capture().map(|(number, plan)| (number, plan.clone()));
        let cause = match &capture {
            Some((number, _)) => Cause::Operation(*number),
            None if self.sale.steps == Steps::One => self.create_cause(),
            None => Cause::External,
        };
        if self.splits.is_empty() {
            self.amount_unallocated = self.amount();
            let reason = "paid by the buyer; no split names its owner yet";
            let (amount, unallocated) = (self.amount_unallocated, Account::Unallocated);
            self.post(lesson, Account::Buyer, unallocated, amount, None, cause, reason);
        }
        self.authorize_all(lesson);
        match capture {
            Some((_, plan)) if !plan.splits.is_empty() && !planted(Defect::CaptureRemainderPosted) => {
                self.take_planned(&plan, cause, lesson)
            }
            _ => self.take(cause, lesson, |split| split.amount),
        }
        if cause == Cause::External && self.sale.steps == Steps::Two {
            self.taken_elsewhere(learning, lesson);
        }
    }

    /// The gateway shows part of it as taken. `false` where nobody can tell what of which split.
    pub(super) fn learn_partly_captured(
        &mut self,
        sight: &Sight,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) -> bool {
        if self.has_money() || self.capture().is_some() {
            self.learn_captured(learning, lesson);
            return true;
        }
        let Some(plan) = self.plan_shown(sight) else {
            return false;
        };
        self.authorize_all(lesson);
        self.take_planned(&plan, Cause::External, lesson);
        self.taken_elsewhere(learning, lesson);
        true
    }

    /// What a capture that nobody here asked for took, where the gateway says it of every split.
    fn plan_shown(&self, sight: &Sight) -> Option<CapturePlan> {
        let mut matched = vec![false; self.splits.len()];
        let mut amounts = Vec::new();
        for shown in &sight.splits {
            let (index, split) = super::compare::find(&self.splits, &matched, shown)?;
            *matched.get_mut(index)? = true;
            let amount = shown.captured.unwrap_or(Amount::ZERO);
            amounts.push(SplitAmount {
                split: split.number,
                amount,
            });
        }
        let sum = Amount::sum(amounts.iter().map(|one| one.amount)).ok()?;
        if sum.is_zero() || sight.captured.is_some_and(|captured| captured != sum) || matched.contains(&false) {
            return None;
        }
        let ask = CaptureAsk::Splits(amounts);
        let plan = |goods: &Goods<'_>| capture_plan::plan(goods, &ask);
        self.with_goods(Self::funds_of_everything, plan).ok()
    }

    /// Takes exactly what was planned of every split, and counts on the lines what was let go.
    pub(super) fn take_planned(&mut self, plan: &CapturePlan, cause: Cause, lesson: &mut Lesson) {
        self.take(cause, lesson, |split| {
            let planned = plan.splits.iter().find(|one| one.split == split.number);
            planned.map_or(Amount::ZERO, |one| one.amount)
        });
        if !plan.let_go.is_empty() || !plan.shares.is_empty() {
            let mut lines = self.lines().into_owned();
            plan.apply(&mut lines);
            self.lines = lines;
        }
        self.post_adjustments(&plan.adjustments, cause, lesson);
    }

    /// The stranded rest of a partial capture goes back to the buyer when its authorization has lapsed: by its time, or
    /// because the gateway shows every split of which nothing was captured as ended.
    fn lapse(&mut self, now: Timestamp, lesson: &mut Lesson) {
        let over = self.authorized_until.is_some_and(|until| now >= until);
        let untouched = |split: &&Split| split.amount_captured.is_zero() && !split.amount_authorized.is_zero();
        let ended = |split: &Split| split.status.as_ref().is_some_and(|status| status.standing.is_over());
        let mut untouched = self.splits.iter().filter(untouched).map(ended).peekable();
        let shown = untouched.peek().is_some() && untouched.all(|ended| ended);
        if self.is_stranded() && (over || shown) {
            self.release_all(lesson);
        }
    }

    /// Nobody here waits for a capture any more, and it is there: made by others, or ours that came after it had ended.
    fn taken_elsewhere(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        let mut sent = self.operations.iter().rev().filter(|one| one.attempt.is_some());
        let ours = sent.find(|one| one.kind() == OperationKind::Capture && one.state == OperationState::Refused);
        let detail = match ours {
            Some(one) => format!(
                "captured at the gateway by others, or by our capture {}, which was called refused and arrived after all",
                one.number
            ),
            None => "captured at the gateway, and not by us".to_owned(),
        };
        let (kind, state) = (DiscrepancyKind::ExternalCapture, DiscrepancyState::Open);
        self.report(kind, state, detail, learning, lesson);
    }

    /// Takes of each split what `amount` says, and posts it.
    fn take(&mut self, cause: Cause, lesson: &mut Lesson, amount: impl Fn(&Split) -> Amount) {
        self.each_split(lesson, cause, |split| {
            let taken = amount(split).saturating_sub(split.amount_captured);
            split.amount_captured = split
                .amount_captured
                .checked_add(taken)
                .unwrap_or(split.amount_captured);
            let [from, to] = [Book::Authorized, Book::Payable].map(|book| Account::Of(split.party.clone(), book));
            vec![(from, to, taken, "paid by the buyer")]
        });
    }

    pub(super) fn with_authorized<T>(&self, use_them: impl FnOnce(&Goods<'_>) -> T) -> T {
        self.with_goods(Funds::authorized, use_them)
    }

    /// The goods, and what the splits can move of them.
    pub(super) fn with_goods<T>(&self, funds: impl Fn(&Split) -> Funds, use_them: impl FnOnce(&Goods<'_>) -> T) -> T {
        let lines = self.lines();
        let funds: Vec<Funds> = self.splits.iter().map(funds).collect();
        use_them(&Goods {
            currency: self.sale.cart.currency(),
            lines: &lines,
            funds: &funds,
        })
    }

    pub(super) fn funds_of_everything(split: &Split) -> Funds {
        Funds {
            available: split.amount,
            ..Funds::authorized(split)
        }
    }

    /// Whether a cancel may be asked for.
    pub(super) fn may_cancel(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Processing | Phase::Open | Phase::Pending | Phase::Authorized | Phase::Cancelling => Ok(()),
            Phase::Captured | Phase::PartiallyCaptured | Phase::Capturing | Phase::Disputed | Phase::ChargedBack => {
                Err(Refusal::CancelAfterCapture { phase: self.phase })
            }
            Phase::Cancelled | Phase::Failed | Phase::Expired => Err(Refusal::AlreadyOver { phase: self.phase }),
        }
    }

    /// Whether an operation of this kind waits for an answer.
    pub(super) fn waits_for(&self, kind: OperationKind) -> bool {
        self.operations.iter().any(|one| one.kind() == kind && one.is_open())
    }
}

impl CapturePlan {
    /// All of a payment that has no splits yet.
    fn unsplit(amount: Amount) -> Self {
        Self {
            amount,
            stranded: Amount::ZERO,
            splits: Vec::new(),
            let_go: Vec::new(),
            shares: Vec::new(),
            adjustments: Vec::new(),
        }
    }

    /// Whether it takes nothing but of this split.
    pub(super) fn takes_only(&self, number: u16) -> bool {
        let mut taken = self.splits.iter().filter(|split| !split.amount.is_zero());
        taken.all(|split| split.split == number)
    }

    /// Whether it may be asked for: it takes something, and strands nothing that nobody accepted.
    pub(super) fn check(&self, accept_stranded: bool) -> Result<(), Refusal> {
        if self.is_nothing() {
            let detail = "name what to capture; to capture nothing, cancel the payment";
            let faults: Faults = vec![Fault::new("", "nothing_to_capture", detail)];
            return Err(Refusal::Invalid(faults));
        }
        if !self.is_full() && !accept_stranded {
            let left = self.splits.iter().filter(|split| !split.stranded.is_zero());
            return Err(Refusal::WouldStrand {
                amount: self.stranded,
                splits: left.map(|split| (split.split, split.stranded)).collect(),
            });
        }
        Ok(())
    }
}
