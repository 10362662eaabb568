//! The main job: one buyer pays once, every seller and the marketplace see to the cent what they are owed and why.

use serde_json::{Map, Value, json};
use tests::{Stage, both, carts};

both!(main_job, worked_example, example_of_the_document);

/// A cart of three sellers, from the quote to the statement.
async fn main_job(stage: Stage) {
    let world = stage.open().await;
    let cart = carts::three_sellers();
    let quote = world.storefront().asks_for_a_quote(&cart).await.expect(200);
    assert_eq!(quote["amount"], 10_000);

    let mut body = carts::payment("order-1", &cart);
    body["quote_digest"] = quote["digest"].clone();
    body["metadata"] = json!({"campaign": "spring"});
    let payment = world.storefront().asks("order-1", &body).await.expect(201);
    assert_eq!(
        (&payment["status"], &payment["charged"]),
        (&json!("open"), &json!("unknown"))
    );

    world.buyer().pays(&payment).await;
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(
        (&paid["amount_captured"], &paid["charged"]),
        (&json!(10_000), &json!("yes"))
    );
    assert_eq!(paid.json.get("redirect_url"), None, "who has paid is sent to no page");

    // 15 % of 39.98 is 5.997, of 42.50 is 6.375 (half to even: 6.38), of 10.50 is 1.575 (1.58).
    for (seller, owed) in [("s1", 3998 + 490 - 600), ("s2", 4250 - 638), ("s3", 1050 - 158)] {
        let balance = world.seller(seller).reads_the_balance().await.expect(200);
        assert_eq!(balance["balances"][0]["balance"], owed, "{seller}: {}", balance.text);
    }
    let balance = world.ops().reads("/v1/marketplace/balance").await.expect(200);
    assert_eq!(balance["balances"][0]["balance"], 600 + 638 + 158 + 212);

    let statement = world.seller("s1").downloads_the_statement().await.expect(200);
    assert!(
        statement
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/csv")),
        "{:?}",
        statement.headers
    );
    let rows: Vec<_> = statement.text.lines().collect();
    assert!(
        rows.len() >= 2 && rows.iter().skip(1).any(|row| row.contains("3888")),
        "{}",
        statement.text
    );

    let entries = world.seller("s2").gets("/v1/sellers/s2/entries").await.expect(200);
    assert_eq!(entries["data"][0]["balance"], 3612, "{}", entries.text);
    world.gateway().is_heard().await;
    world.close().await;
}

/// The worked example of the rules, through the whole system: 35.48 and 1.39 of 36.87.
async fn worked_example(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::worked_example())
        .await
        .expect(201);
    assert_eq!(payment["amount"], 3687);
    let split = |at: usize| {
        (
            payment["splits"][at]["seller"].clone(),
            payment["splits"][at]["amount"].clone(),
        )
    };
    assert_eq!(
        (split(0), split(1)),
        ((json!("s1"), json!(3548)), (Value::Null, json!(139)))
    );
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// The document's own example: 1.00 EUR as 60, 20 and 20. What reaches the gateway is what the document shows.
async fn example_of_the_document(stage: Stage) {
    let world = stage.open().await;
    let free = json!({"rules": [{"percent_bp": 0, "applies_to": "items"}]});
    let _ = world.admin().puts("/v1/fee_plans/free", &free).await.expect(201);
    for (seller, site) in [("s1", 33513), ("s2", 33512)] {
        let body = json!({"name": format!("Seller {seller}"), "site_id": site, "fee_plan": "free", "status": "active"});
        let _ = world
            .admin()
            .puts(&format!("/v1/sellers/{seller}"), &body)
            .await
            .expect(200);
    }
    let payment = world
        .storefront()
        .asks("4324322", &document_request())
        .await
        .expect(201);

    let document = include_str!("../../crates/gateway-client/tests/golden/one-step-create.request.json");
    let document: Value = serde_json::from_str(document).expect("the document's example is JSON");
    let seen = world.gateway().creates();
    assert_eq!(seen.len(), 1);
    assert_eq!(comparable(&seen[0].body), comparable(&document));

    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// What a storefront asks for, so that the gateway is asked what the document shows: 60 and 20 for two sellers, a fee of 20.
pub fn document_request() -> Value {
    json!({
        "order": "4324322",
        "cart": {
            "currency": "EUR",
            "lines": [
                {"id": "a", "seller": "s1", "name": "A", "quantity": 1, "unit_price": 60},
                {"id": "b", "seller": "s2", "name": "B", "quantity": 1, "unit_price": 20},
            ],
            "fees": [{"id": "c", "amount": 20}],
        },
        "method_id": 9,
        "return_url": "http://demo.smart2pay.com/redirect.php",
        "token_lifetime_minutes": 10,
        "customer": {"email": "youremail@email.com", "first_name": "test", "last_name": "demo"},
        "billing_address": {"country": "RO"},
    })
}

/// A request to create, without the references that are drawn for each, and with amounts as numbers.
fn comparable(request: &Value) -> Value {
    let strip = |object: &Value, references: &[&str]| {
        let mut fields: Map<String, Value> = object.as_object().expect("an object").clone();
        for name in references {
            assert!(fields.remove(*name).is_some(), "{name} is missing in {object}");
        }
        if let Some(amount) = fields.get_mut("Amount") {
            let text = amount.as_str().map_or_else(|| amount.to_string(), ToOwned::to_owned);
            *amount = json!(text.parse::<u64>().expect("an amount is digits"));
        }
        fields
    };
    let mut payment = strip(&request["Payment"], &["MerchantTransactionID"]);
    let splits = request["Payment"]["Splits"].as_array().expect("splits").iter();
    let splits = splits.map(|split| strip(split, &["MerchantTransactionID", "OriginatorTransactionID"]));
    payment.insert("Splits".to_owned(), splits.collect());
    payment.into()
}
