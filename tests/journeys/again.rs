//! The same wish again: under the same key, at the same time, with another body, for the same order, after a restart.

use serde_json::json;
use std::collections::BTreeSet;
use tests::{Stage, both, carts};

both!(
    same_key_again,
    same_key_at_once,
    same_key_other_body,
    order_has_a_live_payment,
    restarted
);

async fn same_key_again(stage: Stage) {
    let world = stage.open().await;
    let first = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    let second = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.id(), first.id());

    world.buyer().pays(&first).await;
    let _ = world.storefront().waits_until(&first.id(), "captured").await;
    world.says("A repeat answers what is known now, not what was known then.");
    let third = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    assert_eq!((&third["status"], &third["id"]), (&json!("captured"), &first["id"]));
    assert_eq!(world.gateway().creates().len(), 1);
    world.close().await;
}

/// Ten at the same moment, while the gateway takes its time: one payment.
async fn same_key_at_once(stage: Stage) {
    let world = stage.open().await;
    let slow = json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "do": "delay_ms", "ms": 300}]);
    world.gateway().will("The gateway will take its time.", slow).await;
    world.says("The storefront sends the same request ten times at once.");
    let body = carts::payment("order-1", &carts::three_sellers());
    let storefront = world.storefront();
    let one = || storefront.asks_quietly("order-1", &body);
    let (a, b, c, d, e, f, g, h, i, j) =
        tokio::join!(one(), one(), one(), one(), one(), one(), one(), one(), one(), one());
    let answers = [a, b, c, d, e, f, g, h, i, j];
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    let ids: BTreeSet<_> = answers.iter().map(tests::http::Answer::id).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let fresh = answers
        .iter()
        .filter(|answer| answer.header("idempotent-replayed").is_none())
        .count();
    assert_eq!(fresh, 1, "one of them made it, the others were told of it");
    assert_eq!(world.gateway().creates().len(), 1);
    world.close().await;
}

async fn same_key_other_body(stage: Stage) {
    let world = stage.open().await;
    let first = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    let other = carts::payment("order-1", &carts::three_sellers());
    let refused = world.storefront().asks("order-1", &other).await.expect(422);
    assert_eq!(
        (&refused["code"], &refused["charged"]),
        (&json!("idempotency_key_reused"), &json!("no"))
    );
    let same = world.storefront().reads(&first.id()).await.expect(200);
    assert_eq!(same["amount"], first["amount"]);
    assert_eq!(world.gateway().creates().len(), 1);
    world.close().await;
}

async fn order_has_a_live_payment(stage: Stage) {
    let world = stage.open().await;
    let first = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    let mut body = carts::payment("order-1", &carts::one_lamp());
    let refused = world.storefront().asks("another-key", &body).await.expect(409);
    assert_eq!(
        (&refused["code"], &refused["payment"]),
        (&json!("order_has_live_payment"), &first["id"])
    );
    assert!(
        refused["detail"].as_str().is_some_and(|text| text.contains("open")),
        "its status is named: {}",
        refused.text
    );
    assert_eq!(world.gateway().creates().len(), 1);

    world.says("Unless the storefront means it.");
    body["allow_another"] = json!(true);
    let second = world.storefront().asks("a-third-key", &body).await.expect(201);
    assert_ne!(second.id(), first.id());
    world.close().await;
}

/// What was open before the API stopped is paid after it has started again.
async fn restarted(stage: Stage) {
    let mut world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(201);
    world.restarts().await;
    let again = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(201);
    assert_eq!(again.id(), payment.id());
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(world.gateway().creates().len(), 1);
    world.close().await;
}
