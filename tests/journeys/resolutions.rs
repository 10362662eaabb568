//! What a person makes of what the gateway shows: differences are resolved, lost operations are sent again or given up.

use crate::captures::{path as capture_path, two_steps};
use crate::refunds::{path, sold};
use serde_json::{Value, json};
use std::time::Duration;
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both, carts};

/// An attempt's own time limits under the settings of a story, and its quiet period.
const QUIET: Duration = Duration::from_secs(3);

both!(
    accepting_what_the_gateway_captured,
    gateway_is_right_after_all,
    asking_again_settles_it,
    lost_refund_is_sent_again,
    lost_refund_is_given_up,
);

/// Our capture is lost on its way, and somebody captures otherwise at the dashboard: the payment is held.
async fn held(world: &World) -> (Answer, Answer) {
    let body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    let payment = world.storefront().sells("order-1", &body, "authorized").await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "/capture$"}, "do": "lose_request"}]);
    world.gateway().will("No capture will arrive.", fault).await;
    let unknown = world
        .ops()
        .does("Operations captures everything.", &capture_path(&payment), json!({}))
        .await
        .expect(202);
    let splits = world.gateway().only_payment().splits;
    let parts = json!([{"id": splits[0].id, "amount": 1000}, {"id": splits[3].id, "amount": 200}]);
    let act = json!({"do": "capture", "splits": parts});
    world
        .gateway()
        .acts("Somebody captures part of it at the gateway's dashboard.", act)
        .await;
    let held = |seen: &Value| seen["held"] == true;
    let seen = world.ops().awaits(&unknown.id(), "it is held", held).await;
    (payment, seen)
}

fn resolve(seen: &Answer) -> String {
    let filed = seen["discrepancies"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["state"] == "open");
    let id = filed.and_then(|one| one["id"].as_str()).expect("one is open");
    format!("discrepancies/{id}/resolve")
}

/// Words do not settle amounts; what the gateway shows when it is asked does.
async fn accepting_what_the_gateway_captured(stage: Stage) {
    let world = stage.open().await;
    let (payment, seen) = held(&world).await;
    let listed = world
        .ops()
        .reads(&format!(
            "/v1/discrepancies?payment={}&kind=answer_differs",
            payment.id()
        ))
        .await
        .expect(200);
    let only = &listed["data"][0];
    assert_eq!(
        (&only["holds"], &only["suggestion"]["resolution"]),
        (&json!(true), &json!("accept_gateway"))
    );
    let refused = world
        .ops()
        .does("Money stays where it is.", &path(&payment), json!({}))
        .await
        .expect(422);
    assert_eq!(refused["code"], "payment_held");
    let resolve = resolve(&seen);
    let dismissed = world
        .ops()
        .does_as(
            "dismissed",
            "Somebody would rather not look.",
            &resolve,
            json!({"resolution": "dismiss", "note": "never mind"}),
        )
        .await
        .expect(422);
    assert_eq!(dismissed["code"], "amounts_differ");
    let unsaid = world
        .ops()
        .does_as(
            "unsaid",
            "Nobody says why.",
            &resolve,
            json!({"resolution": "accept_gateway", "note": " "}),
        )
        .await
        .expect(422);
    assert_eq!(unsaid["errors"][0]["code"], "text_invalid");
    let accept = json!({"resolution": "accept_gateway", "note": "captured by hand, case 4711"});
    let closed = world
        .ops()
        .does("Operations accepts what the gateway shows.", &resolve, accept.clone())
        .await
        .expect(200);
    assert_eq!(
        (&closed["state"], &closed["closed_by"], &closed["note"]),
        (&json!("closed"), &json!("desk"), &json!("captured by hand, case 4711"))
    );
    let again = world
        .ops()
        .does("The same again.", &resolve, accept.clone())
        .await
        .expect(200);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = world
        .ops()
        .does_as("other", "And under another key.", &resolve, accept)
        .await
        .expect(422);
    assert_eq!(other["code"], "discrepancy_closed");
    let after = world
        .ops()
        .reads(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200);
    assert_eq!(
        (&after["held"], &after["status"], &after["amount_captured"]),
        (&json!(false), &json!("partially_captured"), &json!(1200))
    );
    let refund = world
        .ops()
        .does_as("after", "What was captured can go back.", &path(&payment), json!({}))
        .await;
    assert!(matches!(refund.status, 201 | 202), "{}", refund.text);
    let done = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    assert_eq!(done["amount_succeeded"], 1200);
    world.gateway().recovers().await;
    world.close().await;
}

