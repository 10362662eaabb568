//! Who may see what: what a caller may not see answers exactly like what does not exist.

use serde_json::json;
use tests::http::Asked;
use tests::stage::ADMIN_KEY;
use tests::{Stage, both, carts};

both!(what_a_seller_sees, who_may_call_what, wrong_keys);

/// A seller sees its own share: no customer, no totals, no other party, no metadata.
async fn what_a_seller_sees(stage: Stage) {
    let world = stage.open().await;
    let mut body = carts::payment("order-1", &carts::three_sellers());
    body["metadata"] = json!({"margin": "secret"});
    let payment = world.storefront().asks("order-1", &body).await.expect(201);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;

    let path = format!("/v1/payments/{}", payment.id());
    let own = world.seller("s2").gets(&path).await.expect(200);
    let parties: Vec<_> = own["splits"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|split| &split["seller"])
        .collect();
    assert_eq!(parties, ["s2"]);
    let lines: Vec<_> = own["lines"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| &line["id"])
        .collect();
    assert_eq!(lines, ["l2"]);
    // Sellers as whole words: their two letters may stand in any id.
    for hidden in [
        "ana@example.org",
        "customer-7",
        "secret",
        "\"s1\"",
        "\"s3\"",
        "33513",
        "33511",
        "10000",
    ] {
        assert!(
            !own.text.contains(hidden),
            "{hidden} is nobody else's to see: {}",
            own.text
        );
    }

    let other = world
        .storefront()
        .checks_out("order-2", &carts::one_lamp())
        .await
        .expect(201);
    let path = format!("/v1/payments/{}", other.id());
    let hidden = world.seller("s2").gets(&path).await.expect(404);
    let missing = world
        .seller("s2")
        .gets("/v1/payments/pay_00000000000000000000000000")
        .await
        .expect(404);
    assert_eq!(
        hidden["detail"], missing["detail"],
        "what it may not see is like what does not exist"
    );
    let list = world.seller("s2").gets("/v1/payments").await.expect(200);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    let _ = world.seller("s2").gets("/v1/sellers/s1/balance").await.expect(404);
    let _ = world.seller("s2").gets("/v1/sellers/s1/entries").await.expect(404);
    world.close().await;
}

async fn who_may_call_what(stage: Stage) {
    let world = stage.open().await;
    let keys = &world.keys;
    let seller = &keys.sellers["s1"];
    let create = carts::payment("order-1", &carts::one_lamp());
    for (who, key, asked) in [
        (
            "a seller sells",
            seller,
            Asked::with_body("POST", "/v1/payments", &create).header("Idempotency-Key", "k"),
        ),
        (
            "a seller asks for a quote",
            seller,
            Asked::with_body("POST", "/v1/quotes", &json!({"cart": carts::one_lamp()})),
        ),
        ("a seller lists sellers", seller, Asked::get("/v1/sellers")),
        ("a seller lists discrepancies", seller, Asked::get("/v1/discrepancies")),
        (
            "the storefront reads the marketplace's balance",
            &keys.storefront,
            Asked::get("/v1/marketplace/balance"),
        ),
        (
            "the storefront reads a seller's balance",
            &keys.storefront,
            Asked::get("/v1/sellers/s1/balance"),
        ),
        (
            "the storefront makes a key",
            &keys.storefront,
            Asked::with_body("POST", "/v1/api_keys", &json!({})),
        ),
        (
            "operations registers a seller",
            &keys.ops,
            Asked::with_body("PUT", "/v1/sellers/s9", &json!({})),
        ),
        ("operations lists keys", &keys.ops, Asked::get("/v1/api_keys")),
        (
            "the administrator sells",
            &keys.admin,
            Asked::with_body("POST", "/v1/payments", &create).header("Idempotency-Key", "k"),
        ),
    ] {
        world.says(&format!("Refused: {who}."));
        let answer = world.untold(Some(key), &asked).await;
        let without = Asked { body: None, ..asked };
        world.transcript.shows(&without, &answer);
        assert_eq!(
            (answer.status, &answer["code"]),
            (403, &json!("role_forbidden")),
            "{who}: {}",
            answer.text
        );
    }
    assert!(world.gateway().creates().is_empty());
    world.close().await;
}

async fn wrong_keys(stage: Stage) {
    let world = stage.open().await;
    let made = Asked::with_body("POST", "/v1/api_keys", &json!({"role": "ops", "principal": "temp"}));
    let made = world.untold(Some(&world.keys.admin), &made).await.expect(201);
    let key = format!("Bearer {}", made.text_at("key"));
    let asked = Asked::get("/v1/payments");
    let _ = world.untold(Some(&key), &asked).await.expect(200);
    let revoked = Asked {
        method: "DELETE",
        ..Asked::get(format!("/v1/api_keys/{}", made.id()))
    };
    let _ = world.untold(Some(&world.keys.admin), &revoked).await.expect(200);

    let unknown = ADMIN_KEY.replace('0', "1");
    for (who, authorization, code) in [
        ("without a key", None, "credentials_missing"),
        (
            "with a key that nobody made",
            Some(format!("Bearer {unknown}")),
            "credentials_invalid",
        ),
        (
            "with another scheme",
            Some("Basic c2hvcDprZXk=".to_owned()),
            "credentials_missing",
        ),
        ("with a key that was revoked", Some(key), "credentials_invalid"),
    ] {
        world.says(&format!("A request {who}."));
        let answer = world.untold(authorization.as_deref(), &asked).await;
        world.transcript.shows(&asked, &answer);
        assert_eq!(
            (answer.status, &answer["code"]),
            (401, &json!(code)),
            "{who}: {}",
            answer.text
        );
        assert!(
            answer
                .header("www-authenticate")
                .is_some_and(|scheme| scheme.starts_with("Bearer")),
            "{who}"
        );
    }
    world.close().await;
}
