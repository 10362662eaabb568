//! Which databases are opened, which are refused, and what happens when one goes away.

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types};
use domain::time::Timestamp;
use store::{Backend, Settings, Store, StoreError, without_password};

use crate::harness::{check, postgres_url};
use crate::values::{captured, creation, id, payment};

fn opened(settings: &Settings) -> Result<Store, StoreError> {
    Store::open(settings, Arc::new(|| Timestamp::from_micros(0)))
}

fn refusal(url: &str) -> String {
    match opened(&Settings::new(url)) {
        Err(StoreError::Unavailable(why)) => why,
        Err(other) => panic!("{url}: {other:?}"),
        Ok(_) => panic!("{url} was opened"),
    }
}

#[test]
fn unsafe_and_unreadable_urls_are_refused_with_the_reason() {
    for (url, reason) in [
        ("mysql://localhost/db", "sqlite:// or postgres://"),
        ("vault.db", "sqlite:// or postgres://"),
        ("sqlite://", "must name a file"),
        ("sqlite://:memory:", "must name a file"),
        ("sqlite://a?mode=memory", "must name a file"),
        ("postgres:///db", "must name a host"),
        ("postgres://db.example/x", "must speak TLS"),
        ("postgres://db.example/x?sslmode=prefer", "must speak TLS"),
        ("postgres://localhost/x?host=db.example", "must speak TLS"),
        ("postgres://localhost/x?hostaddr=192.0.2.1", "must speak TLS"),
        ("postgres://127.0.0.1,192.0.2.1/x", "must speak TLS"),
        ("postgres://user:hunter2@127.0.0.1:1/x", "refused"),
        ("postgres://user:hunter2@127.0.0.1:1/x?bogus=hunter2", "bogus"),
    ] {
        let why = refusal(url);
        assert!(why.contains(reason), "{url}: {why}");
        assert!(!why.contains("hunter2"), "{url}: {why}");
    }
    if cfg!(not(feature = "postgres-tls")) {
        assert!(refusal("postgres://db.example/x?sslmode=verify-full").contains("postgres-tls"));
    }
    // Trusted networks: it gets as far as the network.
    let mut trusted = Settings::new("postgres://192.0.2.1:1/x?connect_timeout=1");
    trusted.allow_plaintext = true;
    assert!(!matches!(opened(&trusted), Err(StoreError::Unavailable(why)) if why.contains("TLS")));
}

#[test]
fn passwords_are_never_shown() {
    let url = "postgres://me:hunter2@db.example/x?password=hunter2&sslpassword=hunter2&sslmode=require";
    assert_eq!(without_password(url), "postgres://me:***@db.example/x?sslmode=require");
    assert!(!format!("{:?}", Settings::new(url)).contains("hunter2"));
    assert!(!without_password("postgres://me:hunter2@[").contains("hunter2"));
    assert_eq!(without_password("sqlite://a.db"), "sqlite://a.db");
}

#[test]
fn one_process_writes_to_a_file_and_others_may_look() {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::new(format!("sqlite://{}", directory.path().join("vault.db").display()));
    let mut looking = settings.clone();
    looking.read_only = true;
    assert!(matches!(opened(&looking), Err(StoreError::Unavailable(why)) if why.contains("no database file")));

    let store = opened(&settings).unwrap();
    store.migrate().unwrap();
    let Err(StoreError::Unavailable(why)) = opened(&settings) else {
        panic!("a second writer was let in")
    };
    assert!(why.contains("another process writes") && why.contains("HTTP"), "{why}");

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own runtime")]
    runtime.block_on(async {
        let beside = opened(&looking).unwrap();
        assert!(beside.pending_migrations().unwrap().is_empty());
        store.commit(creation(&payment(1, "o1"))).await.unwrap();
        assert_eq!(
            beside.read(|tx| tx.payment_as_stored(id(1))).await.unwrap(),
            Some(payment(1, "o1"))
        );
        assert!(matches!(
            beside.commit(creation(&payment(2, "o2"))).await,
            Err(StoreError::Unavailable(_))
        ));
        assert!(matches!(
            beside.write(|tx| tx.set_meta_once("a", "b")).await,
            Err(StoreError::Unavailable(_))
        ));
        beside.health().await.unwrap();
        drop(store);
        // And when nobody writes.
        assert_eq!(beside.read(|tx| tx.payment_ids(None, 9)).await.unwrap(), [id(1)]);
        drop(beside);
        let alone = opened(&looking).unwrap();
        assert_eq!(alone.read(|tx| tx.payment_ids(None, 9)).await.unwrap(), [id(1)]);
    });
    opened(&settings).unwrap();
}

