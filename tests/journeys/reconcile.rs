//! What nobody told us is found by comparing a period of our books with the gateway's.

use crate::captures::two_steps;
use crate::refunds::sold;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;
use tests::http::{Answer, Asked};
use tests::stage::{API_KEY, SITE};
use tests::world::World;
use tests::{Loose, Stage, both, carts};

both!(
    everything_agrees,
    lost_dispute_notification,
    lost_notification_of_a_dashboard_refund,
    nobodys_payment,
    missing_payment,
    filters_are_not_trusted,
    page_by_page,
);

/// A day around a payment's making: the whole period that is compared.
fn around(payment: &Answer) -> Value {
    let made: Timestamp = payment.text_at("created_at").parse().expect("a time");
    let day = Duration::from_secs(43_200);
    let from = Timestamp::from_micros(made.micros() - i64::try_from(day.as_micros()).expect("it fits"));
    json!({"from": from.to_string(), "to": made.plus(day).to_string()})
}

async fn compares(world: &World, period: &Value) -> Answer {
    world
        .ops()
        .previews("Operations compares the period.", "reconciliations", period.clone())
        .await
        .expect(200)
}

/// The whole period, page by page: the sums over all pages, and every finding.
async fn compares_all(world: &World, payment: &Answer) -> (Vec<Answer>, Vec<Value>) {
    let mut asked = around(payment);
    let (mut pages, mut findings) = (Vec::new(), Vec::new());
    loop {
        let page = compares(world, &asked).await;
        findings.extend(page["findings"].as_array().expect("a list").iter().cloned());
        asked["cursor"] = page["next_cursor"].clone();
        let more = page["has_more"] == true;
        pages.push(page);
        if !more {
            return (pages, findings);
        }
    }
}

fn all_ok(pages: &[Answer]) -> bool {
    pages.iter().all(|page| page["ok"] == true)
}

async fn everything_agrees(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let (pages, findings) = compares_all(&world, &payment).await;
    assert!(all_ok(&pages) && findings.is_empty(), "{findings:?}");
    assert_eq!((&pages[0]["compared"], &pages[0]["agreed"]), (&json!(1), &json!(1)));
    assert_eq!(pages.len(), 3, "ours, and both hosts");
    let refused = world
        .ops()
        .previews(
            "A quarter is too much at once.",
            "reconciliations",
            json!({"from": "2026-01-01", "to": "2026-03-31"}),
        )
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["code"], "period_invalid");
    world.close().await;
}

/// The bank asks for the money and the gateway never rings: the comparison finds it, and it is booked.
async fn lost_dispute_notification(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let act = json!({"do": "dispute_opened", "quiet": true});
    world
        .gateway()
        .acts("The buyer's bank asks for the money, and nobody is told.", act)
        .await;
    let (pages, findings) = compares_all(&world, &payment).await;
    assert!(all_ok(&pages), "what was brought up to date agrees: {findings:?}");
    assert_eq!(
        (findings.len(), &findings[0]["kind"], &findings[0]["payment"]),
        (1, &json!("updated"), &payment["id"])
    );
    let seen = world
        .ops()
        .reads(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200);
    assert_eq!(seen["status"], "disputed");
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    assert_eq!(balance["balances"][0]["disputed"], 3888);
    let (_, again) = compares_all(&world, &payment).await;
    assert!(again.is_empty(), "{again:?}");
    world.close().await;
}

