//! Bad input gets a clear problem that names the field; nothing is written, nothing is sent.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{World, bearer, cart, payment, with};

/// A place, what is put there, and what that is answered with.
type Case = (&'static str, Value, u16, &'static str, &'static str);

#[actix_web::test]
async fn a_cart_that_cannot_be_names_the_place() {
    let world = World::new().await;
    let line = |id: &str| json!({"id": id, "seller": "s1", "name": "Lamp", "quantity": 1, "unit_price": 100});
    let many: Vec<Value> = (0..501).map(|number| line(&format!("l{number}"))).collect();
    let cases: Vec<Case> = vec![
        (
            "/lines/0/unit_price",
            json!(-1),
            422,
            "amount_negative",
            "/cart/lines/0/unit_price",
        ),
        (
            "/lines/0/unit_price",
            json!(19.99),
            400,
            "field_type",
            "/cart/lines/0/unit_price",
        ),
        (
            "/lines/0/unit_price",
            json!("1999"),
            400,
            "field_type",
            "/cart/lines/0/unit_price",
        ),
        (
            "/lines/0/unit_price",
            json!(10_000_000_000_u64),
            422,
            "amount_too_large",
            "/cart/lines/0/unit_price",
        ),
        (
            "/lines/0/quantity",
            json!(0),
            422,
            "quantity_out_of_range",
            "/cart/lines/0/quantity",
        ),
        (
            "/lines/0/quantity",
            json!(1.5),
            400,
            "field_type",
            "/cart/lines/0/quantity",
        ),
        (
            "/shipping/0/amount",
            json!(-490),
            422,
            "amount_negative",
            "/cart/shipping/0/amount",
        ),
        ("/currency", json!("EURO"), 422, "currency_unknown", "/cart/currency"),
        (
            "/lines/0/currency",
            json!("USD"),
            400,
            "unknown_field",
            "/cart/lines/0/currency",
        ),
        ("/lines", json!([]), 422, "cart_empty", "/cart/lines"),
        ("/lines", json!(many), 422, "too_many_lines", "/cart/lines"),
        (
            "/lines",
            json!([line("l1"), line("l1")]),
            422,
            "duplicate_line",
            "/cart/lines/1/id",
        ),
        (
            "/discounts/0/amount",
            json!(400_000),
            422,
            "discount_too_large",
            "/cart/discounts/0",
        ),
        (
            "/discounts/0/amount",
            json!(600),
            422,
            "marketplace_share_negative",
            "/cart/discounts",
        ),
        (
            "/lines/0/colour",
            json!("red"),
            400,
            "unknown_field",
            "/cart/lines/0/colour",
        ),
        ("/lines/0/name", Value::Null, 400, "field_missing", "/cart/lines/0/name"),
        (
            "/discounts/0/funded_by",
            json!("nobody"),
            400,
            "field_invalid",
            "/cart/discounts/0/funded_by",
        ),
    ];
    for (place, value, status, code, pointer) in cases {
        let body = json!({"cart": with(cart(), place, value)});
        let answer = world.post("/v1/quotes", &body).await;
        let named = answer.problem(status, code);
        assert!(named.starts_with(pointer), "{place}: {named} is not {pointer}");
        assert_eq!(answer.body["charged"], "no");
    }
}

#[actix_web::test]
async fn suspended_sellers_and_unrepresentable_amounts_are_refused() {
    let world = World::new().await;
    let suspended = json!({"currency": "EUR", "lines": [
        {"id": "l1", "seller": "s3", "name": "Lamp", "quantity": 1, "unit_price": 100}]});
    let named = world
        .post("/v1/quotes", &json!({"cart": suspended.clone()}))
        .await
        .problem(422, "seller_suspended");
    assert_eq!(named, "/cart/lines/0/seller");
    let unknown = with(suspended, "/lines/0/seller", json!("s9"));
    let named = world
        .post("/v1/quotes", &json!({"cart": unknown}))
        .await
        .problem(422, "seller_unknown");
    assert_eq!(named, "/cart/lines/0/seller");
    let dinar = |amount: i64, currency: &str| {
        json!({"cart": {"currency": currency, "lines": [
            {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 1, "unit_price": amount}]}})
    };
    world
        .post("/v1/quotes", &dinar(1005, "KWD"))
        .await
        .problem(422, "amount_not_representable");
    world
        .post("/v1/quotes", &dinar(1000, "IQD"))
        .await
        .problem(422, "currency_not_enabled");
    world
        .post("/v1/quotes", &dinar(0, "EUR"))
        .await
        .problem(422, "nothing_to_pay");
    let fine = world.post("/v1/quotes", &dinar(1000, "KWD")).await;
    assert_eq!(fine.status, 200, "{}", fine.body);
}

#[actix_web::test]
async fn a_payment_that_cannot_be_leaves_no_trace() {
    let world = World::new().await;
    let cases: Vec<Case> = vec![
        ("/method_id", Value::Null, 422, "method_required", "/method_id"),
        ("/metod_id", json!(9), 400, "unknown_field", "/metod_id"),
        ("/return_url", json!("shop"), 422, "url_invalid", "/return_url"),
        ("/order", json!("an order with spaces"), 422, "order_invalid", "/order"),
        ("/order", Value::Null, 400, "field_missing", "/order"),
        ("/quote_digest", json!("0"), 422, "quote_changed", "/quote_digest"),
        (
            "/cart/lines/0/unit_price",
            json!(-1),
            422,
            "amount_negative",
            "/cart/lines/0/unit_price",
        ),
        (
            "/metadata",
            json!({"pan": "4111 1111 1111 1111"}),
            400,
            "card_number_refused",
            "/metadata/pan",
        ),
        (
            "/description",
            json!("paid with 5555-5555-5555-4444"),
            400,
            "card_number_refused",
            "/description",
        ),
        (
            "/cart/lines/0/unit_price",
            json!(4_111_111_111_111_111_u64),
            400,
            "card_number_refused",
            "/cart/lines/0/unit_price",
        ),
    ];
    for (place, value, status, code, pointer) in cases {
        let answer = world.post("/v1/payments", &with(payment(), place, value)).await;
        assert_eq!(answer.problem(status, code), pointer);
        assert_eq!(answer.body["charged"], "no");
        assert!(!answer.body.to_string().contains("1111"), "a card number was repeated");
    }
    world.holds_nothing().await;
}

#[actix_web::test]
async fn every_fault_is_told_at_once() {
    let world = World::new().await;
    let body = with(
        with(payment(), "/return_url", json!("shop")),
        "/cart/lines/0/unit_price",
        json!(-1),
    );
    let answer = world.post("/v1/payments", &body).await;
    answer.problem(422, "url_invalid");
    let pointers: Vec<&str> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| place["pointer"].as_str().unwrap())
        .collect();
    assert!(
        pointers.contains(&"/return_url") && pointers.contains(&"/cart/lines/0/unit_price"),
        "{pointers:?}"
    );
}

