//! What a party has: a checkpoint, and the postings since, folded when somebody looks. No row is written for it on the
//! way of a payment.
//!
//! A checkpoint is a cache. On SQLite it reaches up to the latest posting that was seen, because one writer stamps
//! strictly increasing moments. On PostgreSQL it trails, so that a posting that was stamped and is not committed yet
//! cannot be overtaken. It is folded again from the start after an hour and after a day, and replaced where it differs.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types;
use domain::ledger::{Balance, Side};
use domain::money::Currency;
use domain::planted::{Defect, planted};
use domain::seller::Party;

use crate::connection::{AnyConnection, MultiBackend};
use crate::error::{StoreError, corrupt};
use crate::postings::is_of_a_party;
use crate::schema::checkpoints;
use crate::settings::Backend;
use crate::text;
use crate::tx::Tx;

/// What should be done once a look is over.
#[derive(Debug)]
pub(crate) enum Note {
    /// Keep this checkpoint.
    Keep(Checkpoint),
    /// Fold this party's postings again from the start.
    Compare(Party),
}

/// A party's checkpoint: one row for each currency, all of them through the same moment.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint(Vec<CheckpointRow>);

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = checkpoints)]
struct CheckpointRow {
    party: String,
    currency: String,
    through: i64,
    postings: i64,
    authorized: i64,
    captured: i64,
    refunding: i64,
    refunded: i64,
    disputed: i64,
    charged_back: i64,
    adjusted: i64,
    settled: i64,
    begun_at: i64,
    checks: i32,
}

/// A checkpoint's moments, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Base {
    through: i64,
    begun_at: i64,
    checks: i32,
}

/// What was folded, by currency, with how many postings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums(BTreeMap<Currency, (Balance, i64)>);

/// Postings of one party that have the same effect, added up.
type Group = (String, String, String, bool, bool, i64, i64, i64);

impl Sums {
    /// Adds `count` postings of together `amount`, of which the party owns `side`.
    pub fn add(
        &mut self,
        currency: Currency,
        names: (&str, &str),
        side: Side,
        amount: i64,
        count: i64,
    ) -> Result<(), StoreError> {
        let (debit, credit) = names;
        let (balance, postings) = self.0.entry(currency).or_default();
        *postings = postings.saturating_add(count);
        balance
            .fold(debit, credit, side, amount)
            .ok_or_else(|| corrupt(format_args!("{debit} → {credit}: no such posting")))
    }

    /// By currency.
    pub fn into_balances(self) -> Vec<(Currency, Balance)> {
        self.0
            .into_iter()
            .map(|(currency, (balance, _))| (currency, balance))
            .collect()
    }
}

impl Checkpoint {
    fn of(party: &Party, sums: &Sums, base: Base) -> Self {
        let row = |(currency, (balance, postings)): (&Currency, &(Balance, i64))| CheckpointRow {
            party: party.to_string(),
            currency: currency.to_string(),
            through: base.through,
            postings: *postings,
            authorized: balance.authorized,
            captured: balance.captured,
            refunding: balance.refunding,
            refunded: balance.refunded,
            disputed: balance.disputed,
            charged_back: balance.charged_back,
            adjusted: balance.adjusted,
            settled: balance.settled,
            begun_at: base.begun_at,
            checks: base.checks,
        };
        Self(sums.0.iter().map(row).collect())
    }
}

impl CheckpointRow {
    fn balance(&self) -> Balance {
        Balance {
            authorized: self.authorized,
            captured: self.captured,
            refunding: self.refunding,
            refunded: self.refunded,
            disputed: self.disputed,
            charged_back: self.charged_back,
            adjusted: self.adjusted,
            settled: self.settled,
        }
    }
}

