//! Lists, and that a look is one snapshot.

use std::sync::mpsc::channel;

use domain::discrepancy::DiscrepancyState;
use domain::ids::{DiscrepancyId, OperationId};
use domain::operation::OperationState;
use domain::payment::Phase;
use store::PaymentFilter;

use crate::harness::check;
use crate::values::{at, bell, captured, creation, discrepancy, id, next, payment, rung, update, waiting};

#[test]
fn a_look_is_of_one_moment() {
    check("snapshot", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let (began, begun) = channel();
        let (ended, end) = channel::<()>();
        let store = world.store.clone();
        let look = tokio::spawn(async move {
            store
                .read(move |tx| {
                    let before = tx.payment(id(1))?;
                    began.send(()).unwrap();
                    end.recv().unwrap();
                    Ok((
                        before,
                        tx.payment(id(1))?,
                        tx.postings(id(1))?,
                        tx.payment_ids(None, 10)?,
                    ))
                })
                .await
                .unwrap()
        });
        tokio::task::spawn_blocking(move || begun.recv().unwrap())
            .await
            .unwrap();
        let (paid, commit) = captured(&first, 5);
        world.store.commit(commit).await.unwrap();
        world.store.commit(creation(&payment(2, "o2"))).await.unwrap();
        ended.send(()).unwrap();
        let (before, after, postings, ids) = look.await.unwrap();
        assert_eq!((before.as_deref(), after.as_deref()), (Some(&first), Some(&first)));
        assert!(postings.is_empty());
        assert_eq!(ids, [id(1)]);
        assert_eq!(
            world.store.read(|tx| tx.payment(id(1))).await.unwrap(),
            Some(paid.into())
        );
    });
}

