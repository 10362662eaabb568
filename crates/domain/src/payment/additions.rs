//! Splits that are added once a payment has ended in success or failure: they take its state (gateway.md §2.4).

use std::collections::BTreeSet;

use super::{Learning, Lesson, Payment, Phase};
use crate::allocation::{LineRef, LineShare};
use crate::amounts;
use crate::command::{Addition, NewSplit};
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState};
use crate::fault::{Fault, Faults};
use crate::ids::GatewayId;
use crate::ledger::{Account, Book, Cause};
use crate::money::{Amount, Money};
use crate::operation::{OperationState, Work};
use crate::refund::PartState;
use crate::refusal::Refusal;
use crate::returns::Line;
use crate::seller::Party;
use crate::sight::SplitSight;
use crate::split::Split;

impl Payment {
    /// What is left of the payment that no split names an owner of, in minor units.
    #[must_use]
    pub fn headroom(&self) -> Amount {
        let named = Self::total(self.splits.iter().map(|split| split.amount));
        self.amount().saturating_sub(named)
    }

    /// The splits as they will be asked for, numbered and with their lines.
    pub(super) fn plan_addition(&self, addition: &Addition) -> Result<Work, Refusal> {
        match self.phase {
            Phase::Captured => {}
            // The gateway must have it, so that splits can be added to it there.
            Phase::Failed if self.seen.is_some() => {}
            phase @ Phase::Failed => return Err(Refusal::AlreadyOver { phase }),
            phase => return Err(Refusal::SplitsTooEarly { phase }),
        }
        // A refund that the gateway may have seen closes the door, whatever became of it.
        let untouched =
            |state: PartState, shown: bool| !shown && matches!(state, PartState::Failed | PartState::Abandoned);
        let refunded = self.refunds.iter().flat_map(|refund| &refund.parts);
        if refunded
            .into_iter()
            .any(|part| !untouched(part.state, part.gateway_id.is_some()))
        {
            return Err(Refusal::SplitsClosedByRefund);
        }
        let mut planned = addition.clone();
        let left = self.headroom();
        let named = Amount::sum(planned.splits.iter().map(|split| split.amount)).unwrap_or(Amount::MAX);
        let Some(rest) = left.checked_sub(named) else {
            return Err(Refusal::SplitExceedsPayment {
                left: Money::new(left, self.sale.cart.currency()),
            });
        };
        if let Some(site) = planned.rest.take().filter(|_| !rest.is_zero()) {
            planned.splits.push(NewSplit {
                party: Party::Marketplace,
                site,
                amount: rest,
                reference: None,
            });
        }
        if planned.lines.is_empty() {
            planned.lines = (self.next_split()..)
                .zip(&planned.splits)
                .map(|(number, split)| line(number, split))
                .collect();
        }
        let faults = self.addition_faults(&planned);
        if faults.is_empty() {
            Ok(Work::AddSplits(Box::new(planned)))
        } else {
            Err(Refusal::Invalid(faults))
        }
    }

    fn addition_faults(&self, planned: &Addition) -> Faults {
        let mut faults = Faults::new();
        if planned.splits.is_empty() {
            faults.push(Fault::new("/splits", "splits_missing", "at least one split"));
        }
        let currency = self.sale.cart.currency();
        for (n, split) in planned.splits.iter().enumerate() {
            let at = format!("/splits/{n}/amount");
            if split.amount.is_zero() {
                faults.push(Fault::new(&at, "amount_zero", "more than 0"));
            }
            amounts::representable(split.amount, currency, &at, &mut faults);
        }
        let known: BTreeSet<LineRef> = self.lines().iter().map(|line| line.sold.line.clone()).collect();
        if let Some(twice) = planned.lines.iter().find(|line| known.contains(&line.line)) {
            let detail = format!("{} is a line of this payment already; name it otherwise", twice.line);
            faults.push(Fault::new("/cart/lines", "duplicate_line", detail));
        }
        faults
    }

