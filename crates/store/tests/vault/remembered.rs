//! What is remembered of payments is what the database says at that moment, or it is not used.

use domain::payment::Phase;

use crate::harness::check;
use crate::values::{captured, creation, id, next, payment, update};

#[test]
fn what_was_written_is_remembered_as_it_is_stored() {
    check("remembered", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let (paid, commit) = captured(&first, 5);
        world.store.commit(commit).await.unwrap();
        let (remembered, stored) = world
            .store
            .read(|tx| Ok((tx.payment(id(1))?, tx.payment_as_stored(id(1))?)))
            .await
            .unwrap();
        assert_eq!(remembered.as_deref(), Some(&paid));
        assert_eq!(remembered.as_deref(), stored.as_ref());
    });
}

#[test]
fn a_commit_that_lost_is_not_remembered() {
    check("remembered_loser", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let (paid, commit) = captured(&first, 5);
        world.store.commit(commit).await.unwrap();
        let late = next(&first, |payment| payment.phase = Phase::Failed);
        world.store.commit(update(&first, &late)).await.unwrap_err();
        assert_eq!(
            world.store.read(|tx| tx.payment(id(1))).await.unwrap(),
            Some(paid.into())
        );
    });
}

#[test]
fn what_another_process_wrote_is_seen() {
    check("remembered_elsewhere", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let read = || world.store.read(|tx| tx.payment(id(1)));
        assert_eq!(read().await.unwrap(), Some(first.into()));
        world.meddle("UPDATE payments SET version = version + 1, phase = 'failed'");
        assert_eq!(read().await.unwrap().unwrap().phase, Phase::Failed);
    });
}

#[test]
fn a_version_that_was_forgotten_and_decided_anew_is_another() {
    check("remembered_forgotten", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        // As after the promotion of a standby that trailed: the same number, decided at another moment.
        world.meddle("UPDATE payments SET updated_at = updated_at + 1, phase = 'failed'");
        let read = || world.store.read(|tx| tx.payment(id(1)));
        assert_eq!(read().await.unwrap().unwrap().phase, Phase::Failed);
        world.meddle("DELETE FROM sales; DELETE FROM payments");
        assert_eq!(read().await.unwrap(), None);
    });
}
