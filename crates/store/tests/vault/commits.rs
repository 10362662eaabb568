//! A commit lands whole or not at all, and once.

use domain::discrepancy::DiscrepancyState;
use domain::ids::GatewayId;
use domain::ledger::Book;
use domain::notification::NotificationState;
use domain::operation::OperationState;
use domain::payment::{Claim, Payment, Phase};
use domain::sight::{GatewayRef, Host};
use store::{Change, Commit, NotificationChange, Store, StoreError};

use crate::harness::check;
use crate::values::{
    account, at, bell, captured, creation, discrepancy, event, id, next, operation, payment, posting, rung, s1, s2,
    update, waiting,
};

async fn load(store: &Store, number: u128) -> Option<Payment> {
    store.read(move |tx| tx.payment_as_stored(id(number))).await.unwrap()
}

async fn holder(store: &Store, claim: Claim) -> Option<u128> {
    store
        .read(move |tx| tx.claim(&claim))
        .await
        .unwrap()
        .map(|id| id.as_u128())
}

#[test]
fn what_was_written_is_read_back_whole() {
    check("whole", |world| async move {
        let first = payment(1, "o1");
        let recorded = world.store.commit(creation(&first)).await.unwrap();
        assert_eq!(load(&world.store, 1).await, Some(first.clone()));
        assert_eq!(load(&world.store, 2).await, None);

        let (paid, commit) = captured(&first, u64::MAX);
        let later = world.store.commit(commit.clone()).await.unwrap();
        assert!(later > recorded, "each commit is recorded later than the one before");
        assert_eq!(load(&world.store, 1).await, Some(paid.clone()));
        let gateway = GatewayRef {
            host: Host::Pay,
            id: GatewayId::new(u64::MAX),
        };
        let other = GatewayRef {
            host: Host::Cards,
            ..gateway
        };
        assert_eq!(
            world
                .store
                .read(move |tx| tx.payment_by_gateway(gateway))
                .await
                .unwrap(),
            Some(id(1))
        );
        assert_eq!(
            world.store.read(move |tx| tx.payment_by_gateway(other)).await.unwrap(),
            None
        );

        let history = world.store.read(|tx| tx.events(id(1))).await.unwrap();
        let kinds: Vec<_> = history
            .iter()
            .map(|(at, version, event)| (*at, *version, event.kind.as_str()))
            .collect();
        assert_eq!(
            kinds,
            [
                (recorded, 1, "decided"),
                (recorded, 1, "attempt"),
                (later, 2, "shown"),
                (later, 2, "phase")
            ]
        );
        let posted = world.store.read(|tx| tx.postings(id(1))).await.unwrap();
        let moved: Vec<_> = posted.iter().map(|row| row.posting.clone()).collect();
        assert_eq!(moved, commit.postings);
        assert!(posted.iter().all(|row| row.recorded_at == later
            && row.version == 2
            && row.order.as_ref().is_some_and(|order| order.as_str() == "o1")));
        assert_eq!(
            posted.iter().map(|row| row.number).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6]
        );
    });
}

#[test]
fn every_part_that_changes_is_written_and_no_other() {
    check("parts", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let held = next(&first, |payment| {
            payment.discrepancies = vec![
                discrepancy(1, DiscrepancyState::Open),
                discrepancy(2, DiscrepancyState::Closed),
            ];
            payment.operations.push(operation(2, "another"));
            payment.operations[0].state = OperationState::Unknown;
            payment.operations[0].note = Some("lost".to_owned());
            payment.asked = 3;
        });
        world.store.commit(update(&first, &held)).await.unwrap();
        assert_eq!(load(&world.store, 1).await, Some(held.clone()));
        let open = world
            .store
            .read(|tx| tx.discrepancies(&waiting(10, None)))
            .await
            .unwrap();
        assert_eq!(open, [(id(1), held.discrepancies[0].clone())]);

        // A split that is not part of the change is not written: what was done to it behind our back stays.
        world.meddle("UPDATE splits SET amount_captured = 7 WHERE number = 2");
        let closed = next(&held, |payment| {
            payment.discrepancies[0].state = DiscrepancyState::Closed;
            payment.discrepancies[0].closed_at = Some(at(9));
            payment.splits[0].amount_authorized = payment.splits[0].amount;
        });
        world.store.commit(update(&held, &closed)).await.unwrap();
        let found = load(&world.store, 1).await.unwrap();
        assert_eq!(found.splits[1].amount_captured.get(), 7);
        assert_eq!(
            (&found.splits[0], &found.discrepancies),
            (&closed.splits[0], &closed.discrepancies)
        );
        assert!(
            world
                .store
                .read(|tx| tx.discrepancies(&waiting(10, None)))
                .await
                .unwrap()
                .is_empty()
        );
    });
}

