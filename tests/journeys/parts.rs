//! Refunds with several parts, of which one fails: the others stand, and people decide about the rest.

use crate::refunds::{path, sold};
use serde_json::json;
use tests::http::Answer;
use tests::world::World;
use tests::{Stage, both};

both!(part_fails_and_is_retried, part_fails_and_is_abandoned);

/// The gateway refuses the second part: the first is with the buyer, the second waits, and is sent again.
async fn part_fails_and_is_retried(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let refund = partly(&world, &payment).await;
    let retried = world
        .ops()
        .does(
            "Operations sends what failed again.",
            &format!("refunds/{}/retry", refund.id()),
            json!({}),
        )
        .await
        .expect(200);
    assert_eq!(retried["id"], refund["id"]);
    let done = world.ops().awaits_refund(&refund.id(), "succeeded").await;
    assert_eq!(done["amount_succeeded"], refund["amount"]);
    let nothing = world
        .ops()
        .does_as(
            "late",
            "Nothing has failed any more.",
            &format!("refunds/{}/retry", refund.id()),
            json!({}),
        )
        .await
        .expect(422);
    assert_eq!(nothing["code"], "nothing_failed");
    world.close().await;
}

async fn part_fails_and_is_abandoned(stage: Stage) {
    let world = stage.open().await;
    let payment = sold(&world).await;
    let refund = partly(&world, &payment).await;
    let abandoned = world
        .ops()
        .does(
            "Operations gives up what failed.",
            &format!("refunds/{}/abandon", refund.id()),
            json!({}),
        )
        .await
        .expect(200);
    assert_eq!(abandoned["status"], "partly_succeeded");
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(after["amount_refunded"], refund["amount_succeeded"]);
    let again = world
        .ops()
        .does_as(
            "again",
            "What was given up is free: the rest of the lamps goes back after all.",
            &path(&payment),
            json!({}),
        )
        .await
        .expect(201);
    let _ = world.ops().awaits_refund(&again.id(), "succeeded").await;
    let after = world.storefront().reads(&payment.id()).await.expect(200);
    assert_eq!(after["refunded"], "fully");
    world.close().await;
}

/// A refund of which the gateway refuses the second part.
async fn partly(world: &World, payment: &Answer) -> Answer {
    let refused = json!({"Refund": {"Status": {"ID": 4, "Info": "Failed", "Reasons": [{"Code": "2205", "Info": "Refund refused"}]}}});
    let fault = json!([{"when": {"method": "POST", "path_regex": "/refunds$", "nth": 2}, "times": 1, "do": "status", "status": 400, "body": refused}]);
    world
        .gateway()
        .will("The gateway will refuse the second part.", fault)
        .await;
    let ask = json!({"seller": "s1", "amount": 1999});
    let refund = world
        .ops()
        .does("Operations gives a lamp's price back.", &path(payment), ask)
        .await
        .expect(201);
    let partly = world.ops().awaits_refund(&refund.id(), "partly_succeeded").await;
    world.gateway().recovers().await;
    partly
}
