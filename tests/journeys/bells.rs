//! Notifications: a doorbell that may be rung twice, not at all, late, or by somebody else.

use crate::checkout::document_request;
use serde_json::{Value, json};
use tests::http::Asked;
use tests::stage::{API_KEY, SITE};
use tests::world::World;
use tests::{Stage, both, carts};

both!(duplicated, dropped, stale, forged, unknown_payment, contradictory);

/// The document's own notification: splits of 60, 23 and 20 for a payment of 100.
const SAMPLE: &str = include_str!("../../crates/gateway-client/tests/golden/one-step-success.notification.json");

async fn duplicated(stage: Stage) {
    let world = stage.open().await;
    let fault = json!([{"when": {"path_regex": "^/Home"}, "do": "duplicate_notification", "copies": 3}]);
    world.gateway().will("The gateway will notify four times.", fault).await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(201);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.gateway().is_heard().await;
    assert_eq!(world.gateway().books().notifications.acknowledged, 4);
    let entries = world.seller("s1").gets("/v1/sellers/s1/entries").await.expect(200);
    let captured = entries["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|entry| entry["kind"] == "captured")
        .count();
    assert_eq!(captured, 1, "{}", entries.text);
    world.close().await;
}

async fn dropped(stage: Stage) {
    let world = stage.curious().open().await;
    let fault = json!([{"when": {"path_regex": "^/Home"}, "do": "drop_notification"}]);
    world.gateway().will("The gateway will not notify.", fault).await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(201);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!(world.gateway().books().notifications.dropped, 1);
    world.close().await;
}

/// Notifications in the wrong order: one that says *paid* before it is, one that says *open* after it was.
async fn stale(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    let early = notification(&world, &payment.json, 2);
    let _ = ring(&world, "A notification says that it was paid; it was not.", &early)
        .await
        .expect(204);
    answered(&world, &payment.id(), 1).await;
    let open = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(open["status"], "open");

    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    let late = notification(&world, &payment.json, 1);
    let _ = ring(&world, "A notification from before says that it is open.", &late)
        .await
        .expect(204);
    answered(&world, &payment.id(), 3).await;
    let paid = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!((&paid["status"], &paid["held"]), (&json!("captured"), &json!(false)));
    world.close().await;
}

async fn forged(stage: Stage) {
    let world = stage.open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(201);
    let body = notification(&world, &payment.json, 2);
    let site = SITE.to_string();
    for (sentence, user, password) in [
        ("Somebody rings with another password.", site.as_str(), "not-the-key"),
        ("Somebody rings as another site.", "33513", API_KEY),
        ("Somebody rings without either.", "", ""),
    ] {
        let answer = world.gateway().rings(sentence, user, password, &body).await.expect(401);
        assert!(
            answer
                .header("www-authenticate")
                .is_some_and(|scheme| scheme.starts_with("Basic"))
        );
    }
    let unsigned = Asked::with_body("POST", "/gateway/notifications", &body);
    assert_eq!(world.untold(None, &unsigned).await.status, 401);
    let bearer = world.untold(Some(&world.keys.storefront), &unsigned).await;
    assert_eq!(bearer.status, 401, "an API key is no credential of the gateway");

    world.says("Nothing was stored, nothing was asked, nothing changed.");
    let timeline = world
        .ops()
        .reads(&format!("/v1/payments/{}/timeline", payment.id()))
        .await
        .expect(200);
    assert!(!timeline.text.contains("notification"), "{}", timeline.text);
    let asked = world.gateway().books().requests;
    assert!(
        asked.iter().all(|one| one.method == "POST"),
        "the gateway was asked: {asked:?}"
    );

    for (sentence, body) in [
        ("What is not JSON is refused.", json!("junk")),
        ("So is what is no notification.", json!({"Order": {}})),
    ] {
        let refused = world.gateway().rings(sentence, &site, API_KEY, &body).await.expect(400);
        assert!(refused["code"].is_string());
    }
    world.close().await;
}

/// Right credentials, something that nobody here knows: 204, stored, shown to operations.
async fn unknown_payment(stage: Stage) {
    let world = stage.open().await;
    let sample: Value = serde_json::from_str(SAMPLE).expect("the document's example is JSON");
    let _ = ring(
        &world,
        "The gateway notifies of a payment that nobody here knows.",
        &sample,
    )
    .await
    .expect(204);
    let asked = async || {
        let requests = world.gateway().books().requests;
        if requests.iter().any(|one| one.path.contains("5581804")) {
            Ok(())
        } else {
            Err(format!("{requests:?}"))
        }
    };
    world.until("the gateway is asked for it", asked).await;

    let other = json!({"Preapproval": {"ID": 77, "MethodID": 46, "Status": {"ID": 2, "Info": "Open"}, "Customer": {"Email": "ana@example.org"}}});
    let _ = ring(&world, "It notifies of something that is no payment at all.", &other)
        .await
        .expect(204);
    let list = world.ops().reads("/v1/discrepancies?state=open").await.expect(200);
    assert_eq!(list["data"][0]["kind"], "orphan", "{}", list.text);
    assert!(
        list["data"][0]["id"].as_str().is_some_and(|id| id.starts_with("evt_")),
        "{}",
        list.text
    );
    assert!(!list.text.contains("ana@example.org"), "{}", list.text);
    assert!(world.ops().all_payments().await.is_empty());
    world.close().await;
}

/// The document's contradictory notification, about a payment of ours: filed, and nothing else.
async fn contradictory(stage: Stage) {
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
    let mut sample: Value = serde_json::from_str(SAMPLE).expect("the document's example is JSON");
    let entry = world.gateway().only_payment();
    sample["Payment"]["ID"] = json!(entry.id);
    for (at, split) in entry.splits.iter().enumerate() {
        sample["Payment"]["Splits"][at]["ID"] = json!(split.id);
        sample["Payment"]["Splits"][at]["PaymentID"] = json!(entry.id);
    }
    let _ = ring(
        &world,
        "The document's notification: paid, as 60 + 23 + 20 of 100, under another reference.",
        &sample,
    )
    .await
    .expect(204);
    answered(&world, &payment.id(), 1).await;
    let open = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        (&open["status"], &open["held"], &open["charged"]),
        (&json!("open"), &json!(false), &json!("unknown"))
    );
    assert_eq!(open["discrepancies"][0]["kind"], "notification_differs");
    assert_eq!(open["discrepancies"][0]["state"], "closed");
    let waiting = world.ops().reads("/v1/discrepancies?state=open").await.expect(200);
    assert_eq!(waiting["data"], json!([]), "evidence waits for nobody");

    world.buyer().pays(&payment).await;
    let paid = world.storefront().waits_until(&payment.id(), "captured").await;
    assert_eq!((&paid["held"], &paid["amount_captured"]), (&json!(false), &json!(100)));
    world.close().await;
}

