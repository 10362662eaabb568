//! Refunds, added splits, captures and what a payment carries besides its rows.

use std::collections::{BTreeMap, BTreeSet};

use domain::capture_plan::{CapturePlan, Readiness, Take, Unanswered};
use domain::command::{Addition, NewSplit, RefundAsk};
use domain::fee_plan::CommissionOnRefund;
use domain::ids::{GatewayId, OperationId};
use domain::money::Amount;
use domain::operation::{OperationState, Work};
use domain::payment::{Payment, Phase, Refunded};
use domain::refund::{Ask, Part, PartState, Plan, Refund};
use domain::returns::Line;
use domain::seller::Party;
use domain::split::Split;
use store::{PaymentFilter, Store, StoreError};

use crate::harness::check;
use crate::values::{amount, at, captured, creation, id, next, operation, payment, s1, update};

async fn load(store: &Store, number: u128) -> Option<Payment> {
    store.read(move |tx| tx.payment_as_stored(id(number))).await.unwrap()
}

/// The ids of the payments that a filter lists, and each is as whole as when it is read alone.
async fn list(store: &Store, filter: PaymentFilter) -> Vec<u128> {
    let listed = store.read(move |tx| tx.payments(&filter)).await.unwrap();
    for one in &listed {
        assert_eq!(load(store, one.id.as_u128()).await.as_ref(), Some(one));
    }
    listed.iter().map(|one| one.id.as_u128()).collect()
}

fn refund(number: u16, state: PartState) -> Refund {
    let ask = RefundAsk {
        ask: Ask::Everything,
        keeps: BTreeSet::from(["s1".parse().unwrap()]),
        commission: Some(CommissionOnRefund::Keep),
        reason: Some("broken".to_owned()),
        reference: None,
        metadata: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
    };
    let plan = Plan {
        amount: amount(300),
        parties: Vec::new(),
        adjustments: Vec::new(),
        calls: Vec::new(),
        lines: Vec::new(),
        reasons: Vec::new(),
        warnings: vec!["ü".to_owned()],
    };
    let part = |split, party: Party| Part {
        split,
        party,
        amount: amount(150),
        state,
        gateway_id: Some(GatewayId::new(u64::MAX)),
    };
    Refund {
        number,
        asked: Some(ask),
        plan: Some(plan),
        parts: vec![part(1, s1()), part(3, Party::Marketplace)],
        adjusted: false,
        created_at: at(7),
        settled_at: None,
    }
}

#[test]
fn refunds_are_appended_and_change_in_place() {
    check("refunds", |world| async move {
        let store = &world.store;
        let first = payment(1, "o1");
        store.commit(creation(&first)).await.unwrap();
        let one = next(&first, |payment| payment.refunds.push(refund(1, PartState::Processing)));
        store.commit(update(&first, &one)).await.unwrap();
        assert_eq!(load(store, 1).await, Some(one.clone()));

        // One changes and another comes; the one that does not change is not written.
        let two = next(&one, |payment| payment.refunds.push(refund(2, PartState::Open)));
        store.commit(update(&one, &two)).await.unwrap();
        world.meddle("UPDATE refunds SET amount_succeeded = 7 WHERE number = 1 AND status = 'processing'");
        let three = next(&two, |payment| {
            payment.refunds[1] = refund(2, PartState::Succeeded);
            payment.refunds[1].settled_at = Some(at(9));
            // Made by somebody at the gateway.
            payment.refunds.push(refund(3, PartState::Open));
            payment.refunds[2].asked = None;
            payment.refunds[2].plan = None;
        });
        store.commit(update(&two, &three)).await.unwrap();
        assert_eq!(load(store, 1).await, Some(three.clone()));
        let columns = world.texts(
            "SELECT number || ' ' || status || ' ' || amount || ' ' || amount_succeeded || ' ' || created_at \
             || ' ' || coalesce(settled_at, 0) AS text FROM refunds ORDER BY number",
        );
        let (made, settled) = (at(7).micros(), at(9).micros());
        assert_eq!(
            columns,
            [
                format!("1 processing 300 7 {made} 0"),
                format!("2 succeeded 300 300 {made} {settled}"),
                format!("3 open 300 0 {made} 0"),
            ]
        );

        // Among payments that have none, and others' are not mixed up.
        let other = payment(2, "o2");
        store.commit(creation(&other)).await.unwrap();
        let plain = payment(3, "o3");
        store.commit(creation(&plain)).await.unwrap();
        let more = next(&other, |payment| payment.refunds.push(refund(1, PartState::Failed)));
        store.commit(update(&other, &more)).await.unwrap();
        let all = PaymentFilter {
            limit: 9,
            ..PaymentFilter::default()
        };
        assert_eq!(list(store, all).await, [3, 2, 1]);

        world.meddle("DELETE FROM refunds WHERE number = 3");
        let forgotten = store.read(|tx| tx.payment_as_stored(id(1))).await;
        assert!(matches!(forgotten, Err(StoreError::Corrupt(_))), "{forgotten:?}");
        let gone = next(&three, |payment| payment.refunds[2].settled_at = Some(at(10)));
        let missing = store.commit(update(&three, &gone)).await;
        assert!(matches!(missing, Err(StoreError::Corrupt(_))), "{missing:?}");
        world.meddle("UPDATE refunds SET number = 5 WHERE number = 1");
        let misplaced = store.read(|tx| tx.payment_as_stored(id(2))).await;
        assert!(matches!(misplaced, Err(StoreError::Corrupt(_))), "{misplaced:?}");
    });
}

