//! Two steps: every transition of an authorization, and every refusal.

use super::world::{SECOND, World};
use serde_json::{Value, json};

const DAY: u64 = 86_400;

fn parts(parts: &[(u64, u64)]) -> Value {
    let parts: Vec<Value> = parts
        .iter()
        .map(|(id, amount)| json!({"ID": id, "Amount": amount}))
        .collect();
    json!({"Payment": {"Splits": parts}})
}

#[test]
fn each_two_step_method_is_authorized_and_captured() {
    let mut world = World::new();
    for method in [40, 75, 94, 1078, 1183] {
        let id = world.paid_by(&format!("m{method}"), method, 100, &[60, 40]);
        assert_eq!((world.status(id), world.split_statuses(id)), (9, vec![9, 9]));
        let (status, answer) = world.call("POST", &format!("/v1/payments/{id}/capture"), "");
        assert_eq!((status, &answer["Payment"]["CapturedAmount"]), (200, &json!("100")));
        assert_eq!(answer["Payment"]["Splits"][0]["CapturedAmount"], "", "as documented");
        assert_eq!((world.status(id), world.split_statuses(id)), (2, vec![2, 2]));
        let entry = world.core.payment(id).unwrap();
        assert_eq!(
            (entry.amount_captured, entry.splits[0].amount_captured),
            (100, 60),
            "the books know"
        );
        assert_eq!(world.notified().len(), 1);
        assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/capture"), ""), "17");
        assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/cancel"), ""), "17");
    }
}

#[test]
fn a_capture_is_refused_where_it_is_not_allowed() {
    let mut world = World::new();
    let capture = |id: u64| format!("/v1/payments/{id}/capture");
    let open = world.create_by("open", 94, 100, &[60, 40]);
    assert_eq!(world.refusal("POST", &capture(open), ""), "17");
    let one_step = world.paid_by("one-step", 9, 100, &[60, 40]);
    assert_eq!(world.refusal("POST", &capture(one_step), ""), "17");
    for outcome in ["failed", "cancelled", "expired"] {
        let id = world.create_by(outcome, 94, 100, &[]);
        world.play(id, outcome);
        assert_eq!(world.refusal("POST", &capture(id), ""), "17");
        assert_eq!(world.refusal("POST", &format!("{}?amount=5", capture(id)), ""), "17");
    }
    assert_eq!(world.call("POST", "/v1/payments/77/capture", "").0, 404);
    assert_eq!(
        world
            .call("POST", &format!("/v1/payments/{open}/splits/77/capture?amount=1"), "")
            .0,
        404
    );
    assert_eq!(world.call("GET", &capture(open), "").0, 405);
    assert_eq!(world.call("POST", &capture(open), "{").0, 400);
}

#[test]
fn the_amounts_of_a_capture_are_checked() {
    let mut world = World::new();
    let id = world.paid_by("a", 94, 100, &[60, 40]);
    let other = world.paid_by("b", 94, 100, &[60, 40]);
    let ids = world.splits(id);
    let capture = format!("/v1/payments/{id}/capture");
    let split = format!("/v1/payments/{id}/splits/{}/capture", ids[0]);
    for (target, body, code) in [
        (format!("{split}?amount=61"), Value::Null, "118"),
        (format!("{split}?amount=0"), Value::Null, "118"),
        (format!("{split}?amount=1.5"), Value::Null, "118"),
        (split.clone(), Value::Null, "1"),
        (format!("{capture}?amount=50"), Value::Null, "2"),
        (capture.clone(), parts(&[(ids[0], 61)]), "118"),
        (capture.clone(), parts(&[(ids[0], 0)]), "118"),
        (capture.clone(), parts(&[(ids[0], 10), (ids[0], 10)]), "2"),
        (capture.clone(), parts(&[(world.splits(other)[0], 10)]), "2"),
        (capture.clone(), parts(&[]), "1"),
        (capture.clone(), json!({"Payment": {"Splits": [{"ID": ids[0]}]}}), "1"),
    ] {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        assert_eq!(world.refusal("POST", &target, &body), code, "{target} {body}");
        assert_eq!(world.status(id), 9);
    }
    let stranger = world.splits(other)[0];
    assert_eq!(
        world
            .call(
                "POST",
                &format!("/v1/payments/{id}/splits/{stranger}/capture?amount=1"),
                ""
            )
            .0,
        404
    );
    world.config(json!({"capture_lists_all": true}));
    assert_eq!(world.refusal("POST", &capture, parts(&[(ids[0], 10)])), "2");
    assert_eq!(
        world.call("POST", &capture, parts(&[(ids[0], 10), (ids[1], 10)])).0,
        200
    );

    let whole = world.paid_by("c", 94, 100, &[]);
    let capture = format!("/v1/payments/{whole}/capture");
    assert_eq!(world.refusal("POST", &format!("{capture}?amount=101"), ""), "118");
    assert_eq!(world.refusal("POST", &capture, parts(&[(ids[0], 10)])), "2");
    // The splits of this one add up to more than it is.
    let excessive = world.paid_by("d", 94, 100, &[80, 80]);
    let ids = world.splits(excessive);
    let target = format!("/v1/payments/{excessive}/capture");
    assert_eq!(
        world.refusal("POST", &target, parts(&[(ids[0], 80), (ids[1], 21)])),
        "118"
    );
    assert_eq!(world.call("POST", &target, parts(&[(ids[0], 80), (ids[1], 20)])).0, 200);
}

