//! What the gateway shows, posted because a person said so: it was not asked for so, and it is what happened.

use super::compare::find;
use super::refund_sights::Place;
use super::refunds::Moment;
use super::{Learning, Lesson, Payment};
use crate::capture_plan::{self, SplitAmount};
use crate::discrepancy::DiscrepancyKind as Kind;
use crate::ledger::{Account, Book, Cause};
use crate::money::{Amount, Money};
use crate::operation::OperationState;
use crate::refund::{PartState, Refund};
use crate::returns::Goods;
use crate::sight::{RefundSight, Sight, Standing};

/// What the gateway shows of one of our splits.
struct Taken {
    split: u16,
    amount: Amount,
    captured: Amount,
}

impl Payment {
    /// Posts what a differing sight shows as taken, where somebody wished that and it can be: the whole is the amount
    /// that was asked, and every cent of it has an owner of ours. `false` where not.
    pub(super) fn accept(
        &mut self,
        sight: &Sight,
        answered: Option<u16>,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) -> bool {
        let Some((number, note)) = self.consent().filter(|_| answered.is_none()) else {
            return false;
        };
        let before = self.clone();
        let posted = lesson.postings.len();
        let booked = self
            .acceptable(sight)
            .and_then(|taken| self.book_accepted(number, &taken, sight, lesson));
        if let Err(why) = booked {
            *self = before;
            lesson.postings.truncate(posted);
            if let Some(one) = self.operations.iter_mut().find(|one| one.number == number) {
                one.note = Some(why);
            }
            return false;
        }
        self.close(&[Kind::AnswerDiffers, Kind::SplitsMissing], &note, learning.now);
        true
    }

    /// What was taken of every split, if that adds up; else why not.
    fn acceptable(&self, sight: &Sight) -> Result<Vec<Taken>, String> {
        let currency = self.sale.cart.currency();
        let money = |amount| Money::new(amount, currency);
        let [asked, shown] = [money(self.amount()), Money::new(sight.amount, sight.currency)];
        if asked != shown {
            return Err(format!(
                "{asked} was asked and {shown} is shown: that is another payment than this"
            ));
        }
        let reference = self.authorize().map(|create| &create.reference);
        if sight.reference.is_some() && sight.reference.as_ref() != reference {
            return Err("the gateway shows another reference: that is another payment than this".to_owned());
        }
        if !sight.status.standing.is_money() {
            let (id, info) = (sight.status.id, &sight.status.info);
            return Err(format!(
                "the gateway shows {id} {info}: what it divides otherwise can be accepted once the money is taken, or be cancelled at its dashboard"
            ));
        }
        if !self.amount_captured().is_zero() {
            let captured = money(self.amount_captured());
            return Err(format!(
                "our books follow a confirmed capture of {captured}, and what was captured never changes"
            ));
        }
        let in_part = sight.status.standing == Standing::PartiallyCaptured;
        let mut matched = vec![false; self.splits.len()];
        let mut taken = Vec::new();
        for shown in &sight.splits {
            let Some((index, split)) = find(&self.splits, &matched, shown) else {
                let (amount, site) = (money(shown.amount), shown.site);
                return Err(format!(
                    "a split of {amount} to site {site} is shown that nobody here owns"
                ));
            };
            matched.iter_mut().skip(index).take(1).for_each(|seen| *seen = true);
            let all = if in_part { Amount::ZERO } else { shown.amount };
            taken.push(Taken {
                split: split.number,
                amount: shown.amount,
                captured: shown.captured.unwrap_or(all),
            });
        }
        let unlisted = self.splits.iter().zip(&matched).filter(|(_, seen)| !**seen);
        taken.extend(unlisted.map(|(split, _)| Taken {
            split: split.number,
            amount: split.amount,
            captured: Amount::ZERO,
        }));
        let amounts = Self::total(taken.iter().map(|one| one.amount));
        if amounts != self.amount() {
            return Err(format!("the splits add up to {} of {asked}", money(amounts)));
        }
        let captured = Self::total(taken.iter().map(|one| one.captured));
        let whole = if in_part { sight.captured } else { Some(self.amount()) };
        if whole != Some(captured) || captured.is_zero() {
            let whole = whole.map_or_else(|| "an unknown part".to_owned(), |whole| money(whole).to_string());
            return Err(format!(
                "{} is shown as taken of the splits, and {whole} of all",
                money(captured)
            ));
        }
        Ok(taken)
    }

