//! Checkpoints: a cache, never a source.

use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};
use domain::ledger::{Account, Balance, Book};
use domain::payment::Payment;
use domain::seller::Party;
use store::{Backend, Store};

use crate::harness::{World, check};
use crate::values::{account, creation, next, payment, posting, s1, update};

#[derive(Debug, Default, PartialEq, Eq, QueryableByName)]
struct Kept {
    #[diesel(sql_type = sql_types::BigInt)]
    through: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    postings: i64,
    #[diesel(sql_type = sql_types::BigInt)]
    authorized: i64,
    #[diesel(sql_type = sql_types::Integer)]
    checks: i32,
}

/// The seller's checkpoint, once there is one that `is` what is waited for.
async fn kept(world: &World, is: impl Fn(&Kept) -> bool) -> Kept {
    let query = "SELECT through, postings, authorized, checks FROM checkpoints WHERE party = 's1'";
    for _ in 0..400 {
        let rows: Vec<Kept> = match world.settings.url.strip_prefix("sqlite://") {
            Some(path) => {
                let mut connection = <diesel::SqliteConnection as diesel::Connection>::establish(path).unwrap();
                sql_query(query).load(&mut connection).unwrap_or_default()
            }
            None => {
                let mut connection =
                    <diesel::PgConnection as diesel::Connection>::establish(&world.settings.url).unwrap();
                sql_query(query).load(&mut connection).unwrap()
            }
        };
        if let Some(row) = rows.into_iter().find(&is) {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no such checkpoint was kept");
}

/// Posts `count` times 1 to the seller's account, in one commit.
async fn post(store: &Store, before: &Payment, count: usize) -> Payment {
    let after = next(before, |_| ());
    let mut commit = update(before, &after);
    commit.postings = vec![posting(Account::Buyer, account(&s1(), Book::Authorized), 1); count];
    store.commit(commit).await.unwrap();
    after
}

async fn authorized(store: &Store) -> i64 {
    store.read(|tx| tx.balances(&s1())).await.unwrap()[0].1.authorized
}

#[test]
fn a_checkpoint_is_kept_used_and_replaced_where_it_is_wrong() {
    check("kept", |world| async move {
        let store = &world.store;
        let one = payment(1, "o1");
        store.commit(creation(&one)).await.unwrap();
        let one = post(store, &one, 1000).await;
        assert_eq!(authorized(store).await, 1000);
        let one = post(store, &one, 100).await;
        // On PostgreSQL it trails by ten minutes.
        let trails = store.backend() == Backend::Postgres;
        if trails {
            assert_eq!(authorized(store).await, 1100);
            world.advance(601);
        }
        let one = post(store, &one, 1).await;
        assert_eq!(authorized(store).await, 1101);
        let folded = if trails { 1100 } else { 1101 };
        let first = kept(&world, |row| row.postings == folded).await;
        assert_eq!((first.authorized, first.checks), (folded, 0));

        // It is used: what it says is believed, for the time being.
        world.meddle("UPDATE checkpoints SET authorized = authorized + 5000");
        assert_eq!(authorized(store).await, 6101);
        post(store, &one, 10).await;
        assert_eq!(authorized(store).await, 6111);

        // After an hour it is folded again from the start.
        world.advance(3601);
        assert_eq!(authorized(store).await, 6111);
        let second = kept(&world, |row| row.checks == 1).await;
        assert_eq!(
            (second.authorized, second.postings, second.through),
            (folded, folded, first.through)
        );
        assert_eq!(authorized(store).await, 1111);
        // And after a day, for the last time.
        world.advance(86_400);
        authorized(store).await;
        let third = kept(&world, |row| row.checks == 2).await;
        assert_eq!(third.through, first.through);
        world.advance(86_400);
        assert_eq!(authorized(store).await, 1111);
    });
}

#[test]
fn a_clock_that_was_set_back_cannot_write_before_a_checkpoint() {
    check("set_back", |world| async move {
        let store = world.store.clone();
        let mut one = payment(1, "o1");
        store.commit(creation(&one)).await.unwrap();
        one = post(&store, &one, 1200).await;
        if store.backend() == Backend::Postgres {
            world.advance(601);
        }
        assert_eq!(authorized(&store).await, 1200);
        kept(&world, |row| row.postings == 1200).await;
        if store.backend() == Backend::Postgres {
            // There the horizon allows for it.
            world.advance(-300);
            post(&store, &one, 7).await;
            assert_eq!(authorized(&store).await, 1207);
            return;
        }
        world.advance(-3600);
        let settings = world.settings.clone();
        let clock = std::sync::Arc::clone(&world.clock);
        drop(store);
        drop(world);
        let store = Store::open(
            &settings,
            std::sync::Arc::new(move || {
                domain::time::Timestamp::from_micros(clock.load(std::sync::atomic::Ordering::SeqCst))
            }),
        )
        .unwrap();
        post(&store, &one, 7).await;
        assert_eq!(authorized(&store).await, 1207);
    });
}

#[test]
fn balances_do_not_change_when_a_checkpoint_is_kept() {
    check("the_same", |world| async move {
        let store = &world.store;
        let mut one = payment(1, "o1");
        store.commit(creation(&one)).await.unwrap();
        let mut wanted = Balance::default();
        for round in 1..=5_i64 {
            let after = next(&one, |_| ());
            let mut commit = update(&one, &after);
            let back = posting(
                account(&s1(), Book::Payable),
                account(&Party::Marketplace, Book::Payable),
                round,
            );
            commit.postings = vec![back; 600];
            store.commit(commit).await.unwrap();
            one = after;
            wanted.adjusted -= 600 * round;
            world.advance(700);
            for (party, sign) in [(s1(), 1), (Party::Marketplace, -1)] {
                let found = store.read(move |tx| tx.balances(&party)).await.unwrap();
                assert_eq!(
                    found[0].1,
                    Balance {
                        adjusted: sign * wanted.adjusted,
                        ..Balance::default()
                    }
                );
            }
        }
        kept(&world, |row| row.postings >= 1200).await;
        let seller = store.read(|tx| tx.totals()).await.unwrap().parties.remove(0);
        assert_eq!(seller.2, wanted);
    });
}