#[test]
fn a_stale_version_is_a_conflict_and_writes_nothing() {
    check("stale", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let (paid, commit) = captured(&first, 5);
        world.store.commit(commit.clone()).await.unwrap();
        assert_eq!(world.store.commit(commit).await, Err(StoreError::Conflict));
        let other = next(&first, |payment| payment.phase = Phase::Failed);
        let mut stale = update(&first, &other);
        stale.claims_released = first.sale.order_claim().into_iter().collect();
        stale.notification = Some(NotificationChange::Insert(bell(9, 5)));
        assert_eq!(world.store.commit(stale).await, Err(StoreError::Conflict));
        assert_eq!(load(&world.store, 1).await, Some(paid));
        assert_eq!(world.store.read(|tx| tx.events(id(1))).await.unwrap().len(), 4);
        assert_eq!(holder(&world.store, first.sale.order_claim().unwrap()).await, Some(1));
        assert_eq!(
            world.store.read(|tx| tx.notification(bell(9, 5).id)).await.unwrap(),
            None
        );
        // A payment that is not there has no version either.
        let missing = payment(2, "o2");
        assert_eq!(
            world.store.commit(captured(&missing, 6).1).await,
            Err(StoreError::Conflict)
        );
    });
}

#[test]
fn a_name_is_held_by_one_payment_until_it_is_released() {
    check("claims", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let claim = Claim::Order(false, "o1".parse().unwrap());
        let second = payment(2, "o1");
        assert_eq!(world.store.commit(creation(&second)).await, Err(StoreError::Conflict));
        assert_eq!(load(&world.store, 2).await, None);
        assert_eq!(
            holder(&world.store, Claim::Reference(second.operations[0].reference.clone())).await,
            None
        );
        assert_eq!(
            world.store.commit(creation(&first)).await,
            Err(StoreError::Conflict),
            "nor does it hold it twice"
        );

        // Who does not hold it cannot release it.
        let mut third = creation(&payment(3, "o3"));
        third.claims_released = vec![claim.clone()];
        world.store.commit(third).await.unwrap();
        assert_eq!(holder(&world.store, claim.clone()).await, Some(1));

        let failed = next(&first, |payment| payment.phase = Phase::Failed);
        let mut ends = update(&first, &failed);
        ends.claims_released = vec![claim.clone()];
        world.store.commit(ends).await.unwrap();
        assert_eq!(holder(&world.store, claim.clone()).await, None);
        world.store.commit(creation(&second)).await.unwrap();
        assert_eq!(holder(&world.store, claim.clone()).await, Some(2));
        // Live and test orders are different names.
        assert_eq!(
            holder(&world.store, Claim::Order(true, "o1".parse().unwrap())).await,
            None
        );

        // Taken back where it is free, a conflict where it is not.
        let revived = next(&failed, |payment| payment.phase = Phase::Captured);
        let mut back = update(&failed, &revived);
        back.claims_taken = vec![claim];
        assert_eq!(world.store.commit(back).await, Err(StoreError::Conflict));
        assert_eq!(load(&world.store, 1).await, Some(failed));
    });
}

#[test]
fn a_key_belongs_to_one_operation_of_a_payment() {
    check("keys", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let second = next(&first, |payment| payment.operations.push(operation(2, "refund")));
        world.store.commit(update(&first, &second)).await.unwrap();
        let third = next(&second, |payment| payment.operations.push(operation(3, "refund")));
        assert_eq!(
            world.store.commit(update(&second, &third)).await,
            Err(StoreError::Conflict)
        );
        assert_eq!(load(&world.store, 1).await, Some(second.clone()));
        let parts = next(&second, |payment| {
            let mut part = operation(3, "refund");
            part.asked.part = 1;
            payment.operations.push(part);
        });
        world.store.commit(update(&second, &parts)).await.unwrap();
        assert_eq!(load(&world.store, 1).await, Some(parts));
    });
}

