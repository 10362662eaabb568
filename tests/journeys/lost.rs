//! What is lost on the way: never a failure, never a second charge, always found out by asking.

use serde_json::{Value, json};
use tests::{Stage, both, carts};

both!(
    lost_answer,
    lost_request,
    late_arrival,
    already_there,
    notification_first
);

/// The payment was made, the answer was lost: 202 and `processing`, until the gateway, asked, shows it.
async fn lost_answer(stage: Stage) {
    let world = stage.curious().open().await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "lose_answer"}]);
    world
        .gateway()
        .will("The gateway will make the payment and lose its answer.", fault)
        .await;
    let unknown = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(202);
    assert_eq!(
        (&unknown["status"], &unknown["charged"]),
        (&json!("processing"), &json!("unknown"))
    );
    assert!(unknown.header("retry-after").is_some());

    let payment = world.storefront().waits_until(&unknown.id(), "open").await;
    assert_eq!(world.gateway().creates().len(), 1, "what exists is not asked for again");
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// The request never arrived: after the quiet period it is sent again, under the same reference.
async fn lost_request(stage: Stage) {
    let world = stage.curious().open().await;
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
    assert_eq!(unknown["status"], "processing");

    let payment = world.storefront().waits_until(&unknown.id(), "open").await;
    let creates = world.gateway().creates();
    assert_eq!(creates.len(), 2, "{creates:?}");
    let reference = |at: usize| creates[at].body["Payment"]["MerchantTransactionID"].clone();
    assert_eq!(reference(0), reference(1), "a resend has the same reference");
    assert_eq!(creates[0].request_id, creates[1].request_id, "and the same RequestId");
    assert_eq!(payment["operations"][0]["attempts"], 2);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// The request was believed lost, was sent again, and then arrives after all: the gateway refuses the second of them.
async fn late_arrival(stage: Stage) {
    let world = stage.curious().open().await;
    let late = json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "deliver_late_ms", "ms": 600_000}]);
    world
        .gateway()
        .will("The request will take ten minutes to arrive.", late)
        .await;
    let mut body = carts::payment("order-1", &carts::one_lamp());
    body["token_lifetime_minutes"] = json!(60);
    let unknown = world.storefront().asks("order-1", &body).await.expect(202);
    let payment = world.storefront().waits_until(&unknown.id(), "open").await;

    world.says("Ten minutes pass at the gateway.");
    world.sandbox.with_core(|core, _| core.advance_clock(601_000));
    let arrived = async || {
        let creates = world.gateway().creates();
        if creates.iter().any(|one| one.late && one.status.is_some()) {
            Ok(())
        } else {
            Err(format!("{creates:?}"))
        }
    };
    world.until("the late request arrives", arrived).await;
    let entry = world.gateway().only_payment();
    assert_eq!(entry.status, 1);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// The payment is there, yet the gateway's lists do not show it at first: the resend is refused as a duplicate, which
/// means *ask, compare, adopt*.
async fn already_there(stage: Stage) {
    let world = stage.curious().open().await;
    let empty = json!({"Payments": [], "TotalPages": 0, "PageSize": 50, "PageIndex": 1, "Count": 0, "TotalCount": 0});
    let faults = json!([
        {"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "lose_answer"},
        {"when": {"method": "GET", "path_regex": "^/v1/payments$"}, "do": "status", "status": 200, "body": empty},
    ]);
    world
        .gateway()
        .will(
            "The gateway will lose its answer, and its lists will show nothing for a while.",
            faults,
        )
        .await;
    let unknown = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(202);
    let refused = |seen: &Value| seen["operations"][0]["refusal"].is_object();
    world
        .ops()
        .waits_for(&unknown.id(), "the second try is refused", refused)
        .await;
    assert_eq!(world.gateway().creates().len(), 2);
    let processing = world.storefront().reads(&unknown.id()).await.expect(200);
    assert_eq!(
        (&processing["status"], &processing["charged"]),
        (&json!("processing"), &json!("unknown"))
    );

    world.gateway().recovers().await;
    let payment = world.storefront().waits_until(&unknown.id(), "open").await;
    assert_eq!(world.gateway().only_payment().status, 1);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// The buyer is faster than the gateway's answer: the notification finds the payment, and the answer changes nothing.
async fn notification_first(stage: Stage) {
    let world = stage.open().await;
    let slow = json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "delay_ms", "ms": 1_000}]);
    world
        .gateway()
        .will("The gateway will answer a second late.", slow)
        .await;
    let body = carts::payment("order-1", &carts::three_sellers());
    let storefront = world.storefront();
    let (payment, ()) = tokio::join!(storefront.asks_quietly("order-1", &body), async {
        let there = async || {
            world
                .gateway()
                .books()
                .payments
                .pop()
                .ok_or_else(|| "no payment".to_owned())
        };
        let entry = world.until("the payment is at the gateway", there).await;
        world.buyer().pays_at_the_gateway(&entry).await;
        world.gateway().is_heard().await;
    });
    let payment = payment.expect(201);
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(paid["amount_captured"], 10_000);
    world.close().await;
}
