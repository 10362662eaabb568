//! Postings as rows. Most have one party: that of the credit side, else that of the debit side. So one index entry
//! tells each of them, and few need a second.

use std::fmt;
use std::str::FromStr;

use diesel::prelude::*;
use domain::ids::{IdError, OrderId, PaymentId, SettlementId};
use domain::ledger::{Account, Cause, Posting};
use domain::money::{Amount, Currency};
use domain::seller::Party;
use domain::time::Timestamp;

use crate::error::{StoreError, corrupt};
use crate::row::row;
use crate::schema::{payments, postings};
use crate::text;
use crate::tx::Tx;

row! {
    /// One posting.
    PostingRow, PostingArrays of postings {
        key { payment_id: String, version: i64, number: i32 }
        once {
            debit_account: String, credit_account: String, party: Option<String>, other_party: Option<String>,
            currency: String, amount: i64, split: Option<i32>, cause: String, operation: Option<i32>, reason: String,
            recorded_at: i64,
        }
        changes {}
    }
}

/// What a posting belongs to. The order is that of the texts, by which statements are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A payment.
    Payment(PaymentId),
    /// A payout that we were told of.
    Settlement(SettlementId),
}

/// A posting, where it stands in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPosting {
    /// What it belongs to.
    pub origin: Origin,
    /// The payment's version whose commit posted it; of a settlement 1.
    pub version: u64,
    /// Its number within the commit, from 1.
    pub number: u16,
    /// What moved.
    pub posting: Posting,
    /// The currency of its amount.
    pub currency: Currency,
    /// When it was written.
    pub recorded_at: Timestamp,
    /// The order that was paid; a settlement is of none.
    pub order: Option<OrderId>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payment(id) => id.fmt(f),
            Self::Settlement(id) => id.fmt(f),
        }
    }
}

impl FromStr for Origin {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.parse() {
            Ok(settlement) => Ok(Self::Settlement(settlement)),
            Err(IdError { .. }) => text.parse().map(Self::Payment),
        }
    }
}

impl PostingRow {
    /// The writer says when.
    pub fn of(
        origin: Origin,
        version: i64,
        number: i32,
        currency: Currency,
        posting: &Posting,
    ) -> Result<Self, StoreError> {
        if posting.amount == Amount::ZERO {
            return Err(corrupt(format_args!("{origin}: a posting of nothing")));
        }
        let (debit, credit) = (posting.debit.party(), posting.credit.party());
        let (party, other) = match (debit, credit) {
            (Some(debit), Some(credit)) if debit != credit => (Some(credit), Some(debit)),
            (debit, credit) => (credit.or(debit), None),
        };
        let (cause, operation) = match posting.cause {
            Cause::Operation(number) => ("operation", Some(i32::from(number))),
            Cause::External => ("external", None),
            Cause::Settlement => ("settlement", None),
        };
        Ok(Self {
            payment_id: origin.to_string(),
            version,
            number,
            debit_account: posting.debit.name().to_owned(),
            credit_account: posting.credit.name().to_owned(),
            party: party.map(Party::to_string),
            other_party: other.map(Party::to_string),
            currency: currency.to_string(),
            amount: posting.amount.get(),
            split: posting.split.map(i32::from),
            cause: cause.to_owned(),
            operation,
            reason: posting.reason.clone(),
            recorded_at: 0,
        })
    }
}

impl TryFrom<(PostingRow, Option<String>)> for StoredPosting {
    type Error = StoreError;

    fn try_from((row, order): (PostingRow, Option<String>)) -> Result<Self, StoreError> {
        let id = row.payment_id;
        let origin: Origin = text::id(&id)?;
        if matches!(origin, Origin::Payment(_)) != order.is_some() {
            return Err(corrupt(format_args!("{id}: a posting without its payment")));
        }
        let party = row.party.map(|party| text::id::<Party>(&party)).transpose()?;
        let other = row.other_party.map(|party| text::id::<Party>(&party)).transpose()?;
        let owner = |name: &str, party: Option<Party>| if is_of_a_party(name) { party } else { None };
        let account = |name: &str, party: Option<Party>| {
            Account::from_parts(name, owner(name, party)).ok_or_else(|| corrupt(format_args!("{id}: account {name}")))
        };
        let cause = match (row.cause.as_str(), row.operation) {
            ("operation", Some(number)) => Cause::Operation(text::number(number)?),
            ("external", None) => Cause::External,
            ("settlement", None) => Cause::Settlement,
            (cause, _) => return Err(corrupt(format_args!("{id}: cause {cause}"))),
        };
        let posting = Posting {
            debit: account(&row.debit_account, other.or_else(|| party.clone()))?,
            credit: account(&row.credit_account, party)?,
            amount: text::amount(row.amount)?,
            split: row.split.map(text::number).transpose()?,
            cause,
            reason: row.reason,
        };
        Ok(Self {
            origin,
            version: text::number(row.version)?,
            number: text::number(row.number)?,
            posting,
            currency: text::id(&row.currency)?,
            recorded_at: Timestamp::from_micros(row.recorded_at),
            order: order.map(|order| text::id(&order)).transpose()?,
        })
    }
}

impl Tx<'_> {
    /// What moved in the books because of one payment, in order.
    pub fn postings(&mut self, payment: PaymentId) -> Result<Vec<StoredPosting>, StoreError> {
        let rows = postings::table
            .inner_join(payments::table)
            .filter(postings::payment_id.eq(payment.to_string()))
            .order((postings::version, postings::number))
            .select((PostingRow::as_select(), payments::order_id.nullable()))
            .load::<(PostingRow, Option<String>)>(self.connection)?;
        rows.into_iter().map(StoredPosting::try_from).collect()
    }
}

/// Whether an account of this name belongs to somebody.
pub(crate) fn is_of_a_party(account: &str) -> bool {
    !matches!(account, "buyer" | "unallocated" | "suspense")
}
