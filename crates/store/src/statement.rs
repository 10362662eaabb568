//! The writers' statements. Each of SQLite's has a static identity: it is prepared once for each connection, whatever is
//! bound to it. Those of PostgreSQL are parts of one that writes a whole batch.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl, SqliteConnection};

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

/// New rows of one table, on PostgreSQL. Where they may lose, nothing is written for those whose keys are taken.
#[derive(Debug)]
pub(crate) struct InsertMany<'a, R: Row> {
    /// The rows.
    pub rows: R::Arrays<'a>,
    /// The payment on whose fate each of them depends.
    pub owners: Option<Owners<'a>>,
    /// Whether somebody else may be faster.
    pub may_lose: bool,
}

/// Changed rows of one table, on PostgreSQL; with guards, those whose guards are still these.
#[derive(Debug)]
pub(crate) struct UpdateMany<'a, R: Row> {
    /// The rows.
    pub rows: R::Arrays<'a>,
    /// The payment on whose fate each of them depends.
    pub owners: Option<Owners<'a>>,
    /// What the guards must be, and their column.
    pub guards: Option<(&'static str, Vec<i64>)>,
}

/// For each row the payment that must have been written before it is: one of `won.ids`.
pub(crate) type Owners<'a> = Vec<Option<&'a String>>;

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
        out.push_bind_param::<BigInt, i64>(&self.1)
    }
}

impl<R: Row> QueryFragment<Pg> for InsertMany<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        insert_into::<R, Pg>(&mut out);
        out.push_sql(" SELECT ");
        names(&mut out, "u.", R::COLUMNS.iter());
        out.push_sql(" FROM unnest(");
        R::bind_arrays(&self.rows, true, &mut List::by(", "), &mut out)?;
        bind_owners(self.owners.as_ref(), &mut out)?;
        out.push_sql(") AS u (");
        names(&mut out, "", R::COLUMNS.iter());
        if self.owners.is_some() {
            out.push_sql(", owner) WHERE ");
            out.push_sql(OWNER_HAS_WON);
        } else {
            out.push_sql(")");
        }
        if self.may_lose {
            out.push_sql(" ON CONFLICT DO NOTHING");
        }
        out.push_sql(" RETURNING ");
        out.push_sql(R::NAME);
        Ok(())
    }
}

impl<R: Row> QueryFragment<Pg> for UpdateMany<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
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
        R::bind_arrays(&self.rows, false, &mut List::by(", "), &mut out)?;
        if let Some((_, expected)) = &self.guards {
            out.push_sql(", ");
            out.push_bind_param::<Array<BigInt>, _>(expected)?;
        }
        bind_owners(self.owners.as_ref(), &mut out)?;
        out.push_sql(") AS u (");
        names(&mut out, "", R::COLUMNS.iter().step_by(2));
        if self.guards.is_some() {
            out.push_sql(", expected");
        }
        out.push_sql(if self.owners.is_some() {
            ", owner) WHERE "
        } else {
            ") WHERE "
        });
        let mut list = List::by(" AND ");
        for column in R::COLUMNS.iter().take(1).copied().flatten() {
            out.push_sql(list.next());
            out.push_sql("t.");
            out.push_sql(column);
            out.push_sql(" = u.");
            out.push_sql(column);
        }
        if let Some((guard, _)) = &self.guards {
            out.push_sql(" AND t.");
            out.push_sql(guard);
            out.push_sql(" = u.expected");
        }
        if self.owners.is_some() {
            out.push_sql(" AND ");
            out.push_sql(OWNER_HAS_WON);
        }
        out.push_sql(" RETURNING t.");
        out.push_sql(R::NAME);
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

fn update_one<'a, 'b, R: Row>(row: &'b R, mut out: AstPass<'a, 'b, Sqlite>) -> QueryResult<AstPass<'a, 'b, Sqlite>> {
    out.push_sql("UPDATE ");
    out.push_sql(R::TABLE);
    out.push_sql(" SET ");
    row.bind_changes(&mut List::by(", "), &mut out)?;
    out.push_sql(" WHERE ");
    row.bind_key(&mut List::by(" AND "), &mut out)?;
    Ok(out)
}

/// Binds the owners, if rows depend on any.
pub(crate) fn bind_owners<'b>(owners: Option<&'b Owners<'_>>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    if let Some(owners) = owners {
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(owners)?;
    }
    Ok(())
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

/// Evaluated once, before the first row is written: the payments are written by then.
pub(crate) const OWNER_HAS_WON: &str = "(u.owner IS NULL OR u.owner = ANY ((SELECT ids FROM won)::text[]))";
