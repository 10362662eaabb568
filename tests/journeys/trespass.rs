//! What is another's does not exist: payments, splits, refunds and plans, whoever asks.

use crate::captures::two_steps;
use crate::refunds::sold;
use serde_json::{Value, json};
use tests::http::{Answer, Asked};
use tests::{Stage, both, carts};

both!(payments_of_others, goods_of_others, money_is_for_operators);

fn post(path: &str, body: &Value) -> Asked {
    Asked::with_body("POST", format!("/v1/{path}"), body).header("Idempotency-Key", "a-key")
}

/// Answers that say nothing about anybody.
fn says_nothing(answer: &Answer) {
    for name in [
        "s1",
        "s2",
        "Ana",
        "Pop",
        "ana@example.org",
        "customer-7",
        "order-1",
        "Lamp",
        "Rug",
    ] {
        assert!(!answer.text.contains(name), "{name} is named: {}", answer.text);
    }
}

/// A seller without a part in a payment: every path about it answers as if it did not exist.
async fn payments_of_others(stage: Stage) {
    let world = stage.open().await;
    let mut cart = carts::three_sellers();
    cart["lines"].as_array_mut().expect("a list").truncate(2);
    let body = two_steps("order-1", &cart, 40, "automatic");
    let payment = world.storefront().sells("order-1", &body, "captured").await;
    let id = payment.id();
    let refunds = format!("payments/{id}/refunds");
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
    let key = &world.keys.sellers["s3"];
    let split = payment["splits"][0]["id"].as_str().expect("an id");
    let none = format!("/v1/payments/pay_{}", "0".repeat(26));
    let missing = world.untold(Some(key), &Asked::get(none)).await.expect(404);
    for asked in [
        Asked::get(format!("/v1/payments/{id}")),
        Asked::get(format!("/v1/payments/{id}/refunds")),
        Asked::get(format!("/v1/refunds/{}", refund.id())),
        post(&format!("payments/{id}/ready"), &json!({"seller": "s3", "amount": 1})),
        post(
            &format!("payments/{id}/refunds/preview"),
            &json!({"seller": "s3", "amount": 1}),
        ),
        post(&refunds, &json!({"seller": "s3", "amount": 1})),
    ] {
        world.says(&format!(
            "Seller s3 has no part in it: {} {}.",
            asked.method, asked.path
        ));
        let answer = world.told_by(key, asked).await.expect(404);
        assert_eq!(
            (&answer["code"], &answer["detail"]),
            (&missing["code"], &missing["detail"])
        );
        says_nothing(&answer);
    }
    world.says("A seller with a part in it sees the refunds of its own goods only.");
    let own = world
        .seller("s1")
        .gets(&format!("/v1/payments/{id}/refunds"))
        .await
        .expect(200);
    assert_eq!(own["data"], json!([]), "{}", own.text);
    let _ = world
        .seller("s1")
        .gets(&format!("/v1/refunds/{}", refund.id()))
        .await
        .expect(404);
    let other = Asked::get(format!("/v1/refunds/ref_{}_9", &id["pay_".len()..]));
    let _ = world.untold(Some(&world.keys.ops), &other).await.expect(404);
    let elsewhere = post(
        &format!("payments/pay_{}/splits/{split}/capture", "0".repeat(26)),
        &json!({"amount": 1}),
    );
    let _ = world.untold(Some(&world.keys.ops), &elsewhere).await.expect(404);
    world.close().await;
}

/// A seller with a part in a payment reaches for the goods of another.
async fn goods_of_others(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let refunds = format!("payments/{}/refunds", payment.id());
    let key = &world.keys.sellers["s3"];
    let invented = world
        .untold(
            Some(key),
            &post(&refunds, &json!({"lines": [{"id": "l77", "quantity": 1}]})),
        )
        .await
        .expect(422);
    for (what, ask, code) in [
        (
            "another's line",
            json!({"lines": [{"id": "l2", "quantity": 1}]}),
            "line_not_in_payment",
        ),
        (
            "another's amount",
            json!({"seller": "s2", "amount": 100}),
            "seller_not_in_payment",
        ),
        (
            "another's shipping",
            json!({"lines": [{"id": "l3", "quantity": 1}], "shipping": ["s1"]}),
            "shipping_not_in_payment",
        ),
        ("everything", json!({}), "field_missing"),
        (
            "its commission",
            json!({"seller": "s3", "amount": 100, "commission": "return"}),
            "role_forbidden",
        ),
    ] {
        for path in [format!("{refunds}/preview"), refunds.clone()] {
            world.says(&format!("Seller s3 asks for {what}."));
            let answer = world.told_by(key, post(&path, &ask)).await.expect(422);
            assert_eq!(answer["errors"][0]["code"], code, "{}", answer.text);
            says_nothing(&answer);
            if code == "line_not_in_payment" {
                let detail = |answer: &Answer| answer["errors"][0]["detail"].clone();
                assert_eq!(
                    detail(&answer),
                    detail(&invented),
                    "another's line is like one that was never sold"
                );
            }
        }
    }
    assert!(world.gateway().saw("POST", "/refunds").is_empty());
    world.close().await;
}

/// The storefront sells, adds splits and cancels; sellers give back and are ready; the rest is for operators.
async fn money_is_for_operators(stage: Stage) {
    let world = stage.open().await;
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let id = payment.id();
    let split = payment["splits"][0]["id"].as_str().expect("an id");
    let refund = format!("ref_{}_1", &id["pay_".len()..]);
    let (storefront, seller) = (&world.keys.storefront, &world.keys.sellers["s1"]);
    for (who, key, path, body) in [
        (
            "the storefront",
            storefront,
            format!("payments/{id}/capture"),
            json!({}),
        ),
        (
            "the storefront",
            storefront,
            format!("payments/{id}/capture/preview"),
            json!({}),
        ),
        (
            "the storefront",
            storefront,
            format!("payments/{id}/splits/{split}/capture"),
            json!({"amount": 1}),
        ),
        (
            "the storefront",
            storefront,
            format!("payments/{id}/ready"),
            json!({"seller": "s1", "amount": 1}),
        ),
        (
            "the storefront",
            storefront,
            format!("payments/{id}/refunds"),
            json!({}),
        ),
        (
            "the storefront",
            storefront,
            format!("refunds/{refund}/retry"),
            json!({}),
        ),
        ("the storefront", storefront, "settlements".to_owned(), json!({})),
        ("a seller", seller, format!("payments/{id}/capture"), json!({})),
        (
            "a seller",
            seller,
            format!("payments/{id}/splits/{split}/capture"),
            json!({"amount": 1}),
        ),
        ("a seller", seller, format!("payments/{id}/cancel"), json!({})),
        ("a seller", seller, format!("payments/{id}/splits"), json!({})),
        ("a seller", seller, format!("refunds/{refund}/retry"), json!({})),
        ("a seller", seller, format!("refunds/{refund}/abandon"), json!({})),
        ("a seller", seller, "settlements".to_owned(), json!({})),
    ] {
        world.says(&format!("Refused to {who}: {path}."));
        let answer = world.told_by(key, post(&path, &body)).await.expect(403);
        assert_eq!(answer["code"], "role_forbidden");
    }
    for path in ["/v1/customers/customer-7/cards", &format!("/v1/payments/{id}/timeline")] {
        let _ = world.untold(Some(seller), &Asked::get(path)).await.expect(403);
    }
    assert!(world.gateway().saw("POST", "/capture").is_empty());
    world.close().await;
}