#[test]
fn part_of_an_unsplit_payment_is_captured() {
    let mut world = World::new();
    let id = world.paid_by("a", 1078, 980, &[]);
    let articles = json!({"Payment": {"Articles": [{"MerchantArticleID": "1231", "Quantity": 1}]}});
    let (status, answer) = world.call("POST", &format!("/v1/payments/{id}/capture?amount=899"), articles);
    assert_eq!((status, &answer["Payment"]["Status"]["ID"]), (200, &json!(35)));
    assert_eq!(answer["Payment"]["CapturedAmount"], "899");
    assert_eq!(world.core.payment(id).unwrap().amount_captured, 899);
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{id}/capture?amount=1"), ""),
        "17"
    );
}

#[test]
fn after_one_capture_there_is_no_other_and_no_cancel() {
    let mut world = World::new();
    let id = world.paid_by("a", 94, 100, &[60, 40]);
    let ids = world.splits(id);
    let one = |split: u64| format!("/v1/payments/{id}/splits/{split}/capture?amount=40");
    assert_eq!(world.call("POST", &one(ids[0]), "").0, 200);
    for target in [one(ids[0]), one(ids[1]), format!("/v1/payments/{id}/capture")] {
        assert_eq!(world.refusal("POST", &target, ""), "17", "{target}");
    }
    assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/cancel"), ""), "17");
    world.config(json!({"accept_second_capture": true}));
    assert_eq!(
        world.refusal("POST", &one(ids[0]), ""),
        "17",
        "a split is captured once"
    );
    assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/capture"), ""), "17");
    let (status, answer) = world.call("POST", &one(ids[1]), "");
    assert_eq!((status, &answer["Payment"]["CapturedAmount"]), (200, &json!("80")));
    assert_eq!((world.status(id), world.split_statuses(id)), (35, vec![35, 35]));
}

#[test]
fn a_part_that_is_the_whole_is_35_or_2_as_told() {
    for (told, status) in [(false, 35), (true, 2)] {
        let mut world = World::new();
        world.config(json!({"whole_parts_are_whole": told}));
        let id = world.paid_by("a", 94, 100, &[60, 40]);
        let ids = world.splits(id);
        world.call(
            "POST",
            &format!("/v1/payments/{id}/capture"),
            parts(&[(ids[0], 60), (ids[1], 40)]),
        );
        assert_eq!(
            (world.status(id), world.split_statuses(id)),
            (status, vec![status, status])
        );
        assert_eq!(world.core.payment(id).unwrap().splits[1].captured, Some(40));
        let id = world.paid_by("b", 94, 100, &[]);
        world.call("POST", &format!("/v1/payments/{id}/capture?amount=100"), "");
        assert_eq!(world.status(id), status);
    }
}

