//! Giving back: what a refund claims, what the gateway shows of its parts, and what follows in the books.

use super::decide::Asking;
use super::moves::held;
use super::{Lesson, Payment, Phase};
use crate::command::RefundAsk;
use crate::fee_plan::CommissionOnRefund;
use crate::ids::SellerId;
use crate::ledger::{Account, Book, Cause};
use crate::money::Amount;
use crate::operation::{Asked, Operation, Work};
use crate::planted::{Defect, planted};
use crate::refund::{self, Adjustment, Part, PartState, Plan, Refund};
use crate::refusal::Refusal;
use crate::returns::{self, Funds};
use crate::seller::Party;
use crate::split::Split;
use crate::time::Timestamp;

impl Payment {
    /// What a refund would do; the same function that a refund is planned with.
    ///
    /// # Errors
    /// The rule that says no, as for the refund itself.
    pub fn plan_refund(&self, asked: &RefundAsk) -> Result<Plan, Refusal> {
        self.may_refund()?;
        if self.splits.is_empty() {
            return Err(Refusal::RefundNeedsSplits);
        }
        let policy = |seller: &SellerId| {
            if asked.keeps.contains(seller) {
                CommissionOnRefund::Keep
            } else {
                CommissionOnRefund::Return
            }
        };
        let planned = self.with_refundable(|goods| refund::plan(goods, &asked.ask, &policy));
        let mut plan = planned.map_err(Refusal::Invalid)?;
        if !self.amount_unallocated.is_zero() {
            let money = crate::money::Money::new(self.amount_unallocated, self.sale.cart.currency());
            plan.warnings.push(format!(
                "{money} is unallocated and cannot be refunded: no split names its owner"
            ));
        }
        Ok(plan)
    }

    const fn may_refund(&self) -> Result<(), Refusal> {
        match self.phase {
            Phase::Captured | Phase::PartiallyCaptured | Phase::ChargedBack => Ok(()),
            Phase::Disputed => Err(Refusal::PaymentDisputed),
            phase => Err(Refusal::NotCaptured { phase }),
        }
    }

    /// The refund with this number.
    #[must_use]
    pub fn refund(&self, number: u16) -> Option<&Refund> {
        self.refunds.iter().find(|one| one.number == number)
    }

    pub(super) fn open_refund(&mut self, ask: &RefundAsk, asking: &Asking, lesson: &mut Lesson) -> Result<(), Refusal> {
        let plan = self.plan_refund(ask)?;
        let mut lines = self.lines().into_owned();
        returns::apply(&mut lines, &plan.lines);
        if !planted(Defect::ReserveForgotten) {
            self.lines = lines;
        }
        let number = u16::try_from(self.refunds.len().saturating_add(1)).unwrap_or(u16::MAX);
        let splits: Vec<u16> = plan.calls.iter().map(|call| call.split).collect();
        self.refunds
            .push(Refund::planned(number, ask.clone(), plan, asking.now));
        self.enter_parts(number, &splits, asking, lesson);
        self.finish_refund(number, asking.now, lesson);
        Ok(())
    }

    /// One operation for each part, or one that is done where nothing is asked of the gateway.
    fn enter_parts(&mut self, refund: u16, splits: &[u16], asking: &Asking, lesson: &mut Lesson) {
        let parts: Vec<Option<u16>> = if splits.is_empty() {
            vec![None]
        } else {
            splits.iter().copied().map(Some).collect()
        };
        for (part, split) in (0_u16..).zip(parts) {
            let asked = Asked {
                part,
                ..asking.asked.clone()
            };
            let reference = match part {
                part if part == 0 || planted(Defect::PartsShareAReference) => asking.reference.clone(),
                part => asking.reference.part(part),
            };
            self.enter(Work::Refund { refund, split }, asked, reference, asking.now, lesson);
        }
    }

    pub(super) fn retry_refund(&mut self, number: u16, asking: &Asking, lesson: &mut Lesson) -> Result<(), Refusal> {
        let failed = self
            .failed_parts(number)
            .ok_or(Refusal::NothingFailed { refund: number })?;
        for split in &failed {
            self.reclaim_part(number, *split)?;
        }
        self.enter_parts(number, &failed, asking, lesson);
        Ok(())
    }