    /// The gateway shows splits beyond ours: those that were asked for are adopted, all of them or none.
    pub(super) fn adopt_added(&mut self, shown: &[SplitSight], learning: &Learning<'_>, lesson: &mut Lesson) -> bool {
        let Some((number, planned)) = self.addition() else {
            return true;
        };
        let mut matched = vec![false; self.splits.len()];
        let new: Vec<&SplitSight> = shown
            .iter()
            .filter(|one| match super::compare::find(&self.splits, &matched, one) {
                Some((index, _)) => {
                    matched.iter_mut().skip(index).take(1).for_each(|seen| *seen = true);
                    false
                }
                None => true,
            })
            .collect();
        if new.is_empty() {
            return true;
        }
        let mut left: Vec<&SplitSight> = new.clone();
        let mut ids: Vec<GatewayId> = Vec::new();
        for split in &planned.splits {
            let same = |one: &&SplitSight| one.site == split.site && one.amount == split.amount;
            if let Some(at) = left.iter().position(same) {
                ids.push(left.remove(at).id);
            }
        }
        if !left.is_empty() || ids.len() != planned.splits.len() {
            let detail = format!("{} splits were added, {} of them as asked for", new.len(), ids.len());
            let (kind, state) = (DiscrepancyKind::AnswerDiffers, DiscrepancyState::Open);
            self.report(kind, state, detail, learning, lesson);
            return false;
        }
        let added = Self::total(planned.splits.iter().map(|split| split.amount));
        if self.phase != Phase::Failed && added > self.amount_unallocated {
            let detail = "splits were added to money that is gone".to_owned();
            let (kind, state) = (DiscrepancyKind::AnswerDiffers, DiscrepancyState::Open);
            self.report(kind, state, detail, learning, lesson);
            return false;
        }
        self.append(&planned, &ids, Cause::Operation(number), lesson);
        if let Some(operation) = self.operations.iter_mut().find(|one| one.number == number) {
            operation.end(OperationState::Done, learning.now);
        }
        true
    }

    fn append(&mut self, planned: &Addition, ids: &[GatewayId], cause: Cause, lesson: &mut Lesson) {
        let mut lines = self.lines().into_owned();
        lines.extend(planned.lines.iter().cloned().map(Line::new));
        self.lines = lines;
        for (new, id) in planned.splits.iter().zip(ids) {
            let mut split = Split::asked(self.next_split(), new.party.clone(), new.site, new.amount);
            split.gateway_id = Some(*id);
            split.reference.clone_from(&new.reference);
            split.status = self.seen.as_ref().map(|seen| seen.status.clone());
            if self.phase != Phase::Failed {
                split.amount_authorized = new.amount;
                split.amount_captured = new.amount;
                self.amount_unallocated = self.amount_unallocated.saturating_sub(new.amount);
                let owner = Account::Of(new.party.clone(), Book::Payable);
                let reason = "its owner of what the buyer paid was named";
                let number = Some(split.number);
                self.post(lesson, Account::Unallocated, owner, new.amount, number, cause, reason);
            }
            let number = split.number;
            self.splits.push(split);
            self.dispute_follows(number, Amount::ZERO, lesson);
        }
    }

    /// The addition that is under way.
    pub(super) fn addition(&self) -> Option<(u16, Addition)> {
        self.operations.iter().find_map(|one| match &one.work {
            Work::AddSplits(planned) if one.is_open() => Some((one.number, planned.as_ref().clone())),
            _ => None,
        })
    }

    fn next_split(&self) -> u16 {
        u16::try_from(self.splits.len().saturating_add(1)).unwrap_or(u16::MAX)
    }
}

/// A split that was added with an amount of its own: a line without commission.
fn line(number: u16, split: &NewSplit) -> LineShare {
    LineShare {
        line: LineRef::Split(number),
        party: split.party.clone(),
        price: split.amount,
        commission: Amount::ZERO,
        marketplace_discount: Amount::ZERO,
        quantity: 1,
    }
}