/// An answer with another split, once: the next agrees, and nothing is left to dismiss.
async fn gateway_is_right_after_all(stage: Stage) {
    let world = stage.open().await;
    let body = carts::payment("order-1", &carts::three_sellers());
    let payment = world.storefront().asks("order-1", &body).await.expect(201);
    let crooked = json!([{"when": {"method": "GET", "path_regex": "^/v1/payments/\\d+$"}, "times": 1, "do": "wrong_split", "split": 0, "amount": 5000}]);
    world.gateway().will("One answer will be crooked.", crooked).await;
    world.buyer().pays(&payment).await;
    let held = |seen: &Value| seen["held"] == true;
    let seen = world.ops().awaits(&payment.id(), "it is held", held).await;
    let note = json!({"resolution": "dismiss", "note": "the dashboard shows it as asked"});
    let closed = world
        .ops()
        .does(
            "Operations has looked, and the gateway is asked, too.",
            &resolve(&seen),
            note,
        )
        .await
        .expect(200);
    assert_eq!(closed["state"], "closed");
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// What cannot be posted is said, and asking again tells what it looks like then.
async fn asking_again_settles_it(stage: Stage) {
    // Nobody else asks meanwhile.
    let world = stage.with("recovery.interval_ms", "60000").open().await;
    let body = carts::payment("order-1", &carts::three_sellers());
    let payment = world.storefront().asks("order-1", &body).await.expect(201);
    let crooked = json!([{"when": {"method": "GET", "path_regex": "^/v1/payments/\\d+$"}, "do": "wrong_split", "split": 0, "amount": 5000}]);
    world.gateway().will("Every answer will be crooked.", crooked).await;
    world.buyer().pays(&payment).await;
    let held = |seen: &Value| seen["held"] == true;
    let seen = world.ops().awaits(&payment.id(), "it is held", held).await;
    let resolve = resolve(&seen);
    let accept = json!({"resolution": "accept_gateway", "note": "it must be right"});
    let refused = world
        .ops()
        .does_as(
            "accept",
            "More is owed than was paid: nobody can accept that.",
            &resolve,
            accept,
        )
        .await
        .expect(422);
    assert_eq!(refused["code"], "cannot_accept", "{}", refused.text);
    let ask = json!({"resolution": "ask_again", "note": "support has mended it"});
    let still = world
        .ops()
        .does_as("ask", "Operations asks again.", &resolve, ask.clone())
        .await
        .expect(200);
    assert_eq!(still["state"], "open");
    world.gateway().recovers().await;
    let now = world
        .ops()
        .does_as("ask2", "And again.", &resolve, ask)
        .await
        .expect(200);
    assert_eq!(now["state"], "closed");
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// One of a refund's parts is lost on its way; in the end it waits for a person.
async fn lost(world: &World) -> (Answer, String) {
    let payment = sold(world).await;
    let fault = json!([{"when": {"method": "POST", "path_regex": "/refunds$"}, "times": 1, "do": "lose_request"}]);
    world.gateway().will("The refund will be lost on its way.", fault).await;
    let ask = json!({"seller": "s2", "amount": 1000, "commission": "keep"});
    let refund = world
        .ops()
        .does("Operations gives ten euros back.", &path(&payment), ask)
        .await
        .expect(202);
    let list = "/v1/operations?state=needs_attention";
    let look = async || {
        let open = world.ops().glances(list).await;
        let waits = open["data"][0]["absences"].as_u64().is_some_and(|times| times >= 2);
        if waits { Ok(()) } else { Err(open.text) }
    };
    world.until("it waits for a person", look).await;
    let open = world.ops().glances(list).await.expect(200);
    let note = open["data"][0]["note"].as_str().unwrap_or_default();
    assert!(
        note.contains("a day of asking did not decide it") && note.contains("dashboard"),
        "{note}"
    );
    let operation = open["data"][0]["id"].as_str().expect("an id").to_owned();
    // Until the request can no longer arrive, and the quiet period behind that is over.
    tokio::time::sleep(QUIET).await;
    (refund, operation)
}

fn impatient(stage: Stage) -> Stage {
    stage
        .curious()
        .with("recovery.patience_ms", "1000")
        .with("gateway.send_within_ms", "200")
}

async fn lost_refund_is_sent_again(stage: Stage) {
    let world = impatient(stage).open().await;
    let (refund, operation) = lost(&world).await;
    let body = json!({"note": "not on the dashboard"});
    let sent = world
        .ops()
        .does(
            "Operations has it sent again.",
            &format!("operations/{operation}/resend"),
            body.clone(),
        )
        .await
        .expect(200);
    assert_eq!(sent["attempts"], 2);
    let _ = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    assert_eq!(
        world.gateway().saw("POST", "/refunds").len(),
        2,
        "the one that was lost, and this one"
    );
    let again = world
        .ops()
        .does_as(
            "again",
            "It is lost no more.",
            &format!("operations/{operation}/resend"),
            body,
        )
        .await
        .expect(422);
    assert_eq!(again["code"], "operation_not_lost");
    world.close().await;
}

async fn lost_refund_is_given_up(stage: Stage) {
    let world = impatient(stage).open().await;
    let (refund, operation) = lost(&world).await;
    let path = format!("operations/{operation}/give_up");
    let down = json!([{"when": {"method": "GET"}, "do": "status", "status": 503, "acted": false}]);
    world.gateway().will("The gateway is down.", down).await;
    let body = json!({"note": "the buyer was paid in the shop"});
    let unproved = world
        .ops()
        .does_as("down", "Nothing is proved while it is.", &path, body.clone())
        .await
        .expect(422);
    assert_eq!(unproved["code"], "absence_not_proved");
    world.gateway().recovers().await;
    let given_up = world
        .ops()
        .does("Operations gives it up.", &path, body)
        .await
        .expect(200);
    assert_eq!(given_up["state"], "refused");
    let failed = world.ops().awaits_refund(&refund.id(), "failed").await;
    assert_eq!(failed["amount_succeeded"], 0);
    assert_eq!(world.gateway().saw("POST", "/refunds").len(), 1);
    world.close().await;
}
