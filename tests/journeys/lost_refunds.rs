//! Refunds of which something is lost, late or refused: never sent twice, always found out.

use crate::refunds::{path, sold};
use serde_json::{Value, json};
use tests::{Loose, Stage, both};

both!(
    lost_refund_answer,
    lost_refund_request,
    refund_fails_at_the_gateway,
    two_refunds_that_only_fit_once
);

/// The gateway has it, and lost its answer: asked, it shows the refund; nothing is sent again.
async fn lost_refund_answer(stage: Stage) {
    let world = stage.curious().open().await;
    let payment = sold(&world).await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "/refunds$"}, "times": 1, "do": "lose_answer"}]);
    world
        .gateway()
        .will("The gateway will take the first part and lose its answer.", fault)
        .await;
    let ask = json!({"seller": "s1", "amount": 1000});
    let unknown = world
        .ops()
        .does("Operations gives ten euros back.", &path(&payment), ask.clone())
        .await
        .expect(202);
    assert_eq!(unknown["status"], "processing");
    let again = world
        .ops()
        .does_as(
            "another",
            "Another key is another refund: there is room for it.",
            &path(&payment),
            ask,
        )
        .await;
    assert!(matches!(again.status, 201 | 202), "{}", again.text);
    let done = world.ops().awaits_refund(&unknown.id(), "succeeded").await;
    assert_eq!(done["amount_succeeded"], 1000);
    let _ = world.ops().awaits_refund(&again.id(), "succeeded").await;
    assert_eq!(
        world.gateway().saw("POST", "/refunds").len(),
        4,
        "two parts of two refunds, each once"
    );
    world.close().await;
}

/// The request never arrived, and nobody can know: no document says that a second one is refused, so it is not sent
/// again by itself. What it claims stays claimed, and operations finds it.
async fn lost_refund_request(stage: Stage) {
    let mut world = stage.curious().open().await;
    world.leaves(Loose {
        open: 1,
        ..Loose::default()
    });
    let payment = sold(&world).await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "/refunds$"}, "times": 1, "do": "lose_request"}]);
    world
        .gateway()
        .will("The first part will be lost on its way.", fault)
        .await;
    let ask = json!({"seller": "s1", "amount": 4000});
    let unknown = world
        .ops()
        .does("Operations gives forty euros back.", &path(&payment), ask.clone())
        .await
        .expect(202);
    let settled = |seen: &Value| seen["refunds"][0]["parts"][1]["status"] == "succeeded";
    let seen = world
        .ops()
        .awaits(&payment.id(), "the other part is with the buyer", settled)
        .await;
    assert_eq!(seen["refunds"][0]["parts"][0]["status"], "processing");
    let refused = world
        .ops()
        .does_as("another", "What it claims stays claimed.", &path(&payment), ask)
        .await
        .expect(422);
    assert_eq!(
        refused["errors"][0]["code"], "refund_exceeds_captured",
        "{}",
        refused.text
    );
    let open = world.ops().glances("/v1/operations?state=unknown").await.expect(200);
    assert_eq!(open["data"][0]["kind"], "refund", "{}", open.text);
    let sent = world.gateway().saw("POST", "/refunds");
    assert_eq!(sent.len(), 2, "{sent:?}");
    let _ = world
        .ops()
        .reads(&format!("/v1/refunds/{}", unknown.id()))
        .await
        .expect(200);
    world.close().await;
}

/// It was accepted, and fails later: what it claimed is free again, and a new refund takes it.
async fn refund_fails_at_the_gateway(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let fails = json!({"refund_settles_as": "failed"});
    world
        .gateway()
        .behaves("Refunds will be accepted and then fail.", fails)
        .await;
    let ask = json!({"seller": "s2", "amount": 1000, "commission": "keep"});
    let refund = world
        .ops()
        .does(
            "Operations gives ten euros for the rug back; the commission stays.",
            &path(&payment),
            ask.clone(),
        )
        .await
        .expect(201);
    assert_eq!(refund["parts"].as_array().map(Vec::len), Some(1), "{}", refund.text);
    let failed = world.ops().awaits_refund(&refund.id(), "failed").await;
    assert_eq!(failed["amount_succeeded"], 0);
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&after["refunded"], &after["amount_refunding"]),
        (&json!("none"), &json!(0))
    );
    let works = json!({"refund_settles_as": "success"});
    world.gateway().behaves("Refunds will succeed again.", works).await;
    let again = world
        .ops()
        .does_as("again", "The same under another key.", &path(&payment), ask)
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&again.id(), "succeeded").await;
    world.close().await;
}

/// Two people give back most of the plants at the same instant: one of them does.
async fn two_refunds_that_only_fit_once(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let ask = json!({"seller": "s3", "amount": 600});
    world.says("Two people give 6.00 of 10.50 back at the same instant: one is told that it does not fit.");
    let path = path(&payment);
    let (ops, storefront) = (world.ops(), world.storefront());
    let (one, other) = tokio::join!(
        ops.does_quietly("one", &path, ask.clone()),
        ops.does_quietly("other", &path, ask)
    );
    let (done, refused) = if one.status == 201 { (one, other) } else { (other, one) };
    let done = done.expect(201);
    let refused = refused.expect(422);
    assert_eq!(
        refused["errors"][0]["code"], "refund_exceeds_captured",
        "{}",
        refused.text
    );
    let _ = ops.awaits_refund(&done.id(), "succeeded").await;
    let after = storefront.reads(&payment.id()).await.expect(200);
    assert_eq!(after["amount_refunded"], 600);
    world.close().await;
}