impl Tx<'_> {
    /// What a party has, by currency; currencies that never moved are left out.
    pub fn balances(&mut self, party: &Party) -> Result<Vec<(Currency, Balance)>, StoreError> {
        let found = self.checkpoint(party)?;
        let (base, mut sums) = match found {
            Some((base, sums)) => (Some(base), sums),
            None => (None, Sums::default()),
        };
        let now = self.now.micros();
        let horizon = match self.backend() {
            Backend::Sqlite => i64::MAX,
            Backend::Postgres => now.saturating_sub(HORIZON_MICROS),
        };
        let mut settled = sums.clone();
        let (mut folded, mut latest) = (0, 0);
        let again = i64::from(planted(Defect::CheckpointFoldsTwice));
        let after = base.map_or(BEFORE_ALL, |base| base.through - again);
        for group in self.groups(party, after, i64::MAX, horizon)? {
            add(&mut sums, &group)?;
            if group.settled {
                add(&mut settled, &group)?;
                folded += group.count;
                latest = latest.max(group.latest);
            }
        }
        if folded > FOLDED_MAX || planted(Defect::CheckpointFoldsTwice) {
            let (begun_at, checks) = match base {
                Some(base) if base.checks < CHECKS_AFTER_MICROS.len().try_into().unwrap_or(0) => {
                    (base.begun_at, base.checks)
                }
                _ => (now, 0),
            };
            let next = Base {
                through: latest.min(horizon),
                begun_at,
                checks,
            };
            self.notes.push(Note::Keep(Checkpoint::of(party, &settled, next)));
        }
        if base.is_some_and(|base| is_due(base, now)) {
            self.notes.push(Note::Compare(party.clone()));
        }
        Ok(sums.into_balances())
    }

    /// What a party had before a moment, in microseconds.
    pub(crate) fn balances_before(&mut self, party: &Party, moment: i64) -> Result<Sums, StoreError> {
        let usable = self.checkpoint(party)?.filter(|(base, _)| base.through < moment);
        let (through, mut sums) = usable.map_or((BEFORE_ALL, Sums::default()), |(base, sums)| (base.through, sums));
        for group in self.groups(party, through, moment.saturating_sub(1), i64::MAX)? {
            add(&mut sums, &group)?;
        }
        Ok(sums)
    }

    /// A party's checkpoint, folded again from the start: what should be kept instead.
    pub(crate) fn compared(&mut self, party: &Party) -> Result<Option<Note>, StoreError> {
        let Some((base, kept)) = self.checkpoint(party)? else {
            return Ok(None);
        };
        if !is_due(base, self.now.micros()) {
            return Ok(None);
        }
        let mut sums = Sums::default();
        for group in self.groups(party, BEFORE_ALL, base.through, i64::MAX)? {
            add(&mut sums, &group)?;
        }
        if sums != kept {
            metrics::counter!("store_checkpoints_replaced_total").increment(1);
            tracing::error!(%party, "a checkpoint differed from the postings it was folded from, and is replaced");
        }
        let next = Base {
            checks: base.checks.saturating_add(1),
            ..base
        };
        Ok(Some(Note::Keep(Checkpoint::of(party, &sums, next))))
    }

    /// Keeps a checkpoint unless one that reaches further is there.
    pub(crate) fn keep(&mut self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let Some(first) = checkpoint.0.first() else {
            return Ok(());
        };
        let older = checkpoints::through.lt(first.through).or(checkpoints::through
            .eq(first.through)
            .and(checkpoints::checks.lt(first.checks)));
        let of_party = checkpoints::table.filter(checkpoints::party.eq(&first.party));
        diesel::delete(of_party.filter(older)).execute(self.connection)?;
        let others: i64 = of_party.count().get_result(self.connection)?;
        if others > 0 {
            return Ok(());
        }
        for row in &checkpoint.0 {
            diesel::insert_into(checkpoints::table)
                .values(row)
                .execute(self.connection)?;
        }
        Ok(())
    }

    /// A party's checkpoint. One whose rows do not agree is no checkpoint.
    fn checkpoint(&mut self, party: &Party) -> Result<Option<(Base, Sums)>, StoreError> {
        let rows = checkpoints::table
            .filter(checkpoints::party.eq(party.to_string()))
            .select(CheckpointRow::as_select())
            .load(self.connection)?;
        let Some(first) = rows.first() else { return Ok(None) };
        let base = Base {
            through: first.through,
            begun_at: first.begun_at,
            checks: first.checks,
        };
        if rows.iter().any(|row| row.through != base.through) {
            return Ok(None);
        }
        let mut sums = Sums::default();
        for row in &rows {
            sums.0.insert(text::id(&row.currency)?, (row.balance(), row.postings));
        }
        Ok(Some((base, sums)))
    }

    /// A party's postings after one moment and up to another, added up; apart those up to the horizon.
    fn groups(&mut self, party: &Party, after: i64, until: i64, horizon: i64) -> Result<Vec<Added>, StoreError> {
        let party = party.to_string();
        let own = Fold::<false> {
            party: party.clone(),
            after,
            until,
            horizon,
        }
        .load::<Group>(self.connection)?;
        let other = Fold::<true> {
            party,
            after,
            until,
            horizon,
        }
        .load::<Group>(self.connection)?;
        let mut added = Vec::with_capacity(own.len());
        for (is_other, (currency, debit, credit, shared, settled, amount, count, latest)) in own
            .into_iter()
            .map(|group| (false, group))
            .chain(other.into_iter().map(|group| (true, group)))
        {
            let sides = sides(&debit, &credit, shared, is_other);
            added.push(Added {
                currency: text::id(&currency)?,
                debit,
                credit,
                sides,
                settled,
                amount,
                count,
                latest,
            });
        }
        Ok(added)
    }
}

