//! The writers' statements. Each has a static identity: it is prepared once for each connection, whatever is bound to it.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use crate::row::{Guarded, List, Row};

/// One new row, on SQLite. One that may lose does nothing where its key, or another unique one, is taken.
#[derive(Debug)]
pub(crate) struct Insert<'a, R, const MAY_LOSE: bool>(pub &'a R);

/// One changed row, on SQLite.
#[derive(Debug)]
pub(crate) struct Update<'a, R>(pub &'a R);

/// One changed row, on SQLite, if its guard is still this.
#[derive(Debug)]
pub(crate) struct Exchange<'a, R>(pub &'a R, pub i64);

/// New rows, on PostgreSQL.
#[derive(Debug)]
pub(crate) struct InsertMany<'a, R: Row>(pub R::Arrays<'a>);

/// New rows, on PostgreSQL, where their keys are free; answers the keys of those that were written.
#[derive(Debug)]
pub(crate) struct InsertWinners<'a, R: Row>(pub R::Arrays<'a>);

/// Changed rows, on PostgreSQL.
#[derive(Debug)]
pub(crate) struct UpdateMany<'a, R: Row>(pub R::Arrays<'a>);

/// Changed rows, on PostgreSQL, where their guards are still these; answers the keys of those that were changed.
#[derive(Debug)]
pub(crate) struct ExchangeWinners<'a, R: Row>(pub R::Arrays<'a>, pub Vec<i64>);

impl<R: Row, const MAY_LOSE: bool> QueryFragment<Sqlite> for Insert<'_, R, MAY_LOSE> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        insert_into::<R, Sqlite>(&mut out);
        out.push_sql(" VALUES (");
        self.0.bind_all(&mut List::by(", "), &mut out)?;
        out.push_sql(if MAY_LOSE { ") ON CONFLICT DO NOTHING" } else { ")" });
        Ok(())
    }
}

impl<R: Row> QueryFragment<Sqlite> for Update<'_, R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        update_one(self.0, out).map(|_| ())
    }
}

impl<R: Guarded> QueryFragment<Sqlite> for Exchange<'_, R> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut out = update_one(self.0, out)?;
        out.push_sql(" AND ");
        out.push_sql(R::GUARD);
        out.push_sql(" = ");
        out.push_bind_param::<diesel::sql_types::BigInt, i64>(&self.1)
    }
}

impl<R: Row> QueryFragment<Pg> for InsertMany<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        insert_many::<R>(&self.0, &mut out)
    }
}

impl<R: Row> QueryFragment<Pg> for InsertWinners<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        insert_many::<R>(&self.0, &mut out)?;
        out.push_sql(" ON CONFLICT DO NOTHING RETURNING ");
        names(&mut out, "", R::COLUMNS.iter().take(1));
        Ok(())
    }
}

impl<R: Row> QueryFragment<Pg> for UpdateMany<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        update_many::<R>(&self.0, &mut out)?;
        out.push_sql(") AS u (");
        names(&mut out, "", key_and_changes::<R>());
        out.push_sql(") WHERE ");
        same_key::<R>(&mut out);
        Ok(())
    }
}

impl<R: Guarded> QueryFragment<Pg> for ExchangeWinners<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        update_many::<R>(&self.0, &mut out)?;
        out.push_sql(", ");
        out.push_bind_param::<diesel::sql_types::Array<diesel::sql_types::BigInt>, _>(&self.1)?;
        out.push_sql(") AS u (");
        names(&mut out, "", key_and_changes::<R>());
        out.push_sql(", expected) WHERE ");
        same_key::<R>(&mut out);
        out.push_sql(" AND t.");
        out.push_sql(R::GUARD);
        out.push_sql(" = u.expected RETURNING ");
        names(&mut out, "t.", R::COLUMNS.iter().take(1));
        Ok(())
    }
}

/// Gives a statement an identity that does not depend on what is bound to it.
macro_rules! prepared_once {
    ($Statement:ident on $Connection:ty $(, const $flag:ident)?) => {
        impl<R: Row $(, const $flag: bool)?> QueryId for $Statement<'_, R $(, $flag)?> {
            type QueryId = $Statement<'static, R $(, $flag)?>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }
        impl<R: Row $(, const $flag: bool)?> RunQueryDsl<$Connection> for $Statement<'_, R $(, $flag)?> {}
    };
}