#[test]
fn a_capture_that_is_asked_for_settles_by_the_clock() {
    let mut world = World::new();
    let id = world.paid_by("whole", 1130, 100, &[60, 40]);
    world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    assert_eq!((world.status(id), world.split_statuses(id)), (13, vec![13, 13]));
    assert_eq!(world.core.payment(id).unwrap().amount_captured, 0);
    assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/capture"), ""), "17");
    assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/cancel"), ""), "122");
    world.notified();
    assert_eq!(world.wait(1)[0]["Payment"]["Status"]["ID"], 2);
    assert_eq!(world.core.payment(id).unwrap().captures[0].status, 2);

    let id = world.paid_by("part", 1130, 100, &[60, 40]);
    let split = world.splits(id)[1];
    world.call(
        "POST",
        &format!("/v1/payments/{id}/splits/{split}/capture?amount=30"),
        "",
    );
    assert_eq!((world.status(id), world.split_statuses(id)), (13, vec![9, 13]));
    world.notified();
    let notified = world.wait(1);
    assert_eq!(notified[0]["Payment"]["Status"]["ID"], 35);
    assert_eq!(notified[0]["Payment"]["Splits"][1]["CapturedAmount"], "30");
    assert_eq!(world.split_statuses(id), [9, 35]);

    world.config(json!({"capture_settles_as": "failed"}));
    let id = world.paid_by("fails", 1130, 100, &[60, 40]);
    world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    world.notified();
    assert_eq!(
        world.wait(1)[0]["Payment"]["Status"]["ID"],
        9,
        "and can be captured again"
    );
    world.config(json!({"capture_settles_as": "never"}));
    assert_eq!(world.call("POST", &format!("/v1/payments/{id}/capture"), "").0, 200);
    world.notified();
    assert!(world.wait(600).is_empty());
    assert_eq!(world.status(id), 13);
    assert_eq!(world.act(id, json!({"do": "settle", "done": true}))["status"], 2);
}

#[test]
fn a_provider_that_times_out_leaves_everything_as_it_was() {
    let mut world = World::new();
    let id = world.paid_by("a", 94, 100, &[60, 40]);
    let timeout =
        json!([{"when": {"method": "POST", "path_regex": "capture|cancel"}, "times": 3, "do": "provider_timeout"}]);
    world.faults(timeout);
    let split = world.splits(id)[0];
    assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/capture"), ""), "157");
    assert_eq!(
        world.refusal(
            "POST",
            &format!("/v1/payments/{id}/splits/{split}/capture?amount=5"),
            ""
        ),
        "157"
    );
    assert_eq!(world.refusal("POST", &format!("/v1/payments/{id}/cancel"), ""), "122");
    assert_eq!((world.status(id), world.split_statuses(id)), (9, vec![9, 9]));
    assert_eq!(
        world.call("POST", &format!("/v1/payments/{id}/capture"), "").0,
        200,
        "a new request is taken"
    );
}

#[test]
fn an_open_payment_is_cancelled_until_the_buyer_has_come() {
    let mut world = World::new();
    let cancel = |id: u64| format!("/v1/payments/{id}/cancel");
    let id = world.create_by("a", 94, 100, &[60, 40]);
    let (status, answer) = world.call("POST", &cancel(id), "");
    assert_eq!((status, &answer["Payment"]["Status"]["ID"]), (200, &json!(3)));
    assert_eq!(world.split_statuses(id), [3, 3]);
    assert_eq!(world.refusal("POST", &cancel(id), ""), "17");
    assert_eq!(world.play(id, "success").0, 409, "too late");
    world.notified();

    let id = world.create_by("visited", 94, 100, &[]);
    let url = world.core.payment(id).unwrap().pay_url;
    world.handle("GET", url.strip_prefix("https://apitest.smart2pay.com").unwrap(), "");
    assert_eq!(world.refusal("POST", &cancel(id), ""), "122");
    world.config(json!({"cancel_open": "always"}));
    assert_eq!(world.call("POST", &cancel(id), "").0, 200);
    world.config(json!({"cancel_open": "never"}));
    let id = world.create_by("never", 94, 100, &[]);
    assert_eq!(world.refusal("POST", &cancel(id), ""), "122");
    world.config(json!({"cancel_open": "unless_visited"}));
    assert_eq!(world.call("POST", &cancel(id), "").0, 200);
    let offline = world.create_by("offline", 20, 100, &[]);
    assert_eq!(
        world.refusal("POST", &cancel(offline), ""),
        "122",
        "the buyer has the reference"
    );
    assert_eq!(world.call("POST", "/v1/payments/77/cancel", "").0, 404);
}