    pub(super) fn abandon_refund(&mut self, number: u16, asking: &Asking, lesson: &mut Lesson) -> Result<(), Refusal> {
        let failed = self
            .failed_parts(number)
            .ok_or(Refusal::NothingFailed { refund: number })?;
        for split in failed {
            self.set_part(number, split, PartState::Abandoned);
            self.give_back(number, split);
        }
        let work = Work::Abandon { refund: number };
        self.enter(work, asking.asked.clone(), asking.reference.clone(), asking.now, lesson);
        self.finish_refund(number, asking.now, lesson);
        Ok(())
    }

    /// The splits of the failed parts that still claim something; none where nothing failed so.
    fn failed_parts(&self, number: u16) -> Option<Vec<u16>> {
        let refund = self
            .refund(number)
            .filter(|refund| refund.parts.len() > 1 && refund.plan.is_some())?;
        let failed = refund.parts.iter().filter(|part| part.state == PartState::Failed);
        let failed: Vec<u16> = failed.map(|part| part.split).collect();
        (!failed.is_empty()).then_some(failed)
    }

    /// A part that never left is claimed again, if that is still possible exactly as it was.
    pub(super) fn reopen_part(&mut self, number: u16, split: Option<u16>) -> Result<(), Refusal> {
        let Some((split, refund)) = split.zip(self.refund(number).cloned()) else {
            return Ok(());
        };
        if let (1, Some(asked)) = (refund.parts.len(), &refund.asked) {
            let plan = self.plan_refund(asked)?;
            let same = plan.calls.len() == 1
                && plan
                    .calls
                    .iter()
                    .all(|call| refund.part(call.split).is_some_and(|part| part.amount == call.amount));
            if !same {
                return Err(Refusal::RefundChanged);
            }
            let mut lines = self.lines().into_owned();
            returns::apply(&mut lines, &plan.lines);
            self.lines = lines;
            if let Some(one) = self.refunds.iter_mut().find(|one| one.number == number) {
                one.plan = Some(plan);
            }
        }
        self.reclaim_part(number, split)
    }

    /// A failed part is under way again, if its split still holds what it claims.
    fn reclaim_part(&mut self, number: u16, split: u16) -> Result<(), Refusal> {
        self.may_refund()?;
        let part = self.refund(number).and_then(|refund| refund.part(split));
        let amount = part.map_or(Amount::ZERO, |part| part.amount);
        let giver = self.splits.iter().find(|one| one.number == split);
        if giver.is_none_or(|giver| Funds::captured(giver).available < amount) {
            return Err(Refusal::RefundChanged);
        }
        self.set_part(number, split, PartState::Processing);
        Ok(())
    }

    /// Whether this operation is the last word about a part that failed: nobody has retried or abandoned it.
    pub(super) fn is_latest_of_failed_part(&self, operation: u16, refund: u16, split: u16) -> bool {
        let part = self.refund(refund).and_then(|refund| refund.part(split));
        part.is_some_and(|part| part.state == PartState::Failed) && self.operation_of(refund, split) == Some(operation)
    }

    /// What became of a part of ours. The books follow; a refund with one part that fails releases everything.
    pub(super) fn part_learned(&mut self, number: u16, split: u16, state: PartState, at: Moment<'_>) {
        let Some(part) = self.refund(number).and_then(|refund| refund.part(split)).cloned() else {
            return;
        };
        if (part.state == state || part.state.is_over()) && !planted(Defect::RefundPostedAgain) {
            return;
        }
        self.set_part(number, split, state);
        self.move_part(&part, state, at.cause, at.lesson);
        let alone = self.refund(number).is_some_and(|refund| refund.parts.len() == 1);
        if state == PartState::Failed && alone && !planted(Defect::FailedRefundKeepsItsClaim) {
            self.give_back(number, split);
        }
        self.finish_refund(number, at.now, at.lesson);
    }