#[test]
fn payments_are_listed_newest_first_and_narrowed_by_each_field() {
    check("lists", |world| async move {
        let store = &world.store;
        for number in 1..=9_u128 {
            let mut one = payment(number, &format!("o{number}"));
            one.created_at = at(i64::try_from(number).unwrap());
            std::sync::Arc::make_mut(&mut one.sale).live = number == 7;
            if number == 8 {
                std::sync::Arc::make_mut(&mut one.sale).customer = None;
            }
            store.commit(creation(&one)).await.unwrap();
            if number % 3 == 0 {
                let held = next(&one, |payment| {
                    payment.phase = Phase::Pending;
                    payment.discrepancies.push(discrepancy(1, DiscrepancyState::Open));
                });
                store.commit(update(&one, &held)).await.unwrap();
            }
        }
        let all = PaymentFilter {
            limit: 100,
            ..PaymentFilter::default()
        };
        let list = |filter: PaymentFilter| {
            let store = store.clone();
            async move {
                let found = store.read(move |tx| tx.payments(&filter)).await.unwrap();
                found.iter().map(|one| one.id.as_u128()).collect::<Vec<_>>()
            }
        };
        let seller = Some("s1".parse().unwrap());
        assert_eq!(list(all.clone()).await, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(
            list(PaymentFilter {
                limit: 2,
                ..all.clone()
            })
            .await,
            [9, 8]
        );
        assert_eq!(
            list(PaymentFilter {
                limit: 2,
                before: Some(id(8)),
                ..all.clone()
            })
            .await,
            [7, 6]
        );
        assert_eq!(
            list(PaymentFilter {
                phase: Some(Phase::Pending),
                ..all.clone()
            })
            .await,
            [9, 6, 3]
        );
        assert_eq!(
            list(PaymentFilter {
                held: Some(true),
                ..all.clone()
            })
            .await,
            [9, 6, 3]
        );
        assert_eq!(
            list(PaymentFilter {
                held: Some(false),
                limit: 1,
                ..all.clone()
            })
            .await,
            [8]
        );
        assert_eq!(
            list(PaymentFilter {
                live: Some(true),
                ..all.clone()
            })
            .await,
            [7]
        );
        assert_eq!(
            list(PaymentFilter {
                order: Some("o4".parse().unwrap()),
                ..all.clone()
            })
            .await,
            [4]
        );
        assert_eq!(
            list(PaymentFilter {
                customer: Some("c1".parse().unwrap()),
                limit: 2,
                ..all.clone()
            })
            .await,
            [9, 7]
        );
        assert_eq!(
            list(PaymentFilter {
                created_from: Some(at(3)),
                created_to: Some(at(5)),
                ..all.clone()
            })
            .await,
            [4, 3]
        );
        assert_eq!(
            list(PaymentFilter {
                seller: seller.clone(),
                limit: 3,
                ..all.clone()
            })
            .await,
            [9, 8, 7]
        );
        let narrow = PaymentFilter {
            seller: seller.clone(),
            held: Some(true),
            before: Some(id(9)),
            ..all.clone()
        };
        assert_eq!(list(narrow).await, [6, 3]);
        assert!(
            list(PaymentFilter {
                seller: Some("s9".parse().unwrap()),
                ..all.clone()
            })
            .await
            .is_empty()
        );
        // Listed ones are as whole as single ones.
        let listed = store.read(move |tx| tx.payments(&all)).await.unwrap();
        for one in listed {
            let wanted = one.id;
            assert_eq!(
                store.read(move |tx| tx.payment_as_stored(wanted)).await.unwrap(),
                Some(one)
            );
        }
    });
}

#[test]
fn what_is_due_is_found_by_time() {
    check("due", |world| async move {
        let store = &world.store;
        assert_eq!(store.read(|tx| tx.next_due()).await.unwrap(), None);
        for (number, due) in [(1_u128, Some(30)), (2, Some(10)), (3, None), (4, Some(20))] {
            let mut one = payment(number, &format!("o{number}"));
            one.due_at = due.map(at);
            store.commit(creation(&one)).await.unwrap();
        }
        assert_eq!(store.read(|tx| tx.next_due()).await.unwrap(), Some(at(10)));
        assert!(store.read(|tx| tx.due_payments(at(9), 10)).await.unwrap().is_empty());
        assert_eq!(
            store.read(|tx| tx.due_payments(at(20), 10)).await.unwrap(),
            [id(2), id(4)]
        );
        assert_eq!(
            store.read(|tx| tx.due_payments(at(99), 2)).await.unwrap(),
            [id(2), id(4)]
        );
        let mut soon = bell(1, 1);
        soon.due_at = Some(at(5));
        store.commit(rung(&soon)).await.unwrap();
        assert_eq!(store.read(|tx| tx.next_due()).await.unwrap(), Some(at(5)));
    });
}

#[test]
fn open_work_is_paged_in_its_order() {
    check("work", |world| async move {
        let store = &world.store;
        for number in 1..=5_u128 {
            let one = payment(number, &format!("o{number}"));
            store.commit(creation(&one)).await.unwrap();
            let held = next(&one, |payment| {
                payment.operations[0].state = OperationState::Unknown;
                payment.discrepancies.push(discrepancy(1, DiscrepancyState::Open));
            });
            store.commit(update(&one, &held)).await.unwrap();
        }
        let unknown = store
            .read(|tx| tx.operations_in(OperationState::Unknown, 2, None))
            .await
            .unwrap();
        assert_eq!(unknown.iter().map(|(id, ..)| id.as_u128()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(unknown[0].2.to_string(), "30.00 EUR");
        let after = OperationId::new(id(2), 1);
        let rest = store
            .read(move |tx| tx.operations_in(OperationState::Unknown, 9, Some(after)))
            .await
            .unwrap();
        assert_eq!(rest.iter().map(|(id, ..)| id.as_u128()).collect::<Vec<_>>(), [3, 4, 5]);
        assert!(
            store
                .read(|tx| tx.operations_in(OperationState::Sending, 9, None))
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .read(|tx| tx.operations_in(OperationState::Done, 9, None))
                .await
                .unwrap()
                .is_empty()
        );
        let after = DiscrepancyId::new(id(3), 1);
        let open = store
            .read(move |tx| tx.discrepancies(&waiting(9, Some(after))))
            .await
            .unwrap();
        assert_eq!(open.iter().map(|(id, _)| id.as_u128()).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(
            store.read(|tx| tx.payment_ids(Some(id(2)), 2)).await.unwrap(),
            [id(3), id(4)]
        );
    });
}