/// Somebody refunds at the dashboard and nobody is told: the refund is in the books, and a person hears of it.
async fn lost_notification_of_a_dashboard_refund(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let silent = json!([{"when": {}, "do": "drop_notification"}]);
    world.gateway().will("No notification will arrive.", silent).await;
    let split = world.gateway().only_payment().splits[0].id;
    let act = json!({"do": "refund", "amount": 1000, "split": split});
    world
        .gateway()
        .acts("Somebody refunds ten euros at the dashboard.", act)
        .await;
    let settled = |entry: &sandbox::core::PaymentEntry| entry.amount_refunded == 1000;
    let _ = world.gateway().waits_for("the buyer has it", settled).await;
    let (pages, findings) = compares_all(&world, &payment).await;
    assert!(all_ok(&pages), "{findings:?}");
    assert_eq!(
        (&findings[0]["kind"], &findings[0]["suggestion"]["resolution"]),
        (&json!("updated"), &json!("dismiss"))
    );
    let refunded = |seen: &Value| seen["amount_refunded"] == 1000;
    let seen = world.ops().awaits(&payment.id(), "it is refunded here", refunded).await;
    assert_eq!(seen["discrepancies"][0]["kind"], "external_refund");
    let filed = seen["discrepancies"][0]["id"].as_str().expect("an id").to_owned();
    let closed = world
        .ops()
        .does(
            "Operations knows who did it.",
            &format!("discrepancies/{filed}/resolve"),
            json!({"resolution": "dismiss", "note": "support refunded a scratch by hand"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&closed["state"], &closed["closed_by"]),
        (&json!("closed"), &json!("desk"))
    );
    let listed = world
        .ops()
        .reads("/v1/discrepancies?state=closed&kind=external_refund")
        .await
        .expect(200);
    assert_eq!(listed["data"][0]["note"], "support refunded a scratch by hand");
    let open = world.ops().glances("/v1/discrepancies").await.expect(200);
    assert_eq!(open["data"], json!([]));
    world.close().await;
}

/// A payment at the gateway that nobody here made.
async fn nobodys_payment(stage: Stage) {
    let mut world = stage.open().await;
    world.leaves(Loose {
        strangers: 1,
        ..Loose::default()
    });
    let payment = sold(&world).await;
    let body = json!({"Payment": {"MerchantTransactionID": "another-system-1", "Amount": "1200", "Currency": "EUR",
        "ReturnURL": "https://elsewhere.example/", "MethodID": 9}});
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{SITE}:{API_KEY}")));
    let asked = Asked::with_body("POST", "/v1/payments", &body).header("Authorization", basic);
    let words = "Another system uses the same account at the gateway.";
    let made = world.gateway().is_asked(words, asked).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (pages, findings) = compares_all(&world, &payment).await;
    assert!(!all_ok(&pages));
    assert_eq!(
        (findings.len(), &findings[0]["kind"]),
        (1, &json!("orphan")),
        "{findings:?}"
    );
    let detail = findings[0]["detail"].as_str().unwrap_or_default();
    assert!(
        detail.contains("12.00 EUR") && detail.contains("another-system-1"),
        "{detail}"
    );
    world.close().await;
}

/// The gateway shows nothing of a payment that our books have as paid.
async fn missing_payment(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let gone = json!([
        {"when": {"method": "GET", "path_regex": "^/v1/payments/\\d+$"}, "do": "status", "status": 404, "acted": false},
        {"when": {"method": "GET", "path_regex": "^/v1/payments$"}, "do": "status", "status": 200, "acted": false,
         "body": {"Payments": [], "TotalPages": 0, "PageIndex": 1, "Count": 0, "TotalCount": 0}}]);
    world
        .gateway()
        .will("The gateway has forgotten everything.", gone)
        .await;
    let (pages, findings) = compares_all(&world, &payment).await;
    assert_eq!(
        (&pages[0]["missing"], &findings[0]["kind"]),
        (&json!(1), &json!("missing")),
        "{findings:?}"
    );
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(
        after["status"], "captured",
        "what was captured is not forgotten because of it"
    );
    let down = json!([{"when": {"method": "GET"}, "do": "status", "status": 503, "acted": false}]);
    world.gateway().recovers().await;
    world.gateway().will("The gateway is down.", down).await;
    let (_, findings) = compares_all(&world, &payment).await;
    assert!(
        findings.iter().all(|one| one["kind"] == "unanswered") && findings.len() == 3,
        "{findings:?}"
    );
    world.gateway().recovers().await;
    world.close().await;
}

/// A gateway that lists everything whatever it was asked for: what is not of the period is no finding.
async fn filters_are_not_trusted(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    world
        .gateway()
        .behaves("The gateway ignores every filter.", json!({"filter_ignored": true}))
        .await;
    let (pages, findings) = compares_all(&world, &payment).await;
    assert!(all_ok(&pages) && findings.is_empty(), "{findings:?}");
    let before = json!({"from": "2020-01-01", "to": "2020-01-31"});
    let nothing = compares(&world, &before).await;
    assert_eq!(nothing["compared"], 0);
    let mut listed = before.clone();
    listed["cursor"] = json!("pay:0");
    let nothing = compares(&world, &listed).await;
    assert_eq!((&nothing["compared"], &nothing["ok"]), (&json!(0), &json!(true)));
    world.close().await;
}

/// Every payment is compared once, however small the pages are.
async fn page_by_page(stage: Stage) {
    let world = stage.open().await;
    let mut last = None;
    for order in ["order-1", "order-2", "order-3"] {
        let body = two_steps(order, &carts::one_lamp(), 40, "manual");
        last = Some(world.storefront().asks_quietly(order, &body).await.expect(201));
    }
    let mut asked = around(&last.expect("three payments"));
    asked["limit"] = json!(2);
    let mut compared = 0;
    loop {
        let page = world
            .ops()
            .previews("A page.", "reconciliations", asked.clone())
            .await
            .expect(200);
        compared += page["compared"].as_u64().unwrap_or_default();
        asked["cursor"] = page["next_cursor"].clone();
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(compared, 3);
    asked["cursor"] = json!("somewhere");
    let wrong = world
        .ops()
        .previews("No page.", "reconciliations", asked)
        .await
        .expect(422);
    assert_eq!(wrong["errors"][0]["code"], "cursor_invalid");
    world.close().await;
}
