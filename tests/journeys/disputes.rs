//! What happens at the gateway without us: banks that ask for the money, people at its dashboard, statuses nobody knows.

use crate::captures::{path, two_steps};
use crate::refunds::sold;
use serde_json::{Value, json};
use tests::{Loose, Stage, both, carts};

both!(
    dispute_is_won,
    dispute_is_lost,
    captured_at_the_dashboard,
    captured_in_part_at_the_dashboard,
    unknown_status,
    unknown_status_while_money_is_asked_for,
);

/// The buyer's bank asks for the money; while it does, nothing is refunded; it is ours again.
async fn dispute_is_won(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    world
        .gateway()
        .acts("The buyer's bank asks for the money.", json!({"do": "dispute_opened"}))
        .await;
    let disputed = world.storefront().waits_until(&payment.id(), "disputed").await;
    assert_eq!(disputed["amount_captured"], 10_000);
    let refunds = format!("payments/{}/refunds", payment.id());
    let refused = world
        .ops()
        .does("A refund could give it back twice.", &refunds, json!({}))
        .await
        .expect(422);
    assert_eq!(refused["code"], "payment_disputed");
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    assert_eq!(
        (&balance["balances"][0]["disputed"], &balance["balances"][0]["balance"]),
        (&json!(3888), &json!(0))
    );
    world
        .gateway()
        .acts("The marketplace wins.", json!({"do": "dispute_won"}))
        .await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    assert_eq!(balance["balances"][0]["balance"], 3888);
    world.close().await;
}

/// After a refund of part of it, the bank takes the rest.
async fn dispute_is_lost(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let refunds = format!("payments/{}/refunds", payment.id());
    let refund = world
        .ops()
        .does(
            "The rug goes back.",
            &refunds,
            json!({"lines": [{"id": "l2", "quantity": 1}]}),
        )
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    let act = json!({"do": "dispute_opened", "amount": 5750});
    world.gateway().acts("The buyer's bank asks for the rest.", act).await;
    let _ = world.storefront().waits_until(&payment.id(), "disputed").await;
    world
        .gateway()
        .acts("The buyer wins.", json!({"do": "dispute_lost"}))
        .await;
    let lost = world.storefront().waits_until(&payment.id(), "charged_back").await;
    assert_eq!(
        (&lost["amount_charged_back"], &lost["amount_refunded"]),
        (&json!(5750), &json!(4250))
    );
    let _ = world.seller("s1").gets("/v1/sellers/s1/entries").await.expect(200);
    world.close().await;
}

/// Somebody captures at the gateway: it is believed, booked, and a person is told.
async fn captured_at_the_dashboard(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    world
        .gateway()
        .acts(
            "Somebody captures at the gateway's dashboard.",
            json!({"do": "capture"}),
        )
        .await;
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(
        (&paid["amount_captured"], &paid["discrepancies"][0]["kind"]),
        (&json!(10_000), &json!("external_capture"))
    );
    let late = world
        .ops()
        .does("Operations captures too late.", &path(&payment), json!({}))
        .await
        .expect(422);
    assert_eq!(late["code"], "already_captured");
    world.close().await;
}

async fn captured_in_part_at_the_dashboard(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let splits = world.gateway().only_payment().splits;
    let parts = json!([{"id": splits[0].id, "amount": 1000}, {"id": splits[3].id, "amount": 200}]);
    let act = json!({"do": "capture", "splits": parts});
    world
        .gateway()
        .acts("Somebody captures part of it at the gateway's dashboard.", act)
        .await;
    let paid = world
        .storefront()
        .waits_until(&payment.id(), "partially_captured")
        .await;
    assert_eq!(paid["amount_captured"], 1200);
    world.close().await;
}

/// A number that no document has: nothing is decided from it until the gateway says something that is known.
async fn unknown_status(stage: Stage) {
    let mut world = stage.open().await;
    world.leaves(Loose {
        held: 1,
        ..Loose::default()
    });
    let payment = sold(&world).await;
    world
        .gateway()
        .acts(
            "The gateway shows a status that no document has.",
            json!({"do": "status", "status": 77}),
        )
        .await;
    let held = |seen: &Value| seen["held"] == true;
    let seen = world.ops().awaits(&payment.id(), "it is held", held).await;
    assert_eq!(
        (&seen["amount_captured"], &seen["discrepancies"][0]["kind"]),
        (&json!(10_000), &json!("unknown_status"))
    );
    let refunds = format!("payments/{}/refunds", payment.id());
    let refused = world
        .ops()
        .does("Money stays where it is.", &refunds, json!({}))
        .await
        .expect(422);
    assert_eq!(refused["code"], "payment_held");
    world.close().await;
}

async fn unknown_status_while_money_is_asked_for(stage: Stage) {
    let world = stage.curious().open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    world
        .gateway()
        .acts(
            "The gateway shows a status that no document has.",
            json!({"do": "status", "status": 77}),
        )
        .await;
    let held = |seen: &Value| seen["held"] == true || seen["status"] == "pending";
    let _ = world.ops().awaits(&payment.id(), "it is not believed", held).await;
    world
        .gateway()
        .acts("It was a mistake.", json!({"do": "status", "status": 9}))
        .await;
    let free = |seen: &Value| seen["held"] == false && seen["status"] == "authorized";
    let seen = world.ops().awaits(&payment.id(), "it is free again", free).await;
    assert_eq!(seen["amount_authorized"], 10_000);
    world.close().await;
}
