//! Ending a payment before money is taken: at once, by asking, or before the gateway has even seen it.

use crate::captures::two_steps;
use serde_json::{Value, json};
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    cancel_while_open,
    cancel_while_authorized,
    lost_cancel_answer,
    cancel_after_capture,
    cancel_of_a_lost_request,
    cancel_of_what_turns_up,
    cancel_of_what_was_paid,
);

fn path(payment: &Answer) -> String {
    format!("payments/{}/cancel", payment.id())
}

/// The buyer has not opened the page yet: the storefront takes it back, and the order is free.
async fn cancel_while_open(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    let over = world
        .storefront()
        .does("The storefront takes it back.", &path(&payment), json!({}))
        .await
        .expect(200);
    assert_eq!((&over["status"], &over["charged"]), (&json!("cancelled"), &json!("no")));
    let again = world
        .storefront()
        .does("Twice is once.", &path(&payment), json!({}))
        .await
        .expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let late = world
        .ops()
        .does_as("late", "What is over cannot be cancelled.", &path(&payment), json!({}))
        .await
        .expect(422);
    assert_eq!(late["code"], "payment_over");
    world.says("The order is free.");
    let _ = world
        .storefront()
        .sells(
            "order-1-again",
            &carts::payment("order-1", &carts::one_lamp()),
            "captured",
        )
        .await;
    world.close().await;
}

/// The provider does not answer at first; then the authorization is let go.
async fn cancel_while_authorized(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let fault = json!([{"when": {"path_regex": "/cancel$"}, "times": 1, "do": "provider_timeout"}]);
    world
        .gateway()
        .will("The provider will not answer the gateway in time.", fault)
        .await;
    let refused = world
        .ops()
        .does("Operations cancels.", &path(&payment), json!({}))
        .await
        .expect(402);
    assert_eq!(refused["code"], "operation_refused");
    let over = world
        .ops()
        .does_as("again", "Operations cancels again.", &path(&payment), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&over["status"], &over["amount_authorized"]),
        (&json!("cancelled"), &json!(0))
    );
    world.close().await;
}

async fn lost_cancel_answer(stage: Stage) {
    let world = stage.curious().open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let faults = json!([
        {"when": {"path_regex": "/cancel$"}, "times": 1, "do": "lose_answer"},
        {"when": {"path_regex": "/cancel$"}, "do": "drop_notification"},
    ]);
    world
        .gateway()
        .will("The gateway will cancel, lose its answer, and tell nobody.", faults)
        .await;
    let _ = world
        .ops()
        .does("Operations cancels.", &path(&payment), json!({}))
        .await
        .expect(202);
    let over = world.storefront().waits_until(&payment.id(), "cancelled").await;
    assert_eq!(over["amount_authorized"], 0);
    assert_eq!(world.gateway().saw("POST", "/cancel").len(), 1);
    world.close().await;
}

async fn cancel_after_capture(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .sells("order-1", &carts::payment("order-1", &carts::one_lamp()), "captured")
        .await;
    let refused = world
        .ops()
        .does("What is paid can only be refunded.", &path(&payment), json!({}))
        .await
        .expect(422);
    assert_eq!(refused["code"], "cancel_after_capture");
    assert!(world.gateway().saw("POST", "/cancel").is_empty());
    world.close().await;
}

/// The create was lost on its way, and is cancelled before anybody knows: it is never sent again.
async fn cancel_of_a_lost_request(stage: Stage) {
    let world = stage.curious().with("recovery.quiet_period_ms", "1500").open().await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "lose_request"}]);
    world
        .gateway()
        .will("The request will be lost on its way.", fault)
        .await;
    let unknown = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(202);
    let asked = world
        .storefront()
        .does("The storefront takes it back.", &path(&unknown), json!({}))
        .await
        .expect(202);
    assert_eq!(
        asked["status"], "processing",
        "nobody knows yet whether there is anything to cancel"
    );
    let over = |seen: &Value| matches!(seen["status"].as_str(), Some("cancelled" | "failed"));
    let over = world.ops().awaits(&unknown.id(), "it is over", over).await;
    assert_eq!(over["charged"], "no");
    assert_eq!(world.gateway().creates().len(), 1, "it is not sent again");
    assert!(world.gateway().books().payments.is_empty());
    world.close().await;
}

/// The create had arrived: as soon as it is found it is cancelled.
async fn cancel_of_what_turns_up(stage: Stage) {
    let world = stage.curious().with("recovery.quiet_period_ms", "20000").open().await;
    let unknown = made_and_hidden(&world).await;
    let _ = world
        .storefront()
        .does("The storefront takes it back.", &path(&unknown), json!({}))
        .await
        .expect(202);
    world.gateway().recovers().await;
    let over = world.storefront().waits_until(&unknown.id(), "cancelled").await;
    assert_eq!(over["charged"], "no");
    assert_eq!(world.gateway().only_payment().status, 3);
    world.close().await;
}

/// It turns up, and the buyer has paid meanwhile: nothing is cancelled, and a person is told.
async fn cancel_of_what_was_paid(stage: Stage) {
    let world = stage.curious().with("recovery.quiet_period_ms", "20000").open().await;
    let unknown = made_and_hidden(&world).await;
    let _ = world
        .storefront()
        .does("The storefront takes it back.", &path(&unknown), json!({}))
        .await
        .expect(202);
    world.buyer().pays_at_the_gateway(&world.gateway().only_payment()).await;
    world.gateway().recovers().await;
    let paid = |seen: &Value| seen["amount_captured"] == 1999 && seen["operations"][1]["state"] == "refused";
    let seen = world.ops().awaits(&unknown.id(), "the money is found", paid).await;
    assert_eq!(seen["discrepancies"][0]["kind"], "cancel_too_late", "{}", seen.text);
    world.close().await;
}

/// A payment of which only the gateway knows: the answer is lost, and its lists do not show it until it recovers.
async fn made_and_hidden(world: &World) -> Answer {
    let empty = json!({"Payments": [], "TotalPages": 0, "PageSize": 50, "PageIndex": 1, "Count": 0, "TotalCount": 0});
    let faults = json!([
        {"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "lose_answer"},
        {"when": {"method": "GET", "path_regex": "^/v1/payments$"}, "do": "status", "status": 200, "body": empty},
        {"when": {"path_regex": "^/Home"}, "do": "drop_notification"},
    ]);
    let sentence =
        "The gateway will make the payment and lose its answer; its lists will show nothing, and it tells nobody.";
    world.gateway().will(sentence, faults).await;
    world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(202)
}
