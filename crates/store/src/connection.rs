//! One connection to either backend, chosen by the URL's scheme and refused unless it keeps what it is told.

use diesel::connection::SimpleConnection;
use diesel::r2d2::R2D2Connection;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};

use crate::commit::Purpose;
use crate::error::StoreError;
use crate::remembered::Remembered;
use crate::settings::Place;

/// A connection to either backend. Its derived `establish` takes any text for a file and is never used.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To a file.
    Sqlite(SqliteConnection),
    /// To a server.
    Postgres(PgConnection),
}

/// A connection, and whether it can still be trusted.
pub(crate) struct Session {
    /// The connection itself.
    pub connection: AnyConnection,
    /// Set while a transaction runs, and left set by one that did not end well.
    pub broken: bool,
    /// What is remembered of what it reads and writes.
    pub remembered: Remembered,
    /// How many transactions it has begun.
    pub begun: u64,
}

impl Session {
    /// PostgreSQL plans a statement for tables as they are when it is first used; in a new database those are empty,
    /// and a plan that reads a whole table is kept while the table grows. So plans are made again, ever more rarely.
    pub fn outgrow_plans(&mut self) {
        self.begun = self.begun.saturating_add(1);
        let grown = (self.begun.is_power_of_two() && self.begun >= 8) || self.begun.is_multiple_of(4096);
        if let AnyConnection::Postgres(connection) = &mut self.connection
            && grown
            && let Err(error) = connection.batch_execute("DISCARD PLANS")
        {
            tracing::debug!(%error, "plans are kept");
        }
    }
}

/// Makes connections for the pool and the writers.
#[derive(Clone)]
pub(crate) struct Connector {
    /// Where the database is.
    pub place: Place,
    /// What is remembered of it, by all connections together.
    pub remembered: Remembered,
}

impl Connector {
    /// A new connection, its settings read back.
    pub fn session(&self, purpose: Purpose) -> Result<Session, StoreError> {
        let connection = match &self.place {
            Place::Sqlite { path, read_only } => {
                AnyConnection::Sqlite(sqlite(&path.to_string_lossy(), *read_only, purpose)?)
            }
            Place::Postgres { url } => AnyConnection::Postgres(postgres(url, purpose)?),
        };
        Ok(Session {
            connection,
            remembered: self.remembered.clone(),
            broken: false,
            begun: 0,
        })
    }
}

impl r2d2::ManageConnection for Connector {
    type Connection = Session;
    type Error = StoreError;

    fn connect(&self) -> Result<Session, StoreError> {
        self.session(Purpose::Looking)
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), StoreError> {
        Ok(session.connection.ping()?)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.broken || session.connection.is_broken()
    }
}

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = sql_types::Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = sql_types::BigInt)]
    value: i64,
}

fn sqlite(path: &str, read_only: bool, purpose: Purpose) -> Result<SqliteConnection, StoreError> {
    let fail = |error: diesel::ConnectionError| StoreError::Unavailable(format!("{path}: {error}"));
    let mut connection = SqliteConnection::establish(path).map_err(fail)?;
    let version = text(&mut connection, "SELECT sqlite_version() AS value")?;
    if !is_sound(&version) {
        return Err(StoreError::Unavailable(format!(
            "SQLite {version} can corrupt a write-ahead log; 3.51.3 or newer is needed"
        )));
    }
    connection.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
    )?;
    if read_only {
        connection.batch_execute("PRAGMA query_only = ON;")?;
    } else {
        connection.batch_execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000;")?;
    }
    if purpose == Purpose::Writing {
        // References are scattered over the whole of their table: the default two mebibytes are read again and again.
        connection.batch_execute("PRAGMA cache_size = -12288;")?;
    }
    let journal = text(&mut connection, "SELECT journal_mode AS value FROM pragma_journal_mode")?;
    let synchronous = number(&mut connection, "SELECT synchronous AS value FROM pragma_synchronous")?;
    let foreign_keys = number(&mut connection, "SELECT foreign_keys AS value FROM pragma_foreign_keys")?;
    if (journal.as_str(), synchronous, foreign_keys) != ("wal", 2, 1) {
        return Err(StoreError::Unavailable(format!(
            "{path} does not keep what is written: journal_mode {journal}, synchronous {synchronous}, \
             foreign_keys {foreign_keys}; is it on a network file system?"
        )));
    }
    Ok(connection)
}

fn postgres(url: &str, purpose: Purpose) -> Result<PgConnection, StoreError> {
    let fail = |error: diesel::ConnectionError| StoreError::Unavailable(without_url(error.to_string(), url));
    let mut connection = PgConnection::establish(url).map_err(fail)?;
    // A writer that hangs must end long before a checkpoint could overtake what it had stamped.
    connection.batch_execute(
        "SET statement_timeout = '30s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'; \
         SET client_min_messages = 'warning'; SET default_transaction_isolation = 'read committed';",
    )?;
    for wish in WISHES.iter().filter(|_| purpose == Purpose::Writing) {
        if let Err(error) = connection.batch_execute(wish) {
            tracing::debug!(%error, wish, "the server does without");
        }
    }
    let durable =
        sql_query("SELECT current_setting('synchronous_commit') AS value").get_result::<Text>(&mut connection)?;
    if durable.value == "off" {
        let why = "PostgreSQL's synchronous_commit is off: a crash would lose acknowledged commits; set it to on";
        return Err(StoreError::Unavailable(why.to_owned()));
    }
    Ok(connection)
}

/// What makes writing cheaper on a server that knows it. A batch's plan never depends on what is bound, and takes longer to
/// make than the batch does to write. A sale of four kilobytes is compressed in 16 µs by lz4 and in 60 µs without it.
const WISHES: [&str; 2] = [
    "SET plan_cache_mode = 'force_generic_plan'",
    "SET default_toast_compression = 'lz4'",
];

/// libpq repeats the URL where it cannot read it.
fn without_url(message: String, url: &str) -> String {
    let secret = url::Url::parse(url)
        .ok()
        .and_then(|url| url.password().map(str::to_owned));
    let message = message.replace(url, "the database url");
    match secret.filter(|secret| !secret.is_empty()) {
        Some(secret) => message.replace(&secret, "***"),
        None => message,
    }
}

/// 3.51.3 and newer: in older ones a race can corrupt the write-ahead log.
fn is_sound(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next()) >= (3, 51, 3)
}

fn text(connection: &mut SqliteConnection, query: &str) -> Result<String, StoreError> {
    Ok(sql_query(query).get_result::<Text>(connection)?.value)
}

fn number(connection: &mut SqliteConnection, query: &str) -> Result<i64, StoreError> {
    Ok(sql_query(query).get_result::<Number>(connection)?.value)
}
