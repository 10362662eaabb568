//! Rows: each table's column list, written once. The writers' statements and their binds are made from it, so that two
//! columns of one type cannot change places.

use std::fmt::Debug;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::sqlite::Sqlite;

/// The type of a column.
pub(crate) type TypeOf<Column> = <Column as diesel::Expression>::SqlType;

/// What one row of one table is made of. Implemented by [`row!`] only.
pub(crate) trait Row: Debug + 'static {
    /// The table.
    const TABLE: &'static str;
    /// The columns of its key, those that are written once, and those that change.
    const COLUMNS: [&'static [&'static str]; 3];
    /// Several rows, as PostgreSQL is given them: one array for each column.
    type Arrays<'a>: Debug;
    /// The first column of its key: whose it is, or its own name. Always text.
    const NAME: &'static str = match Self::COLUMNS {
        [[first, ..], ..] => first,
        _ => "",
    };

    /// The arrays of these rows.
    fn arrays<'a>(rows: &[&'a Self]) -> Self::Arrays<'a>;
    /// The first column of its key.
    fn name(&self) -> &String;
    /// Binds every column.
    fn bind_all<'b>(&'b self, list: &mut List, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
    /// Binds the columns that change, each as `column = ?`.
    fn bind_changes<'b>(&'b self, list: &mut List, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
    /// Binds the key, as `column = ? AND …`.
    fn bind_key<'b>(&'b self, list: &mut List, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
    /// Binds every column's array, or all but those that are written once.
    fn bind_arrays<'b>(
        arrays: &'b Self::Arrays<'_>,
        with_once: bool,
        list: &mut List,
        out: &mut AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()>;
}

/// A row that is changed only if one of its columns is still what it was.
pub(crate) trait Guarded: Row {
    /// That column, a `BIGINT`.
    const GUARD: &'static str;
}

/// Writes what separates the items of a list.
pub(crate) struct List(&'static str, bool);

impl List {
    /// Items separated so.
    pub const fn by(separator: &'static str) -> Self {
        Self(separator, false)
    }

    /// What stands before the next item.
    pub fn next(&mut self) -> &'static str {
        if std::mem::replace(&mut self.1, true) {
            self.0
        } else {
            ""
        }
    }
}

/// Declares a row: its struct, and all that its statements need. A column that two lists name does not compile.
macro_rules! row {
    (
        $(#[$doc:meta])*
        $Row:ident, $Arrays:ident of $table:ident {
            key { $($key:ident: $key_ty:ty),+ $(,)? }
            once { $($once:ident: $once_ty:ty),* $(,)? }
            changes { $($change:ident: $change_ty:ty),* $(,)? }
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable, diesel::Selectable)]
        #[diesel(table_name = crate::schema::$table)]
        pub(crate) struct $Row {
            $(pub $key: $key_ty,)+
            $(pub $once: $once_ty,)*
            $(pub $change: $change_ty,)*
        }

        #[derive(Debug)]
        pub(crate) struct $Arrays<'a> {
            $($key: Vec<&'a $key_ty>,)+
            $($once: Vec<&'a $once_ty>,)*
            $($change: Vec<&'a $change_ty>,)*
        }

        impl crate::row::Row for $Row {
            const TABLE: &'static str = stringify!($table);
            const COLUMNS: [&'static [&'static str]; 3] =
                [&[$(stringify!($key)),+], &[$(stringify!($once)),*], &[$(stringify!($change)),*]];
            type Arrays<'a> = $Arrays<'a>;

            fn arrays<'a>(rows: &[&'a Self]) -> $Arrays<'a> {
                $Arrays {
                    $($key: rows.iter().map(|row| &row.$key).collect(),)+
                    $($once: rows.iter().map(|row| &row.$once).collect(),)*
                    $($change: rows.iter().map(|row| &row.$change).collect(),)*
                }
            }

            fn name(&self) -> &String {
                ($(&self.$key,)+).0
            }

            fn bind_all<'b>(
                &'b self,
                list: &mut crate::row::List,
                out: &mut diesel::query_builder::AstPass<'_, 'b, diesel::sqlite::Sqlite>,
            ) -> diesel::QueryResult<()> {
                $(out.push_sql(list.next());
                out.push_bind_param::<crate::row::TypeOf<crate::schema::$table::$key>, $key_ty>(&self.$key)?;)+
                $(out.push_sql(list.next());
                out.push_bind_param::<crate::row::TypeOf<crate::schema::$table::$once>, $once_ty>(&self.$once)?;)*
                $(out.push_sql(list.next());
                out.push_bind_param::<crate::row::TypeOf<crate::schema::$table::$change>, $change_ty>(&self.$change)?;)*
                Ok(())
            }

            fn bind_changes<'b>(
                &'b self,
                #[allow(unused_variables, clippy::allow_attributes, reason = "some rows never change")]
                list: &mut crate::row::List,
                #[allow(unused_variables, clippy::allow_attributes, reason = "some rows never change")]
                out: &mut diesel::query_builder::AstPass<'_, 'b, diesel::sqlite::Sqlite>,
            ) -> diesel::QueryResult<()> {
                $(out.push_sql(list.next());
                out.push_sql(concat!(stringify!($change), " = "));
                out.push_bind_param::<crate::row::TypeOf<crate::schema::$table::$change>, $change_ty>(&self.$change)?;)*
                Ok(())
            }

            fn bind_key<'b>(
                &'b self,
                list: &mut crate::row::List,
                out: &mut diesel::query_builder::AstPass<'_, 'b, diesel::sqlite::Sqlite>,
            ) -> diesel::QueryResult<()> {
                $(out.push_sql(list.next());
                out.push_sql(concat!(stringify!($key), " = "));
                out.push_bind_param::<crate::row::TypeOf<crate::schema::$table::$key>, $key_ty>(&self.$key)?;)+
                Ok(())
            }

            fn bind_arrays<'b>(
                arrays: &'b $Arrays<'_>,
                with_once: bool,
                list: &mut crate::row::List,
                out: &mut diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
            ) -> diesel::QueryResult<()> {
                use crate::schema::$table as table;
                use crate::row::TypeOf;
                use diesel::sql_types::Array;
                $(out.push_sql(list.next());
                out.push_bind_param::<Array<TypeOf<table::$key>>, Vec<&$key_ty>>(&arrays.$key)?;)+
                if with_once {
                    $(out.push_sql(list.next());
                    out.push_bind_param::<Array<TypeOf<table::$once>>, Vec<&$once_ty>>(&arrays.$once)?;)*
                }
                $(out.push_sql(list.next());
                out.push_bind_param::<Array<TypeOf<table::$change>>, Vec<&$change_ty>>(&arrays.$change)?;)*
                Ok(())
            }
        }
    };
}
pub(crate) use row;

/// Declares which column guards a row's changes.
macro_rules! guarded {
    ($Row:ident by $guard:ident) => {
        impl crate::row::Guarded for $Row {
            const GUARD: &'static str = stringify!($guard);
        }
    };
}
pub(crate) use guarded;
