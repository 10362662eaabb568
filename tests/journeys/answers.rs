//! A gateway that answers badly: with errors, half answers, pages for people, or amounts that differ from what was asked.

use serde_json::{Value, json};
use tests::{Stage, both, carts};

both!(
    server_error_before_acting,
    server_error_after_acting,
    cut_answer,
    page_instead_of_an_answer,
    inconsistent_answer
);

async fn server_error_before_acting(stage: Stage) {
    unreadable(
        stage,
        "The gateway will answer 503 and do nothing.",
        json!({"do": "status", "status": 503}),
        2,
    )
    .await;
}

async fn server_error_after_acting(stage: Stage) {
    unreadable(
        stage,
        "The gateway will make the payment and answer 500.",
        json!({"do": "status", "status": 500, "acted": true}),
        1,
    )
    .await;
}

async fn cut_answer(stage: Stage) {
    unreadable(
        stage,
        "The gateway's answer will end after 40 bytes.",
        json!({"do": "cut_at", "bytes": 40}),
        1,
    )
    .await;
}

async fn page_instead_of_an_answer(stage: Stage) {
    unreadable(
        stage,
        "The gateway will make the payment and answer with a page for people.",
        json!({"do": "garble"}),
        1,
    )
    .await;
}

/// What cannot be read proves nothing: the payment is `processing` until the gateway, asked, shows it.
async fn unreadable(stage: Stage, sentence: &str, mut fault: Value, creates: usize) {
    let world = stage.curious().open().await;
    fault["when"] = json!({"method": "POST", "path_regex": "^/v1/payments$"});
    fault["times"] = json!(1);
    world.gateway().will(sentence, json!([fault])).await;
    let unknown = world
        .storefront()
        .checks_out("order-1", &carts::one_lamp())
        .await
        .expect(202);
    assert_eq!(
        (&unknown["status"], &unknown["charged"]),
        (&json!("processing"), &json!("unknown"))
    );
    let payment = world.storefront().waits_until(&unknown.id(), "open").await;
    assert_eq!(world.gateway().creates().len(), creates);
    world.buyer().pays(&payment).await;
    let _ = world.storefront().waits_until(&payment.id(), "captured").await;
    world.close().await;
}

/// The gateway's own answer divides the payment otherwise than was asked: held, in suspense, until it is consistent.
async fn inconsistent_answer(stage: Stage) {
    let world = stage.curious().open().await;
    let payment = world
        .storefront()
        .checks_out("order-1", &carts::three_sellers())
        .await
        .expect(201);
    let wrong = json!([{"when": {"method": "GET", "path_regex": "^/v1/payments/"}, "do": "wrong_split", "split": 1}]);
    world
        .gateway()
        .will(
            "Whenever it is asked, the gateway will show the second split a cent larger.",
            wrong,
        )
        .await;
    world.buyer().pays(&payment).await;
    world
        .ops()
        .waits_for(&payment.id(), "the payment is held", |seen| seen["held"] == true)
        .await;
    let held = world
        .ops()
        .reads(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200);
    assert_eq!(held["amount_captured"], 0, "what cannot be placed is nobody's yet");
    assert_eq!(held["amount_suspense"], 10_000);
    assert_eq!(held["charged"], "yes", "the buyer has paid, however it is divided");
    let reasons = world.ops().reads("/v1/discrepancies?state=open").await.expect(200);
    assert_eq!(
        (&reasons["data"][0]["kind"], &reasons["data"][0]["holds"]),
        (&json!("answer_differs"), &json!(true))
    );
    for seller in ["s1", "s2"] {
        let balance = world.seller(seller).reads_the_balance().await.expect(200);
        assert!(
            balance["balances"]
                .as_array()
                .is_some_and(|lines| lines.iter().all(|line| line["balance"] == 0))
        );
    }

    world.gateway().recovers().await;
    let settled = |seen: &Value| seen["status"] == "captured" && seen["held"] == false;
    world
        .ops()
        .waits_for(&payment.id(), "the payment settles", settled)
        .await;
    let paid = world
        .ops()
        .reads(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200);
    assert_eq!(
        (&paid["amount_captured"], &paid["amount_suspense"]),
        (&json!(10_000), &json!(0))
    );
    world.close().await;
}
