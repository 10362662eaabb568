//! Commits that wait together are written together, and each hears its own answer.

use std::collections::BTreeSet;

use domain::payment::Payment;
use futures::join_all;
use store::{Commit, StoreError};

use crate::harness::{check, check_with};
use crate::values::{bell, captured, creation, id, next, operation, payment, rung, update};

/// What `futures_util::future::join_all` does, without the crate.
mod futures {
    pub async fn join_all<T: Send + 'static>(
        all: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
    ) -> Vec<T> {
        let tasks: Vec<_> = all.into_iter().map(tokio::spawn).collect();
        let mut results = Vec::with_capacity(tasks.len());
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }
}

fn sixty_four() -> Vec<Payment> {
    (1..=64).map(|number| payment(number, &format!("o{number}"))).collect()
}

#[test]
fn sixty_four_at_once_all_land_and_are_recorded_in_an_order() {
    check("at_once", |world| async move {
        let store = &world.store;
        let payments = sixty_four();
        let commit = |commit: Commit| {
            let store = store.clone();
            async move { store.commit(commit).await }
        };
        let created = join_all(payments.iter().map(creation).map(commit)).await;
        assert!(created.iter().all(Result::is_ok), "{created:?}");
        let settled = join_all(
            (1..)
                .zip(&payments)
                .map(|(gateway, one)| captured(one, gateway).1)
                .map(commit),
        )
        .await;
        let moments: BTreeSet<_> = created.into_iter().chain(settled).map(Result::unwrap).collect();
        if store.backend() == store::Backend::Sqlite {
            assert_eq!(moments.len(), 128, "one writer, strictly increasing moments");
        }
        let ids = store.read(|tx| tx.payment_ids(None, 100)).await.unwrap();
        assert_eq!(ids, payments.iter().map(|one| one.id).collect::<Vec<_>>());
        for (gateway, one) in (1..).zip(&payments) {
            let wanted = one.id;
            let found = store.read(move |tx| tx.payment_as_stored(wanted)).await.unwrap();
            assert_eq!(found, Some(captured(one, gateway).0));
        }
    });
}

#[test]
fn winners_land_and_losers_leave_nothing() {
    check("losers", |world| async move {
        let store = &world.store;
        // Before: every fourth order has a payment, every fourth notification is there.
        for number in (4..=64).step_by(4) {
            store
                .commit(creation(&payment(1000 + number, &format!("o{number}"))))
                .await
                .unwrap();
            store.commit(rung(&bell(number, 1))).await.unwrap();
        }
        // Each thrice: one wins. Every fourth loses by its order, every fourth by its notification.
        let commits = (1..=64_u128).flat_map(|number| {
            let order = if number % 4 == 1 {
                format!("o{}", number + 3)
            } else {
                format!("n{number}")
            };
            let mut commit = creation(&payment(number, &order));
            commit.notification = rung(&bell(if number % 4 == 2 { number + 2 } else { 1000 + number }, 1)).notification;
            [commit.clone(), commit.clone(), commit]
        });
        let results = join_all(commits.map(|commit| {
            let store = store.clone();
            async move { store.commit(commit).await }
        }))
        .await;
        assert!(
            results
                .iter()
                .all(|result| matches!(result, Ok(_) | Err(StoreError::Conflict))),
            "{results:?}"
        );
        for (number, thrice) in (1..=64_u128).zip(results.chunks(3)) {
            let won = thrice.iter().filter(|result| result.is_ok()).count();
            let lost = number % 4 == 1 || number % 4 == 2;
            assert_eq!(won, usize::from(!lost), "{number}");
            let found = store
                .read(move |tx| Ok((tx.payment_as_stored(id(number))?, tx.events(id(number))?)))
                .await
                .unwrap();
            assert_eq!(
                (found.0.is_some(), found.1.len()),
                (!lost, if lost { 0 } else { 2 }),
                "{number}"
            );
        }
    });
}

#[test]
fn one_corrupt_commit_does_not_harm_its_neighbours() {
    check("neighbours", |world| async move {
        let store = &world.store;
        let payments = sixty_four();
        for one in &payments {
            store.commit(creation(one)).await.unwrap();
        }
        world.meddle(&format!("DELETE FROM operations WHERE payment_id = '{}'", id(13)));
        let results = join_all(
            (1..)
                .zip(&payments)
                .map(|(gateway, one)| captured(one, gateway).1)
                .map(|commit| {
                    let store = store.clone();
                    async move { store.commit(commit).await }
                }),
        )
        .await;
        for (number, result) in (1..).zip(results) {
            assert_eq!(
                matches!(result, Err(StoreError::Corrupt(_))),
                number == 13,
                "{number}: {result:?}"
            );
            assert_eq!(result.is_ok(), number != 13, "{number}: {result:?}");
        }
    });
}

