//! A batch on PostgreSQL: one statement, whose parts write one table each, in one order. Everything else depends on
//! whether its payment has won: who loses there has written nothing. Who loses later makes the batch run again without it.
//! A lone commit can also be written part by part: a distributed PostgreSQL does not write several tables at once.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Integer, Nullable, Text};
use diesel::{PgConnection, QueryResult, RunQueryDsl};

use super::prepare::{Guard, Prepared};
use super::{Stop, Verdict};
use crate::claims::ClaimRow;
use crate::discrepancies::DiscrepancyRow;
use crate::operations::OperationRow;
use crate::payments::PaymentRow;
use crate::refunds::RefundRow;
use crate::row::{Guarded, List, Row};
use crate::splits::SplitRow;
use crate::statement::{self, InsertMany, Owners, UpdateMany};

/// Writes each commit that can be written; `apart`, which is for one alone, with a statement for each table.
pub(super) fn write(connection: &mut PgConnection, commits: &[&Prepared], apart: bool) -> Result<Vec<Verdict>, Stop> {
    let batch = Batch::of(commits, apart);
    let written = if apart {
        batch.write_apart(connection)
    } else {
        batch.write(connection)
    };
    // Whoever may lose answers that; anything else that is taken contradicts what is there.
    let written = written.map_err(Stop::contradiction)?;
    let (mut verdicts, mut stained) = (Vec::with_capacity(commits.len()), Vec::new());
    for (place, commit) in commits.iter().enumerate() {
        let is_begun = written.guard(commit.payment.as_ref());
        let won = is_begun && written.contested(commit);
        if is_begun && !won && (commit.payment.is_some() || commit.settlement.is_some()) {
            stained.push(place);
        }
        verdicts.push(if won { Verdict::Won } else { Verdict::Lost });
    }
    if !stained.is_empty() {
        return Err(Stop::Lost(stained));
    }
    let winners = commits
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| **verdict == Verdict::Won);
    for (commit, _) in winners {
        written.all_changed(commit)?;
    }
    Ok(verdicts)
}

/// The one statement.
struct Batch<'a> {
    parts: Vec<Part<'a>>,
    /// Whether each part is a statement by itself.
    apart: bool,
}

/// What writes one table, and answers the names of the rows that were written.
struct Part<'a> {
    table: &'static str,
    /// Whether its rows were there before.
    changes: bool,
    /// Whether its answer is needed.
    may_lose: bool,
    rows: usize,
    statement: Box<dyn QueryFragment<Pg> + 'a>,
}