#[test]
fn a_notification_is_stored_once_and_answered_once() {
    check("bells", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let ring = bell(7, 5);
        world.store.commit(rung(&ring)).await.unwrap();
        assert_eq!(world.store.commit(rung(&ring)).await, Err(StoreError::Conflict));
        let waiting = ring.clone();
        let due = world
            .store
            .read(move |tx| tx.due_notifications(at(0), 10))
            .await
            .unwrap();
        assert_eq!(due, [waiting]);
        let about = ring.about.unwrap();
        assert_eq!(
            world
                .store
                .read(move |tx| tx.unplaced_notifications(about))
                .await
                .unwrap()
                .len(),
            1
        );

        let mut answered = ring.clone();
        answered.tries = 1;
        answered.state = NotificationState::Settled;
        answered.payment = Some(id(1));
        answered.due_at = None;
        let (paid, mut commit) = captured(&first, 5);
        commit.notification = Some(NotificationChange::Update(answered.clone(), 0));
        world.store.commit(commit).await.unwrap();
        assert_eq!(
            world.store.read(|tx| tx.notifications_of(id(1))).await.unwrap(),
            [answered.clone()]
        );
        assert!(
            world
                .store
                .read(move |tx| tx.unplaced_notifications(about))
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            world
                .store
                .read(|tx| tx.due_notifications(at(100), 10))
                .await
                .unwrap()
                .is_empty()
        );

        // Somebody else has answered it: the payment's part of the commit does not land either.
        let after = next(&paid, |payment| payment.asked = 9);
        let mut late = update(&paid, &after);
        late.notification = Some(NotificationChange::Update(answered.clone(), 0));
        assert_eq!(world.store.commit(late).await, Err(StoreError::Conflict));
        assert_eq!(load(&world.store, 1).await, Some(paid));

        let mut lost = bell(8, 6);
        lost.state = NotificationState::Orphan;
        world.store.commit(rung(&lost)).await.unwrap();
        assert_eq!(world.store.read(|tx| tx.orphans(10)).await.unwrap(), [lost]);
    });
}

#[test]
fn what_contradicts_the_books_is_corrupt() {
    check("corrupt", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let (paid, commit) = captured(&first, 5);
        world.meddle("DELETE FROM splits WHERE number = 2");
        let missing = world.store.commit(commit.clone()).await;
        assert!(matches!(missing, Err(StoreError::Corrupt(_))), "{missing:?}");
        assert!(
            world.store.read(|tx| tx.postings(id(1))).await.unwrap().is_empty(),
            "nothing of it is written"
        );

        let second = payment(2, "o2");
        world.store.commit(creation(&second)).await.unwrap();
        world.meddle("UPDATE events SET version = 2");
        let taken = world.store.commit(captured(&second, 6).1).await;
        assert!(matches!(taken, Err(StoreError::Corrupt(_))), "{taken:?}");
        assert_eq!(load(&world.store, 2).await, Some(second));

        let zero = Commit {
            postings: vec![posting(account(&s1(), Book::Payable), account(&s2(), Book::Payable), 0)],
            ..update(&first, &paid)
        };
        assert!(matches!(world.store.commit(zero).await, Err(StoreError::Corrupt(_))));
        let homeless = Commit {
            postings: commit.postings,
            ..Commit::default()
        };
        assert!(matches!(
            world.store.commit(homeless).await,
            Err(StoreError::Corrupt(_))
        ));
        // What cannot be read back says so.
        world.meddle("UPDATE payments SET phase = 'paid'");
        let unread = world.store.read(|tx| tx.payment_as_stored(id(2))).await;
        assert!(matches!(unread, Err(StoreError::Corrupt(_))), "{unread:?}");
    });
}

#[test]
fn a_discrepancy_that_is_gone_is_noticed() {
    check("forgotten", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let held = next(&first, |payment| {
            payment.discrepancies.push(discrepancy(1, DiscrepancyState::Open))
        });
        let mut commit = update(&first, &held);
        commit.events = vec![event("discrepancy")];
        world.store.commit(commit).await.unwrap();
        world.meddle("DELETE FROM discrepancies");
        assert!(matches!(
            world.store.read(|tx| tx.payment_as_stored(id(1))).await,
            Err(StoreError::Corrupt(_))
        ));
    });
}

#[test]
fn an_insert_that_is_there_already_is_a_conflict() {
    check("twice", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let bare = Commit {
            payment: Some(Change::Insert(first.into())),
            ..Commit::default()
        };
        assert_eq!(world.store.commit(bare).await, Err(StoreError::Conflict));
    });
}
