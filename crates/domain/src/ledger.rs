//! The books: a posting moves one positive amount from one account to another (MONEY §4).

use serde::{Deserialize, Serialize};

use crate::money::Amount;
use crate::seller::Party;

/// An account that every party has, per currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Book {
    /// Authorized and not yet captured or released.
    Authorized,
    /// What the party has: its balance.
    Payable,
    /// On its way back to the buyer.
    Refunding,
    /// Disputed by the buyer.
    Disputed,
    /// Paid out to the party by the gateway.
    Settled,
}

/// One side of a posting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// The buyers.
    Buyer,
    /// Captured, and no split names its owner yet.
    Unallocated,
    /// Money the gateway shows that we cannot place.
    Suspense,
    /// A party's account.
    Of(Party, Book),
}

impl Account {
    /// The account's name without its party: `buyer`, `payable`, …
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Unallocated => "unallocated",
            Self::Suspense => "suspense",
            Self::Of(_, Book::Authorized) => "authorized",
            Self::Of(_, Book::Payable) => "payable",
            Self::Of(_, Book::Refunding) => "refunding",
            Self::Of(_, Book::Disputed) => "disputed",
            Self::Of(_, Book::Settled) => "settled",
        }
    }

    /// The party whose account it is.
    pub const fn party(&self) -> Option<&Party> {
        match self {
            Self::Of(party, _) => Some(party),
            Self::Buyer | Self::Unallocated | Self::Suspense => None,
        }
    }

    /// The account with this name and party, if there is one.
    pub fn from_parts(name: &str, party: Option<Party>) -> Option<Self> {
        let book = match (name, &party) {
            ("buyer", None) => return Some(Self::Buyer),
            ("unallocated", None) => return Some(Self::Unallocated),
            ("suspense", None) => return Some(Self::Suspense),
            ("authorized", Some(_)) => Book::Authorized,
            ("payable", Some(_)) => Book::Payable,
            ("refunding", Some(_)) => Book::Refunding,
            ("disputed", Some(_)) => Book::Disputed,
            ("settled", Some(_)) => Book::Settled,
            _ => return None,
        };
        party.map(|party| Self::Of(party, book))
    }
}

/// Why money moved in the books: never without confirmed evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// An operation of ours, by its number within the payment.
    Operation(u16),
    /// Something the gateway did on its own, or for somebody else.
    External,
    /// A payout that we were told of; it belongs to no payment.
    Settlement,
}

/// One debit account, one credit account, one positive amount, in the payment's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Where the amount comes from.
    pub debit: Account,
    /// Where it goes.
    pub credit: Account,
    /// Minor units of the payment's currency; never zero.
    pub amount: Amount,
    /// The split it belongs to, by number.
    pub split: Option<u16>,
    /// Why.
    pub cause: Cause,
    /// Why, in words a seller can read.
    pub reason: String,
}

/// What a party has in one currency, folded from its postings. Minor units; `adjusted` and `balance` may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Authorized and not yet captured or released.
    pub authorized: i64,
    /// Ever captured.
    pub captured: i64,
    /// On its way back.
    pub refunding: i64,
    /// Ever refunded.
    pub refunded: i64,
    /// Under dispute.
    pub disputed: i64,
    /// Lost in disputes.
    pub charged_back: i64,
    /// Moved between this party and the marketplace, where the gateway cannot.
    pub adjusted: i64,
    /// Paid out.
    pub settled: i64,
}

impl Balance {
    /// What is left: the account `payable` (MONEY §4). `None` on overflow, which the limits on amounts rule out.
    pub fn balance(&self) -> Option<i64> {
        [
            self.refunding,
            self.refunded,
            self.disputed,
            self.charged_back,
            self.settled,
        ]
        .iter()
        .try_fold(self.captured, |left, gone| left.checked_sub(*gone))?
        .checked_add(self.adjusted)
    }

    /// Adds `amount` moved from the account named `debit` to the one named `credit`, seen by the party that owns `side`.
    /// `None` on overflow or where no posting moves that way.
    pub fn fold(&mut self, debit: &str, credit: &str, side: Side, amount: i64) -> Option<()> {
        let add = |field: &mut i64, by: i64| -> Option<()> {
            *field = field.checked_add(by)?;
            Some(())
        };
        let less = amount.checked_neg()?;
        match (debit, credit, side) {
            ("buyer", "authorized", Side::Credit) => add(&mut self.authorized, amount),
            ("authorized", "buyer", Side::Debit) => add(&mut self.authorized, less),
            // One posting, two accounts of one party: told once, from the side that gains.
            ("authorized", "payable", Side::Debit) => add(&mut self.authorized, less),
            ("authorized" | "unallocated", "payable", Side::Credit) => add(&mut self.captured, amount),
            ("payable", "refunding", Side::Credit) => add(&mut self.refunding, amount),
            ("refunding", "payable", Side::Credit) => add(&mut self.refunding, less),
            ("refunding", "buyer", Side::Debit) => {
                add(&mut self.refunding, less)?;
                add(&mut self.refunded, amount)
            }
            ("payable", "disputed", Side::Credit) => add(&mut self.disputed, amount),
            ("disputed", "payable", Side::Credit) => add(&mut self.disputed, less),
            ("disputed", "buyer", Side::Debit) => {
                add(&mut self.disputed, less)?;
                add(&mut self.charged_back, amount)
            }
            ("payable", "payable", Side::Debit) => add(&mut self.adjusted, less),
            ("payable", "payable", Side::Credit) => add(&mut self.adjusted, amount),
            ("payable", "settled", Side::Credit) => add(&mut self.settled, amount),
            // The other side of a posting between two accounts of one party.
            ("payable", "refunding" | "disputed" | "settled", Side::Debit)
            | ("refunding" | "disputed", "payable", Side::Debit) => Some(()),
            _ => None,
        }
    }
}

/// Which side of a posting a party is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The amount leaves an account of the party.
    Debit,
    /// The amount enters an account of the party.
    Credit,
}
