//! Two steps: what is authorized is taken at once, by hand, or in part; and what is left lapses.

use serde_json::{Value, json};
use tests::http::Answer;
use tests::{Stage, both, carts};

both!(
    automatic_capture,
    automatic_capture_of_paypal,
    capture_that_is_only_requested,
    captured_by_hand,
    capture_times_out_at_the_provider,
    lost_capture_answer,
    lost_capture_request,
    authorization_lapses,
    restarted_while_capturing,
);

/// A payment by a method that authorizes first.
pub fn two_steps(order: &str, cart: &Value, method: u32, capture: &str) -> Value {
    let mut body = carts::payment(order, cart);
    body["method_id"] = json!(method);
    body["capture"] = json!(capture);
    body
}

/// Where its capture is asked for.
pub fn path(payment: &Answer) -> String {
    format!("payments/{}/capture", payment.id())
}

/// Paysafecard only authorizes: the capture follows by itself, and nobody has to ask for it.
async fn automatic_capture(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "automatic");
    let paid = world.storefront().sells("order-1", &body, "captured").await;
    assert_eq!(paid["amount_captured"], 10_000);
    assert_eq!(paid["operations"][1]["kind"], "capture");
    assert_eq!(world.gateway().saw("POST", "/capture").len(), 1);
    world.close().await;
}

async fn automatic_capture_of_paypal(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::one_lamp(), 94, "automatic");
    let paid = world.storefront().sells("order-1", &body, "captured").await;
    assert_eq!((&paid["amount_captured"], &paid["held"]), (&json!(1999), &json!(false)));
    world.close().await;
}

/// PostFinance answers a capture with *requested*; it is done a second later, and only then told.
async fn capture_that_is_only_requested(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 1130, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let path = path(&payment);
    let asked = world
        .ops()
        .does("Operations captures everything.", &path, json!({}))
        .await
        .expect(202);
    assert_eq!(
        (&asked["status"], &asked["amount_captured"]),
        (&json!("capturing"), &json!(0))
    );
    let again = world
        .ops()
        .does_as("another", "A second capture meanwhile is refused.", &path, json!({}))
        .await
        .expect(409);
    assert_eq!(again["code"], "operation_in_progress");
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(paid["amount_captured"], 10_000);
    world.close().await;
}

/// Operations sees until when it lasts, finds it among those that lapse soon, and captures everything.
async fn captured_by_hand(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    assert_eq!(
        (&payment["amount_authorized"], &payment["amount_captured"]),
        (&json!(10_000), &json!(0))
    );
    let until = payment.text_at("authorized_until");
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    assert_eq!(balance["balances"][0]["balance"], 0);

    let soon = world
        .ops()
        .glances(&format!("/v1/payments?status=authorized&expiring_before={until}"))
        .await
        .expect(200);
    assert_eq!(soon["data"], json!([]), "it lapses at that moment, not before");
    let soon = world
        .ops()
        .reads("/v1/payments?status=authorized&expiring_before=2100-01-01T00:00:00Z")
        .await
        .expect(200);
    assert_eq!(soon["data"][0]["id"], payment["id"], "{}", soon.text);

    let path = path(&payment);
    let preview = world
        .ops()
        .previews("What a capture would do.", &format!("{path}/preview"), json!({}))
        .await
        .expect(200);
    assert_eq!((&preview["amount"], &preview["stranded"]), (&json!(10_000), &json!(0)));
    let paid = world
        .ops()
        .does("Operations captures everything.", &path, json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&paid["status"], &paid["amount_captured"]),
        (&json!("captured"), &json!(10_000))
    );
    let again = world
        .ops()
        .does("The same, once more: one capture.", &path, json!({}))
        .await
        .expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let second = world
        .ops()
        .does_as("another", "Under another key it is a second capture.", &path, json!({}))
        .await
        .expect(422);
    assert_eq!(second["code"], "already_captured");
    assert_eq!(world.gateway().saw("POST", "/capture").len(), 1);
    world.close().await;
}

