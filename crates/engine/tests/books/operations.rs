//! What operators look at.

use std::time::Duration;

use domain::discrepancy::DiscrepancyState;
use domain::ids::{GatewayId, NotificationId};
use domain::notification::{Notification, NotificationKind, NotificationState};
use domain::operation::OperationState;
use domain::sight::{GatewayRef, Host, Standing};
use engine::operations::DiscrepancyQuery;
use engine::{Caller, Error};
use store::{Commit, NotificationChange};

use crate::world::{World, of_seller, ops};

fn live_ops() -> Caller {
    Caller { live: true, ..ops() }
}

#[tokio::test]
async fn an_unknown_operation_is_listed_until_it_is_asked_about() {
    let world = World::with_sellers().await;
    *world.gateway.mute.lock().unwrap() = true;
    let lost = world.sells("o1").await;
    *world.gateway.mute.lock().unwrap() = false;
    world.sells("o2").await;
    world.clock.advance(Duration::from_secs(90));

    let open = world.engine.operations(&ops(), None, None, 10).await.unwrap();
    let [one] = &open.data[..] else { panic!("{open:?}") };
    assert_eq!(
        (one.operation.id.clone(), one.operation.state.as_str()),
        (lost.operation.to_string(), "unknown")
    );
    assert_eq!((one.age_seconds, one.amount, one.currency.as_str()), (90, 3250, "EUR"));
    assert_eq!(
        (one.operation.attempts, one.payment_status.as_str(), one.order.as_str()),
        (1, "processing", "o1")
    );
    assert!(one.next_question_at.is_some());
    assert!(
        world
            .engine
            .operations(&live_ops(), None, None, 10)
            .await
            .unwrap()
            .data
            .is_empty()
    );
    let done = world
        .engine
        .operations(&ops(), Some(OperationState::Done), None, 10)
        .await
        .unwrap();
    assert_eq!(done.data.len(), 1);

    for nobody in [live_ops(), of_seller("s1")] {
        assert!(matches!(
            world.engine.inquire(&nobody, lost.operation).await,
            Err(Error::NotFound)
        ));
    }
    let asked = world.engine.inquire(&ops(), lost.operation).await.unwrap();
    assert_eq!(
        (asked.operation.state.as_str(), asked.payment_status.as_str()),
        ("done", "open")
    );
    assert!(
        world
            .engine
            .operations(&ops(), None, None, 10)
            .await
            .unwrap()
            .data
            .is_empty()
    );
}

#[tokio::test]
async fn operations_are_paged_oldest_first() {
    let world = World::with_sellers().await;
    *world.gateway.mute.lock().unwrap() = true;
    let mut sold = Vec::new();
    for order in ["o1", "o2", "o3"] {
        sold.push(world.sells(order).await.operation.to_string());
    }
    let first = world.engine.operations(&ops(), None, None, 2).await.unwrap();
    let after = first.next_cursor.as_ref().unwrap().parse().unwrap();
    let second = world.engine.operations(&ops(), None, Some(after), 2).await.unwrap();
    assert!(second.next_cursor.is_none());
    let ids: Vec<_> = first
        .data
        .iter()
        .chain(&second.data)
        .map(|one| one.operation.id.clone())
        .collect();
    assert_eq!(ids, sold);
}

#[tokio::test]
async fn differences_and_orphans_are_one_list() {
    let world = World::with_sellers().await;
    for order in ["o1", "o2"] {
        let sold = world.sells(order).await;
        world.gateway.show_amount(&sold.reference, 9999);
        world.gateway.show(&sold.reference, 2, Standing::Captured);
        world.engine.inquire(&ops(), sold.operation).await.unwrap();
    }
    for number in 1..=3_u64 {
        let bell = orphan(number);
        let commit = Commit {
            notification: Some(NotificationChange::Insert(bell)),
            ..Commit::default()
        };
        world.store.commit(commit).await.unwrap();
    }
    let whole = world.engine.discrepancies(&ops(), waiting(None, 100)).await.unwrap();
    let kinds: Vec<_> = whole.data.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["answer_differs", "answer_differs", "orphan", "orphan", "orphan"]
    );
    assert!(whole.data[0].holds && whole.data[0].detail.contains("amount asked 32.50 EUR, shown 99.99 EUR"));
    assert!(
        whole.data[2].payment.is_none() && whole.data[2].detail.contains("payment 7003 (pay)"),
        "{:?}",
        whole.data[2]
    );

    for limit in 1..=4 {
        let (mut ids, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = world
                .engine
                .discrepancies(&ops(), waiting(cursor.as_deref(), limit))
                .await
                .unwrap();
            assert!(page.data.len() <= limit);
            ids.extend(page.data.into_iter().map(|one| one.id));
            let Some(next) = page.next_cursor else { break };
            cursor = Some(next);
        }
        let wanted: Vec<_> = whole.data.iter().map(|one| one.id.clone()).collect();
        assert_eq!(ids, wanted, "by {limit}");
    }
    let live = world
        .engine
        .discrepancies(&live_ops(), waiting(None, 100))
        .await
        .unwrap();
    assert_eq!(live.data.len(), 3, "orphans belong to nobody's payment");
    let wrong = world.engine.discrepancies(&ops(), waiting(Some("pay_1"), 10)).await;
    assert!(matches!(wrong, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_timeline_tells_everything_in_order() {
    let world = World::with_sellers().await;
    let sold = world.sells_and_is_paid("o1").await;
    let page = world.engine.timeline(&ops(), sold.payment).await.unwrap();
    let told: Vec<_> = page
        .data
        .iter()
        .map(|one| (one.kind.as_str(), one.what.as_str()))
        .collect();
    assert_eq!(
        told[..2],
        [("operation", "decided"), ("attempt", "attempt")],
        "{told:?}"
    );
    assert!(told.contains(&("phase", "phase")), "{told:?}");
    let postings: Vec<_> = page.data.iter().filter_map(|one| one.posting.as_ref()).collect();
    assert_eq!(
        postings.len(),
        6,
        "authorized and captured, of two sellers and the marketplace"
    );
    assert!(postings.iter().all(|one| one.currency == "EUR"));
    let captured: i64 = postings
        .iter()
        .filter(|one| one.credit == "payable")
        .map(|one| one.amount)
        .sum();
    assert_eq!(captured, 3250);
    assert!(page.data.is_sorted_by_key(|one| one.at.clone()));

    for nobody in [live_ops(), of_seller("s1")] {
        assert!(matches!(
            world.engine.timeline(&nobody, sold.payment).await,
            Err(Error::NotFound)
        ));
    }
}

fn orphan(number: u64) -> Notification {
    Notification {
        id: NotificationId::from_u128(u128::from(number)),
        kind: NotificationKind::Payment,
        about: Some(GatewayRef {
            host: Host::Pay,
            id: GatewayId::new(7000 + number),
        }),
        gateway_id: None,
        reference: None,
        claims: None,
        digest: "00".to_owned(),
        redacted: "{}".to_owned(),
        state: NotificationState::Orphan,
        payment: None,
        received_at: "2030-01-31T12:00:00Z".parse().unwrap(),
        due_at: None,
        tries: 3,
    }
}

/// Differences that wait, behind this cursor.
fn waiting(cursor: Option<&str>, limit: usize) -> DiscrepancyQuery {
    DiscrepancyQuery {
        state: Some(DiscrepancyState::Open),
        cursor: cursor.map(str::to_owned),
        limit,
        ..DiscrepancyQuery::default()
    }
}