/// How many rows were written: by table, whether they were there before, and the first column of their key.
#[derive(Default)]
struct Written(HashMap<(&'static str, bool, String), usize>);

impl<'a> Batch<'a> {
    fn of(commits: &'a [&'a Prepared], apart: bool) -> Self {
        assert!(
            !apart || commits.len() == 1,
            "only a lone commit is written part by part"
        );
        let parts = Vec::new();
        let mut batch = Self { parts, apart };
        batch.guarded(commits, |commit| commit.payment.as_ref(), false);
        batch.insert(commits, |commit| &commit.claims_taken, true);
        batch.release(commits);
        batch.insert(commits, |commit| &commit.operations.new, true);
        batch.insert(commits, |commit| commit.settlement.as_slice(), true);
        batch.guarded(commits, |commit| commit.notification.as_ref(), true);
        batch.update(commits, |commit| &commit.operations.changed);
        batch.insert(commits, |commit| commit.sale.as_slice(), false);
        batch.update(commits, |commit| &commit.splits.changed);
        batch.insert(commits, |commit| &commit.splits.new, false);
        batch.update(commits, |commit| &commit.refunds.changed);
        batch.insert(commits, |commit| &commit.refunds.new, false);
        batch.update(commits, |commit| &commit.discrepancies.changed);
        batch.insert(commits, |commit| &commit.discrepancies.new, false);
        batch.insert(commits, |commit| commit.postings_of(false), false);
        // A settlement that is told again is there with its posting: it has lost, and is not damaged.
        batch.insert(commits, |commit| commit.postings_of(true), true);
        batch.insert(commits, |commit| commit.events.as_slice(), false);
        // Those that are there already are kept, and nobody has lost: behind everything that a loss would stop.
        batch.insert(commits, |commit| commit.card.as_slice(), true);
        batch
    }

    /// All at once.
    fn write(&self, connection: &mut PgConnection) -> QueryResult<Written> {
        let mut written = Written::default();
        if self.parts.is_empty() {
            return Ok(written);
        }
        let rows: Vec<(i32, Option<Vec<String>>)> = self.load(connection)?;
        for (number, names) in rows {
            if let Some(part) = usize::try_from(number).ok().and_then(|place| self.parts.get(place)) {
                written.add(part, names.unwrap_or_default());
            }
        }
        Ok(written)
    }

    /// One part after the other, as far as nobody else was faster.
    fn write_apart(&self, connection: &mut PgConnection) -> QueryResult<Written> {
        let mut written = Written::default();
        for part in &self.parts {
            let names: Vec<String> = part.load(connection)?;
            let is_whole = names.len() == part.rows;
            written.add(part, names);
            if part.may_lose && !is_whole {
                break;
            }
        }
        Ok(written)
    }

    /// New rows and guarded changes of one table. Those of payments depend on nothing.
    fn guarded<R: Guarded>(
        &mut self,
        commits: &'a [&'a Prepared],
        pick: impl Fn(&'a Prepared) -> Option<&'a Guard<R>>,
        owned: bool,
    ) {
        let (mut new, mut changed, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for commit in commits {
            match pick(commit) {
                Some(Guard { row, expected: None }) => new.push((row, owner(commit))),
                Some(Guard {
                    row,
                    expected: Some(value),
                }) => {
                    changed.push((row, owner(commit)));
                    expected.push(*value);
                }
                None => {}
            }
        }
        let (rows, owners) = arrays(&new);
        let owners = (owned && !self.apart).then_some(owners);
        let may_lose = true;
        self.push::<R>(&new, [false, true], InsertMany::<R> { rows, owners, may_lose });
        let (rows, owners) = arrays(&changed);
        let (owners, guards) = ((owned && !self.apart).then_some(owners), Some((R::GUARD, expected)));
        self.push::<R>(&changed, [true, true], UpdateMany::<R> { rows, owners, guards });
    }

    fn insert<R: Row>(&mut self, commits: &'a [&'a Prepared], pick: impl Fn(&'a Prepared) -> &'a [R], may_lose: bool) {
        let new = owned(commits, pick);
        let (rows, owners) = arrays(&new);
        let owners = (!self.apart).then_some(owners);
        self.push::<R>(&new, [false, may_lose], InsertMany::<R> { rows, owners, may_lose });
    }

    fn update<R: Row>(&mut self, commits: &'a [&'a Prepared], pick: impl Fn(&'a Prepared) -> &'a [R]) {
        let changed = owned(commits, pick);
        let (rows, owners) = arrays(&changed);
        let (owners, guards) = ((!self.apart).then_some(owners), None);
        self.push::<R>(&changed, [true, true], UpdateMany::<R> { rows, owners, guards });
    }

    fn release(&mut self, commits: &'a [&'a Prepared]) {
        let released = owned(commits, |commit| &commit.claims_released);
        let (rows, owners) = arrays(&released);
        let owners = (!self.apart).then_some(owners);
        self.push::<ClaimRow>(&released, [true, false], Release { rows, owners });
    }

    fn push<R: Row>(
        &mut self,
        rows: &[Owned<'a, R>],
        [changes, may_lose]: [bool; 2],
        statement: impl QueryFragment<Pg> + 'a,
    ) {
        if !rows.is_empty() {
            self.parts.push(Part {
                table: R::TABLE,
                changes,
                may_lose,
                rows: rows.len(),
                statement: Box::new(statement),
            });
        }
    }
}

impl Written {
    fn add(&mut self, part: &Part<'_>, names: Vec<String>) {
        for name in names {
            let count = self.0.entry((part.table, part.changes, name)).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Everything that somebody else may have been faster with, besides the payment.
    fn contested(&self, commit: &Prepared) -> bool {
        commit.claims_taken.iter().all(|claim| self.count(claim, false) > 0)
            && self.all(&commit.operations.new, false)
            && self.all(commit.settlement.as_slice(), false)
            && self.guard(commit.notification.as_ref())
    }

    fn all_changed(&self, commit: &Prepared) -> Result<(), Stop> {
        let missing = if !self.all(&commit.operations.changed, true) {
            OperationRow::TABLE
        } else if !self.all(&commit.splits.changed, true) {
            SplitRow::TABLE
        } else if !self.all(&commit.refunds.changed, true) {
            RefundRow::TABLE
        } else if !self.all(&commit.discrepancies.changed, true) {
            DiscrepancyRow::TABLE
        } else {
            return Ok(());
        };
        Err(Stop::corrupt(format!("a row of {missing} to change is not there")))
    }

    fn guard<R: Guarded>(&self, guard: Option<&Guard<R>>) -> bool {
        guard.is_none_or(|guard| self.count(&guard.row, guard.expected.is_some()) > 0)
    }

    /// Whether all of these rows of one payment were written.
    fn all<R: Row>(&self, rows: &[R], changes: bool) -> bool {
        rows.first().is_none_or(|row| self.count(row, changes) == rows.len())
    }

    fn count<R: Row>(&self, row: &R, changes: bool) -> usize {
        let written = self.0.get(&(R::TABLE, changes, row.name().clone()));
        written.copied().unwrap_or_default()
    }
}

/// A row, and the payment on whose fate it depends.
type Owned<'a, R> = (&'a R, Option<&'a String>);

fn owned<'a, R>(commits: &'a [&'a Prepared], pick: impl Fn(&'a Prepared) -> &'a [R]) -> Vec<Owned<'a, R>> {
    let rows = commits.iter().map(|commit| (pick(commit), owner(commit)));
    rows.flat_map(|(rows, owner)| rows.iter().map(move |row| (row, owner)))
        .collect()
}

fn owner(commit: &Prepared) -> Option<&String> {
    commit.payment.as_ref().map(|guard| &guard.row.payment_id)
}

fn arrays<'a, R: Row>(owned: &[Owned<'a, R>]) -> (R::Arrays<'a>, Owners<'a>) {
    let rows: Vec<&R> = owned.iter().map(|(row, _)| *row).collect();
    (R::arrays(&rows), owned.iter().map(|(_, owner)| *owner).collect())
}

impl QueryFragment<Pg> for Batch<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let payments = self.parts.iter().filter(|part| part.table == PaymentRow::TABLE).count();
        let mut list = List::by(", ");
        out.push_sql("WITH ");
        for (number, part) in self.parts.iter().enumerate() {
            if number == payments {
                won(payments, &mut list, &mut out);
            }
            out.push_sql(list.next());
            out.push_sql(&format!("a{number} AS ("));
            part.statement.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        let mut list = List::by(" UNION ALL ");
        for (number, _) in self.parts.iter().enumerate().filter(|(_, part)| part.may_lose) {
            out.push_sql(list.next());
            // They are read, and so written, in this order; what nobody reads is written last.
            out.push_sql(&format!(
                "SELECT {number}, array_agg(name) FROM a{number} AS written (name)"
            ));
        }
        Ok(())
    }
}

/// The payments that were written: all of them, before anything that depends on one.
fn won(payments: usize, list: &mut List, out: &mut AstPass<'_, '_, Pg>) {
    out.push_sql(list.next());
    out.push_sql("won AS (SELECT array_agg(id) AS ids FROM (SELECT NULL::text");
    for number in 0..payments {
        out.push_sql(&format!(" UNION ALL SELECT payment_id FROM a{number}"));
    }
    out.push_sql(") AS payments (id))");
}

/// Known by its text: there are as many as there are sets of tables that batches write, which are few.
impl QueryId for Batch<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Batch<'_> {
    type SqlType = (Integer, Nullable<Array<Text>>);
}

impl RunQueryDsl<PgConnection> for &Batch<'_> {}

impl QueryFragment<Pg> for Part<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }
}

/// Known by its text, too.
impl QueryId for Part<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Part<'_> {
    type SqlType = Text;
}

impl RunQueryDsl<PgConnection> for &Part<'_> {}

/// Lets go of claims, of those that these payments hold.
struct Release<'a> {
    rows: <ClaimRow as Row>::Arrays<'a>,
    owners: Option<Owners<'a>>,
}

impl QueryFragment<Pg> for Release<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("DELETE FROM claims AS t USING unnest(");
        ClaimRow::bind_arrays(&self.rows, true, &mut List::by(", "), &mut out)?;
        statement::bind_owners(self.owners.as_ref(), &mut out)?;
        out.push_sql(if self.owners.is_some() {
            ") AS u (name, payment_id, owner)"
        } else {
            ") AS u (name, payment_id)"
        });
        out.push_sql(" WHERE t.name = u.name AND t.payment_id = u.payment_id");
        if self.owners.is_some() {
            out.push_sql(" AND ");
            out.push_sql(statement::OWNER_HAS_WON);
        }
        Ok(())
    }
}
