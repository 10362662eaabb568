//! A batch on PostgreSQL: one statement for each table, in one order. Who loses leaves before it has written; where it
//! has, the batch runs again without it.

use std::collections::HashSet;

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Text};
use diesel::{PgConnection, QueryResult, RunQueryDsl};

use super::prepare::{Guard, Prepared};
use super::{Stop, Verdict};
use crate::row::{Guarded, Row};
use crate::statement::{InsertMany, UpdateMany};

/// One batch on its way.
struct Batch<'a> {
    connection: &'a mut PgConnection,
    commits: &'a [&'a Prepared],
    /// Who has lost.
    out: Vec<bool>,
    /// Who has lost after having written.
    stained: Vec<usize>,
}

/// Writes each commit that can be written.
pub(super) fn write(connection: &mut PgConnection, commits: &[&Prepared]) -> Result<Vec<Verdict>, Stop> {
    let mut batch = Batch {
        connection,
        commits,
        out: vec![false; commits.len()],
        stained: Vec::new(),
    };
    batch.contest().map_err(Stop::failed)?;
    if !batch.stained.is_empty() {
        return Err(Stop::Lost(batch.stained));
    }
    batch.follow()?;
    Ok(batch
        .out
        .iter()
        .map(|out| if *out { Verdict::Lost } else { Verdict::Won })
        .collect())
}

impl<'a> Batch<'a> {
    /// Everything that somebody else may be faster with.
    fn contest(&mut self) -> QueryResult<()> {
        self.guarded(|commit| commit.payment.as_ref(), |_| false)?;
        self.unique(|commit| &commit.claims_taken)?;
        let released = self.rows(|commit| &commit.claims_released);
        if !released.is_empty() {
            let names = released.iter().map(|claim| &claim.name).collect();
            let holders = released.iter().map(|claim| &claim.payment_id).collect();
            Release { names, holders }.execute(self.connection)?;
        }
        self.unique(|commit| &commit.operations.new)?;
        self.guarded(|commit| commit.notification.as_ref(), |commit| commit.payment.is_some())
    }

    /// Everything else, of the winners only.
    fn follow(&mut self) -> Result<(), Stop> {
        self.update(|commit| &commit.operations.changed)?;
        self.insert(|commit| commit.sale.as_slice())?;
        self.update(|commit| &commit.splits.changed)?;
        self.insert(|commit| &commit.splits.new)?;
        self.update(|commit| &commit.discrepancies.changed)?;
        self.insert(|commit| &commit.discrepancies.new)?;
        self.insert(|commit| &commit.postings)?;
        self.insert(|commit| commit.events.as_slice())
    }

    /// New rows and guarded changes of one table, and who lost them.
    fn guarded<R: Guarded>(
        &mut self,
        pick: impl Fn(&'a Prepared) -> Option<&'a Guard<R>>,
        has_written: impl Fn(&Prepared) -> bool,
    ) -> QueryResult<()> {
        let (mut new, mut changed, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for guard in self.still_in().filter_map(&pick) {
            match guard.expected {
                None => new.push(&guard.row),
                Some(value) => {
                    changed.push(&guard.row);
                    expected.push(value);
                }
            }
        }
        let mut winners = HashSet::new();
        if !new.is_empty() {
            winners.extend(R::insert_winners(&new, self.connection)?);
        }
        if !changed.is_empty() {
            winners.extend(R::exchange_winners(&changed, expected, self.connection)?);
        }
        self.keep(
            |commit| pick(commit).is_none_or(|guard| winners.contains(&guard.row.key())),
            has_written,
        );
        Ok(())
    }

    /// New rows of one table whose keys may be taken, and who lost them: after the payment itself was written.
    fn unique<R: Row>(&mut self, pick: impl Fn(&'a Prepared) -> &'a Vec<R>) -> QueryResult<()> {
        let rows = self.rows(|commit| pick(commit).as_slice());
        if rows.is_empty() {
            return Ok(());
        }
        let winners: HashSet<R::Key> = R::insert_winners(&rows, self.connection)?.into_iter().collect();
        self.keep(
            |commit| pick(commit).iter().all(|row| winners.contains(&row.key())),
            |_| true,
        );
        Ok(())
    }

    fn insert<R: Row>(&mut self, pick: impl Fn(&'a Prepared) -> &'a [R]) -> Result<(), Stop> {
        let rows = self.rows(pick);
        if !rows.is_empty() {
            InsertMany::<R>(R::arrays(&rows))
                .execute(self.connection)
                .map_err(Stop::contradiction)?;
        }
        Ok(())
    }

    fn update<R: Row>(&mut self, pick: impl Fn(&'a Prepared) -> &'a [R]) -> Result<(), Stop> {
        let rows = self.rows(pick);
        if rows.is_empty() {
            return Ok(());
        }
        let changed = UpdateMany::<R>(R::arrays(&rows))
            .execute(self.connection)
            .map_err(Stop::contradiction)?;
        if changed == rows.len() {
            return Ok(());
        }
        Err(Stop::corrupt(format!("a row of {} to change is not there", R::TABLE)))
    }

    fn still_in(&self) -> impl Iterator<Item = &'a Prepared> {
        let commits: &'a [&'a Prepared] = self.commits;
        commits
            .iter()
            .zip(&self.out)
            .filter(|(_, out)| !**out)
            .map(|(commit, _)| *commit)
    }

    fn rows<R>(&self, pick: impl Fn(&'a Prepared) -> &'a [R]) -> Vec<&'a R> {
        self.still_in().flat_map(pick).collect()
    }

    /// Sorts out who has lost.
    fn keep(&mut self, won: impl Fn(&'a Prepared) -> bool, has_written: impl Fn(&Prepared) -> bool) {
        for (index, (commit, out)) in self.commits.iter().zip(&mut self.out).enumerate() {
            if !*out && !won(commit) {
                *out = true;
                if has_written(commit) {
                    self.stained.push(index);
                }
            }
        }
    }
}

/// Lets go of claims, of those that these payments hold.
#[derive(Debug)]
struct Release<'a> {
    names: Vec<&'a String>,
    holders: Vec<&'a String>,
}

impl QueryFragment<Pg> for Release<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("DELETE FROM claims AS t USING unnest(");
        out.push_bind_param::<Array<Text>, Vec<&String>>(&self.names)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, Vec<&String>>(&self.holders)?;
        out.push_sql(") AS u (name, payment_id) WHERE t.name = u.name AND t.payment_id = u.payment_id");
        Ok(())
    }
}

impl QueryId for Release<'_> {
    type QueryId = Release<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Release<'_> {}
