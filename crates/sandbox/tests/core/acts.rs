//! What the gateway does by itself, and somebody at its dashboard.

use super::world::World;
use serde_json::{Value, json};

fn statuses(notified: &[Value]) -> Vec<(&str, u64)> {
    let of = |body: &Value| {
        ["Payment", "Refund", "Dispute"]
            .into_iter()
            .find_map(|kind| Some((kind, body[kind]["Status"]["ID"].as_u64()?)))
    };
    let found = notified.iter().map(|body| match of(body) {
        Some(("Payment", status)) => ("Payment", status),
        Some(("Refund", status)) => ("Refund", status),
        Some((_, status)) => ("Dispute", status),
        None => panic!("{body}"),
    });
    found.collect()
}

#[test]
fn a_dispute_is_opened_and_ends() {
    for (end, payment, dispute) in [
        ("dispute_won", 23, 23),
        ("dispute_lost", 24, 24),
        ("charged_back", 26, 24),
    ] {
        let mut world = World::new();
        let id = world.paid_by("a", 9, 100, &[60, 40]);
        assert!(world.act_refused(id, json!({ "do": end })).contains("not disputed"));
        let books = world.act(id, json!({"do": "dispute_opened", "amount": 70}));
        assert_eq!(
            (&books["status"], &books["dispute"]["amount"]),
            (&json!(19), &json!(70))
        );
        assert_eq!(world.split_statuses(id), [19, 19]);
        let notified = world.notified();
        assert_eq!(statuses(&notified), [("Payment", 19), ("Dispute", 1)]);
        assert_eq!(
            (&notified[1]["Dispute"]["PaymentID"], &notified[1]["Dispute"]["Amount"]),
            (&json!(id), &json!("70"))
        );
        world.act(id, json!({ "do": end }));
        assert_eq!(
            statuses(&world.notified()),
            [("Payment", payment), ("Dispute", dispute)]
        );
        assert_eq!(u64::from(world.status(id)), payment);
    }
    let mut world = World::new();
    let open = world.create("open");
    assert!(
        world
            .act_refused(open, json!({"do": "dispute_opened"}))
            .contains("at most the 0")
    );
    let part = world.paid_by("part", 94, 100, &[60, 40]);
    let split = world.splits(part)[0];
    world.call(
        "POST",
        &format!("/v1/payments/{part}/splits/{split}/capture?amount=50"),
        "",
    );
    world.act(part, json!({"do": "dispute_opened"}));
    assert_eq!(
        world.split_statuses(part),
        [19, 9],
        "nobody disputes what was not taken"
    );
    assert_eq!(world.core.payment(part).unwrap().dispute.unwrap().amount, 50);
}

#[test]
fn success_comes_late() {
    let mut world = World::new();
    for outcome in ["failed", "expired", "cancelled"] {
        for (method, late) in [(9, 2), (94, 9)] {
            let id = world.create_by(&format!("{outcome}{method}"), method, 100, &[60, 40]);
            world.play(id, outcome);
            world.notified();
            world.act(id, json!({"do": "succeed"}));
            assert_eq!((world.status(id), world.split_statuses(id)), (late, vec![late, late]));
            assert_eq!(statuses(&world.notified()), [("Payment", u64::from(late))]);
            assert!(world.act_refused(id, json!({"do": "succeed"})).starts_with("not from"));
        }
    }
    let open = world.create("open");
    world.act(open, json!({"do": "succeed", "quiet": true}));
    assert_eq!(world.status(open), 2);
    assert!(world.notified().is_empty(), "to be learnt by asking");
}

#[test]
fn a_payment_ends_by_itself() {
    let mut world = World::new();
    for (act, status) in [("fail", 4), ("expire", 5), ("cancel", 3), ("reverse", 16)] {
        let open = world.create(act);
        world.act(open, json!({ "do": act }));
        assert_eq!(world.status(open), status);
        let authorized = world.paid_by(&format!("{act}-authorized"), 94, 100, &[]);
        world.act(authorized, json!({ "do": act }));
        assert_eq!(world.status(authorized), status);
        let paid = world.paid_by(&format!("{act}-paid"), 9, 100, &[]);
        assert_eq!(world.act_refused(paid, json!({ "do": act })), "100 were taken");
        world.notified();
    }
    let authorized = world.paid_by("lapses", 94, 100, &[]);
    world.act(authorized, json!({"do": "lapse"}));
    assert_eq!(statuses(&world.notified()), [("Payment", 5)]);
    assert!(
        world
            .act_refused(authorized, json!({"do": "lapse"}))
            .starts_with("not from 5")
    );
}

