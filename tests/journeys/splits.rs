//! Owners that are named after the payment: once it is captured, before anything is refunded, and never more than there is.

use serde_json::{Value, json};
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    own_cart_later,
    explicit_amounts,
    another_cart,
    additions_that_only_fit_once,
    splits_after_a_refund,
    lost_addition_answer,
);

fn path(payment: &Answer) -> String {
    format!("payments/{}/splits", payment.id())
}

/// A payment whose owners are named later.
async fn sold_unsplit(world: &World) -> Answer {
    let mut body = carts::payment("order-1", &carts::three_sellers());
    body["split"] = json!("later");
    world.storefront().sells("order-1", &body, "captured").await
}

/// Nobody has anything until the splits of the payment's own cart are added; then all of it has an owner.
async fn own_cart_later(stage: Stage) {
    let world = stage.open().await;
    let payment = sold_unsplit(&world).await;
    assert_eq!(
        (&payment["amount_unallocated"], &payment["splits"]),
        (&json!(10_000), &json!([]))
    );
    let refunds = format!("payments/{}/refunds", payment.id());
    let refused = world
        .ops()
        .does("A refund would close the door for splits.", &refunds, json!({}))
        .await
        .expect(422);
    assert_eq!(refused["code"], "refund_needs_splits");
    let split = world
        .storefront()
        .does(
            "The storefront adds the splits of the payment's own cart.",
            &path(&payment),
            json!({}),
        )
        .await
        .expect(201);
    assert_eq!(
        (&split["amount_unallocated"], &split["amount_captured"]),
        (&json!(0), &json!(10_000))
    );
    let again = world
        .storefront()
        .does("Twice is once.", &path(&payment), json!({}))
        .await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (201, Some("true")),
        "{}",
        again.text
    );
    let full = world
        .ops()
        .does(
            "There is nothing left to give.",
            &path(&payment),
            json!({"splits": [{"seller": "s1", "amount": 1}]}),
        )
        .await
        .expect(422);
    assert_eq!(full["code"], "split_exceeds_payment");
    let refund = world
        .ops()
        .does_as(
            "rug",
            "Now the rug can go back.",
            &refunds,
            json!({"lines": [{"id": "l2", "quantity": 1}]}),
        )
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    world.close().await;
}

/// Amounts that somebody says: some now, some later; in the end the marketplace gets the rest.
async fn explicit_amounts(stage: Stage) {
    let world = stage.open().await;
    let payment = sold_unsplit(&world).await;
    let ask = json!({"splits": [{"seller": "s1", "amount": 3000, "reference": "lamps-1"}]});
    let first = world
        .ops()
        .does("Seller s1 gets thirty euros.", &path(&payment), ask)
        .await
        .expect(201);
    assert_eq!(
        (&first["amount_unallocated"], &first["splits"][0]["reference"]),
        (&json!(7_000), &json!("lamps-1"))
    );
    let preview = world
        .ops()
        .previews(
            "What a refund of everything would do.",
            &format!("payments/{}/refunds/preview", payment.id()),
            json!({}),
        )
        .await
        .expect(200);
    assert_eq!(preview["amount"], 3000);
    assert!(
        preview["warnings"].to_string().contains("unallocated"),
        "{}",
        preview.text
    );
    let ask = json!({"splits": [{"seller": "s2", "amount": 8000}]});
    let refused = world
        .ops()
        .does_as("too-much", "Seller s2 cannot get eighty.", &path(&payment), ask)
        .await
        .expect(422);
    assert_eq!(refused["code"], "split_exceeds_payment");
    let ask =
        json!({"splits": [{"seller": "s2", "amount": 3000}, {"seller": "s1", "amount": 500}], "rest": "commission"});
    let rest = world
        .ops()
        .does_as(
            "rest",
            "Both get more, and the marketplace the rest.",
            &path(&payment),
            ask,
        )
        .await
        .expect(201);
    assert_eq!(
        (&rest["amount_unallocated"], &rest["splits"][3]["amount"]),
        (&json!(0), &json!(3500))
    );
    assert_eq!(rest["splits"][3]["kind"], "commission");
    world.close().await;
}

