//! The migrations, carried in the binary.

use diesel::backend::Backend as DieselBackend;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::commit::Purpose;
use crate::connection::{AnyConnection, Connector};
use crate::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The names of those that are not applied yet, in order.
pub(crate) fn pending(connector: &Connector) -> Result<Vec<String>, StoreError> {
    match &mut connector.session(Purpose::Writing)?.connection {
        AnyConnection::Sqlite(connection) => names(connection, SQLITE),
        AnyConnection::Postgres(connection) => names(connection, POSTGRES),
    }
}

/// Applies those that are not applied yet, each in a transaction of its own; answers their names.
pub(crate) fn apply(connector: &Connector) -> Result<Vec<String>, StoreError> {
    match &mut connector.session(Purpose::Writing)?.connection {
        AnyConnection::Sqlite(connection) => run(connection, SQLITE),
        AnyConnection::Postgres(connection) => run(connection, POSTGRES),
    }
}

fn names<DB: DieselBackend>(
    on: &mut impl MigrationHarness<DB>,
    all: EmbeddedMigrations,
) -> Result<Vec<String>, StoreError> {
    let pending = on.pending_migrations(all).map_err(failed)?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}

fn run<DB: DieselBackend>(
    on: &mut impl MigrationHarness<DB>,
    all: EmbeddedMigrations,
) -> Result<Vec<String>, StoreError> {
    let pending = on.pending_migrations(all).map_err(failed)?;
    let mut applied = Vec::with_capacity(pending.len());
    for migration in &pending {
        on.run_migration(migration.as_ref()).map_err(failed)?;
        applied.push(migration.name().to_string());
    }
    Ok(applied)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    StoreError::Unavailable(format!("migration: {error}"))
}
