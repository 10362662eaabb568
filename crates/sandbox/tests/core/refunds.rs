//! Refunds: how far they go, how they end, how they are asked about.

use super::world::World;
use serde_json::{Value, json};

const DAY: u64 = 86_400;

fn refund(reference: &str, amount: u64) -> Value {
    json!({"Refund": {"MerchantTransactionID": reference, "Amount": amount}})
}

#[test]
fn a_refund_is_open_then_done_and_notified() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[60, 40]);
    let split = world.splits(id)[1];
    let target = format!("/v1/payments/{id}/splits/{split}/refunds");
    let (status, opened) = world.call("POST", &target, refund("r1", 15));
    assert_eq!((status, &opened["Refund"]["Status"]["Info"]), (201, &json!("Open")));
    assert_eq!(opened["Refund"]["TypeID"], 5, "as Sofort refunds");
    assert_eq!(opened["Refund"]["SiteID"], 33512);
    assert_eq!(opened["Refund"]["OriginatorTransactionID"], "4324322-B-refund1");
    assert!(world.notified().is_empty());
    let entry = world.core.payment(id).unwrap();
    assert_eq!((entry.amount_refunding, entry.splits[1].amount_refunding), (15, 15));
    let notified = world.wait(1);
    assert_eq!(notified.len(), 1);
    assert_eq!(notified[0]["Refund"]["Status"]["ID"], 2);
    assert_eq!(notified[0]["Refund"]["SplitID"], split);
    assert_eq!(notified[0]["Refund"]["InitialPaymentID"], id);
    let entry = world.core.payment(id).unwrap();
    assert_eq!((entry.amount_refunding, entry.amount_refunded), (0, 15));
    assert_eq!(
        (entry.status, entry.splits[1].amount_refunded),
        (2, 15),
        "the payment stays as it is"
    );
}

#[test]
fn a_refund_fails_or_waits_as_told() {
    let mut world = World::new();
    let id = world.paid_by("a", 94, 100, &[]);
    world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    world.notified();
    let target = format!("/v1/payments/{id}/refunds");
    world.config(json!({"refund_settles_as": "failed", "refund_notification_omits_split": true}));
    let (_, opened) = world.call("POST", &target, refund("r1", 100));
    assert_eq!(opened["Refund"]["SplitID"], 0, "of no split");
    let notified = world.wait(1);
    assert_eq!(notified[0]["Refund"]["Status"]["ID"], 4);
    assert_eq!(notified[0]["Refund"]["Status"]["Reasons"][0]["Code"], "18");
    assert!(notified[0]["Refund"].get("SplitID").is_none());
    world.config(json!({"refund_settles_as": "never"}));
    let (_, opened) = world.call("POST", &target, refund("r2", 100));
    assert!(
        world.wait(30 * DAY).is_empty(),
        "a failed one left room for it, and it waits"
    );
    let number = &opened["Refund"]["ID"];
    assert_eq!(
        world.act(id, json!({"do": "settle_refund", "refund": number, "done": true}))["amount_refunded"],
        100
    );
    assert_eq!(world.notified()[0]["Refund"]["Status"]["ID"], 2);
    let again = world.act_refused(id, json!({"do": "settle_refund", "refund": number, "done": true}));
    assert!(again.ends_with("is not open"), "{again}");
}

#[test]
fn refunds_go_as_far_as_what_was_captured() {
    let mut world = World::new();
    let id = world.paid_by("a", 94, 100, &[60, 40]);
    let ids = world.splits(id);
    world.call(
        "POST",
        &format!("/v1/payments/{id}/splits/{}/capture?amount=50", ids[0]),
        "",
    );
    let of = |split: u64| format!("/v1/payments/{id}/splits/{split}/refunds");
    assert_eq!(world.refusal("POST", &of(ids[0]), refund("r", 51)), "2206");
    assert_eq!(
        world.refusal("POST", &of(ids[1]), refund("r", 1)),
        "2206",
        "nothing was captured of it"
    );
    assert_eq!(world.call("POST", &of(ids[0]), refund("r1", 30)).0, 201);
    assert_eq!(
        world.refusal("POST", &of(ids[0]), refund("r2", 21)),
        "2206",
        "open refunds count"
    );
    assert_eq!(world.call("POST", &of(ids[0]), refund("r2", 20)).0, 201);
    world.wait(1);
    assert_eq!(
        world.refusal("POST", &of(ids[0]), refund("r3", 1)),
        "2206",
        "and so do those that are done"
    );
    world.config(json!({"refund_limit": "amount"}));
    assert_eq!(world.call("POST", &of(ids[0]), refund("r3", 10)).0, 201);
    assert_eq!(world.call("POST", &of(ids[1]), refund("r4", 40)).0, 201);
    world.config(json!({"refund_limit": "captured", "excess_refund_fails_later": true}));
    let (status, doomed) = world.call("POST", &of(ids[0]), refund("r5", 1));
    assert_eq!((status, &doomed["Refund"]["Status"]["ID"]), (201, &json!(1)));
    let notified = world.wait(1);
    let failed = notified
        .iter()
        .find(|body| body["Refund"]["MerchantTransactionID"] == "r5")
        .unwrap();
    assert_eq!(failed["Refund"]["Status"]["Reasons"][0]["Code"], "2206");
}

