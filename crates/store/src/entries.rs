//! A party's statement: its postings in the order in which they were recorded.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::ledger::{Balance, Side};
use domain::money::Currency;
use domain::seller::Party;
use domain::time::Timestamp;

use crate::connection::MultiBackend;
use crate::error::{StoreError, corrupt};
use crate::postings::{Origin, PostingRow, StoredPosting};
use crate::schema::{payments, postings};
use crate::text;
use crate::tx::Tx;

/// Which part of a statement to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Only this currency.
    pub currency: Option<Currency>,
    /// Recorded at this moment or later.
    pub from: Option<Timestamp>,
    /// Recorded before this moment.
    pub to: Option<Timestamp>,
    /// Only what comes after this entry.
    pub after: Option<EntryCursor>,
    /// Only what comes before this entry.
    pub before: Option<EntryCursor>,
    /// At most so many.
    pub limit: usize,
    /// Which, where there are more: the newest, or else the oldest. They are listed oldest first all the same, because
    /// a running balance is read that way.
    pub newest: bool,
}

/// Where an entry stands in every statement it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryCursor {
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it belongs to.
    pub origin: Origin,
    /// The payment's version whose commit posted it; of a settlement 1.
    pub version: u64,
    /// Its number within that commit.
    pub number: u16,
}

/// A part of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryPage {
    /// What the party had before the first entry, by currency.
    pub start: Vec<(Currency, Balance)>,
    /// In the order of [`EntryCursor`].
    pub entries: Vec<StoredPosting>,
}

impl StoredPosting {
    /// Where it stands.
    #[must_use]
    pub fn cursor(&self) -> EntryCursor {
        let Self {
            recorded_at,
            origin,
            version,
            number,
            ..
        } = *self;
        EntryCursor {
            recorded_at,
            origin,
            version,
            number,
        }
    }

    /// Adds it to what `party` has in its currency. `None` where no posting moves that way.
    pub fn fold_into(&self, balance: &mut Balance, party: &Party) -> Option<()> {
        let (debit, credit) = (&self.posting.debit, &self.posting.credit);
        let amount = self.posting.amount.get();
        if debit.party() == Some(party) {
            balance.fold(debit.name(), credit.name(), Side::Debit, amount)?;
        }
        if credit.party() == Some(party) {
            balance.fold(debit.name(), credit.name(), Side::Credit, amount)?;
        }
        Some(())
    }
}

/// A party's postings by the index on one of the two party columns.
macro_rules! entries {
    ($tx:expr, $column:ident, $party:expr, $filter:expr) => {{
        let filter: &EntryFilter = $filter;
        let mut query = postings::table
            .left_join(payments::table)
            .filter(postings::$column.eq($party))
            .limit(text::limit(filter.limit))
            .select((PostingRow::as_select(), payments::order_id.nullable()))
            .into_boxed::<MultiBackend>();
        query = if filter.newest {
            let (at, id) = (postings::recorded_at.desc(), postings::payment_id.desc());
            query.order((at, id, postings::version.desc(), postings::number.desc()))
        } else {
            query.order((
                postings::recorded_at,
                postings::payment_id,
                postings::version,
                postings::number,
            ))
        };
        if let Some(currency) = filter.currency {
            query = query.filter(postings::currency.eq(currency.code()));
        }
        if let Some(from) = filter.from {
            query = query.filter(postings::recorded_at.ge(from.micros()));
        }
        if let Some(to) = filter.to {
            query = query.filter(postings::recorded_at.lt(to.micros()));
        }
        // The first condition of each is what the index is searched by.
        if let Some(after) = filter.after {
            let (at, id, version, number) = keys(after)?;
            let same = postings::payment_id.eq(id.clone()).and(
                postings::version
                    .gt(version)
                    .or(postings::version.eq(version).and(postings::number.gt(number))),
            );
            let later = postings::recorded_at.gt(at).or(postings::payment_id.gt(id).or(same));
            query = query.filter(postings::recorded_at.ge(at)).filter(later);
        }
        if let Some(before) = filter.before {
            let (at, id, version, number) = keys(before)?;
            let same = postings::payment_id.eq(id.clone()).and(
                postings::version
                    .lt(version)
                    .or(postings::version.eq(version).and(postings::number.lt(number))),
            );
            let earlier = postings::recorded_at.lt(at).or(postings::payment_id.lt(id).or(same));
            query = query.filter(postings::recorded_at.le(at)).filter(earlier);
        }
        query.load::<(PostingRow, Option<String>)>($tx.connection)?
    }};
}

impl Tx<'_> {
    /// A part of a party's statement, and what the party had before it.
    pub fn entries(&mut self, party: &Party, filter: &EntryFilter) -> Result<EntryPage, StoreError> {
        let entries = self.listed(party, filter)?;
        let start = match entries.first() {
            Some(first) => self.start(party, first.cursor())?,
            None => Vec::new(),
        };
        let start = start
            .into_iter()
            .filter(|(currency, _)| filter.currency.is_none_or(|wanted| wanted == *currency));
        Ok(EntryPage {
            start: start.collect(),
            entries,
        })
    }

    fn listed(&mut self, party: &Party, filter: &EntryFilter) -> Result<Vec<StoredPosting>, StoreError> {
        let name = party.to_string();
        let mut rows = entries!(self, party, &name, filter);
        rows.extend(entries!(self, other_party, &name, filter));
        let mut entries: Vec<StoredPosting> = rows
            .into_iter()
            .map(StoredPosting::try_from)
            .collect::<Result<_, _>>()?;
        entries.sort_by_key(StoredPosting::cursor);
        if filter.newest {
            entries.drain(..entries.len().saturating_sub(filter.limit));
        } else {
            entries.truncate(filter.limit);
        }
        Ok(entries)
    }

    /// What a party had before an entry.
    fn start(&mut self, party: &Party, first: EntryCursor) -> Result<Vec<(Currency, Balance)>, StoreError> {
        let mut start: BTreeMap<Currency, Balance> = self
            .balances_before(party, first.recorded_at.micros())?
            .into_balances()
            .into_iter()
            .collect();
        // Those that were recorded at the same moment and come before it.
        let (from, before) = (Some(first.recorded_at), Some(first));
        let same = EntryFilter {
            from,
            before,
            limit: SAME_MOMENT_MAX,
            ..EntryFilter::default()
        };
        for entry in self.listed(party, &same)? {
            let balance = start.entry(entry.currency).or_default();
            entry
                .fold_into(balance, party)
                .ok_or_else(|| corrupt("an entry that moves no balance"))?;
        }
        Ok(start.into_iter().collect())
    }
}

/// A cursor as columns.
fn keys(cursor: EntryCursor) -> Result<(i64, String, i64, i32), StoreError> {
    let EntryCursor {
        recorded_at,
        origin,
        version,
        number,
    } = cursor;
    Ok((
        recorded_at.micros(),
        origin.to_string(),
        text::number(version)?,
        i32::from(number),
    ))
}

/// More postings than are ever recorded at one moment: one commit's, of each of a few writers.
const SAME_MOMENT_MAX: usize = 10_000;
