//! Finding the file's cents again: in the payments, in the balances, in the statements, and in the sandbox's own books.

use std::collections::BTreeMap;

use domain::money::Currency;
use serde::Serialize;

use super::paid::{Paid, together};
use super::play::Played;
use super::report::count;
use super::sandbox::{self, Entry, agreed, entry_of};
use super::stage::Statements;
use super::sums::Shares;
use crate::print::{grouped, money};

/// What the books say before and after.
#[derive(Debug)]
pub(super) struct Found {
    pub before: Shares,
    pub after: Shares,
    /// What the parties' statements come to.
    pub statements: Statements,
    /// The sandbox's payments by number, where it could be asked.
    pub sandbox: Option<BTreeMap<u64, Entry>>,
}

/// Something that must be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// What.
    pub what: String,
    /// Whether it is.
    pub holds: bool,
    /// The figures.
    pub detail: String,
}

impl Found {
    /// What other sales than the file's had brought before.
    pub fn others(&self, played: &Played) -> Shares {
        let had = together(played.payments.iter().map(|paid| paid.had.clone()));
        self.before.without(&had)
    }

    /// What of the balances is the file's.
    pub fn of_file(&self, played: &Played) -> Shares {
        self.after.without(&self.others(played))
    }

    /// Whether the sandbox's books have anything to say of these payments.
    pub fn is_compared(&self, played: &Played) -> bool {
        let knows = |paid: &Paid| {
            self.sandbox
                .as_ref()
                .is_some_and(|entries| entry_of(entries, paid).is_some())
        };
        self.sandbox.is_some() && played.payments.iter().any(|paid| !paid.already || knows(paid))
    }

    /// Every comparison; `file` is what the buyers of the file pay, in minor units.
    pub fn checks(&self, file: i64, played: &Played, currency: Currency) -> Vec<Check> {
        let amounts = |of: fn(&Paid) -> i64| {
            played
                .payments
                .iter()
                .fold(0_i64, |sum, paid| sum.saturating_add(of(paid)))
        };
        let asked = amounts(|paid| paid.payment.amount);
        let captured = amounts(|paid| paid.payment.amount_captured);
        let found = self.of_file(played).total();
        let same = |what: &str, one: i64, other: i64| Check {
            what: what.to_owned(),
            holds: one == other,
            detail: compared(one, other, currency),
        };
        let mut checks = vec![
            same("the file = its payments", file, asked),
            same("the file = what was captured", file, captured),
            same("the file = captured by sellers and marketplace", file, found.captured),
        ];
        if played.payments.iter().any(|paid| paid.refund.is_some()) {
            let wished = amounts(|paid| paid.refund.as_ref().map_or(0, |refund| refund.wish.amount));
            let refunds = amounts(|paid| paid.refund.as_ref().map_or(0, |refund| refund.amount));
            let refunded = amounts(|paid| paid.payment.amount_refunded);
            checks.push(same("refunds asked = refunds made", wished, refunds));
            checks.push(same("refunds asked = refunded of the payments", wished, refunded));
            checks.push(same(
                "refunds asked = refunded by sellers and marketplace",
                wished,
                found.refunded,
            ));
            let theirs = self
                .sandbox
                .as_ref()
                .and_then(|entries| sandbox::refunded(entries, played));
            checks.extend(theirs.map(|theirs| same("refunds asked = refunded in the sandbox's books", wished, theirs)));
        }
        checks.push(same(
            "captured − refunded ± adjusted = the balances",
            found.left(),
            found.balance,
        ));
        checks.push(self.split_by_split(played));
        checks.push(self.statement_by_statement());
        let books = self.sandbox.as_ref().filter(|_| self.is_compared(played));
        checks.extend(books.map(|entries| agreed(entries, played)));
        checks
    }

    fn split_by_split(&self, played: &Played) -> Check {
        let splits = together(played.payments.iter().map(|paid| paid.payment.shares()));
        let differ = self.of_file(played).differences(&splits);
        Check {
            what: "each balance = the splits of its payments".to_owned(),
            holds: differ == 0,
            detail: parties_compared(&splits, differ),
        }
    }

    /// Statements are whole: they are compared with whole balances, other sales' included.
    fn statement_by_statement(&self) -> Check {
        let Statements { shares, broken } = &self.statements;
        let differ = self.after.differences(shares);
        let mut detail = parties_compared(shares, differ);
        if let Some((party, why)) = broken.first_key_value() {
            detail.push_str(&format!(", {} do not add up ({party}: {why})", broken.len()));
        }
        Check {
            what: "each statement sums to its balance".to_owned(),
            holds: differ == 0 && broken.is_empty(),
            detail,
        }
    }
}

/// Two amounts that should be one.
pub(super) fn compared(one: i64, other: i64, currency: Currency) -> String {
    if one == other {
        money(one, currency)
    } else {
        format!("{} and not {}", money(one, currency), money(other, currency))
    }
}

fn parties_compared(shares: &Shares, differ: usize) -> String {
    let parties = count(shares.sellers.len().saturating_add(1));
    format!("{} compared, {differ} differ", grouped(parties))
}