async fn ring(world: &World, sentence: &str, body: &Value) -> tests::http::Answer {
    world.gateway().rings(sentence, &SITE.to_string(), API_KEY, body).await
}

/// What the gateway would send about this payment, were it in this status.
fn notification(world: &World, payment: &Value, status: u8) -> Value {
    let entry = world.gateway().only_payment();
    let state = json!({"ID": status, "Info": if status == 1 { "Open" } else { "Success" }, "Reasons": null});
    let splits = entry.splits.iter().map(|split| {
        json!({
            "ID": split.id, "PaymentID": entry.id, "SiteID": split.site_id, "Amount": split.amount.to_string(),
            "Currency": entry.currency, "CapturedAmount": "", "StateDetails": state,
        })
    });
    json!({"Payment": {
        "ID": entry.id, "MerchantTransactionID": entry.reference, "OriginatorTransactionID": payment["order"],
        "Amount": entry.amount.to_string(), "Currency": entry.currency, "SiteID": entry.site_id, "MethodID": 9,
        "Status": state, "Splits": splits.collect::<Vec<_>>(),
    }})
}

/// Waits until the timeline shows that so many notifications were answered by asking.
async fn answered(world: &World, payment: &str, times: usize) {
    let asked = async || {
        let requests = world.gateway().books().requests;
        let questions = requests
            .iter()
            .filter(|one| one.method == "GET" && one.path.contains("/v1/payments/"))
            .count();
        if questions >= times {
            Ok(())
        } else {
            Err(format!("{questions} questions"))
        }
    };
    world.until("the gateway is asked", asked).await;
    let path = format!("/v1/payments/{payment}/timeline");
    let filed = async || {
        let timeline = world.ops().glances(&path).await;
        let bells = timeline.text.matches("; the gateway was asked").count();
        if bells >= times { Ok(()) } else { Err(timeline.text) }
    };
    world.until("the notification is settled", filed).await;
}
