//! Where no document says how the gateway behaves, it may behave in any of these ways: what we believe is right in each.

use crate::captures::two_steps;
use crate::cards::{CARD_KEYS, by_card, keeping};
use sandbox::core::{Effect, Fault};
use serde_json::{Value, json};
use tests::http::{Answer, Asked};
use tests::world::World;
use tests::{Stage, both, carts};

both!(
    captures_in_every_dialect,
    refunds_in_every_dialect,
    cancels_and_splits_in_every_dialect,
    cards_in_every_dialect,
);

/// Every dialect is spoken on a fresh order; what it changes is taken back before the next.
async fn in_each(world: &World, dialects: &[(Value, Value)], tell: impl AsyncFn(usize)) {
    for (at, (spoken, usual)) in dialects.iter().enumerate() {
        world
            .gateway()
            .behaves(&format!("The gateway answers so: {spoken}."), spoken.clone())
            .await;
        tell(at).await;
        world.gateway().behaves("And as usual.", usual.clone()).await;
    }
}

/// A payment of a story that is not told.
async fn sold(world: &World, order: &str, body: &Value, status: &str) -> Answer {
    let payment = world.storefront().asks_quietly(order, body).await.expect(201);
    let url = payment.text_at("redirect_url");
    let entry = world
        .gateway()
        .books()
        .payments
        .into_iter()
        .find(|one| url.ends_with(one.pay_url.as_str()));
    let entry = entry.unwrap_or_else(|| panic!("{url} is not in the books"));
    world.gateway().is_paid(&entry).await;
    world
        .ops()
        .waits_for(&payment.id(), status, |seen| seen["status"] == status)
        .await;
    world
        .ops()
        .glances(&format!("/v1/payments/{}", payment.id()))
        .await
        .expect(200)
}

async fn refunded(world: &World, payment: &str, key: &str, ask: Value) {
    let path = format!("payments/{payment}/refunds");
    let refund = world.ops().does_quietly(key, &path, ask).await;
    assert!(matches!(refund.status, 201 | 202), "{}", refund.text);
    let path = format!("/v1/refunds/{}", refund.id());
    let look = async || {
        let seen = world.ops().glances(&path).await;
        if seen["status"] == "succeeded" {
            Ok(())
        } else {
            Err(seen.text)
        }
    };
    world.until("the refund succeeds", look).await;
}

/// A capture of everything, one of parts, and one whose answer is lost.
async fn captures_in_every_dialect(stage: Stage) {
    let world = stage.curious().open().await;
    let dialects = [
        (json!({"get_omits_splits": true}), json!({"get_omits_splits": false})),
        (
            json!({"list_omits_details": false}),
            json!({"list_omits_details": true}),
        ),
        (
            json!({"whole_parts_are_whole": true}),
            json!({"whole_parts_are_whole": false}),
        ),
        (
            json!({"replay_request_ids": true}),
            json!({"replay_request_ids": false}),
        ),
        (
            json!({"accept_second_capture": true}),
            json!({"accept_second_capture": false}),
        ),
        (
            json!({"methods": {"40": {"capture_is_requested": true}}}),
            json!({"methods": {"40": {"capture_is_requested": false}}}),
        ),
    ];
    in_each(&world, &dialects, async |at| {
        let path = |payment: &Answer| format!("payments/{}/capture", payment.id());
        for (n, ask) in [
            json!({}),
            json!({"sellers": [{"seller": "s2", "amount": 4250}], "accept_stranded": true}),
        ]
        .into_iter()
        .enumerate()
        {
            let order = format!("order-{at}-{n}");
            let body = two_steps(&order, &carts::three_sellers(), 40, "manual");
            let payment = sold(&world, &order, &body, "authorized").await;
            let taken = world.ops().does_quietly(&order, &path(&payment), ask).await;
            assert!(matches!(taken.status, 200 | 202), "{}", taken.text);
            let over = |seen: &Value| seen["amount_captured"] != 0 && seen["held"] == false;
            world.ops().waits_for(&payment.id(), "it is captured", over).await;
        }
        let order = format!("order-{at}-lost");
        let body = two_steps(&order, &carts::three_sellers(), 40, "manual");
        let payment = sold(&world, &order, &body, "authorized").await;
        world.sandbox.with_core(|core, _| {
            core.set_faults(vec![Fault::once("/capture$", Effect::LoseAnswer {})])
                .expect("it can be set")
        });
        let split = payment["splits"][0]["id"].clone();
        let ask = json!({"splits": [{"split": split, "amount": 1234}], "accept_stranded": true});
        let _ = world.ops().does_quietly(&order, &path(&payment), ask).await.expect(202);
        // Without its splits a part cannot be placed: it waits in suspense until an answer says whose it is.
        let blind = at == 0;
        let over = |seen: &Value| {
            let name = if blind { "amount_suspense" } else { "amount_captured" };
            seen[name] == 1234 && seen["held"] == blind
        };
        world.ops().waits_for(&payment.id(), "the part is found", over).await;
    })
    .await;
    world.close().await;
}

