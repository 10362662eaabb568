//! Giving back: who gives what is seen before, sent once, and found out by asking.

use serde_json::{Value, json};
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    refund_by_amount,
    refund_by_lines_with_shipping,
    refund_of_everything,
    refund_by_the_seller,
    commission_is_kept,
    refunded_at_the_dashboard,
    refunded_at_the_dashboard_as_a_whole,
);

/// A cart of three sellers, paid.
pub async fn sold(world: &World) -> Answer {
    let body = carts::payment("order-1", &carts::three_sellers());
    world.storefront().sells("order-1", &body, "captured").await
}

/// Where its refunds are asked for.
pub fn path(payment: &Answer) -> String {
    format!("payments/{}/refunds", payment.id())
}

/// Ten euros for the lamps: the seller gives what it got, the marketplace its commission on them.
async fn refund_by_amount(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let ask =
        json!({"seller": "s1", "amount": 1000, "reason": "A scratch", "reference": "rma-1", "metadata": {"desk": "7"}});
    let preview = world
        .ops()
        .previews(
            "What ten euros for the lamps would do.",
            &format!("{}/preview", path(&payment)),
            ask.clone(),
        )
        .await
        .expect(200);
    assert_eq!(preview["amount"], 1000);
    assert!(
        world.gateway().saw("POST", "/refunds").is_empty(),
        "a preview sends nothing"
    );

    let refund = world
        .ops()
        .does("Operations gives ten euros back.", &path(&payment), ask)
        .await
        .expect(201);
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("open"), &json!(1000)));
    let given: Vec<&Value> = refund["parts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|part| &part["amount"])
        .collect();
    let said: Vec<&Value> = preview["calls"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|call| &call["amount"])
        .collect();
    assert_eq!(given, said, "what was shown is what is done");
    world.says("The gateway tells when the money is back.");
    let done = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    assert_eq!(done["amount_succeeded"], 1000);
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&after["refunded"], &after["amount_refunded"]),
        (&json!("partly"), &json!(1000))
    );
    let _ = world.seller("s1").gets("/v1/sellers/s1/entries").await.expect(200);
    world.close().await;
}

async fn refund_by_lines_with_shipping(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let ask = json!({"lines": [{"id": "l1", "quantity": 1}, {"id": "l3", "quantity": 3}], "shipping": ["s1"]});
    let refund = world
        .ops()
        .does(
            "One of two lamps, its shipping, and all plants go back.",
            &path(&payment),
            ask,
        )
        .await
        .expect(201);
    assert_eq!(refund["amount"], 1999 + 490 + 1050);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    let again = json!({"lines": [{"id": "l3", "quantity": 1}]});
    let refused = world
        .ops()
        .does_as("more", "A fourth plant was never sold.", &path(&payment), again)
        .await
        .expect(422);
    assert!(refused["errors"][0]["pointer"].is_string(), "{}", refused.text);
    world.close().await;
}

/// Everything goes back, fees included; the order is free again.
async fn refund_of_everything(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let part = json!({"seller": "s2", "amount": 333});
    let first = world
        .ops()
        .does("3.33 of the rug go back.", &path(&payment), part)
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&first.id(), "succeeded").await;
    let rest = world
        .ops()
        .does_as("rest", "Then everything else.", &path(&payment), json!({}))
        .await
        .expect(201);
    assert_eq!(rest["amount"], 10_000 - 333);
    let _ = world.ops().awaits_refund(&rest.id(), "succeeded").await;
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&after["refunded"], &after["amount_refunded"]),
        (&json!("fully"), &json!(10_000))
    );
    for seller in ["s1", "s2", "s3"] {
        let balance = world
            .ops()
            .glances(&format!("/v1/sellers/{seller}/balance"))
            .await
            .expect(200);
        assert_eq!(
            balance["balances"][0]["balance"], 0,
            "{seller} is whole: {}",
            balance.text
        );
    }
    let nothing = world
        .ops()
        .does_as(
            "more",
            "There is nothing left to give back.",
            &path(&payment),
            json!({}),
        )
        .await
        .expect(422);
    assert_eq!(nothing["code"], "nothing_to_refund", "{}", nothing.text);
    let listed = world
        .ops()
        .reads(&format!("/v1/payments/{}/refunds", payment.id()))
        .await
        .expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2));

    world.says("The order is free: the same order is paid once more.");
    let body = carts::payment("order-1", &carts::one_lamp());
    let _ = world.storefront().sells("order-1-again", &body, "captured").await;
    world.close().await;
}