/// The provider does not answer the gateway (157): nothing was taken, and it may be asked for again.
async fn capture_times_out_at_the_provider(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let fault = json!([{"when": {"path_regex": "/capture$"}, "times": 1, "do": "provider_timeout"}]);
    world
        .gateway()
        .will("The provider will not answer the gateway in time.", fault)
        .await;
    let path = path(&payment);
    let refused = world
        .ops()
        .does("Operations captures everything.", &path, json!({}))
        .await
        .expect(402);
    assert_eq!(
        (
            &refused["code"],
            &refused["charged"],
            &refused["gateway"]["reasons"][0]["code"]
        ),
        (&json!("operation_refused"), &json!("no"), &json!("157"))
    );
    let still = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&still["status"], &still["amount_captured"]),
        (&json!("authorized"), &json!(0))
    );
    let paid = world
        .ops()
        .does_as("again", "Under another key it is asked for again.", &path, json!({}))
        .await
        .expect(200);
    assert_eq!(paid["amount_captured"], 10_000);
    world.close().await;
}

/// It was captured, and the answer was lost: asked, the gateway shows it; nothing is captured twice.
async fn lost_capture_answer(stage: Stage) {
    let world = stage.curious().open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let faults = json!([
        {"when": {"path_regex": "/capture$"}, "times": 1, "do": "lose_answer"},
        {"when": {"path_regex": "/capture$"}, "do": "drop_notification"},
    ]);
    world
        .gateway()
        .will("The gateway will capture, lose its answer, and tell nobody.", faults)
        .await;
    let path = path(&payment);
    let unknown = world
        .ops()
        .does("Operations captures everything.", &path, json!({}))
        .await
        .expect(202);
    assert_eq!(unknown["amount_captured"], 0, "nothing is booked that nobody has shown");
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(paid["amount_captured"], 10_000);
    assert_eq!(world.gateway().saw("POST", "/capture").len(), 1);
    world.close().await;
}

/// The request never arrived: asked, the gateway shows an authorization; after the quiet period it is sent again.
async fn lost_capture_request(stage: Stage) {
    let world = stage.curious().open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let fault = json!([{"when": {"path_regex": "/capture$"}, "times": 1, "do": "lose_request"}]);
    world
        .gateway()
        .will("The capture will be lost on its way.", fault)
        .await;
    let _ = world
        .ops()
        .does("Operations captures everything.", &path(&payment), json!({}))
        .await
        .expect(202);
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(paid["operations"][1]["attempts"], 2);
    world.close().await;
}

/// Nobody captures: after a week the gateway lets the money go, and so do we.
async fn authorization_lapses(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    world
        .gateway()
        .time_passes("Eight days pass at the gateway.", 8 * 86_400_000)
        .await;
    let over = world.storefront().waits_until(&payment.id(), "expired").await;
    assert_eq!(
        (&over["amount_authorized"], &over["charged"]),
        (&json!(0), &json!("no"))
    );
    let late = world
        .ops()
        .does("Operations captures too late.", &path(&payment), json!({}))
        .await
        .expect(422);
    assert_eq!(late["code"], "not_authorized");
    world.close().await;
}

/// The gateway is still at it when the API is stopped: what was asked is known afterwards, and is not asked again.
async fn restarted_while_capturing(stage: Stage) {
    let mut world = stage.curious().open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 1130, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let never = json!({"capture_settles_as": "never"});
    world.gateway().behaves("The gateway will take its time.", never).await;
    let ask = json!({"sellers": [{"seller": "s1", "amount": 2000}], "accept_stranded": true});
    let asked = world
        .ops()
        .does("Operations captures part of it.", &path(&payment), ask)
        .await
        .expect(202);
    assert_eq!(asked["status"], "capturing");
    world.restarts().await;
    world
        .gateway()
        .acts("The gateway is done.", json!({"do": "settle", "done": true}))
        .await;
    let paid = world
        .storefront()
        .waits_until(&payment.id(), "partially_captured")
        .await;
    assert_eq!(paid["amount_captured"], 2000 + 212);
    assert_eq!(world.gateway().saw("POST", "/capture").len(), 1);
    world.close().await;
}