#[test]
fn an_authorization_lapses_after_its_method_s_days() {
    let mut world = World::new();
    world.config(json!({"methods": {"40": {"authorization_days": 2}}}));
    let (short, long) = (
        world.paid_by("short", 40, 100, &[60, 40]),
        world.paid_by("long", 94, 100, &[]),
    );
    let until = world.core.payment(short).unwrap().authorized_until_micros;
    assert_eq!(until, Some(world.now + 2 * DAY * SECOND));
    assert!(world.wait(2 * DAY - 1).is_empty());
    let notified = world.wait(1);
    assert_eq!(notified.len(), 1);
    assert_eq!(notified[0]["Payment"]["Status"]["ID"], 5);
    assert_eq!(
        (world.status(short), world.split_statuses(short), world.status(long)),
        (5, vec![5, 5], 9)
    );
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{short}/capture"), ""),
        "17"
    );
    world.config(json!({"lapsed_status": 16}));
    assert_eq!(world.wait(5 * DAY)[0]["Payment"]["Status"]["Info"], "Reversed");
    assert_eq!(world.core.payment(long).unwrap().authorized_until_micros, None);

    let captured = world.paid_by("captured", 94, 100, &[]);
    world.call("POST", &format!("/v1/payments/{captured}/capture"), "");
    world.notified();
    assert!(world.wait(30 * DAY).is_empty(), "what is captured does not lapse");
}

#[test]
fn what_lapses_while_a_capture_is_under_way_lapses_when_that_fails() {
    let mut world = World::new();
    world.config(json!({"capture_settles_as": "failed", "lapsed_status": 5}));
    let id = world.paid_by("late", 1130, 100, &[]);
    world.wait(7 * DAY - 1);
    let (_, answer) = world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    assert_eq!(answer["Payment"]["Status"]["ID"], 13);
    world.wait(DAY);
    assert_eq!(world.status(id), 5);
}

#[test]
fn what_a_partial_capture_leaves_is_released_only_if_told() {
    for releases in [false, true] {
        let mut world = World::new();
        world.config(json!({"lapse_releases_splits": releases}));
        let id = world.paid_by("a", 94, 100, &[60, 40]);
        let split = world.splits(id)[0];
        world.call(
            "POST",
            &format!("/v1/payments/{id}/splits/{split}/capture?amount=60"),
            "",
        );
        world.notified();
        let notified = world.wait(7 * DAY);
        assert_eq!(notified.len(), usize::from(releases));
        let left = if releases { 5 } else { 9 };
        assert_eq!((world.status(id), world.split_statuses(id)), (35, vec![35, left]));
    }
}

#[test]
fn faults_distort_captures_too() {
    let mut world = World::new();
    let id = world.paid_by("a", 94, 100, &[60, 40]);
    let split = world.splits(id)[1];
    world.faults(json!([
        {"when": {"path_regex": "/splits/.*/capture$"}, "times": 1, "do": "wrong_split", "captured": 11},
        {"when": {"path_regex": "/capture$"}, "times": 1, "do": "drop_notification"},
    ]));
    let (_, answer) = world.call(
        "POST",
        &format!("/v1/payments/{id}/splits/{split}/capture?amount=10"),
        "",
    );
    let shown = &answer["Payment"]["Splits"][0];
    assert_eq!(
        (&shown["Amount"], &shown["CapturedAmount"]),
        (&json!("40"), &json!("11"))
    );
    assert!(world.notified().is_empty());
    let entry = world.core.payment(id).unwrap();
    assert_eq!(
        (entry.splits[1].captured, entry.amount_captured),
        (Some(10), 10),
        "the books are right"
    );
}
