//! Balances and statements.

use std::time::Duration;

use domain::seller::Party;
use engine::Error;
use engine::ledger::{EntryQuery, EntryView};
use futures_util::TryStreamExt;

use crate::world::{World, caller, of_seller, ops};

fn all() -> EntryQuery {
    EntryQuery {
        limit: 100,
        ..EntryQuery::default()
    }
}

fn party(name: &str) -> Party {
    name.parse().unwrap()
}

#[tokio::test]
async fn a_paid_order_is_in_everybodys_balance() {
    let world = World::with_sellers().await;
    let empty = world.engine.balance(&ops(), "s1".parse().unwrap()).await.unwrap();
    assert!(empty.balances.is_empty());
    world.sells_and_is_paid("o1").await;

    let mut together = 0;
    for (seller, amount) in [("s1", 1050), ("s2", 1700)] {
        let view = world
            .engine
            .balance(&of_seller(seller), seller.parse().unwrap())
            .await
            .unwrap();
        let [eur] = &view.balances[..] else { panic!("{view:?}") };
        assert_eq!(
            (eur.currency.as_str(), eur.captured, eur.balance, eur.authorized),
            ("EUR", amount, amount, 0)
        );
        assert_eq!(view.seller.as_deref(), Some(seller));
        together += eur.balance;
    }
    let own = world.engine.marketplace_balance().await.unwrap();
    assert_eq!((own.balances[0].balance, own.seller), (500, None));
    assert_eq!(together + 500, 3250, "what the buyer paid");
}

#[tokio::test]
async fn a_seller_sees_itself_and_nobody_else() {
    let world = World::with_sellers().await;
    let s1 = of_seller("s1");
    assert!(matches!(
        world.engine.balance(&s1, "s2".parse().unwrap()).await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        world.engine.balance(&ops(), "nobody".parse().unwrap()).await,
        Err(Error::NotFound)
    ));
    for other in ["s2", "marketplace"] {
        assert!(
            matches!(
                world.engine.entries(&s1, party(other), all()).await,
                Err(Error::NotFound)
            ),
            "{other}"
        );
        let statement = world
            .engine
            .statement(&s1, party(other), all())
            .try_collect::<Vec<_>>()
            .await;
        assert!(matches!(statement, Err(Error::NotFound)), "{other}");
    }
    let storefront = caller(engine::Role::Storefront);
    assert!(matches!(
        world.engine.entries(&storefront, party("marketplace"), all()).await,
        Err(Error::NotFound)
    ));
    assert!(world.engine.entries(&ops(), party("marketplace"), all()).await.is_ok());
}

#[tokio::test]
async fn each_entry_says_why_and_what_is_left() {
    let world = World::with_sellers().await;
    let sold = world.sells_and_is_paid("o1").await;
    let page = world
        .engine
        .entries(&of_seller("s1"), party("s1"), all())
        .await
        .unwrap();
    let told: Vec<_> = page
        .data
        .iter()
        .map(|one| (one.kind.as_str(), one.amount, one.balance_change, one.balance))
        .collect();
    assert_eq!(told, [("captured", 1050, 1050, 1050), ("authorized", 1050, 0, 0)]);
    let newest = &page.data[0];
    assert_eq!(newest.cause, sold.operation.to_string());
    assert_eq!(
        (newest.payment.clone(), newest.order.as_deref()),
        (Some(sold.payment.to_string()), Some("o1"))
    );
    assert_eq!(
        (newest.reason.as_str(), newest.currency.as_str()),
        ("paid by the buyer", "EUR")
    );
}

#[tokio::test]
async fn pages_put_together_are_the_statement() {
    let world = World::with_sellers().await;
    for order in ["o1", "o2", "o3"] {
        world.clock.advance(Duration::from_secs(60));
        world.sells_and_is_paid(order).await;
    }
    let whole = world.engine.entries(&ops(), party("s2"), all()).await.unwrap().data;
    assert_eq!(whole.len(), 6);
    assert_eq!(whole[0].balance, 3 * 1700);
    let mut running = 0;
    for entry in whole.iter().rev() {
        running += entry.balance_change;
        assert_eq!(entry.balance, running, "{entry:?}");
    }

    let mut pages: Vec<EntryView> = Vec::new();
    let mut cursor = None;
    loop {
        let query = EntryQuery {
            cursor,
            limit: 4,
            ..EntryQuery::default()
        };
        let page = world.engine.entries(&ops(), party("s2"), query).await.unwrap();
        pages.extend(page.data);
        assert_eq!(page.has_more, page.next_cursor.is_some());
        let Some(next) = page.next_cursor else { break };
        cursor = Some(next);
    }
    assert_eq!(pages, whole);

    let mut statement = world
        .engine
        .statement(&ops(), party("s2"), all())
        .try_concat()
        .await
        .unwrap();
    statement.reverse();
    assert_eq!(statement, whole);

    // A part of it keeps its balances: they do not begin at nothing.
    let from = whole[1].recorded_at.parse().unwrap();
    let late = EntryQuery {
        from: Some(from),
        ..all()
    };
    let part = world.engine.entries(&ops(), party("s2"), late).await.unwrap().data;
    assert_eq!(part, whole[..2]);
    let early = EntryQuery {
        to: Some(from),
        ..all()
    };
    assert_eq!(
        world.engine.entries(&ops(), party("s2"), early).await.unwrap().data,
        whole[2..]
    );
    let other = EntryQuery {
        currency: Some("RON".parse().unwrap()),
        ..all()
    };
    assert!(
        world
            .engine
            .entries(&ops(), party("s2"), other)
            .await
            .unwrap()
            .data
            .is_empty()
    );
}

#[tokio::test]
async fn a_cursor_of_somebody_else_is_told_so() {
    let world = World::with_sellers().await;
    for cursor in ["", "x", "1-2-3-4", "01-pay_00000000000000000000000000-1-1", "evt_1"] {
        let query = EntryQuery {
            cursor: Some(cursor.to_owned()),
            ..all()
        };
        let page = world.engine.entries(&ops(), party("s1"), query).await;
        assert!(
            matches!(&page, Err(Error::Invalid(faults)) if faults[0].code == "cursor_invalid"),
            "{cursor}: {page:?}"
        );
    }
}