#[actix_web::test]
async fn bodies_that_are_no_bodies() {
    let world = World::new().await;
    let broken = world
        .post_bytes("/v1/payments", "{\"order\": \"o1\",\n \"cart\": }")
        .await;
    broken.problem(400, "json_malformed");
    assert!(
        broken.body["detail"].as_str().unwrap().contains("line 2"),
        "{}",
        broken.body
    );
    world
        .post_bytes("/v1/payments", "")
        .await
        .problem(400, "json_malformed");
    world.post_bytes("/v1/payments", "[]").await.problem(400, "field_type");
    world
        .post_bytes(
            "/v1/quotes",
            "{\"cart\": {\"currency\": \"EUR\", \"currency\": \"EUR\", \"lines\": []}}",
        )
        .await
        .problem(400, "field_duplicate");
    world
        .post_bytes("/v1/quotes", &format!("{{}}{}", "]"))
        .await
        .problem(400, "field_missing");
    let large = with(payment(), "/description", json!("x".repeat(256 * 1024)));
    world.post("/v1/payments", &large).await.problem(413, "body_too_large");
    let text = TestRequest::post()
        .uri("/v1/quotes")
        .insert_header(bearer(&world.storefront));
    let text = text.insert_header(("content-type", "text/plain")).set_payload("{}");
    world.send(text).await.problem(415, "media_type_unsupported");
    world.holds_nothing().await;
}

#[actix_web::test]
async fn idempotency_keys_are_asked_for_and_not_reused() {
    let world = World::new().await;
    let create = |key: Option<&'static str>, body: Value| {
        let request = TestRequest::post()
            .uri("/v1/payments")
            .insert_header(bearer(&world.storefront))
            .set_json(body);
        match key {
            Some(key) => request.insert_header(("idempotency-key", key)),
            None => request,
        }
    };
    world
        .send(create(None, payment()))
        .await
        .problem(400, "idempotency_key_missing");
    world
        .send(create(Some(""), payment()))
        .await
        .problem(400, "idempotency_key_invalid");
    world.holds_nothing().await;
    // Nobody listens at the gateway: surely nothing was sent, and the same key may try again.
    let unsent = world.send(create(Some("k1"), payment())).await;
    unsent.problem(503, "gateway_unavailable");
    assert_eq!(unsent.body["charged"], "no");
    assert_eq!(unsent.body["retry"], "same_key");
    let other = with(payment(), "/order", json!("order-2"));
    world
        .send(create(Some("k1"), other))
        .await
        .problem(422, "idempotency_key_reused");
}
