//! What moves in the books when a payment is authorized, captured, released or disputed (MONEY §4).

use super::{Learning, Lesson, Payment, Phase};
use crate::discrepancy::{DiscrepancyKind, DiscrepancyState};
use crate::ledger::{Account, Book, Cause, Posting};
use crate::money::Amount;
use crate::operation::OperationState;
use crate::split::Split;

impl Payment {
    pub(super) fn authorize_all(&mut self, lesson: &mut Lesson) {
        self.each_split(lesson, |split| {
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

    pub(super) fn capture_all(&mut self, lesson: &mut Lesson) {
        self.authorize_all(lesson);
        self.each_split(lesson, |split| {
            let amount = split.amount.saturating_sub(split.amount_captured);
            split.amount_captured = split.amount;
            vec![(
                of(split, Book::Authorized),
                of(split, Book::Payable),
                amount,
                "paid by the buyer",
            )]
        });
    }

    pub(super) fn release_all(&mut self, lesson: &mut Lesson) {
        self.each_split(lesson, |split| {
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
        if matches!(self.phase, Phase::Disputed | Phase::ChargedBack) {
            return;
        }
        self.each_split(lesson, |split| {
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

    pub(super) fn end_dispute(&mut self, lesson: &mut Lesson) {
        if self.phase == Phase::Disputed {
            self.each_split(lesson, |split| {
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
            self.each_split(lesson, |split| {
                let amount = held(split);
                split.amount_charged_back = split.amount_charged_back.checked_add(amount).unwrap_or(amount);
                vec![(
                    of(split, Book::Disputed),
                    Account::Buyer,
                    amount,
                    "the dispute was lost",
                )]
            });
            self.phase = Phase::ChargedBack;
        }
    }

    /// Changes every split and posts what the change moves.
    fn each_split(
        &mut self,
        lesson: &mut Lesson,
        change: impl Fn(&mut Split) -> Vec<(Account, Account, Amount, &'static str)>,
    ) {
        let late = self
            .authorize()
            .is_none_or(|operation| operation.state != OperationState::Done);
        let mut moves = Vec::new();
        for split in &mut self.splits {
            moves.extend(change(split).into_iter().map(|one| (split.number, one)));
        }
        for (number, (debit, credit, amount, reason)) in moves {
            let disputed = [&debit, &credit]
                .iter()
                .any(|account| matches!(account, Account::Of(_, Book::Disputed)));
            let cause = if late || disputed {
                Cause::External
            } else {
                Cause::Operation(1)
            };
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
fn held(split: &Split) -> Amount {
    let gone = [split.amount_refunding, split.amount_refunded, split.amount_charged_back];
    split
        .amount_captured
        .saturating_sub(Amount::sum(gone).unwrap_or(split.amount_captured))
}