/// Two people name an owner for seventy euros at the same instant: one of them does.
async fn additions_that_only_fit_once(stage: Stage) {
    let world = stage.open().await;
    let payment = sold_unsplit(&world).await;
    let ask = |seller: &str| json!({"splits": [{"seller": seller, "amount": 7000}]});
    world.says("Two people give 70.00 of 100.00 to a seller at the same instant: one is told that it does not fit.");
    let (ops, path) = (world.ops(), path(&payment));
    let (one, other) = tokio::join!(
        ops.does_quietly("one", &path, ask("s1")),
        ops.does_quietly("other", &path, ask("s1"))
    );
    let (done, refused) = if one.status == 201 { (one, other) } else { (other, one) };
    let _ = done.expect(201);
    assert!(
        matches!(
            refused["code"].as_str(),
            Some("split_exceeds_payment" | "operation_in_progress")
        ),
        "{}",
        refused.text
    );
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&after["amount_unallocated"], &after["amount_captured"]),
        (&json!(3_000), &json!(10_000))
    );
    world.close().await;
}

/// The gateway takes no more splits once anything was refunded.
async fn splits_after_a_refund(stage: Stage) {
    let world = stage.open().await;
    let payment = sold_unsplit(&world).await;
    let ask = json!({"splits": [{"seller": "s1", "amount": 3000}]});
    let _ = world
        .ops()
        .does("Seller s1 gets thirty euros.", &path(&payment), ask)
        .await
        .expect(201);
    let refunds = format!("payments/{}/refunds", payment.id());
    let ask = json!({"seller": "s1", "amount": 100});
    let refund = world
        .ops()
        .does("One of them goes back.", &refunds, ask)
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    let ask = json!({"splits": [{"seller": "s2", "amount": 3000}]});
    let refused = world
        .ops()
        .does_as("late", "Seller s2 comes too late.", &path(&payment), ask)
        .await
        .expect(422);
    assert_eq!(refused["code"], "splits_closed_by_refund");
    world.close().await;
}

/// The gateway added them, and the answer was lost: asked, it shows them; nothing is sent twice.
async fn lost_addition_answer(stage: Stage) {
    let world = stage.curious().open().await;
    let payment = sold_unsplit(&world).await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "/splits$"}, "times": 1, "do": "lose_answer"}]);
    world
        .gateway()
        .will("The gateway will add the splits and lose its answer.", fault)
        .await;
    let unknown = world
        .storefront()
        .does("The storefront adds its own.", &path(&payment), json!({}))
        .await
        .expect(202);
    assert_eq!(
        unknown["amount_unallocated"], 10_000,
        "nothing is booked that nobody has shown"
    );
    let owned = |seen: &Value| seen["amount_unallocated"] == 0;
    let after = world.ops().awaits(&payment.id(), "the splits are found", owned).await;
    assert_eq!(after["amount_captured"], 10_000);
    assert_eq!(world.gateway().saw("POST", "/splits").len(), 1);
    world.close().await;
}

/// The buyer paid for what was not divided yet: a cart says how, and only of what is left.
async fn another_cart(stage: Stage) {
    let world = stage.open().await;
    let payment = sold_unsplit(&world).await;
    let mut foreign = carts::one_lamp();
    foreign["currency"] = json!("RON");
    let refused = world
        .ops()
        .does_as(
            "foreign",
            "Another currency is refused.",
            &path(&payment),
            json!({"cart": foreign}),
        )
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["code"], "currency_differs", "{}", refused.text);
    let stranger = json!({"splits": [{"seller": "s9", "amount": 1}]});
    let refused = world
        .ops()
        .does_as("stranger", "Nobody knows seller s9.", &path(&payment), stranger)
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["code"], "seller_unknown", "{}", refused.text);
    let lamp = world
        .ops()
        .does(
            "A lamp of it was sold by s1.",
            &path(&payment),
            json!({"cart": carts::one_lamp()}),
        )
        .await
        .expect(201);
    assert_eq!(
        (&lamp["amount_unallocated"], &lamp["amount_captured"]),
        (&json!(10_000 - 1999), &json!(10_000))
    );
    let refunds = format!("payments/{}/refunds", payment.id());
    let back = json!({"lines": [{"id": "l1", "quantity": 1}]});
    let refund = world.ops().does("It goes back.", &refunds, back).await.expect(201);
    assert_eq!(refund["amount"], 1999);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    world.close().await;
}