#[test]
fn a_payment_with_splits_is_refunded_by_split() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[60, 40]);
    let whole = format!("/v1/payments/{id}/refunds");
    assert_eq!(world.refusal("POST", &whole, refund("r", 10)), "18");
    world.config(json!({"refund_payment_with_splits": true}));
    assert_eq!(world.call("POST", &whole, refund("r", 70)).0, 201);
    assert_eq!(world.refusal("POST", &whole, refund("r2", 31)), "2206");
    let of_split = format!("/v1/payments/{id}/splits/{}/refunds", world.splits(id)[0]);
    assert_eq!(
        world.refusal("POST", &of_split, refund("r3", 31)),
        "2206",
        "the payment has no more"
    );
    assert_eq!(world.call("POST", &of_split, refund("r3", 30)).0, 201);
}

#[test]
fn refunds_are_refused() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[]);
    let target = format!("/v1/payments/{id}/refunds");
    for (body, code) in [
        (json!({}), "1"),
        (json!({"Refund": {"Amount": 5}}), "1"),
        (json!({"Refund": {"MerchantTransactionID": "r"}}), "1"),
        (json!({"Refund": {"MerchantTransactionID": "r", "Amount": 0}}), "118"),
        (
            json!({"Refund": {"MerchantTransactionID": "r", "Amount": "1.0"}}),
            "118",
        ),
        (
            json!({"Refund": {"MerchantTransactionID": "r", "Amount": 5, "OriginatorTransactionID": "a b"}}),
            "2",
        ),
    ] {
        assert_eq!(world.refusal("POST", &target, &body), code, "{body}");
    }
    let (_, said_back) = world.call("POST", &target, refund("said", 101));
    assert_eq!(said_back["Refund"]["MerchantTransactionID"], "said");
    assert_eq!(said_back["Refund"]["Amount"], "101");
    assert_eq!(world.call("POST", "/v1/payments/77/refunds", refund("r", 1)).0, 404);
    assert_eq!(
        world
            .call("POST", &format!("/v1/payments/{id}/splits/77/refunds"), refund("r", 1))
            .0,
        404
    );

    for outcome in ["failed", "cancelled", "expired"] {
        let id = world.create_by(outcome, 9, 100, &[]);
        assert_eq!(
            world.refusal("POST", &format!("/v1/payments/{id}/refunds"), refund("r", 1)),
            "18",
            "open"
        );
        world.play(id, outcome);
        assert_eq!(
            world.refusal("POST", &format!("/v1/payments/{id}/refunds"), refund("r", 1)),
            "18"
        );
    }
    let authorized = world.paid_by("authorized", 75, 980, &[]);
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{authorized}/refunds"), refund("r", 980)),
        "18"
    );
    world.act(id, json!({"do": "dispute_opened"}));
    assert_eq!(world.refusal("POST", &target, refund("r", 1)), "18", "disputed");
}

#[test]
fn a_reference_is_refused_twice_only_if_told() {
    let mut world = World::new();
    let (one, two) = (world.paid_by("a", 9, 100, &[]), world.paid_by("b", 9, 100, &[]));
    let of = |id: u64| format!("/v1/payments/{id}/refunds");
    assert_eq!(world.call("POST", &of(one), refund("same", 10)).0, 201);
    assert_eq!(
        world.call("POST", &of(one), refund("same", 10)).0,
        201,
        "a resend refunds twice"
    );
    world.config(json!({"accept_duplicate_refunds": false}));
    assert_eq!(world.refusal("POST", &of(two), refund("same", 10)), "20");
    assert_eq!(world.call("POST", &of(two), refund("other", 10)).0, 201);
}