#[test]
fn what_operations_do_is_read_back() {
    check("works", |world| async move {
        let store = &world.store;
        let addition = Addition {
            splits: vec![NewSplit {
                party: s1(),
                site: domain::ids::SiteId::try_new(11).unwrap(),
                amount: amount(5),
                reference: Some("own-1".parse().unwrap()),
            }],
            lines: Vec::new(),
            rest: None,
        };
        let plan = CapturePlan {
            amount: amount(5),
            stranded: Amount::ZERO,
            splits: Vec::new(),
            let_go: Vec::new(),
            shares: Vec::new(),
            adjustments: Vec::new(),
        };
        let works = [
            Work::AddSplits(Box::new(addition)),
            Work::Capture {
                plan: Box::new(plan),
                only: Some(2),
            },
            Work::Cancel,
            Work::Ready,
            Work::Refund {
                refund: 1,
                split: Some(3),
            },
            Work::Abandon { refund: 1 },
        ];
        let first = payment(1, "o1");
        store.commit(creation(&first)).await.unwrap();
        let after = next(&first, |payment| {
            for (number, work) in (2..).zip(works.clone()) {
                let mut one = operation(number, &format!("key-{number}"));
                one.work = work;
                one.state = OperationState::Pending;
                payment.operations.push(one);
            }
        });
        store.commit(update(&first, &after)).await.unwrap();
        assert_eq!(load(store, 1).await, Some(after.clone()));
        let pending = store
            .read(|tx| tx.operations_in(OperationState::Pending, 9, Some(OperationId::new(id(1), 1))))
            .await
            .unwrap();
        let found: Vec<_> = pending.into_iter().map(|(_, one, _)| one.work).collect();
        assert_eq!(found, works);

        // A kind that the work contradicts, and a kind that needs one and has none.
        world.meddle("UPDATE operations SET kind = 'ready' WHERE number = 4");
        let other = store.read(|tx| tx.payment_as_stored(id(1))).await;
        assert!(matches!(other, Err(StoreError::Corrupt(_))), "{other:?}");
        world.meddle("UPDATE operations SET kind = 'cancel', work = NULL WHERE number = 4");
        let none = store.read(|tx| tx.payment_as_stored(id(1))).await;
        assert!(matches!(none, Err(StoreError::Corrupt(_))), "{none:?}");
    });
}