#[test]
fn commits_of_one_payment_follow_each_other_in_their_order() {
    check("followers", |world| async move {
        let store = &world.store;
        let first = payment(1, "o1");
        let second = next(&first, |payment| payment.operations.push(operation(2, "a")));
        let third = next(&second, |payment| payment.operations.push(operation(3, "b")));
        let commits = [creation(&first), update(&first, &second), update(&second, &third)];
        let results = join_all(commits.map(|commit| {
            let store = store.clone();
            async move { store.commit(commit).await }
        }))
        .await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap(), Some(third));
    });
}

#[test]
fn racing_for_one_version_has_one_winner() {
    check("race", |world| async move {
        let store = &world.store;
        let mut current = payment(1, "o1");
        store.commit(creation(&current)).await.unwrap();
        for round in 0..8_u16 {
            let wishes: Vec<Payment> = (0..16_u16)
                .map(|n| {
                    next(&current, |one| {
                        one.operations.push(operation(2 + round, &format!("k{round}-{n}")))
                    })
                })
                .collect();
            let results = join_all(wishes.iter().map(|wish| update(&current, wish)).map(|commit| {
                let store = store.clone();
                async move { store.commit(commit).await }
            }))
            .await;
            let winners: Vec<&Payment> = wishes
                .iter()
                .zip(&results)
                .filter(|(_, one)| one.is_ok())
                .map(|(one, _)| one)
                .collect();
            assert_eq!(winners.len(), 1, "{results:?}");
            assert_eq!(
                store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap().as_ref(),
                Some(winners[0])
            );
            current = winners[0].clone();
        }
    });
}

#[test]
fn a_batch_of_one_is_a_batch() {
    check_with(
        "one_by_one",
        |settings| settings.batch_max = Some(1),
        |world| async move {
            let results = join_all(sixty_four().iter().map(creation).map(|commit| {
                let store = world.store.clone();
                async move { store.commit(commit).await }
            }))
            .await;
            assert!(results.iter().all(Result::is_ok), "{results:?}");
            let store = &world.store;
            // Its id is taken, its order is, it is stale, and a part of it is not there.
            assert_eq!(
                store.commit(creation(&payment(1, "o65"))).await,
                Err(StoreError::Conflict)
            );
            assert_eq!(
                store.commit(creation(&payment(65, "o1"))).await,
                Err(StoreError::Conflict)
            );
            assert_eq!(store.read(|tx| tx.payment_as_stored(id(65))).await.unwrap(), None);
            let (paid, commit) = captured(&payment(1, "o1"), 5);
            store.commit(commit.clone()).await.unwrap();
            assert_eq!(store.commit(commit).await, Err(StoreError::Conflict));
            assert_eq!(store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap(), Some(paid));
            world.meddle(&format!("DELETE FROM operations WHERE payment_id = '{}'", id(2)));
            let corrupt = store.commit(captured(&payment(2, "o2"), 6).1).await;
            assert!(matches!(corrupt, Err(StoreError::Corrupt(_))), "{corrupt:?}");
        },
    );
}

#[test]
fn inline_everything_happens_on_the_callers_thread() {
    check_with(
        "inline",
        |settings| settings.inline = true,
        |world| async move {
            let (store, first) = (&world.store, payment(1, "o1"));
            store.commit(creation(&first)).await.unwrap();
            let here = std::thread::current().id();
            let found = store
                .read(move |tx| {
                    assert_eq!(std::thread::current().id(), here);
                    tx.payment_as_stored(id(1))
                })
                .await
                .unwrap();
            assert_eq!(found, Some(first.clone()));
            let (paid, commit) = captured(&first, 5);
            store.commit(commit.clone()).await.unwrap();
            assert_eq!(store.commit(commit).await, Err(StoreError::Conflict));
            assert_eq!(store.write(|tx| tx.set_meta_once("a", "b")).await.unwrap(), "b");
            assert_eq!(store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap(), Some(paid));
        },
    );
}

/// Says of every second commit what is not so.
struct Doubt(std::sync::atomic::AtomicUsize);

impl store::Trial for Doubt {
    fn look(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit<'a>(&'a self, _: &'a Commit, write: store::Write<'a>) -> store::Tried<'a> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let doubt = StoreError::Unknown("tried".to_owned());
        Box::pin(async move {
            match number {
                0 => Err(doubt),
                1 => write().and(Err(doubt)),
                _ => write(),
            }
        })
    }
}

#[test]
fn a_trial_decides_what_is_written_and_what_is_told() {
    check_with(
        "trial",
        |settings| {
            settings.inline = true;
            settings.trial = Some(std::sync::Arc::new(Doubt(0.into())));
        },
        |world| async move {
            let (store, first) = (&world.store, payment(1, "o1"));
            for stored in [false, true] {
                let told = store.commit(creation(&first)).await;
                assert!(matches!(told, Err(StoreError::Unknown(_))), "{told:?}");
                let found = store.read(|tx| tx.payment_as_stored(id(1))).await.unwrap();
                assert_eq!(found.is_some(), stored);
            }
            assert_eq!(store.commit(creation(&first)).await, Err(StoreError::Conflict));
        },
    );
}