/// A seller gives back its own goods with its own key, and sees its own part of it.
async fn refund_by_the_seller(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let ask = json!({"lines": [{"id": "l2", "quantity": 1}]});
    let preview = world
        .seller("s2")
        .does(
            "Seller s2 asks what taking the rug back would do.",
            &format!("{}/preview", path(&payment)),
            ask.clone(),
        )
        .await
        .expect(200);
    assert_eq!(
        preview["parties"].as_array().map(Vec::len),
        Some(1),
        "its own row only: {}",
        preview.text
    );
    let refund = world
        .seller("s2")
        .does("Seller s2 takes the rug back.", &path(&payment), ask)
        .await
        .expect(201);
    assert_eq!(
        refund["parts"].as_array().map(Vec::len),
        Some(1),
        "its own part only: {}",
        refund.text
    );
    let whole = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    assert_eq!(whole["amount"], 4250);
    world.close().await;
}

/// A plan that keeps the commission: the marketplace gives nothing, the seller all of it.
async fn commission_is_kept(stage: Stage) {
    let world = stage.open().await;
    let plan = json!({"rules": [{"percent_bp": 1500, "applies_to": "items"}], "commission_on_refund": "keep"});
    let _ = world.admin().puts("/v1/fee_plans/keeping", &plan).await.expect(201);
    let seller = json!({"name": "Rugs", "site_id": 33512, "fee_plan": "keeping", "status": "active"});
    let _ = world.admin().puts("/v1/sellers/s2", &seller).await.expect(200);
    let payment = sold(&world).await;
    let ask = json!({"lines": [{"id": "l2", "quantity": 1}]});
    let preview = world
        .ops()
        .previews(
            "What taking the rug back would do.",
            &format!("{}/preview", path(&payment)),
            ask.clone(),
        )
        .await
        .expect(200);
    let refund = world
        .seller("s2")
        .does("Seller s2 takes the rug back.", &path(&payment), ask)
        .await
        .expect(201);
    let done = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    assert_eq!(done["amount"], 4250);
    assert_eq!(preview["parties"][0]["balance_after"], -638, "{}", preview.text);
    let balance = world.seller("s2").reads_the_balance().await.expect(200);
    assert_eq!(
        balance["balances"][0]["balance"], -638,
        "the commission is the marketplace's for good"
    );
    let _ = world.ops().reads("/v1/marketplace/balance").await.expect(200);
    world.close().await;
}

/// Somebody refunds at the gateway's dashboard: it is in our books, and a person is told.
async fn refunded_at_the_dashboard(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let split = world.gateway().only_payment().splits[1].id;
    let act = json!({"do": "refund", "amount": 1200, "split": split, "reference": "byhand1"});
    world
        .gateway()
        .acts("Somebody gives twelve euros back at the gateway's dashboard.", act)
        .await;
    let back = |seen: &Value| seen["amount_refunded"] == 1200;
    let seen = world
        .ops()
        .awaits(&payment.id(), "the refund is in our books", back)
        .await;
    assert_eq!(
        (&seen["refunds"][0]["external"], &seen["splits"][1]["amount_refunded"]),
        (&json!(true), &json!(1200))
    );
    let open = world.ops().reads("/v1/discrepancies?state=open").await.expect(200);
    assert_eq!(open["data"][0]["kind"], "external_refund", "{}", open.text);
    world.close().await;
}

/// The dashboard names no split: it is spread over what the splits hold, and a person decides.
async fn refunded_at_the_dashboard_as_a_whole(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let first = json!({"seller": "s3", "amount": 1050});
    let first = world
        .ops()
        .does("All plants go back.", &path(&payment), first)
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&first.id(), "succeeded").await;
    let act = json!({"do": "refund", "amount": 3000, "reference": "byhand2"});
    world
        .gateway()
        .acts("Somebody gives thirty euros back at the gateway's dashboard.", act)
        .await;
    let back = |seen: &Value| seen["amount_refunded"] == 4050;
    let seen = world
        .ops()
        .awaits(&payment.id(), "the refund is in our books", back)
        .await;
    assert_eq!(
        seen["splits"][2]["amount_refunded"], 892,
        "who has nothing left gives nothing"
    );
    let rest = world
        .ops()
        .does_as("rest", "Everything else goes back.", &path(&payment), json!({}))
        .await
        .expect(201);
    assert_eq!(rest["amount"], 10_000 - 4050);
    let _ = world.ops().awaits_refund(&rest.id(), "succeeded").await;
    world.close().await;
}
