//! Kept cards: one is kept on the hosted page, pays at once, and is forgotten.

use serde_json::{Value, json};
use tests::http::{Answer, Asked};
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    kept_and_paid_with,
    declined_card,
    bank_is_asked,
    lost_card_answer,
    cards_that_are_refused,
);

/// What tokens are sealed with here: thirty-two bytes.
pub const CARD_KEYS: &str = "story:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The security code of a buyer.
pub const CODE: &str = "7391";

fn with_cards(stage: Stage) -> Stage {
    stage.with("cards.keys", CARD_KEYS)
}

/// A payment at the card host, whose card is to be kept.
pub fn keeping(order: &str) -> Value {
    let mut body = carts::payment(order, &carts::one_lamp());
    body["method_id"] = json!(6);
    body["save_card"] = json!(true);
    body
}

/// A payment by a kept card.
pub fn by_card(order: &str, cart: &Value, card: &str) -> Value {
    let mut body = carts::payment(order, cart);
    body["method_id"] = json!(6);
    body["card"] = json!({"id": card, "security_code": CODE});
    body
}

/// The buyer types the card in on the gateway's page, and it is kept.
async fn kept(world: &World) -> String {
    let _ = world
        .storefront()
        .sells("order-1", &keeping("order-1"), "captured")
        .await;
    let path = "/v1/customers/customer-7/cards";
    let cards = world
        .storefront()
        .calls("The storefront lists the buyer's cards.", Asked::get(path))
        .await
        .expect(200);
    assert_eq!(cards["data"].as_array().map(Vec::len), Some(1), "{}", cards.text);
    let card = &cards["data"][0];
    assert!(
        card["last4"].as_str().is_some_and(|digits| digits.len() == 4),
        "{}",
        cards.text
    );
    card["id"].as_str().expect("an id").to_owned()
}

async fn pays(world: &World, order: &str, body: &Value) -> Answer {
    world.says(&format!("The buyer pays {order} with the kept card."));
    let asked = Asked::with_body("POST", "/v1/payments", body).header("Idempotency-Key", order);
    // The security code is the buyer's: it does not stand in a transcript either.
    let answer = world.untold(Some(&world.keys.storefront), &asked).await;
    let mut shown = body.clone();
    shown["card"]["security_code"] = json!("<code>");
    world.transcript.shows(
        &Asked::with_body("POST", "/v1/payments", &shown).header("Idempotency-Key", order),
        &answer,
    );
    answer
}

/// Kept on the hosted page, paid with at once and divided among three sellers, refunded, forgotten.
async fn kept_and_paid_with(stage: Stage) {
    let world = with_cards(stage).open().await;
    let card = kept(&world).await;
    let paid = pays(&world, "order-2", &by_card("order-2", &carts::three_sellers(), &card))
        .await
        .expect(201);
    assert_eq!(
        (&paid["status"], &paid["amount_captured"]),
        (&json!("captured"), &json!(10_000))
    );
    let again = pays(&world, "order-2", &by_card("order-2", &carts::three_sellers(), &card)).await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (201, Some("true")),
        "{}",
        again.text
    );

    let refunds = format!("payments/{}/refunds", paid.id());
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

    let path = format!("/v1/customers/customer-7/cards/{card}");
    let delete = Asked {
        method: "DELETE",
        ..Asked::get(&path)
    };
    let elsewhere = Asked {
        method: "DELETE",
        ..Asked::get(format!("/v1/customers/customer-8/cards/{card}"))
    };
    let _ = world
        .storefront()
        .calls("It is no card of another customer's.", elsewhere)
        .await
        .expect(404);
    let _ = world
        .storefront()
        .calls("The buyer wants it forgotten.", delete.clone())
        .await
        .expect(204);
    let cancelled = world.sandbox.with_core(|core, now| {
        let query = sandbox::core::BooksQuery {
            cards: true,
            ..Default::default()
        };
        core.books(now, &query).cards
    });
    assert!(
        cancelled.iter().all(|one| one.cancelled),
        "at the gateway too: {cancelled:?}"
    );
    let list = world
        .storefront()
        .calls("It is gone.", Asked::get("/v1/customers/customer-7/cards"))
        .await
        .expect(200);
    assert_eq!(list["data"], json!([]));
    let _ = world
        .storefront()
        .calls("Twice is not there.", delete)
        .await
        .expect(404);
    let unknown = pays(&world, "order-3", &by_card("order-3", &carts::one_lamp(), &card))
        .await
        .expect(422);
    assert_eq!(unknown["errors"][0]["code"], "card_unknown", "{}", unknown.text);
    world.close().await;
}

