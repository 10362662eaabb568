//! One test, two databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types};
use domain::time::Timestamp;
use store::{Settings, Store};

/// An empty, migrated vault and what a test may do to it.
pub struct World {
    /// How it can be opened again.
    pub settings: Settings,
    /// The vault.
    pub store: Store,
    /// What the vault takes for the time, in microseconds; it stands still unless it is moved.
    pub clock: Arc<AtomicI64>,
}

/// One row of what the database was asked for.
#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
}

impl World {
    /// Opens another vault on the same database, with the same clock.
    pub fn open(&self, settings: &Settings) -> Store {
        Store::open(settings, ticking(&self.clock)).unwrap()
    }

    /// Moves the clock on, or back.
    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Asks the database for something that the vault would not tell: a column `text`.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let rows: Vec<Told> = match self.settings.url.strip_prefix("sqlite://") {
            Some(path) => sql_query(sql).load(&mut diesel::SqliteConnection::establish(path).unwrap()),
            None => sql_query(sql).load(&mut PgConnection::establish(&self.settings.url).unwrap()),
        }
        .unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Says something to the database that the vault would never say.
    pub fn meddle(&self, sql: &str) {
        if let Some(path) = self.settings.url.strip_prefix("sqlite://") {
            let mut connection = diesel::SqliteConnection::establish(path).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            connection.batch_execute(sql).unwrap();
        } else {
            PgConnection::establish(&self.settings.url)
                .unwrap()
                .batch_execute(sql)
                .unwrap();
        }
    }
}

/// Runs one behaviour on SQLite and on PostgreSQL, at the same time as other tests.
pub fn check<F: Future<Output = ()>>(name: &str, behaviour: impl Fn(World) -> F) {
    check_with(name, |_| (), behaviour);
}

/// The same, with settings of its own.
pub fn check_with<F: Future<Output = ()>>(name: &str, change: impl Fn(&mut Settings), behaviour: impl Fn(World) -> F) {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(format!("sqlite://{}", directory.path().join("vault.db").display()));
    change(&mut settings);
    run(settings, &behaviour);

    let base = postgres_url();
    let unique = std::process::id();
    let schema = format!("vault_{name}_{unique}");
    let mut admin = PgConnection::establish(&base).unwrap();
    admin
        .batch_execute(&format!(
            "SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"
        ))
        .unwrap();
    // Its own name for its connections, so that a test can end them and no other's.
    let mut settings = Settings::new(format!(
        "{base}?options=-c%20search_path%3D{schema}&application_name={schema}"
    ));
    change(&mut settings);
    run(settings, &behaviour);
    admin.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).unwrap();
}

/// Where tests may make schemas. Tests that need it fail without it: none is left out silently.
pub fn postgres_url() -> String {
    std::env::var("APPORTION_TEST_POSTGRES_URL").expect(
        "APPORTION_TEST_POSTGRES_URL is not set: run `tests/run`, which starts a throw-away PostgreSQL, or set it to the \
         URL of a superuser of one",
    )
}

fn run<F: Future<Output = ()>>(settings: Settings, behaviour: &impl Fn(World) -> F) {
    let clock = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    let store = Store::open(&settings, ticking(&clock)).unwrap();
    assert_eq!(store.pending_migrations().unwrap(), MIGRATIONS);
    assert_eq!(store.migrate().unwrap(), MIGRATIONS);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own runtime")]
    runtime.block_on(behaviour(World { settings, store, clock }));
}

fn ticking(clock: &Arc<AtomicI64>) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let clock = Arc::clone(clock);
    Arc::new(move || Timestamp::from_micros(clock.load(Ordering::SeqCst)))
}

/// Every migration there is.
const MIGRATIONS: [&str; 2] = ["0001_vault", "0002_operations"];
