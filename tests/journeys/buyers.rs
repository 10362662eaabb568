//! What buyers do besides paying, and what a gateway does that refuses them.

use serde_json::json;
use tests::process::free_address;
use tests::stage::{point_notifications, start_sandbox};
use tests::{Stage, both, carts};

both!(
    buyer_fails,
    buyer_cancels,
    buyer_walks_away,
    refused_by_the_gateway,
    gateway_unreachable
);

async fn buyer_fails(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    world.buyer().fails(&payment).await;
    let failed = world.storefront().waits_until(&payment.id(), "failed").await;
    assert_eq!(
        (&failed["charged"], &failed["amount_captured"]),
        (&json!("no"), &json!(0))
    );

    world.says("The order is free again: the same buyer tries once more, under another key.");
    let body = carts::payment("order-1", &carts::one_lamp());
    let second = world.storefront().asks("order-1-again", &body).await.expect(201);
    assert_ne!(second.id(), payment.id());
    world.buyer().pays(&second).await;
    let _ = world.storefront().waits_until(&second.id(), "captured").await;
    world.close().await;
}

async fn buyer_cancels(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    world.buyer().cancels(&payment).await;
    let cancelled = world.storefront().waits_until(&payment.id(), "cancelled").await;
    assert_eq!(cancelled["charged"], "no");
    world.close().await;
}

async fn buyer_walks_away(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    world.buyer().walks_away(&payment).await;
    let expired = world.storefront().waits_until(&payment.id(), "expired").await;
    assert_eq!(expired["charged"], "no");
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    assert!(
        balance["balances"]
            .as_array()
            .is_some_and(|lines| lines.iter().all(|line| line["balance"] == 0))
    );
    world.close().await;
}

/// The gateway does not know one of the sites: the payment exists as failed, and the storefront hears why.
async fn refused_by_the_gateway(stage: Stage) {
    let world = stage.open().await;
    let linked = json!({"linked_sites": [33513]});
    world
        .gateway()
        .behaves("The gateway pays out to one of the sites only.", linked)
        .await;
    let refused = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(402);
    assert_eq!(
        (&refused["code"], &refused["charged"]),
        (&json!("payment_refused"), &json!("no"))
    );
    assert!(
        refused["gateway"]["reasons"][0]["code"].is_string(),
        "the gateway's own code is told: {}",
        refused.text
    );
    let failed = world.storefront().reads(&refused.text_at("payment")).await.expect(200);
    assert_eq!(failed["status"], "failed");

    world
        .gateway()
        .behaves("The site is linked.", json!({"linked_sites": null}))
        .await;
    world.says("A refusal ends the wish: a new one has a new key.");
    let body = carts::payment("order-1", &carts::three_sellers());
    let payment = world.storefront().asks("order-1-again", &body).await.expect(201);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// Nobody listens where the gateway should be: nothing was sent, and that is said. The same key opens the next attempt.
async fn gateway_unreachable(stage: Stage) {
    let listen = free_address();
    let mut world = stage.with("gateway.base_url", &format!("http://{listen}")).open().await;
    world.says("The gateway is away.");
    let problem = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(503);
    assert_eq!(
        (&problem["code"], &problem["charged"]),
        (&json!("gateway_unavailable"), &json!("no"))
    );
    assert_eq!(problem["retry"], "same_key");
    assert!(problem.header("retry-after").is_some());
    let id = problem.text_at("payment");
    let payment = world.storefront().reads(&id).await.expect(200);
    assert_eq!(
        (&payment["status"], &payment["charged"]),
        (&json!("failed"), &json!("no"))
    );

    world.says("The gateway is there again.");
    world.sandbox = start_sandbox(Some(&listen)).await;
    point_notifications(&world.sandbox, world.url());
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    assert_eq!(payment.id(), id, "the same wish, and so the same payment");
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&id, "captured").await;
    world.close().await;
}