#[test]
#[should_panic(expected = "what an operation does never changes")]
fn what_an_operation_does_never_changes() {
    check("one_work", |world| async move {
        let first = payment(1, "o1");
        world.store.commit(creation(&first)).await.unwrap();
        let changed = next(&first, |payment| payment.operations[0].work = Work::Cancel);
        let _ = world.store.commit(update(&first, &changed)).await;
    });
}

#[test]
fn what_a_payment_carries_is_read_back() {
    check("carried", |world| async move {
        let store = &world.store;
        let first = payment(1, "o1");
        store.commit(creation(&first)).await.unwrap();
        let answers = BTreeMap::from([
            ("s1".parse().unwrap(), Take::Amount(amount(3))),
            ("s2".parse().unwrap(), Take::Everything),
        ]);
        let after = next(&first, |payment| {
            payment.readiness = Some(Readiness {
                capture_by: at(60),
                unanswered: Unanswered::None,
                answers,
            });
            payment.authorized_until = Some(at(600));
            payment.amount_unallocated = amount(12);
            payment.lines = payment.sale.allocation.lines().iter().cloned().map(Line::new).collect();
            payment.lines[0].back.units = 1;
            let site = payment.splits[0].site;
            let mut added = Split::asked(4, s1(), site, amount(5));
            added.reference = Some("own-1".parse().unwrap());
            payment.splits.push(added);
        });
        assert!(!after.lines.is_empty());
        store.commit(update(&first, &after)).await.unwrap();
        assert_eq!(load(store, 1).await, Some(after));
    });
}

#[test]
fn payments_are_listed_by_what_went_back_and_what_lapses() {
    check("narrowed", |world| async move {
        let store = &world.store;
        // Their order is not that of their authorizations' ends.
        let ends = [(1_u128, 30), (2, 10), (3, 20), (4, 40)];
        for (number, seconds) in ends {
            let mut one = payment(number, &format!("o{number}"));
            one.phase = Phase::Authorized;
            one.authorized_until = Some(at(seconds));
            store.commit(creation(&one)).await.unwrap();
        }
        let before = |seconds| PaymentFilter {
            expiring_before: Some(at(seconds)),
            limit: 9,
            ..PaymentFilter::default()
        };
        assert_eq!(list(store, before(10)).await, [0_u128; 0]);
        assert_eq!(list(store, before(31)).await, [3, 2, 1]);
        let newest = PaymentFilter { limit: 2, ..before(99) };
        assert_eq!(list(store, newest).await, [4, 3]);

        // What is captured in full has nothing left that lapses; what is captured in part may.
        let mut third = load(store, 3).await.unwrap();
        let (paid, commit) = captured(&third, 3);
        store.commit(commit).await.unwrap();
        third = paid;
        let mut fourth = load(store, 4).await.unwrap();
        let partly = next(&fourth, |payment| {
            payment.phase = Phase::PartiallyCaptured;
            payment.splits[0].amount_authorized = amount(10);
            payment.splits[0].amount_captured = amount(4);
        });
        store.commit(update(&fourth, &partly)).await.unwrap();
        fourth = partly;
        assert_eq!(list(store, before(99)).await, [4, 2, 1]);
        let lapsed = next(&fourth, |payment| {
            payment.splits[0].amount_authorized = amount(4);
            payment.splits[0].amount_refunded = amount(4);
        });
        store.commit(update(&fourth, &lapsed)).await.unwrap();
        assert_eq!(list(store, before(99)).await, [2, 1]);
        let of_seller = PaymentFilter {
            seller: Some("s1".parse().unwrap()),
            ..before(11)
        };
        assert_eq!(list(store, of_seller).await, [2]);

        let part = next(&third, |payment| payment.splits[1].amount_refunded = amount(1));
        store.commit(update(&third, &part)).await.unwrap();
        let refunded = |refunded| PaymentFilter {
            refunded: Some(refunded),
            limit: 9,
            ..PaymentFilter::default()
        };
        assert_eq!(list(store, refunded(Refunded::None)).await, [2, 1]);
        assert_eq!(list(store, refunded(Refunded::Partly)).await, [3]);
        assert_eq!(list(store, refunded(Refunded::Fully)).await, [4]);
    });
}
