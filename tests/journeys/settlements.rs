//! What the gateway paid out is told, once; and a statement of everything that can happen adds up to the balance.

use crate::captures::two_steps;
use crate::refunds::sold;
use serde_json::{Value, json};
use tests::{Stage, both, carts};

both!(told_and_told_twice, statement_of_everything);

async fn told_and_told_twice(stage: Stage) {
    let world = stage.open().await;
    let _ = sold(&world).await;
    let told =
        json!({"seller": "s1", "currency": "EUR", "amount": 3000, "reference": "2026-11", "settled_on": "2026-11-19"});
    let entered = world
        .ops()
        .does("Operations tells what was paid out.", "settlements", told.clone())
        .await
        .expect(201);
    assert_eq!(entered["amount"], 3000);
    let again = world
        .ops()
        .does("Told twice is told once.", "settlements", told.clone())
        .await
        .expect(201);
    assert_eq!(
        (again.header("idempotent-replayed"), &again["id"]),
        (Some("true"), &entered["id"])
    );
    let known = world
        .ops()
        .does_as("import", "Somebody else imports the same payout.", "settlements", told)
        .await
        .expect(409);
    assert_eq!(known["code"], "settlement_known");
    let other = json!({"seller": "s9", "currency": "EUR", "amount": 1, "reference": "x", "settled_on": "2026-11-19"});
    let unknown = world
        .ops()
        .does_as("stranger", "Nobody knows seller s9.", "settlements", other)
        .await
        .expect(422);
    assert_eq!(unknown["errors"][0]["code"], "seller_unknown");
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    assert_eq!(
        (&balance["balances"][0]["settled"], &balance["balances"][0]["balance"]),
        (&json!(3000), &json!(888))
    );
    let _ = world.seller("s1").downloads_the_statement().await.expect(200);
    world.close().await;
}

/// One seller, every kind of entry: the statement explains the balance to the cent.
async fn statement_of_everything(stage: Stage) {
    let world = stage.open().await;
    let (storefront, ops, gateway) = (world.storefront(), world.ops(), world.gateway());
    // A refund that succeeds, and one that fails.
    let first = sold(&world).await;
    let refunds = format!("payments/{}/refunds", first.id());
    let lamp = json!({"lines": [{"id": "l1", "quantity": 1}], "shipping": ["s1"]});
    let refund = ops.does("A lamp goes back.", &refunds, lamp).await.expect(201);
    let _ = ops.awaits_refund(&refund.id(), "succeeded").await;
    gateway
        .behaves(
            "Refunds will be accepted and then fail.",
            json!({"refund_settles_as": "failed"}),
        )
        .await;
    let kept = json!({"seller": "s1", "amount": 500, "commission": "keep"});
    let refund = ops
        .does_as("fails", "Five euros more, which fail.", &refunds, kept)
        .await
        .expect(201);
    let _ = ops.awaits_refund(&refund.id(), "failed").await;
    gateway
        .behaves("Refunds will succeed again.", json!({"refund_settles_as": "success"}))
        .await;
    // One that is disputed and lost, one that is disputed and won.
    for (order, end, status) in [
        ("order-2", "dispute_lost", "charged_back"),
        ("order-3", "dispute_won", "captured"),
    ] {
        let payment = storefront
            .sells(order, &carts::payment(order, &carts::one_lamp()), "captured")
            .await;
        let id = payment["gateway"]["payment_id"].as_u64().expect("a number");
        gateway
            .acts_on(
                "The buyer's bank asks for the money.",
                id,
                json!({"do": "dispute_opened"}),
            )
            .await;
        let _ = storefront.waits_until(&payment.id(), "disputed").await;
        gateway.acts_on("It decides.", id, json!({"do": end})).await;
        let _ = storefront.waits_until(&payment.id(), status).await;
    }
    // A refund that the gateway cannot move all of: the buyer had a discount of the marketplace's, and the commission is kept.
    let payment = storefront
        .sells(
            "order-5",
            &carts::payment("order-5", &carts::worked_example()),
            "captured",
        )
        .await;
    let kept = json!({"lines": [{"id": "l1", "quantity": 2}], "commission": "keep"});
    let refunds = format!("payments/{}/refunds", payment.id());
    let refund = ops
        .does_as("kept", "Both lamps go back, and the commission stays.", &refunds, kept)
        .await
        .expect(201);
    let _ = ops.awaits_refund(&refund.id(), "succeeded").await;
    // An authorization that is cancelled.
    let body = two_steps("order-4", &carts::one_lamp(), 40, "manual");
    let payment = storefront.sells("order-4", &body, "authorized").await;
    let cancel = format!("payments/{}/cancel", payment.id());
    let _ = ops.does("Operations cancels.", &cancel, json!({})).await.expect(200);
    let told =
        json!({"seller": "s1", "currency": "EUR", "amount": 1500, "reference": "2026-11", "settled_on": "2026-11-19"});
    let _ = ops
        .does("Operations tells what was paid out.", "settlements", told)
        .await
        .expect(201);

    let statement = world
        .seller("s1")
        .gets("/v1/sellers/s1/entries?limit=100")
        .await
        .expect(200);
    let entries = statement["data"].as_array().expect("a list");
    let kinds: std::collections::BTreeSet<&str> = entries.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    for kind in [
        "authorized",
        "released",
        "captured",
        "refunding",
        "refund_failed",
        "refunded",
        "disputed",
        "dispute_won",
        "charged_back",
        "settled",
        "adjusted",
    ] {
        assert!(kinds.contains(kind), "no entry is {kind}: {kinds:?}");
    }
    let sum: i64 = entries
        .iter()
        .filter_map(|entry| entry["balance_change"].as_i64())
        .sum();
    let balance = world.seller("s1").reads_the_balance().await.expect(200);
    let now: &Value = &balance["balances"][0]["balance"];
    assert_eq!((&json!(sum), &entries[0]["balance"]), (now, now));
    world.close().await;
}
