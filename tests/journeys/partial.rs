//! Less than everything is captured: what that strands is said before, and a second capture is refused.

use crate::captures::{path, two_steps};
use serde_json::{Value, json};
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    exact_amounts_of_splits,
    by_sellers,
    one_split_alone,
    captured_and_then_refunded,
);

async fn authorized(world: &World) -> Answer {
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    world.storefront().sells("order-1", &body, "authorized").await
}

fn split(payment: &Answer, at: usize) -> Value {
    payment["splits"][at]["id"].clone()
}

/// The rug is out of stock and a plant has died: exact amounts, shown first, refused until what is left is accepted.
async fn exact_amounts_of_splits(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world).await;
    let path = path(&payment);
    let mut ask = json!({"splits": [
        {"split": split(&payment, 0), "amount": 3888}, {"split": split(&payment, 2), "amount": 500}, {"split": split(&payment, 3), "amount": 900},
    ]});
    let preview = world
        .ops()
        .previews(
            "What capturing exactly so much would do.",
            &format!("{path}/preview"),
            ask.clone(),
        )
        .await
        .expect(200);
    assert_eq!((&preview["amount"], &preview["stranded"]), (&json!(5288), &json!(4712)));
    let refused = world
        .ops()
        .does_as(
            "careless",
            "Nobody has accepted what would be left.",
            &path,
            ask.clone(),
        )
        .await
        .expect(422);
    assert_eq!(refused["code"], "would_strand_authorization");
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(3), "{}", refused.text);
    assert!(world.gateway().saw("POST", "/capture").is_empty());

    ask["accept_stranded"] = json!(true);
    let taken = world.ops().does("Operations accepts it.", &path, ask).await.expect(200);
    assert_eq!(
        (&taken["status"], &taken["amount_captured"], &taken["amount_authorized"]),
        (&json!("partially_captured"), &json!(5288), &json!(10_000))
    );
    let second = world
        .ops()
        .does_as("second", "There is no second capture.", &path, json!({}))
        .await
        .expect(422);
    assert_eq!(second["code"], "already_captured");
    let cancel = format!("payments/{}/cancel", payment.id());
    let cancel = world
        .ops()
        .does("And the rest cannot be cancelled.", &cancel, json!({}))
        .await
        .expect(422);
    assert_eq!(cancel["code"], "cancel_after_capture");

    let lapse = json!({"lapse_releases_splits": true});
    world
        .gateway()
        .behaves(
            "The gateway lets go of what is left when the authorization lapses.",
            lapse,
        )
        .await;
    world.gateway().acts("It lapses there.", json!({"do": "lapse"})).await;
    let released = |seen: &Value| seen["amount_authorized"] == 5288;
    let after = world
        .ops()
        .awaits(&payment.id(), "the rest is released", released)
        .await;
    assert_eq!(
        (&after["status"], &after["amount_captured"]),
        (&json!("partially_captured"), &json!(5288))
    );
    assert_eq!(after["held"], false);
    world.close().await;
}

/// In the buyer's money: one lamp of two, ten euros of the rug, nothing of the plants.
async fn by_sellers(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world).await;
    let path = path(&payment);
    let ask = json!({"sellers": [{"seller": "s1", "lines": [{"id": "l1", "quantity": 1}]}, {"seller": "s2", "amount": 1000}]});
    let preview = world
        .ops()
        .previews(
            "What would be captured of whom.",
            &format!("{path}/preview"),
            ask.clone(),
        )
        .await
        .expect(200);
    // A lamp and its shipping, ten euros of the rug, and the fee.
    assert_eq!(preview["amount"], 1999 + 490 + 1000 + 212);
    let mut ask = ask;
    ask["accept_stranded"] = json!(true);
    let taken = world
        .ops()
        .does("Operations captures that.", &path, ask)
        .await
        .expect(200);
    for (at, part) in preview["splits"].as_array().expect("a list").iter().enumerate() {
        let of = taken["splits"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|one| one["id"] == part["split"]);
        assert_eq!(
            of.expect("it is a split")["amount_captured"],
            part["amount"],
            "split {at}"
        );
    }
    let _ = world
        .seller("s2")
        .gets(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200);
    world.close().await;
}

/// The gateway's call for one split alone; it answers with that split and nothing else.
async fn one_split_alone(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world).await;
    let path = format!(
        "payments/{}/splits/{}/capture",
        payment.id(),
        split(&payment, 1).as_str().expect("an id")
    );
    let ask = json!({"amount": 3612, "accept_stranded": true});
    let taken = world
        .ops()
        .does("Operations captures one split.", &path, ask)
        .await
        .expect(200);
    assert_eq!(
        (&taken["status"], &taken["amount_captured"]),
        (&json!("partially_captured"), &json!(3612))
    );
    let entry = world.gateway().only_payment();
    assert_eq!(entry.amount_captured, 3612);
    let seen = world.gateway().saw("POST", "/capture");
    assert!(seen.iter().all(|one| one.path.contains("/splits/")), "{seen:?}");
    world.close().await;
}

/// What was captured in part goes back in full: everybody is at nothing.
async fn captured_and_then_refunded(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world).await;
    let ask = json!({"sellers": [{"seller": "s1", "amount": 1500}, {"seller": "s3", "lines": [{"id": "l3", "quantity": 2}]}], "accept_stranded": true});
    let taken = world
        .ops()
        .does("Operations captures part of it.", &path(&payment), ask)
        .await
        .expect(200);
    assert_eq!(taken["amount_captured"], 1500 + 700 + 212);
    let refunds = format!("payments/{}/refunds", payment.id());
    let first = world
        .ops()
        .does(
            "A plant goes back.",
            &refunds,
            json!({"lines": [{"id": "l3", "quantity": 1}]}),
        )
        .await
        .expect(201);
    assert_eq!(first["amount"], 350);
    let _ = world.ops().awaits_refund(&first.id(), "succeeded").await;
    let rest = world
        .ops()
        .does_as("rest", "Everything else goes back.", &refunds, json!({}))
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&rest.id(), "succeeded").await;
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&after["refunded"], &after["amount_refunded"]),
        (&json!("fully"), &json!(2412))
    );
    for seller in ["s1", "s3"] {
        let balance = world
            .ops()
            .glances(&format!("/v1/sellers/{seller}/balance"))
            .await
            .expect(200);
        assert_eq!(balance["balances"][0]["balance"], 0, "{}", balance.text);
    }
    world.close().await;
}