#[test]
fn methods_have_their_own_rules() {
    let mut world = World::new();
    let id = world.paid_by("whole-only", 19, 100, &[]);
    let of = |id: u64| format!("/v1/payments/{id}/refunds");
    assert_eq!(world.refusal("POST", &of(id), refund("r", 99)), "18");
    assert_eq!(world.call("POST", &of(id), refund("r", 100)).0, 201);
    world.config(json!({"methods": {"9": {"requires_articles": true}, "7000": {"refund_days": 3}}}));
    let id = world.paid_by("days", 7000, 100, &[]);
    world.wait(3 * DAY);
    assert_eq!(world.call("POST", &of(id), refund("r", 1)).0, 201);
    world.wait(1);
    assert_eq!(world.refusal("POST", &of(id), refund("r", 1)), "18", "too late");
    let payment = json!({"Payment": {"MerchantTransactionID": "x", "Amount": 5, "Currency": "EUR", "MethodID": 9,
        "ReturnURL": "http://x.y", "Articles": [{"Name": "a"}]}});
    let mut without = payment.clone();
    without["Payment"]["Articles"] = Value::Null;
    assert_eq!(world.refusal("POST", "/v1/payments", without), "128");
    let (_, created) = world.call("POST", "/v1/payments", payment);
    let id = created["Payment"]["ID"].as_u64().unwrap();
    world.play(id, "success");
    world.notified();
    assert_eq!(world.refusal("POST", &of(id), refund("r", 1)), "128");
    let with = json!({"Refund": {"MerchantTransactionID": "r", "Amount": 1, "Articles": []}});
    assert_eq!(world.call("POST", &of(id), with).0, 201);
}

#[test]
fn refunds_are_listed_shown_and_asked_about() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[60, 40]);
    let ids = world.splits(id);
    for (reference, split) in [("r1", ids[0]), ("r2", ids[1])] {
        world.call(
            "POST",
            &format!("/v1/payments/{id}/splits/{split}/refunds"),
            refund(reference, 10),
        );
    }
    let (status, list) = world.call("GET", &format!("/v1/payments/{id}/refunds"), "");
    assert_eq!(status, 200);
    let of = |n: usize| {
        (
            &list["Refunds"][n]["MerchantTransactionID"],
            &list["Refunds"][n]["SplitID"],
        )
    };
    assert_eq!(
        (of(0), of(1)),
        ((&json!("r2"), &json!(ids[1])), (&json!("r1"), &json!(ids[0]))),
        "newest first"
    );
    let number = &list["Refunds"][0]["ID"];
    let (_, shown) = world.call("GET", &format!("/v1/payments/{id}/refunds/{number}/"), "");
    assert_eq!(shown["Refund"], list["Refunds"][0]);
    let (_, state) = world.call("GET", &format!("/v1/payments/{id}/refunds/{number}/status"), "");
    assert_eq!(state["Refund"]["StateDetails"]["ID"], 1);
    assert_eq!(state["Refund"]["InitialPaymentID"], id);
    assert_eq!(world.call("GET", &format!("/v1/refunds/{number}/status"), "").1, state);
    assert_eq!(world.call("GET", &format!("/v1/payments/{id}/refunds/1"), "").0, 404);
    assert_eq!(world.call("GET", "/v1/refunds/1/status", "").0, 404);
    let (_, empty) = world.call("GET", "/v1/payments/77/refunds", "");
    assert!(empty["Message"].is_string());
    let unpaid = world.create("unpaid");
    assert_eq!(
        world.call("GET", &format!("/v1/payments/{unpaid}/refunds"), "").1,
        json!({"Refunds": []})
    );

    let (_, types) = world.call("GET", &format!("/v1/payments/{id}/refunds/types"), "");
    let numbers: Vec<&Value> = types["RefundTypes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["ID"])
        .collect();
    assert_eq!(numbers, [5, 6, 8]);
    let (_, types) = world.call("GET", "/v1/refunds/types/19/BR/BRL", "");
    assert_eq!(types["RefundTypes"][0]["AllowsPartialRefund"], false);
    assert_eq!(types["RefundTypes"][0]["Details"]["BankCode"], "^[0-9A-Z]{8,11}$");
    assert_eq!(world.call("GET", "/v1/refunds/types/4242/BR/BRL", "").0, 404);
}

#[test]
fn statuses_follow_refunds_only_if_told() {
    let mut world = World::new();
    world.config(json!({"refunded_status": "always"}));
    let id = world.paid_by("a", 9, 100, &[60, 40]);
    let ids = world.splits(id);
    let of = |split: u64| format!("/v1/payments/{id}/splits/{split}/refunds");
    world.call("POST", &of(ids[0]), refund("r1", 60));
    let notified = world.wait(1);
    assert_eq!(
        (notified.len(), &notified[1]["Payment"]["Status"]["Info"]),
        (2, &json!("PartiallyRefunded"))
    );
    assert_eq!((world.status(id), world.split_statuses(id)), (21, vec![22, 2]));
    world.call("POST", &of(ids[1]), refund("r2", 40));
    world.wait(1);
    assert_eq!((world.status(id), world.split_statuses(id)), (22, vec![22, 22]));
}
