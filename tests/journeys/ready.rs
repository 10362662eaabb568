//! Sellers ship at different times and the gateway captures once: each says what it is ready to take.

use crate::captures::two_steps;
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    everybody_is_ready,
    the_silent_take_everything,
    the_silent_take_nothing,
    nobody_takes_anything,
    the_time_is_up_after_a_restart,
);

fn path(payment: &Answer) -> String {
    format!("payments/{}/ready", payment.id())
}

/// Two seconds from now: time enough for a buyer of a story.
fn soon() -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
    let micros = i64::try_from((now + Duration::from_secs(2)).as_micros()).expect("it is long before the end of time");
    Timestamp::from_micros(micros).to_string()
}

async fn authorized(world: &World, unanswered: Option<&str>) -> Answer {
    let mut body = two_steps("order-1", &carts::three_sellers(), 40, "manual");
    if let Some(unanswered) = unanswered {
        body["capture_by"] = soon().into();
        body["capture_unanswered"] = unanswered.into();
    }
    world.storefront().sells("order-1", &body, "authorized").await
}

/// Three sellers answer with their own keys; with the last answer the one capture is made, with exactly that.
async fn everybody_is_ready(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world, None).await;
    let path = path(&payment);
    let ask = json!({"seller": "s1", "lines": [{"id": "l1", "quantity": 1}]});
    let plan = world
        .seller("s1")
        .does("Seller s1 has one lamp.", &path, ask)
        .await
        .expect(200);
    assert_eq!(
        plan["waiting_for"],
        json!([]),
        "it is not told of others: {}",
        plan.text
    );
    let ask = json!({"seller": "s2", "amount": 4000});
    let _ = world
        .seller("s2")
        .does("Seller s2 takes forty euros for the rug.", &path, ask)
        .await
        .expect(200);
    let ask = json!({"seller": "s1", "amount": 1});
    let other = world
        .seller("s2")
        .does("It cannot speak for another.", &path, ask)
        .await
        .expect(422);
    assert_eq!(other["errors"][0]["code"], "seller_not_in_payment");
    let seen = world
        .ops()
        .reads(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200);
    assert_eq!(seen["capture_plan"]["waiting_for"], json!(["s3"]));
    let shown = seen["capture_plan"]["capture"].clone();

    let ask = json!({"seller": "s3", "lines": [{"id": "l3", "quantity": 3}]});
    let _ = world
        .seller("s3")
        .does("Seller s3 has all plants.", &path, ask)
        .await
        .expect(200);
    let taken = world
        .storefront()
        .waits_until(&payment.id(), "partially_captured")
        .await;
    assert_eq!(taken["amount_captured"], 1999 + 490 + 4000 + 1050 + 212);
    assert_eq!(
        taken["amount_captured"], shown["amount"],
        "silence would have been all of it"
    );
    assert_eq!(world.gateway().saw("POST", "/capture").len(), 1);
    let late = json!({"seller": "s1", "lines": [{"id": "l1", "quantity": 2}]});
    let late = world
        .ops()
        .does("The second lamp is found too late.", &path, late)
        .await
        .expect(422);
    assert_eq!(late["code"], "already_captured");
    world.close().await;
}

/// Time is up: who has said nothing takes everything.
async fn the_silent_take_everything(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world, Some("full")).await;
    let none = json!({"seller": "s2", "amount": 0});
    let plan = world
        .seller("s2")
        .does("Seller s2 has nothing to take.", &path(&payment), none)
        .await
        .expect(200);
    assert_eq!(plan["unanswered"], "full");
    world.says("Nobody else answers, and the time is up.");
    let taken = world
        .storefront()
        .waits_until(&payment.id(), "partially_captured")
        .await;
    assert_eq!(taken["amount_captured"], 10_000 - 4250);
    world.close().await;
}

async fn the_silent_take_nothing(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world, Some("none")).await;
    let all = json!({"seller": "s2", "lines": [{"id": "l2", "quantity": 1}]});
    let _ = world
        .seller("s2")
        .does("Seller s2 has the rug.", &path(&payment), all)
        .await
        .expect(200);
    world.says("Nobody else answers, and the time is up.");
    let taken = world
        .storefront()
        .waits_until(&payment.id(), "partially_captured")
        .await;
    assert_eq!(taken["amount_captured"], 4250 + 212);
    world.close().await;
}

/// Nobody has anything: the payment is cancelled, and the buyer's money is free at once.
async fn nobody_takes_anything(stage: Stage) {
    let world = stage.open().await;
    let payment = authorized(&world, None).await;
    for seller in ["s1", "s2", "s3"] {
        let none = json!({"seller": seller, "amount": 0});
        let sentence = format!("Seller {seller} has nothing to take.");
        let _ = world
            .seller(seller)
            .does(&sentence, &path(&payment), none)
            .await
            .expect(200);
    }
    let over = world.storefront().waits_until(&payment.id(), "cancelled").await;
    assert_eq!(
        (&over["amount_authorized"], &over["charged"]),
        (&json!(0), &json!("no"))
    );
    assert!(world.gateway().saw("POST", "/capture").is_empty());
    let late: Value = json!({"seller": "s1", "lines": [{"id": "l1", "quantity": 1}]});
    let late = world
        .ops()
        .does("A lamp is found too late.", &path(&payment), late)
        .await
        .expect(422);
    assert_eq!(late["code"], "not_authorized");
    world.close().await;
}

/// What was said, and until when, outlives the API.
async fn the_time_is_up_after_a_restart(stage: Stage) {
    let mut world = stage.open().await;
    let payment = authorized(&world, Some("none")).await;
    let some = json!({"seller": "s3", "lines": [{"id": "l3", "quantity": 1}]});
    let _ = world
        .seller("s3")
        .does("Seller s3 has one plant.", &path(&payment), some)
        .await
        .expect(200);
    world.restarts().await;
    let taken = world
        .storefront()
        .waits_until(&payment.id(), "partially_captured")
        .await;
    assert_eq!(taken["amount_captured"], 350 + 212);
    world.close().await;
}