    fn book_accepted(&mut self, wish: u16, taken: &[Taken], sight: &Sight, lesson: &mut Lesson) -> Result<(), String> {
        self.place_suspense(sight, lesson);
        let cause = Cause::Operation(wish);
        let divided = taken.iter().any(|one| {
            let asked = self.splits.iter().find(|split| split.number == one.split);
            asked.is_some_and(|split| split.amount != one.amount)
        });
        let of = |number: u16| taken.iter().find(|one| one.split == number);
        self.each_split(lesson, cause, |split| {
            split.amount = of(split.number).map_or(split.amount, |one| one.amount);
            let less = split.amount_authorized.saturating_sub(split.amount);
            split.amount_authorized = split.amount_authorized.saturating_sub(less);
            let authorized = Account::Of(split.party.clone(), Book::Authorized);
            vec![(authorized, Account::Buyer, less, "the gateway divides it otherwise")]
        });
        let amounts: Vec<SplitAmount> = taken
            .iter()
            .map(|one| SplitAmount {
                split: one.split,
                amount: one.captured,
            })
            .collect();
        let plan = |goods: &Goods<'_>| capture_plan::plan_accepted(goods, &amounts, divided);
        let plan = self.with_goods(Self::funds_of_everything, plan);
        let plan = plan.map_err(|faults| {
            let details: Vec<String> = faults.into_iter().map(|fault| fault.detail).collect();
            format!("it cannot be divided over what was sold: {}", details.join("; "))
        })?;
        self.authorize_all(lesson);
        self.take_planned(&plan, cause, lesson);
        Ok(())
    }

    /// A refund that is not as it was asked: ours, if it waited for it, has come to nothing, and what the gateway made
    /// instead is booked as made there.
    pub(super) fn accept_refund(
        &mut self,
        place: &Place,
        shown: &RefundSight,
        state: PartState,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        let before = self.clone();
        let posted = lesson.postings.len();
        if let Err(why) = self.book_refund(place, shown, state, learning, lesson) {
            *self = before;
            lesson.postings.truncate(posted);
            let wish = self.consent().map(|(number, _)| number);
            if let Some(one) = self.operations.iter_mut().find(|one| Some(one.number) == wish) {
                one.note = Some(why);
            }
        }
    }

    fn book_refund(
        &mut self,
        place: &Place,
        shown: &RefundSight,
        state: PartState,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) -> Result<(), String> {
        let now = learning.now;
        let (wish, _) = self.consent().ok_or("nobody accepted it")?;
        if !matches!(state, PartState::Open | PartState::Succeeded)
            || state == PartState::Open && shown.standing == crate::sight::RefundStanding::Unknown
        {
            let status = &shown.status;
            return Err(format!(
                "refund {} is shown as {} {}, which moves nothing",
                shown.id, status.id, status.info
            ));
        }
        let open = self
            .operations
            .iter_mut()
            .find(|one| Some(one.number) == place.operation && one.is_open());
        if let Some(one) = open {
            one.note = Some(format!("the gateway made refund {} instead", shown.id));
            one.end(OperationState::Refused, now);
            let cause = Cause::Operation(one.number);
            let failed = Moment { now, cause, lesson };
            self.part_learned(place.refund, place.split, PartState::Failed, failed);
        }
        for refund in &mut self.refunds {
            for part in refund.parts.iter_mut().filter(|part| part.gateway_id == Some(shown.id)) {
                part.gateway_id = None;
            }
        }
        let (parts, _) = self.parts_of_external(shown);
        let booked = Self::total(parts.iter().map(|part| part.amount));
        let money = |amount| Money::new(amount, shown.currency);
        if parts.is_empty() || booked != shown.amount {
            return Err(format!(
                "refund {} of {} takes more than the splits hold, which is {}",
                shown.id,
                money(shown.amount),
                money(booked)
            ));
        }
        let number = u16::try_from(self.refunds.len().saturating_add(1)).unwrap_or(u16::MAX);
        let splits: Vec<u16> = parts.iter().map(|part| part.split).collect();
        self.refunds.push(Refund {
            number,
            asked: None,
            plan: None,
            parts,
            adjusted: true,
            created_at: now,
            settled_at: None,
        });
        let cause = Cause::Operation(wish);
        for split in splits {
            self.part_learned(number, split, state, Moment { now, cause, lesson });
        }
        Ok(())
    }
}