#[test]
fn somebody_captures_at_the_dashboard() {
    let mut world = World::new();
    let id = world.paid_by("whole", 94, 100, &[60, 40]);
    world.act(id, json!({"do": "capture"}));
    assert_eq!(statuses(&world.notified()), [("Payment", 2)]);
    assert!(
        world
            .act_refused(id, json!({"do": "capture"}))
            .starts_with("not from 2")
    );
    let id = world.paid_by("parts", 94, 100, &[60, 40]);
    let ids = world.splits(id);
    for refused in [
        json!({"do": "capture", "amount": 5}),
        json!({"do": "capture", "splits": []}),
        json!({"do": "capture", "splits": [{"id": ids[0], "amount": 61}]}),
        json!({"do": "capture", "splits": [{"id": 77, "amount": 1}]}),
    ] {
        world.act_refused(id, refused);
    }
    world.act(id, json!({"do": "capture", "splits": [{"id": ids[1], "amount": 15}]}));
    assert_eq!((world.status(id), world.split_statuses(id)), (35, vec![9, 35]));
    let id = world.paid_by("amount", 94, 100, &[]);
    world.act_refused(id, json!({"do": "capture", "amount": 101}));
    assert_eq!(
        world.act(id, json!({"do": "capture", "amount": 99}))["amount_captured"],
        99
    );
}

#[test]
fn somebody_refunds_at_the_dashboard() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[60, 40]);
    let ids = world.splits(id);
    world.act_refused(id, json!({"do": "refund", "amount": 61, "split": ids[0]}));
    world.act_refused(id, json!({"do": "refund", "amount": 1, "split": 77}));
    world.act_refused(id, json!({"do": "refund", "amount": 0}));
    let books = world.act(
        id,
        json!({"do": "refund", "amount": 20, "split": ids[0], "reference": "by-hand"}),
    );
    assert_eq!(books["refunds"][0]["reference"], "by-hand");
    assert_eq!(statuses(&world.notified()), [("Refund", 1)]);
    assert_eq!(statuses(&world.wait(1)), [("Refund", 2)]);
    world.act(id, json!({"do": "refund", "amount": 80}));
    assert_eq!(world.wait(1).len(), 2);
    assert_eq!(
        world.core.payment(id).unwrap().amount_refunded,
        100,
        "even of a payment with splits"
    );
    let (_, list) = world.call("GET", &format!("/v1/payments/{id}/refunds"), "");
    assert_eq!(list["Refunds"][0]["SplitID"], 0);
}

#[test]
fn any_status_can_be_shown() {
    let mut world = World::new();
    let id = world.paid_by("a", 9, 100, &[60, 40]);
    for status in (1..=40).chain([99, 255]) {
        world.act(id, json!({"do": "status", "status": status}));
        let notified = world.notified();
        assert_eq!(statuses(&notified), [("Payment", status)]);
        assert_eq!(notified[0]["Payment"]["Splits"][1]["StateDetails"]["ID"], status);
    }
    assert_eq!(
        world.core.payment(id).unwrap().amount_captured,
        100,
        "no amount changes"
    );
}

#[test]
fn what_is_no_act_is_refused() {
    let mut world = World::new();
    let id = world.create("a");
    assert!(
        world
            .act_refused(id, json!({"do": "explode"}))
            .contains("unknown variant")
    );
    assert!(
        world
            .act_refused(id, json!({"do": "succeed", "amount": 1}))
            .contains("unknown field")
    );
    assert!(
        world
            .act_refused(id, json!({"do": "succeed", "quiet": "very"}))
            .starts_with("quiet")
    );
    assert!(world.act_refused(id, json!(["succeed"])).contains("object"));
    assert!(
        world
            .act_refused(id, json!({"do": "settle", "done": true}))
            .contains("under way")
    );
    assert_eq!(
        world
            .call("POST", "/_sandbox/payments/77/act", json!({"do": "succeed"}))
            .0,
        400
    );
    assert_eq!(
        world
            .call("POST", "/_sandbox/payments/x/act", json!({"do": "succeed"}))
            .0,
        404
    );
    assert_eq!(world.call("GET", &format!("/_sandbox/payments/{id}/act"), "").0, 404);
}

#[test]
fn acts_are_notified_as_faults_allow() {
    let mut world = World::new();
    world.faults(
        json!([{"when": {"path_regex": "/act$"}, "times": 1, "do": "drop_notification"},
        {"when": {"method": "CLOCK", "path_regex": "^/refunded$"}, "times": 1, "do": "duplicate_notification"}]),
    );
    let id = world.paid_by("a", 9, 100, &[]);
    world.act(id, json!({"do": "refund", "amount": 5}));
    assert!(world.notified().is_empty());
    assert_eq!(statuses(&world.wait(1)), [("Refund", 2), ("Refund", 2)]);
}