#[test]
fn an_acknowledged_commit_survives_a_process_that_just_stops() {
    check("survives", |world| async move {
        for number in 1..=20_u128 {
            world
                .store
                .commit(creation(&payment(number, &format!("o{number}"))))
                .await
                .unwrap();
        }
        let mut settings = world.settings.clone();
        if let Some(path) = settings.url.strip_prefix("sqlite://") {
            // The files as a power cut would leave them: nothing was closed, nothing was checkpointed.
            let directory = tempfile::tempdir().unwrap();
            let copy = directory.path().join("vault.db");
            for suffix in ["", "-wal"] {
                std::fs::copy(format!("{path}{suffix}"), format!("{}{suffix}", copy.display())).unwrap();
            }
            settings.url = format!("sqlite://{}", copy.display());
            let after = world.open(&settings);
            assert_eq!(after.read(|tx| tx.payment_ids(None, 99)).await.unwrap().len(), 20);
            return;
        }
        let after = world.open(&settings);
        assert_eq!(after.read(|tx| tx.payment_ids(None, 99)).await.unwrap().len(), 20);
    });
}

#[test]
fn what_was_handed_over_is_written_although_nobody_waits() {
    check("dropped", |world| async move {
        let (settings, clock) = (world.settings.clone(), Arc::clone(&world.clock));
        for number in 1..=20_u128 {
            let store = world.store.clone();
            let commit = store.commit(creation(&payment(number, &format!("o{number}"))));
            // Polled once, so that it is handed over, and dropped.
            let _ = tokio::time::timeout(std::time::Duration::ZERO, commit).await;
        }
        drop(world);
        let clock = move || Timestamp::from_micros(clock.load(std::sync::atomic::Ordering::SeqCst));
        let after = Store::open(&settings, Arc::new(clock)).unwrap();
        assert_eq!(after.read(|tx| tx.payment_ids(None, 99)).await.unwrap().len(), 20);
    });
}

#[test]
fn a_database_that_was_not_migrated_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let store = opened(&Settings::new(format!(
        "sqlite://{}",
        directory.path().join("vault.db").display()
    )))
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test's own runtime")]
    runtime.block_on(async {
        let commit = store.commit(creation(&payment(1, "o1"))).await;
        assert!(
            matches!(&commit, Err(StoreError::Unavailable(why)) if why.contains("no such table")),
            "{commit:?}"
        );
        assert!(store.health().await.is_err());
        store.migrate().unwrap();
        store.commit(creation(&payment(1, "o1"))).await.unwrap();
        store.health().await.unwrap();
    });
}

#[test]
fn lost_connections_are_made_again() {
    check("lost", |world| async move {
        if world.store.backend() == Backend::Sqlite {
            return;
        }
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        world.store.read(|tx| tx.payment_ids(None, 1)).await.unwrap();
        let ended = end_connections(&world.settings.url);
        // Two writers, and at least one that looked.
        assert!(ended >= 3, "{ended}");
        let (paid, commit) = captured(&first, 5);
        world.store.commit(commit).await.unwrap();
        assert_eq!(
            world.store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap(),
            Some(paid)
        );
    });
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    value: i64,
}

/// Ends the connections of one test, known by the name that they give themselves.
fn end_connections(url: &str) -> i64 {
    let (_, name) = url.split_once("application_name=").unwrap();
    let query = format!(
        "SELECT count(pg_terminate_backend(pid)) AS value FROM pg_stat_activity WHERE application_name = '{name}'"
    );
    let mut admin = PgConnection::establish(&postgres_url()).unwrap();
    sql_query(query).get_result::<Count>(&mut admin).unwrap().value
}

#[test]
fn the_schema_is_what_both_databases_have() {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = sql_types::Text)]
        name: String,
    }
    let schemas = std::sync::Mutex::new(Vec::new());
    check("schema", |world| {
        let columns: BTreeSet<String> = match world.settings.url.strip_prefix("sqlite://") {
            Some(path) => {
                let query = "SELECT m.name || '.' || c.name || CASE c.\"notnull\" WHEN 1 THEN '' ELSE '?' END AS name \
                             FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'";
                let mut connection = diesel::SqliteConnection::establish(path).unwrap();
                sql_query(query)
                    .load::<Column>(&mut connection)
                    .unwrap()
                    .into_iter()
                    .map(|one| one.name)
                    .collect()
            }
            None => {
                let query = "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END \
                             AS name FROM information_schema.columns WHERE table_schema = current_schema()";
                let mut connection = PgConnection::establish(&world.settings.url).unwrap();
                sql_query(query)
                    .load::<Column>(&mut connection)
                    .unwrap()
                    .into_iter()
                    .map(|one| one.name)
                    .collect()
            }
        };
        let ours = columns
            .into_iter()
            .filter(|name| !name.starts_with("__diesel"))
            .collect();
        schemas.lock().unwrap().push(ours);
        async {}
    });
    let schemas: Vec<BTreeSet<String>> = schemas.into_inner().unwrap();
    assert!(schemas[0].len() > 100);
    assert_eq!(schemas[0], schemas[1]);
}
