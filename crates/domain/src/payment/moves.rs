//! What moves in the books when a payment is authorized, captured, released or disputed (MONEY §4).

use super::{Learning, Lesson, Payment, Phase};
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState};
use crate::ledger::{Account, Book, Cause, Posting};
use crate::money::Amount;
use crate::operation::{Operation, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::split::Split;

impl Payment {
    pub(super) fn authorize_all(&mut self, lesson: &mut Lesson) {
        let cause = self.create_cause();
        self.each_split(lesson, cause, |split| {
            let amount = split.amount.saturating_sub(split.amount_authorized);
            split.amount_authorized = split.amount;
            vec![(
                Account::Buyer,
                of(split, Book::Authorized),
                amount,
                "authorized by the buyer",
            )]
        });
    }

    pub(super) fn release_all(&mut self, lesson: &mut Lesson) {
        let cancel = |one: &&Operation| one.work == Work::Cancel && one.is_open();
        let cancel = self.operations.iter().find(cancel);
        let cause = cancel.map_or(Cause::External, |one| Cause::Operation(one.number));
        self.each_split(lesson, cause, |split| {
            let amount = split.amount_authorized.saturating_sub(split.amount_captured);
            split.amount_authorized = split.amount_captured;
            vec![(
                of(split, Book::Authorized),
                Account::Buyer,
                amount,
                "released: it was not captured",
            )]
        });
    }

    /// The whole of what the buyer has not got back is disputed, because a dispute names no split (MONEY §4).
    pub(super) fn dispute_all(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        if matches!(self.phase, Phase::Disputed | Phase::ChargedBack) && !planted(Defect::DisputeBookedTwice) {
            return;
        }
        self.stop_unsent_refunds(learning, lesson);
        self.each_split(lesson, Cause::External, |split| {
            vec![(
                of(split, Book::Payable),
                of(split, Book::Disputed),
                held(split),
                "disputed by the buyer",
            )]
        });
        let detail = "disputed; the gateway names no split, so every split's share is disputed".to_owned();
        self.report(
            DiscrepancyKind::Disputed,
            DiscrepancyState::Open,
            detail,
            learning,
            lesson,
        );
        self.phase = Phase::Disputed;
    }

    /// A refund beside a dispute would give the money back twice: what never left is not sent any more.
    fn stop_unsent_refunds(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        let unsent =
            |one: &&mut Operation| matches!(one.work, Work::Refund { .. }) && one.state == OperationState::Ready;
        let mut stopped = Vec::new();
        for one in self.operations.iter_mut().filter(unsent) {
            one.note = Some("the payment is disputed; a refund now would give the money back twice".to_owned());
            // One that was sent, and of which nothing came, is never attempted again under its own name.
            let state = match one.attempt {
                None => OperationState::NotSent,
                Some(_) => OperationState::Refused,
            };
            stopped.push((one.number, state));
        }
        for (number, state) in stopped {
            self.end_unmoved(number, state, learning.now, lesson);
        }
    }

    /// While a payment is disputed, all that its splits hold is: what a split gains or loses meanwhile follows.
    pub(super) fn dispute_follows(&self, number: u16, before: Amount, lesson: &mut Lesson) {
        let split = self.splits.iter().find(|one| one.number == number);
        let Some(split) = split.filter(|_| self.phase == Phase::Disputed) else {
            return;
        };
        let [payable, disputed] = [Book::Payable, Book::Disputed].map(|book| of(split, book));
        let (now, number) = (held(split), Some(number));
        let less = before.saturating_sub(now);
        let reason = "on its way back to the buyer already";
        self.post(
            lesson,
            disputed.clone(),
            payable.clone(),
            less,
            number,
            Cause::External,
            reason,
        );
        let more = now.saturating_sub(before);
        let reason = "disputed by the buyer";
        self.post(lesson, payable, disputed, more, number, Cause::External, reason);
    }

    pub(super) fn end_dispute(&mut self, learning: &Learning<'_>, lesson: &mut Lesson) {
        if self.phase == Phase::Disputed && !planted(Defect::DisputeWonNotReversed) {
            self.close(&[DiscrepancyKind::Disputed], "the dispute was won", learning.now);
            self.each_split(lesson, Cause::External, |split| {
                vec![(
                    of(split, Book::Disputed),
                    of(split, Book::Payable),
                    held(split),
                    "the dispute was won",
                )]
            });
        }
    }

    pub(super) fn lose_dispute(&mut self, lesson: &mut Lesson) {
        if self.phase == Phase::Disputed {
            self.each_split(lesson, Cause::External, |split| {
                let all = planted(Defect::ChargebackOfEverything);
                let amount = if all { split.amount_captured } else { held(split) };
                split.amount_charged_back = split.amount_charged_back.checked_add(amount).unwrap_or(amount);
                vec![(
                    of(split, Book::Disputed),
                    Account::Buyer,
                    amount,
                    "the dispute was lost",
                )]
            });
            let lost = std::mem::replace(&mut self.amount_unallocated, Amount::ZERO);
            let (from, reason) = (Account::Unallocated, "the dispute was lost; no split named its owner");
            self.post(lesson, from, Account::Buyer, lost, None, Cause::External, reason);
            self.phase = Phase::ChargedBack;
        }
    }

    /// The create, unless it was given up before: then the gateway did it on its own.
    pub(super) fn create_cause(&self) -> Cause {
        match self.authorize() {
            Some(create) if create.state == OperationState::Done => Cause::Operation(create.number),
            _ => Cause::External,
        }
    }

    /// Changes every split and posts what the change moves.
    pub(super) fn each_split(
        &mut self,
        lesson: &mut Lesson,
        cause: Cause,
        change: impl Fn(&mut Split) -> Vec<(Account, Account, Amount, &'static str)>,
    ) {
        let mut moves = Vec::new();
        for split in &mut self.splits {
            moves.extend(change(split).into_iter().map(|one| (split.number, one)));
        }
        for (number, (debit, credit, amount, reason)) in moves {
            self.post(lesson, debit, credit, amount, Some(number), cause, reason);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a posting has this many columns; a struct would only name them twice"
    )]
    pub(super) fn post(
        &self,
        lesson: &mut Lesson,
        debit: Account,
        credit: Account,
        amount: Amount,
        split: Option<u16>,
        cause: Cause,
        reason: &str,
    ) {
        if !amount.is_zero() {
            lesson.postings.push(Posting {
                debit,
                credit,
                amount,
                split,
                cause,
                reason: reason.to_owned(),
            });
        }
    }
}

fn of(split: &Split, book: Book) -> Account {
    Account::Of(split.party.clone(), book)
}

/// What a split holds and has not given back.
pub(super) fn held(split: &Split) -> Amount {
    let gone = [split.amount_refunding, split.amount_refunded, split.amount_charged_back];
    split
        .amount_captured
        .saturating_sub(Amount::sum(gone).unwrap_or(split.amount_captured))
}
