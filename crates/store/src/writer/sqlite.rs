//! A batch on SQLite: one statement for each row. Who loses after having written makes the batch run again without it:
//! that is rare, and a savepoint for each commit would copy every page that it touches.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::Error as DieselError;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};
use domain::planted::{Defect, planted};

use super::prepare::{Prepared, Rows};
use super::{Stop, Verdict};
use crate::claims::ClaimRow;
use crate::row::{Guarded, Row};
use crate::statement::{Exchange, Insert, Update};

/// Why one commit is not kept.
enum Why {
    /// Somebody else was faster, before anything was written.
    Outrun,
    /// Somebody else was faster.
    Lost,
    /// It contradicts what is there.
    Corrupt(String),
    /// The database itself failed: says nothing about the commit.
    Failed(DieselError),
}

/// Writes each commit that can be written.
pub(super) fn write(connection: &mut SqliteConnection, commits: &[&Prepared]) -> Result<Vec<Verdict>, Stop> {
    let (mut verdicts, mut stained) = (Vec::with_capacity(commits.len()), Vec::new());
    for (place, commit) in commits.iter().enumerate() {
        verdicts.push(match one(connection, commit) {
            Ok(()) => Verdict::Won,
            Err(Why::Outrun) => Verdict::Lost,
            Err(Why::Lost) => {
                stained.push(place);
                Verdict::Lost
            }
            Err(Why::Corrupt(what)) => return Err(Stop::corrupt(what)),
            Err(Why::Failed(error)) => return Err(Stop::failed(error)),
        });
    }
    if stained.is_empty() {
        Ok(verdicts)
    } else {
        Err(Stop::Lost(stained))
    }
}

fn one(connection: &mut SqliteConnection, commit: &Prepared) -> Result<(), Why> {
    if let Some(payment) = &commit.payment
        && !insert_or_exchange(connection, &payment.row, payment.expected)?
    {
        return Err(Why::Outrun);
    }
    for claim in &commit.claims_taken {
        insert_or_lose(connection, claim)?;
    }
    for claim in &commit.claims_released {
        Release(claim).execute(connection)?;
    }
    for operation in &commit.operations.new {
        insert_or_lose(connection, operation)?;
    }
    if let Some(settlement) = &commit.settlement {
        insert_or_lose(connection, settlement)?;
    }
    if let Some(notification) = &commit.notification
        && !insert_or_exchange(connection, &notification.row, notification.expected)?
    {
        return Err(if commit.payment.is_some() {
            Why::Lost
        } else {
            Why::Outrun
        });
    }
    for operation in &commit.operations.changed {
        update(connection, operation)?;
    }
    if let Some(sale) = &commit.sale {
        insert(connection, sale)?;
    }
    insert_and_update(connection, &commit.splits)?;
    insert_and_update(connection, &commit.refunds)?;
    insert_and_update(connection, &commit.discrepancies)?;
    if let Some(card) = &commit.card {
        // One that is there already is kept.
        Insert::<_, true>(card).execute(connection)?;
    }
    let lost = usize::from(planted(Defect::FirstPostingLost));
    for posting in commit.postings.iter().skip(lost) {
        insert(connection, posting)?;
    }
    if let Some(events) = &commit.events {
        insert(connection, events)?;
    }
    Ok(())
}

/// `false` when somebody else was faster.
fn insert_or_exchange<R: Guarded>(
    connection: &mut SqliteConnection,
    row: &R,
    expected: Option<i64>,
) -> Result<bool, Why> {
    let written = match expected {
        None => Insert::<R, true>(row).execute(connection)?,
        Some(_) if planted(Defect::VersionNotCompared) => Update(row).execute(connection)?,
        Some(expected) => Exchange(row, expected).execute(connection)?,
    };
    Ok(written == 1)
}

fn insert_or_lose<R: Row>(connection: &mut SqliteConnection, row: &R) -> Result<(), Why> {
    let written = Insert::<R, true>(row).execute(connection)?;
    let kept = written == 1 || planted(Defect::TakenNameIgnored);
    if kept { Ok(()) } else { Err(Why::Lost) }
}

fn insert<R: Row>(connection: &mut SqliteConnection, row: &R) -> Result<(), Why> {
    Insert::<R, false>(row).execute(connection)?;
    Ok(())
}

fn update<R: Row>(connection: &mut SqliteConnection, row: &R) -> Result<(), Why> {
    match Update(row).execute(connection)? {
        1 => Ok(()),
        _ => Err(Why::Corrupt(format!("a row of {} to change is not there", R::TABLE))),
    }
}

fn insert_and_update<R: Row>(connection: &mut SqliteConnection, rows: &Rows<R>) -> Result<(), Why> {
    rows.changed.iter().try_for_each(|row| update(connection, row))?;
    rows.new.iter().try_for_each(|row| insert(connection, row))
}

impl From<DieselError> for Why {
    fn from(error: DieselError) -> Self {
        use diesel::result::DatabaseErrorKind as Kind;
        let constraint = matches!(
            error,
            DieselError::DatabaseError(
                Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation,
                _
            )
        );
        if constraint {
            Self::Corrupt(error.to_string())
        } else {
            Self::Failed(error)
        }
    }
}

/// Lets go of a claim, if this payment holds it.
#[derive(Debug)]
struct Release<'a>(&'a ClaimRow);

impl QueryFragment<Sqlite> for Release<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("DELETE FROM claims WHERE name = ");
        out.push_bind_param::<Text, String>(&self.0.name)?;
        out.push_sql(" AND payment_id = ");
        out.push_bind_param::<Text, String>(&self.0.payment_id)
    }
}

impl QueryId for Release<'_> {
    type QueryId = Release<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<SqliteConnection> for Release<'_> {}
