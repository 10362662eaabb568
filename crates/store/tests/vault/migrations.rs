//! What an older release wrote is read by this one.

use store::Backend;

use crate::harness::check;
use crate::values::{captured, creation, id, payment};

#[test]
fn a_vault_of_the_first_migration_is_read_after_the_second() {
    check("second", |world| async move {
        let one = payment(1, "o1");
        world.store.commit(creation(&one)).await.unwrap();
        let (paid, commit) = captured(&one, 5);
        world.store.commit(commit).await.unwrap();
        // Back to what the first one made, with what it would have kept of it.
        world.meddle(match world.store.backend() {
            Backend::Sqlite => include_str!("../../../../migrations/sqlite/0002_operations/down.sql"),
            Backend::Postgres => include_str!("../../../../migrations/postgres/0002_operations/down.sql"),
        });
        world.meddle("DELETE FROM __diesel_schema_migrations WHERE version = '0002'");
        assert_eq!(world.store.migrate().unwrap(), ["0002_operations"]);
        let wanted = Some(paid);
        assert_eq!(
            world.store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap(),
            wanted
        );
        let (state, work) = (
            world.texts("SELECT state AS text FROM payments"),
            world.texts("SELECT coalesce(work, 'none') || ' ' || kind AS text FROM operations"),
        );
        // A payment at which nothing new has happened is kept as it always was.
        assert!(
            state[0].ends_with(r#""asked":0,"amount_suspense":0,"discrepancies":0}"#),
            "{state:?}"
        );
        assert_eq!(work, ["none authorize"]);
    });
}