/// Postings that have the same effect on one party.
struct Added {
    currency: Currency,
    debit: String,
    credit: String,
    sides: [Option<Side>; 2],
    settled: bool,
    amount: i64,
    count: i64,
    latest: i64,
}

/// Which sides of a posting are a party's: `shared` with another party, and whether it is that `other` one.
pub(crate) fn sides(debit: &str, credit: &str, shared: bool, other: bool) -> [Option<Side>; 2] {
    let debits = is_of_a_party(debit) && (other || !shared);
    let credits = is_of_a_party(credit) && !other;
    [debits.then_some(Side::Debit), credits.then_some(Side::Credit)]
}

fn add(sums: &mut Sums, group: &Added) -> Result<(), StoreError> {
    // Counted once, whichever side it is seen from.
    let mut count = group.count;
    for side in group.sides.into_iter().flatten() {
        sums.add(group.currency, (&group.debit, &group.credit), side, group.amount, count)?;
        count = 0;
    }
    Ok(())
}

/// Whether a line of checkpoints is old enough for its next comparison.
fn is_due(base: Base, now: i64) -> bool {
    let checks = usize::try_from(base.checks).unwrap_or(usize::MAX);
    CHECKS_AFTER_MICROS
        .get(checks)
        .is_some_and(|after| now.saturating_sub(base.begun_at) >= *after)
}

/// Adds up the postings of a party, or those in which it is the other party. Moments in microseconds.
#[derive(Debug)]
struct Fold<const OTHER: bool> {
    party: String,
    after: i64,
    until: i64,
    horizon: i64,
}

impl<const OTHER: bool> QueryFragment<MultiBackend> for Fold<OTHER> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT currency, debit_account, credit_account, other_party IS NOT NULL, recorded_at <= ");
        out.push_bind_param::<sql_types::BigInt, i64>(&self.horizon)?;
        out.push_sql(", CAST(SUM(amount) AS BIGINT), COUNT(*), MAX(recorded_at) FROM postings WHERE ");
        out.push_sql(if OTHER { "other_party = " } else { "party = " });
        out.push_bind_param::<sql_types::Text, String>(&self.party)?;
        out.push_sql(" AND recorded_at > ");
        out.push_bind_param::<sql_types::BigInt, i64>(&self.after)?;
        out.push_sql(" AND recorded_at <= ");
        out.push_bind_param::<sql_types::BigInt, i64>(&self.until)?;
        out.push_sql(" GROUP BY 1, 2, 3, 4, 5");
        Ok(())
    }
}

impl<const OTHER: bool> QueryId for Fold<OTHER> {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const OTHER: bool> Query for Fold<OTHER> {
    type SqlType = (
        sql_types::Text,
        sql_types::Text,
        sql_types::Text,
        sql_types::Bool,
        sql_types::Bool,
        sql_types::BigInt,
        sql_types::BigInt,
        sql_types::BigInt,
    );
}

impl<const OTHER: bool> RunQueryDsl<AnyConnection> for Fold<OTHER> {}

/// Earlier than any posting.
const BEFORE_ALL: i64 = -1;

/// How many postings a look may fold before it leaves a checkpoint for the next.
const FOLDED_MAX: i64 = 1_000;

/// How far a checkpoint trails on PostgreSQL, in microseconds: ten minutes.
const HORIZON_MICROS: i64 = 600_000_000;

/// A commit that has been on its way for so many microseconds forbids new checkpoints.
pub(crate) const STALLED_MICROS: i64 = HORIZON_MICROS / 4;

/// After how many microseconds a line of checkpoints is compared: an hour, and a day.
const CHECKS_AFTER_MICROS: [i64; 2] = [3_600_000_000, 86_400_000_000];