prepared_once!(Insert on SqliteConnection, const MAY_LOSE);
prepared_once!(Update on SqliteConnection);
prepared_once!(Exchange on SqliteConnection);
prepared_once!(InsertMany on PgConnection);
prepared_once!(InsertWinners on PgConnection);
prepared_once!(UpdateMany on PgConnection);
prepared_once!(ExchangeWinners on PgConnection);

impl<R: Row> Query for InsertWinners<'_, R> {
    type SqlType = R::KeyType;
}

impl<R: Row> Query for ExchangeWinners<'_, R> {
    type SqlType = R::KeyType;
}

/// Declares a statement without binds, on SQLite.
macro_rules! fixed {
    ($(#[$doc:meta])* $Name:ident = $sql:literal) => {
        $(#[$doc])*
        #[derive(Debug, QueryId)]
        pub(crate) struct $Name;

        impl QueryFragment<Sqlite> for $Name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql($sql);
                Ok(())
            }
        }

        impl RunQueryDsl<SqliteConnection> for $Name {}
    };
}

fixed!(
    /// A snapshot begins with the first look.
    Begin = "BEGIN"
);
fixed!(
    /// A transaction that will write begins.
    BeginWriting = "BEGIN IMMEDIATE"
);
fixed!(
    /// What was written is kept.
    Keep = "COMMIT"
);
fixed!(
    /// What was written is forgotten.
    Forget = "ROLLBACK"
);

fn insert_into<R: Row, DB: diesel::backend::Backend>(out: &mut AstPass<'_, '_, DB>) {
    out.push_sql("INSERT INTO ");
    out.push_sql(R::TABLE);
    out.push_sql(" (");
    names(out, "", R::COLUMNS.iter());
    out.push_sql(")");
}

fn insert_many<'b, R: Row>(arrays: &'b R::Arrays<'_>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    insert_into::<R, Pg>(out);
    out.push_sql(" SELECT ");
    names(out, "u.", R::COLUMNS.iter());
    out.push_sql(" FROM unnest(");
    R::bind_arrays(arrays, true, &mut List::by(", "), out)?;
    out.push_sql(") AS u (");
    names(out, "", R::COLUMNS.iter());
    out.push_sql(")");
    Ok(())
}

fn update_one<'a, 'b, R: Row>(row: &'b R, mut out: AstPass<'a, 'b, Sqlite>) -> QueryResult<AstPass<'a, 'b, Sqlite>> {
    out.push_sql("UPDATE ");
    out.push_sql(R::TABLE);
    out.push_sql(" SET ");
    row.bind_changes(&mut List::by(", "), &mut out)?;
    out.push_sql(" WHERE ");
    row.bind_key(&mut List::by(" AND "), &mut out)?;
    Ok(out)
}

/// Up to the arrays of the key and of what changes; another array may follow.
fn update_many<'b, R: Row>(arrays: &'b R::Arrays<'_>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    out.push_sql("UPDATE ");
    out.push_sql(R::TABLE);
    out.push_sql(" AS t SET ");
    let mut list = List::by(", ");
    for column in R::COLUMNS.iter().skip(2).copied().flatten() {
        out.push_sql(list.next());
        out.push_sql(column);
        out.push_sql(" = u.");
        out.push_sql(column);
    }
    out.push_sql(" FROM unnest(");
    R::bind_arrays(arrays, false, &mut List::by(", "), out)
}

fn same_key<R: Row>(out: &mut AstPass<'_, '_, Pg>) {
    let mut list = List::by(" AND ");
    for column in R::COLUMNS.iter().take(1).copied().flatten() {
        out.push_sql(list.next());
        out.push_sql("t.");
        out.push_sql(column);
        out.push_sql(" = u.");
        out.push_sql(column);
    }
}

fn key_and_changes<R: Row>() -> impl Iterator<Item = &'static &'static [&'static str]> {
    R::COLUMNS.iter().step_by(2)
}

fn names<'n, DB: diesel::backend::Backend>(
    out: &mut AstPass<'_, '_, DB>,
    prefix: &str,
    columns: impl Iterator<Item = &'n &'static [&'static str]>,
) {
    let mut list = List::by(", ");
    for column in columns.copied().flatten() {
        out.push_sql(list.next());
        out.push_sql(prefix);
        out.push_sql(column);
    }
}
