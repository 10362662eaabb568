//! Bad input: a clear problem that names the field, nothing written, nothing sent.

use serde_json::{Value, json};
use tests::http::{Answer, Asked};
use tests::stage::ADMIN_KEY;
use tests::world::World;
use tests::{Stage, both, carts};

both!(bad_carts, bad_requests, bad_registrations);

/// One thing wrong with a request, and what is said about it: status, code, JSON pointer.
type Wrong = (&'static str, fn(&mut Value), u16, &'static str, &'static str);

const CARTS: &[Wrong] = &[
    (
        "a negative price",
        |b| b["cart"]["lines"][0]["unit_price"] = json!(-1),
        422,
        "amount_negative",
        "/cart/lines/0/unit_price",
    ),
    (
        "a float",
        |b| b["cart"]["lines"][0]["unit_price"] = json!(19.99),
        400,
        "field_type",
        "/cart/lines/0/unit_price",
    ),
    (
        "an amount as a text",
        |b| b["cart"]["lines"][0]["unit_price"] = json!("1999"),
        400,
        "field_type",
        "/cart/lines/0/unit_price",
    ),
    (
        "an amount above the limit",
        |b| b["cart"]["lines"][0]["unit_price"] = json!(10_000_000_000_i64),
        422,
        "amount_too_large",
        "/cart/lines/0/unit_price",
    ),
    (
        "a total of nothing",
        |b| b["cart"] = one_at(0),
        422,
        "nothing_to_pay",
        "/cart",
    ),
    (
        "a quantity of nothing",
        |b| b["cart"]["lines"][0]["quantity"] = json!(0),
        422,
        "quantity_out_of_range",
        "/cart/lines/0/quantity",
    ),
    (
        "an amount that the gateway cannot express",
        |b| {
            b["cart"] = one_at(1005);
            b["cart"]["currency"] = json!("KWD");
        },
        422,
        "amount_not_representable",
        "/cart/lines/0/unit_price",
    ),
    (
        "a currency that is not confirmed",
        |b| b["cart"]["currency"] = json!("VND"),
        422,
        "currency_not_enabled",
        "/cart/currency",
    ),
    (
        "a currency that is none",
        |b| b["cart"]["currency"] = json!("EURO"),
        422,
        "currency_unknown",
        "/cart/currency",
    ),
    (
        "a second currency",
        |b| b["cart"]["lines"][0]["currency"] = json!("USD"),
        400,
        "unknown_field",
        "/cart/lines/0/currency",
    ),
    (
        "an empty cart",
        |b| b["cart"]["lines"] = json!([]),
        422,
        "cart_empty",
        "/cart/lines",
    ),
    (
        "501 lines",
        |b| b["cart"] = lines(501),
        422,
        "too_many_lines",
        "/cart/lines",
    ),
    (
        "an unknown seller",
        |b| b["cart"]["lines"][1]["seller"] = json!("nobody"),
        422,
        "seller_unknown",
        "/cart/lines/1/seller",
    ),
    (
        "a suspended seller",
        |b| b["cart"]["lines"][2]["seller"] = json!("s4"),
        422,
        "seller_suspended",
        "/cart/lines/2/seller",
    ),
    (
        "two lines with one id",
        |b| b["cart"]["lines"][1]["id"] = json!("l1"),
        422,
        "duplicate_line",
        "/cart/lines/1/id",
    ),
    (
        "a discount larger than what it applies to",
        |b| b["cart"]["discounts"] = discount(4000, json!({"line": "l1"}), "seller"),
        422,
        "discount_too_large",
        "/cart/discounts/0/amount",
    ),
    (
        "a marketplace discount larger than its commission",
        |b| b["cart"]["discounts"] = discount(601, json!({"seller": "s1"}), "marketplace"),
        422,
        "marketplace_share_negative",
        "/cart/discounts/0",
    ),
    (
        "shipping of a seller without a line",
        |b| b["cart"]["shipping"][0]["seller"] = json!("s9"),
        422,
        "shipping_without_line",
        "/cart/shipping/0/seller",
    ),
];

const REQUESTS: &[Wrong] = &[
    (
        "an unknown field",
        |b| b["amunt"] = json!(100),
        400,
        "unknown_field",
        "/amunt",
    ),
    (
        "no order",
        |b| drop(b.as_object_mut().expect("an object").remove("order")),
        400,
        "field_missing",
        "/order",
    ),
    (
        "an order that is no name",
        |b| b["order"] = json!("order 1"),
        422,
        "order_invalid",
        "/order",
    ),
    (
        "no method",
        |b| drop(b.as_object_mut().expect("an object").remove("method_id")),
        422,
        "method_required",
        "/method_id",
    ),
    (
        "an unknown method",
        |b| b["method_id"] = json!(4711),
        422,
        "method_unknown",
        "/method_id",
    ),
    (
        "a return URL that is none",
        |b| b["return_url"] = json!("javascript:alert(1)"),
        422,
        "url_invalid",
        "/return_url",
    ),
    (
        "a description that is too long",
        |b| b["description"] = json!("x".repeat(256)),
        422,
        "text_invalid",
        "/description",
    ),
    (
        "no e-mail address",
        |b| b["customer"]["email"] = json!("ana"),
        422,
        "email_invalid",
        "/customer/email",
    ),
    (
        "a quote that was another",
        |b| b["quote_digest"] = json!("0".repeat(64)),
        422,
        "quote_changed",
        "/quote_digest",
    ),
    (
        "a card number",
        |b| b["description"] = json!("4111 1111 1111 1111"),
        400,
        "card_number_refused",
        "/description",
    ),
    (
        "a card number, deep inside",
        |b| b["metadata"] = json!({"note": "paid with 4548-8120-4940-0004 by phone"}),
        400,
        "card_number_refused",
        "/metadata/note",
    ),
];

async fn bad_carts(stage: Stage) {
    let world = stage.open().await;
    let suspended = json!({"name": "Closed", "site_id": 33514, "status": "suspended"});
    let _ = world.admin().puts("/v1/sellers/s4", &suspended).await.expect(201);
    all_refused(&world, CARTS).await;
    untouched(&world).await;
    world.close().await;
}

async fn bad_requests(stage: Stage) {
    let world = stage.open().await;
    all_refused(&world, REQUESTS).await;
    let storefront = Some(world.keys.storefront.as_str());
    let good = carts::payment("order-1", &carts::one_lamp());
    let post = || Asked::with_body("POST", "/v1/payments", &good);

    let mut large = good.clone();
    large["description"] = json!("x".repeat(256 * 1024));
    let mut broken = post();
    broken.body = Some("{\"order\": \"order-1\",".to_owned());
    for (sentence, asked, status, code) in [
        ("without a key", post(), 400, "idempotency_key_missing"),
        (
            "with a key that is too long",
            post().header("Idempotency-Key", "k".repeat(256)),
            400,
            "idempotency_key_invalid",
        ),
        (
            "with a body over 256 KiB",
            Asked::with_body("POST", "/v1/payments", &large).header("Idempotency-Key", "k"),
            413,
            "body_too_large",
        ),
        (
            "with broken JSON",
            broken.header("Idempotency-Key", "k"),
            400,
            "json_malformed",
        ),
        (
            "as plain text",
            post()
                .header("Idempotency-Key", "k")
                .header("Content-Type", "text/plain"),
            415,
            "media_type_unsupported",
        ),
        (
            "to a path that does not exist",
            Asked::with_body("POST", "/v1/paymnts", &good),
            404,
            "not_found",
        ),
        (
            "by a method that the path does not answer",
            Asked::with_body("PUT", "/v1/payments", &good),
            405,
            "method_not_allowed",
        ),
        (
            "for a payment that does not exist",
            Asked::get("/v1/payments/pay_00000000000000000000000000"),
            404,
            "not_found",
        ),
        (
            "for what is no payment's name",
            Asked::get("/v1/payments/17"),
            404,
            "not_found",
        ),
        (
            "with an unknown filter",
            Asked::get("/v1/payments?stauts=open"),
            400,
            "unknown_parameter",
        ),
    ] {
        world.says(&format!("A request {sentence}."));
        let answer = world.untold(storefront, &asked).await;
        show(&world, &asked, &answer);
        is_problem(sentence, &answer, status, code);
    }
    untouched(&world).await;
    world.close().await;
}

async fn bad_registrations(stage: Stage) {
    let world = stage.open().await;
    let seller = |site: u32| json!({"name": "Another", "site_id": site, "status": "active"});
    let taken = world.admin().puts("/v1/sellers/s5", &seller(33513)).await;
    is_problem("a site that another seller has", &taken, 409, "site_taken");
    let taken = world
        .admin()
        .puts("/v1/sellers/s5", &seller(carts::COMMISSION_SITE))
        .await;
    is_problem("the marketplace's own site", &taken, 409, "site_taken");
    let none = world.admin().puts("/v1/sellers/s5", &seller(0)).await;
    is_problem("a site that is none", &none, 422, "site_id_invalid");
    let mut unplanned = seller(33515);
    unplanned["fee_plan"] = json!("no-such-plan");
    let unplanned = world.admin().puts("/v1/sellers/s5", &unplanned).await;
    is_problem("a fee plan that does not exist", &unplanned, 422, "fee_plan_unknown");
    let unending = json!({"rules": [{"match": {"categories": ["home"]}, "percent_bp": 1500, "applies_to": "items"}]});
    let unending = world.admin().puts("/v1/fee_plans/broken", &unending).await;
    assert_eq!(
        (unending.status, pointers(&unending)),
        (422, vec!["/rules/0/match".to_owned()]),
        "{}",
        unending.text
    );
    let missing = world.ops().reads("/v1/sellers/s5").await;
    is_problem("nothing was written", &missing, 404, "not_found");
    world.close().await;
}

async fn all_refused(world: &World, wrongs: &[Wrong]) {
    for (sentence, spoil, status, code, pointer) in wrongs {
        let mut body = carts::payment("order-1", &carts::three_sellers());
        spoil(&mut body);
        let asked = Asked::with_body("POST", "/v1/payments", &body).header("Idempotency-Key", "order-1");
        world.says(&format!("The storefront sends {sentence}."));
        let answer = world.untold(Some(&world.keys.storefront), &asked).await;
        show(world, &asked, &answer);
        is_problem(sentence, &answer, *status, code);
        assert!(
            pointers(&answer).contains(&(*pointer).to_owned()),
            "{sentence}: not {pointer} in {}",
            answer.text
        );
    }
}

/// The body of the request is left out: it is another one only in the sentence above.
fn show(world: &World, asked: &Asked, answer: &Answer) {
    let without = Asked {
        body: None,
        headers: Vec::new(),
        ..asked.clone()
    };
    world.transcript.shows(&without, answer);
}

fn is_problem(sentence: &str, answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer["code"].as_str()),
        (status, Some(code)),
        "{sentence}: {}",
        answer.text
    );
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{sentence}"
    );
    assert_eq!(answer["charged"], "no", "{sentence}: {}", answer.text);
    assert_eq!(answer["status"], status, "{sentence}");
    assert!(
        answer["request_id"].as_str().is_some_and(|id| !id.is_empty()),
        "{sentence}: {}",
        answer.text
    );
    // A request's own id may have any digits.
    let said = answer.text.replace(&answer.text_at("request_id"), "");
    assert!(
        !said.contains("4111") && !said.contains("8120"),
        "a card number is not said back"
    );
    assert!(!answer.text.contains(ADMIN_KEY));
}

fn pointers(answer: &Answer) -> Vec<String> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    errors
        .filter_map(|error| error["pointer"].as_str().map(ToOwned::to_owned))
        .collect()
}

/// Nothing was written, nothing was sent.
async fn untouched(world: &World) {
    assert!(world.ops().all_payments().await.is_empty());
    assert!(world.gateway().books().requests.is_empty());
}

fn one_at(price: i64) -> Value {
    json!({"currency": "EUR", "lines": [{"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 1, "unit_price": price}]})
}

fn lines(count: usize) -> Value {
    let line =
        |n: usize| json!({"id": format!("l{n}"), "seller": "s1", "name": "Lamp", "quantity": 1, "unit_price": 100});
    json!({"currency": "EUR", "lines": (0..count).map(line).collect::<Vec<_>>()})
}

fn discount(amount: i64, applies_to: Value, funded_by: &str) -> Value {
    json!([{"id": "d1", "amount": amount, "applies_to": applies_to, "funded_by": funded_by}])
}