async fn refunds_in_every_dialect(stage: Stage) {
    let world = stage.open().await;
    let dialects = [
        (
            json!({"refund_notification_omits_split": true}),
            json!({"refund_notification_omits_split": false}),
        ),
        (
            json!({"refunded_status": "always"}),
            json!({"refunded_status": "cards"}),
        ),
        (
            json!({"refund_settles_after_ms": 0}),
            json!({"refund_settles_after_ms": 1000}),
        ),
        (
            json!({"accept_duplicate_refunds": false}),
            json!({"accept_duplicate_refunds": true}),
        ),
        (json!({"get_omits_splits": true}), json!({"get_omits_splits": false})),
        (json!({"refund_limit": "amount"}), json!({"refund_limit": "captured"})),
    ];
    in_each(&world, &dialects, async |at| {
        let order = format!("order-{at}");
        let payment = sold(
            &world,
            &order,
            &carts::payment(&order, &carts::three_sellers()),
            "captured",
        )
        .await;
        refunded(&world, &payment.id(), "part", json!({"seller": "s2", "amount": 1000})).await;
        refunded(&world, &payment.id(), "rest", json!({})).await;
        let after = world.ops().glances(&format!("/v1/payments/{}", payment.id())).await;
        assert_eq!(
            (&after["refunded"], &after["held"]),
            (&json!("fully"), &json!(false)),
            "{}",
            after.text
        );
    })
    .await;
    world.close().await;
}

async fn cancels_and_splits_in_every_dialect(stage: Stage) {
    let world = stage.curious().open().await;
    let dialects = [
        (json!({"get_omits_splits": true}), json!({"get_omits_splits": false})),
        (json!({"split_sum": "exact"}), json!({"split_sum": "unchecked"})),
        (json!({"add_splits": "paid"}), json!({"add_splits": "always"})),
        (
            json!({"cancel_open": "never"}),
            json!({"cancel_open": "unless_visited"}),
        ),
    ];
    in_each(&world, &dialects, async |at| {
        let order = format!("order-{at}");
        let mut body = two_steps(&order, &carts::three_sellers(), 40, "automatic");
        body["split"] = json!("later");
        let payment = sold(&world, &order, &body, "captured").await;
        let path = format!("payments/{}/splits", payment.id());
        let added = world
            .storefront()
            .does_quietly("splits", &path, json!({}))
            .await
            .expect(201);
        assert_eq!(added["amount_unallocated"], 0, "{}", added.text);

        let order = format!("order-{at}-cancelled");
        let body = two_steps(&order, &carts::three_sellers(), 40, "manual");
        let payment = sold(&world, &order, &body, "authorized").await;
        let path = format!("payments/{}/cancel", payment.id());
        let over = world.ops().does_quietly(&order, &path, json!({})).await.expect(200);
        assert_eq!(over["status"], "cancelled");

        let order = format!("order-{at}-open");
        let open = world
            .storefront()
            .asks_quietly(&order, &carts::payment(&order, &carts::one_lamp()))
            .await
            .expect(201);
        let path = format!("payments/{}/cancel", open.id());
        let over = world.ops().does_quietly(&order, &path, json!({})).await;
        let expected = if at == 3 { 402 } else { 200 };
        assert_eq!(over.status, expected, "{}", over.text);
    })
    .await;
    world.close().await;
}

/// Cards: kept, declined, paid with, given back.
async fn cards_in_every_dialect(stage: Stage) {
    let world = stage.with("cards.keys", CARD_KEYS).curious().open().await;
    let dialects = [
        (json!({"card_decline_status": 402}), json!({"card_decline_status": 400})),
        (json!({"card_decline_status": 201}), json!({"card_decline_status": 400})),
        (json!({"get_omits_splits": true}), json!({"get_omits_splits": false})),
        (json!({"get_omits_token": true}), json!({"get_omits_token": false})),
        (json!({"refunded_status": "never"}), json!({"refunded_status": "cards"})),
        (
            json!({"replay_card_request_ids": false}),
            json!({"replay_card_request_ids": true}),
        ),
    ];
    let _ = sold(&world, "order-1", &keeping("order-1"), "captured").await;
    let list = Asked::get("/v1/customers/customer-7/cards");
    let cards = world.untold(Some(&world.keys.storefront), &list).await.expect(200);
    let card = cards["data"][0]["id"].as_str().expect("an id").to_owned();
    in_each(&world, &dialects, async |at| {
        let order = format!("order-{at}-paid");
        let body = by_card(&order, &carts::three_sellers(), &card);
        let paid = world.storefront().asks_quietly(&order, &body).await.expect(201);
        assert_eq!(paid["status"], "captured", "{}", paid.text);
        refunded(&world, &paid.id(), "part", json!({"seller": "s2", "amount": 1000})).await;
        refunded(&world, &paid.id(), "rest", json!({})).await;

        let order = format!("order-{at}-declined");
        let mut dear = carts::one_lamp();
        dear["lines"][0]["unit_price"] = json!(10_001);
        let refused = world
            .storefront()
            .asks_quietly(&order, &by_card(&order, &dear, &card))
            .await
            .expect(402);
        assert_eq!(refused["charged"], "no", "{}", refused.text);

        let order = format!("order-{at}-lost");
        let lost = vec![Fault::once("^/v1/payments$", Effect::LoseAnswer {}).on("POST")];
        world
            .sandbox
            .with_core(|core, _| core.set_faults(lost).expect("it can be set"));
        let body = by_card(&order, &carts::three_sellers(), &card);
        let unknown = world.storefront().asks_quietly(&order, &body).await.expect(202);
        world
            .ops()
            .waits_for(&unknown.id(), "it is found", |seen| seen["status"] == "captured")
            .await;
    })
    .await;
    world.close().await;
}
