//! Splits that come after the payment.

use super::world::World;
use serde_json::{Value, json};

fn splits(amounts: &[u64]) -> Value {
    let splits: Vec<Value> = amounts
        .iter()
        .map(|amount| json!({"SiteID": 33513, "Amount": amount}))
        .collect();
    json!({ "Splits": splits })
}

#[test]
fn added_splits_take_the_payments_status() {
    let mut world = World::new();
    for (outcome, status) in [("success", 2), ("failed", 4), ("cancelled", 3), ("expired", 5)] {
        let id = world.create_by(outcome, 9, 100, &[]);
        world.play(id, outcome);
        world.notified();
        let (code, answer) = world.call("POST", &format!("/v1/payments/{id}/splits"), splits(&[60, 40]));
        assert_eq!(code, 201);
        assert_eq!(answer["Splits"][1]["StateDetails"]["ID"], status);
        assert_eq!(world.split_statuses(id), [status, status]);
        assert!(world.notified().is_empty(), "nothing of the payment has changed");
        let paid = if status == 2 { 60 } else { 0 };
        assert_eq!(world.core.payment(id).unwrap().splits[0].amount_captured, paid);
    }
    let authorized = world.paid_by("authorized", 94, 100, &[]);
    world.call("POST", &format!("/v1/payments/{authorized}/splits"), splits(&[60, 40]));
    assert_eq!(world.split_statuses(authorized), [9, 9]);
    world.call("POST", &format!("/v1/payments/{authorized}/capture"), "");
    assert_eq!(world.split_statuses(authorized), [2, 2]);
    assert_eq!(world.call("POST", "/v1/payments/77/splits", splits(&[1])).0, 404);
}

#[test]
fn splits_are_added_again_and_only_the_new_ones_are_shown() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[30]);
    let (code, answer) = world.call("POST", &format!("/v1/payments/{id}/splits"), splits(&[20, 10]));
    assert_eq!((code, answer["Splits"].as_array().unwrap().len()), (201, 2));
    assert_eq!(answer["Splits"][0]["ID"], world.splits(id)[1]);
    world.faults(json!([{"when": {"path_regex": "/splits$"}, "times": 1, "do": "wrong_split", "amount": 9}]));
    let (_, answer) = world.call("POST", &format!("/v1/payments/{id}/splits"), splits(&[40]));
    assert_eq!(answer["Splits"][0]["Amount"], "9");
    assert_eq!(
        world.core.payment(id).unwrap().splits[3].amount,
        40,
        "the books are right"
    );
}

#[test]
fn added_splits_are_refused() {
    let mut world = World::new();
    let add = |id: u64| format!("/v1/payments/{id}/splits");
    let id = world.paid_by("a", 9, 100, &[]);
    assert_eq!(world.refusal("POST", &add(id), ""), "1");
    assert_eq!(world.refusal("POST", &add(id), json!({"Splits": []})), "1");
    assert_eq!(
        world.refusal("POST", &add(id), json!({"Splits": [{"Amount": 5}]})),
        "127"
    );
    assert_eq!(
        world.refusal("POST", &add(id), json!({"Splits": [{"SiteID": 1, "Amount": "x"}]})),
        "118"
    );
    let bad = json!({"Splits": [{"SiteID": 1, "Amount": 1, "OriginatorTransactionID": "a b"}]});
    assert_eq!(world.refusal("POST", &add(id), bad), "2");
    world.config(json!({"linked_sites": [33512]}));
    assert_eq!(world.refusal("POST", &add(id), splits(&[1])), "2");
    world.config(json!({"linked_sites": null}));
    assert!(world.splits(id).is_empty());

    assert_eq!(
        world.call("POST", &add(id), splits(&[90, 90])).0,
        201,
        "sums are not looked at"
    );
    world.config(json!({"split_sum": "at_most"}));
    assert_eq!(world.refusal("POST", &add(id), splits(&[1])), "118");
    let id = world.paid_by("b", 9, 100, &[70]);
    assert_eq!(world.refusal("POST", &add(id), splits(&[31])), "118");
    assert_eq!(world.call("POST", &add(id), splits(&[20])).0, 201);
    world.config(json!({"split_sum": "exact"}));
    assert_eq!(world.refusal("POST", &add(id), splits(&[9])), "118");
    assert_eq!(world.call("POST", &add(id), splits(&[10])).0, 201);

    world.config(json!({"split_sum": "unchecked", "add_splits": "once"}));
    assert_eq!(world.refusal("POST", &add(id), splits(&[1])), "17");
    world.config(json!({"add_splits": "paid"}));
    assert_eq!(world.call("POST", &add(id), splits(&[1])).0, 201);
    let open = world.create_by("open", 9, 100, &[]);
    assert_eq!(world.refusal("POST", &add(open), splits(&[1])), "17");
}

#[test]
fn a_refund_closes_the_door_whatever_became_of_it() {
    let mut world = World::new();
    let add = |id: u64| format!("/v1/payments/{id}/splits");
    for settles in ["never", "success", "failed"] {
        world.config(json!({ "refund_settles_as": settles }));
        let id = world.paid_by(settles, 9, 100, &[]);
        let refund = json!({"Refund": {"MerchantTransactionID": settles, "Amount": 10}});
        assert_eq!(world.call("POST", &format!("/v1/payments/{id}/refunds"), refund).0, 201);
        world.wait(5);
        assert_eq!(world.refusal("POST", &add(id), splits(&[50])), "17");
    }
}