    fn move_part(&mut self, part: &Part, state: PartState, cause: Cause, lesson: &mut Lesson) {
        let amount = part.amount;
        let of = |book| Account::Of(giver(part), book);
        let number = Some(part.split);
        let Some(split) = self.splits.iter_mut().find(|one| one.number == part.split) else {
            return;
        };
        let before = held(split);
        let mut refunding = split.amount_refunding;
        if part.state == PartState::Processing && matches!(state, PartState::Open | PartState::Succeeded) {
            refunding = refunding.checked_add(amount).unwrap_or(refunding);
            let reason = "the gateway has accepted the refund";
            self.post(
                lesson,
                of(Book::Payable),
                of(Book::Refunding),
                amount,
                number,
                cause,
                reason,
            );
        }
        match (part.state, state) {
            (_, PartState::Succeeded) => {
                if !planted(Defect::RefundingNotCleared) {
                    refunding = refunding.saturating_sub(amount);
                }
                let reason = "refunded to the buyer";
                self.post(
                    lesson,
                    of(Book::Refunding),
                    Account::Buyer,
                    amount,
                    number,
                    cause,
                    reason,
                );
            }
            (PartState::Open, PartState::Failed) => {
                refunding = refunding.saturating_sub(amount);
                let reason = "the refund failed";
                self.post(
                    lesson,
                    of(Book::Refunding),
                    of(Book::Payable),
                    amount,
                    number,
                    cause,
                    reason,
                );
            }
            _ => {}
        }
        if let Some(split) = self.splits.iter_mut().find(|one| one.number == part.split) {
            split.amount_refunding = refunding;
            if state == PartState::Succeeded {
                split.amount_refunded = split
                    .amount_refunded
                    .checked_add(amount)
                    .unwrap_or(split.amount_refunded);
            }
        }
        self.dispute_follows(part.split, before, lesson);
    }

    /// Everything that a part claimed of the goods is free again.
    fn give_back(&mut self, number: u16, split: u16) {
        let currency = self.sale.cart.currency();
        let mut lines = self.lines().into_owned();
        let refund = self.refunds.iter_mut().find(|one| one.number == number);
        if let Some(plan) = refund.and_then(|refund| refund.plan.as_mut()) {
            plan.give_back(split, &mut lines, currency);
        }
        self.lines = lines;
    }

    /// Once nothing of a refund is under way and nothing can be retried, what the gateway cannot move is adjusted.
    fn finish_refund(&mut self, number: u16, now: Timestamp, lesson: &mut Lesson) {
        let Some(refund) = self.refunds.iter_mut().find(|one| one.number == number) else {
            return;
        };
        let parts = &refund.parts;
        refund.settled_at = parts.iter().all(|part| part.state.is_over()).then_some(now);
        let open = parts
            .iter()
            .any(|part| !matches!(part.state, PartState::Succeeded | PartState::Abandoned));
        let moved = parts.is_empty() || parts.iter().any(|part| part.state == PartState::Succeeded);
        if open || !moved || refund.adjusted {
            return;
        }
        refund.adjusted = true;
        let adjustments = refund
            .plan
            .as_ref()
            .map(|plan| plan.adjustments.clone())
            .unwrap_or_default();
        let of_refund = |one: &&Operation| matches!(one.work, Work::Refund { refund, .. } if refund == number);
        let operation = self.operations.iter().rev().find(of_refund);
        let cause = operation.map_or(Cause::External, |one| Cause::Operation(one.number));
        self.post_adjustments(&adjustments, cause, lesson);
    }

    pub(super) fn post_adjustments(&mut self, adjustments: &[Adjustment], cause: Cause, lesson: &mut Lesson) {
        for one in adjustments {
            let [from, to] = [&one.from, &one.to].map(|party| Account::Of(party.clone(), Book::Payable));
            self.post(lesson, from, to, one.amount, None, cause, &one.why);
        }
    }

    fn set_part(&mut self, refund: u16, split: u16, state: PartState) {
        let Some(one) = self.refunds.iter_mut().find(|one| one.number == refund) else {
            return;
        };
        if let Some(part) = one.parts.iter_mut().find(|part| part.split == split) {
            part.state = state;
            // It begins anew: the gateway will give it another id.
            if state == PartState::Processing {
                part.gateway_id = None;
                one.settled_at = None;
            }
        }
    }

    pub(super) fn with_refundable<T>(&self, use_them: impl FnOnce(&returns::Goods<'_>) -> T) -> T {
        let reserving = self.refunds.iter().filter(|_| !planted(Defect::ReserveForgotten));
        let claimed = |split: u16| Self::total(reserving.clone().map(|refund| refund.claims_of(split)));
        let funds = |split: &Split| {
            let funds = Funds::captured(split);
            Funds {
                available: funds.available.saturating_sub(claimed(split.number)),
                ..funds
            }
        };
        self.with_goods(funds, use_them)
    }
}

/// At whose expense a part is given back.
fn giver(part: &Part) -> Party {
    if planted(Defect::RefundChargedToTheMarketplace) {
        Party::Marketplace
    } else {
        part.party.clone()
    }
}

/// When and why a part of a refund changes.
pub(super) struct Moment<'a> {
    pub now: Timestamp,
    pub cause: Cause,
    pub lesson: &'a mut Lesson,
}