/// The bank says no (an amount of 100.01 does that): the payment exists as failed, and the order is free.
async fn declined_card(stage: Stage) {
    let world = with_cards(stage).open().await;
    let card = kept(&world).await;
    let mut dear = carts::one_lamp();
    dear["lines"][0]["unit_price"] = json!(10_001);
    let refused = pays(&world, "order-2", &by_card("order-2", &dear, &card))
        .await
        .expect(402);
    assert_eq!(
        (&refused["code"], &refused["charged"]),
        (&json!("payment_refused"), &json!("no"))
    );
    assert_eq!(refused["gateway"]["reasons"][0]["code"], "13", "{}", refused.text);
    let paid = pays(&world, "order-2-again", &by_card("order-2", &carts::one_lamp(), &card))
        .await
        .expect(201);
    assert_eq!(paid["status"], "captured");
    world.close().await;
}

/// The buyer's bank wants to be asked first: a redirect, as with any other method.
async fn bank_is_asked(stage: Stage) {
    let world = with_cards(stage).open().await;
    let card = kept(&world).await;
    let asks = json!({"cards_always_3d_secure": true});
    world
        .gateway()
        .behaves("The buyer's bank is asked about every payment.", asks)
        .await;
    let open = pays(&world, "order-2", &by_card("order-2", &carts::three_sellers(), &card))
        .await
        .expect(201);
    assert_eq!(open["status"], "open");
    world.buyer().pays(&open).await;
    let paid = world.storefront().waits_until(&open.id(), "captured").await;
    assert_eq!(paid["amount_captured"], 10_000);
    world.close().await;
}

/// The answer is lost: the code is gone, so it is never sent again, and asking finds the payment.
async fn lost_card_answer(stage: Stage) {
    let world = with_cards(stage).curious().open().await;
    let card = kept(&world).await;
    let faults = json!([
        {"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "lose_answer"},
        {"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "do": "drop_notification"},
    ]);
    world
        .gateway()
        .will(
            "The gateway will charge the card, lose its answer, and tell nobody.",
            faults,
        )
        .await;
    let unknown = pays(&world, "order-2", &by_card("order-2", &carts::one_lamp(), &card))
        .await
        .expect(202);
    let paid = world.storefront().waits_until(&unknown.id(), "captured").await;
    assert_eq!(paid["operations"][0]["attempts"], 1);
    world.gateway().recovers().await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "lose_request"}]);
    world
        .gateway()
        .will("The next request will be lost on its way.", fault)
        .await;
    let lost = pays(&world, "order-3", &by_card("order-3", &carts::one_lamp(), &card))
        .await
        .expect(202);
    let failed = world.storefront().waits_until(&lost.id(), "failed").await;
    assert_eq!(
        (&failed["charged"], &failed["operations"][0]["attempts"]),
        (&json!("no"), &json!(1))
    );
    world.close().await;
}

/// What is refused before anything is sent.
async fn cards_that_are_refused(stage: Stage) {
    let world = with_cards(stage).open().await;
    let card = kept(&world).await;
    let sent = world.gateway().creates().len();
    let lamp = carts::one_lamp();
    let mut other = by_card("order-2", &lamp, &card);
    other["customer"]["id"] = json!("customer-8");
    let mut nobody = by_card("order-2", &lamp, &card);
    nobody["customer"] = Value::Null;
    let mut by_hand = by_card("order-2", &lamp, &card);
    by_hand["capture"] = json!("manual");
    let mut elsewhere = keeping("order-2");
    elsewhere["method_id"] = json!(9);
    for (key, body, code) in [
        ("other", other, "card_unknown"),
        ("nobody", nobody, "customer_required"),
        ("by-hand", by_hand, "method_cannot"),
        ("elsewhere", elsewhere, "method_cannot"),
        (
            "unknown",
            by_card("order-2", &lamp, "card_00000000000000000000000000"),
            "card_unknown",
        ),
    ] {
        let refused = pays(&world, key, &body).await.expect(422);
        let codes = [&refused["code"], &refused["errors"][0]["code"]];
        assert!(codes.contains(&&json!(code)), "{key}: {}", refused.text);
    }
    let mut bad = by_card("order-2", &lamp, &card);
    bad["card"]["security_code"] = json!("12X");
    let refused = pays(&world, "bad-code", &bad).await.expect(422);
    assert_eq!(
        refused["errors"][0]["code"], "security_code_invalid",
        "{}",
        refused.text
    );
    assert!(!refused.text.contains("12X"), "{}", refused.text);
    assert_eq!(world.gateway().creates().len(), sent, "nothing was sent");
    world.close().await;
}
