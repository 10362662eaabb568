//! Every fault, struck and counted.

use super::world::{SECOND, World, asked};
use sandbox::core::{Handled, Reply};
use serde_json::{Value, json};

fn create(world: &mut World, reference: &str) -> Handled {
    world.handle("POST", "/v1/payments", &asked(reference).to_string())
}

fn known(world: &mut World, reference: &str) -> usize {
    let (_, books) = world.call("GET", &format!("/_sandbox/books?reference={reference}"), "");
    books["payments"].as_array().unwrap().len()
}

fn amounts(payment: &Value) -> Vec<&str> {
    payment["Splits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|split| split["Amount"].as_str().unwrap())
        .collect()
}

#[test]
fn a_lost_request_does_nothing_and_a_lost_answer_does() {
    let mut world = World::new();
    world.faults(json!([
        {"when": {"method": "post", "path_regex": "^/v1/payments$", "nth": 2}, "do": "lose_request"},
        {"when": {"path_regex": "payments"}, "times": 1, "do": "lose_answer"},
    ]));
    assert_eq!(create(&mut world, "a").reply, Reply::Closed);
    assert_eq!(create(&mut world, "b").reply, Reply::Closed);
    assert!(matches!(create(&mut world, "c").reply, Reply::Answer(_)));
    assert_eq!(
        (known(&mut world, "a"), known(&mut world, "b"), known(&mut world, "c")),
        (1, 0, 1)
    );
    let (_, faults) = world.call("GET", "/_sandbox/faults", "");
    assert_eq!(
        (&faults["faults"][0]["matched"], &faults["faults"][0]["fired"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(faults["faults"][1]["do"], "lose_answer");
    let (_, books) = world.call("GET", "/_sandbox/books", "");
    assert_eq!(
        (&books["requests"][0]["fault"], &books["requests"][0]["status"]),
        (&json!("lose_answer"), &json!(201))
    );
    assert_eq!(
        (&books["requests"][1]["fault"], &books["requests"][1]["status"]),
        (&json!("lose_request"), &Value::Null)
    );
}

#[test]
fn a_late_request_acts_when_its_time_comes() {
    let mut world = World::new();
    world.faults(json!([{"times": 1, "do": "deliver_late_ms", "ms": 3_000}]));
    assert_eq!(create(&mut world, "a").reply, Reply::Closed);
    assert_eq!(world.core.next_due(), Some(world.now + 3 * SECOND));
    world.now += 3 * SECOND - 1;
    assert_eq!(known(&mut world, "a"), 0);
    world.now += 1;
    world.core.take_due(world.now, 0);
    assert_eq!(known(&mut world, "a"), 1);
    let (_, books) = world.call("GET", "/_sandbox/books", "");
    assert_eq!(
        (&books["requests"][1]["late"], &books["requests"][1]["status"]),
        (&json!(true), &json!(201))
    );
    let (status, body) = world.call("POST", "/v1/payments", asked("a"));
    assert_eq!(
        (status, &body["Payment"]["Status"]["Reasons"][0]["Code"]),
        (400, &json!("20"))
    );
}

#[test]
fn answers_are_delayed() {
    let mut world = World::new();
    world.config(json!({"delay_ms": 50}));
    world.faults(json!([{"times": 1, "do": "delay_ms", "ms": 200}]));
    assert_eq!(create(&mut world, "a").delay_micros, 250_000);
    assert_eq!(create(&mut world, "b").delay_micros, 50_000);
    assert_eq!(world.handle("GET", "/_sandbox/books", "").delay_micros, 0);
}

#[test]
fn a_status_is_answered_with_or_without_acting() {
    let mut world = World::new();
    let body = json!({"Payment": {"Status": {"Reasons": [{"Code": "157"}]}}});
    world.faults(json!([
        {"times": 1, "do": "status", "status": 503},
        {"times": 1, "do": "status", "status": 400, "acted": true, "body": body},
    ]));
    let (status, answer) = world.call("POST", "/v1/payments", asked("a"));
    assert_eq!(
        (status, answer["Message"].is_string(), known(&mut world, "a")),
        (503, true, 0)
    );
    let (status, answer) = world.call("POST", "/v1/payments", asked("a"));
    assert_eq!((status, answer, known(&mut world, "a")), (400, body, 1));
}

#[test]
fn answers_are_cut_and_garbled() {
    let mut world = World::new();
    world.faults(json!([
        {"times": 1, "do": "cut_at", "bytes": 40},
        {"times": 1, "do": "garble"},
        {"times": 1, "do": "garble", "acted": false},
    ]));
    let Reply::Cut { response, bytes: 40 } = create(&mut world, "a").reply else {
        panic!()
    };
    assert_eq!(response.status, 201);
    for (reference, acted) in [("b", 1), ("c", 0)] {
        let Reply::Answer(response) = create(&mut world, reference).reply else {
            panic!()
        };
        assert_eq!(
            (response.status, response.content_type),
            (200, "text/html; charset=utf-8")
        );
        assert_eq!(known(&mut world, reference), acted);
    }
}

#[test]
fn a_split_is_wrong_once_or_until_cleared() {
    let mut world = World::new();
    world.faults(json!([
        {"times": 1, "do": "wrong_split", "split": 1, "amount": 23},
        {"times": 1, "do": "wrong_split", "persistent": true},
    ]));
    let (_, once) = world.call("POST", "/v1/payments", asked("a"));
    assert_eq!(amounts(&once["Payment"]), ["60", "23", "20"]);
    let (_, always) = world.call("POST", "/v1/payments", asked("b"));
    assert_eq!(amounts(&always["Payment"]), ["61", "20", "20"]);
    let show = |world: &mut World, body: &Value| {
        let (_, shown) = world.call("GET", &format!("/v1/payments/{}", body["Payment"]["ID"]), "");
        amounts(&shown["Payment"]).join(" ")
    };
    assert_eq!(show(&mut world, &once), "60 20 20");
    assert_eq!(show(&mut world, &always), "61 20 20");
    world.play(always["Payment"]["ID"].as_u64().unwrap(), "success");
    assert_eq!(amounts(&world.notified()[0]["Payment"]), ["61", "20", "20"]);
    assert_eq!(
        world
            .core
            .payment(always["Payment"]["ID"].as_u64().unwrap())
            .unwrap()
            .splits[0]
            .amount,
        60,
        "the books are right"
    );
    assert_eq!(world.call("DELETE", "/_sandbox/faults", "").0, 200);
    assert_eq!(show(&mut world, &always), "60 20 20");
}

#[test]
fn notifications_are_dropped_duplicated_and_overtaken() {
    let mut world = World::new();
    world.faults(json!([
        {"when": {"path_regex": "^/Home$"}, "times": 1, "do": "drop_notification"},
        {"when": {"path_regex": "^/Home$"}, "times": 1, "do": "duplicate_notification"},
        {"when": {"path_regex": "^/Home$"}, "times": 1, "do": "reorder_notifications", "ms": 500},
    ]));
    let ids: Vec<u64> = (0..4).map(|n| world.create(&format!("r{n}"))).collect();
    let mut seen = Vec::new();
    for id in &ids {
        world.play(*id, "success");
        seen.extend(world.notified());
    }
    world.now += SECOND / 2;
    seen.extend(world.notified());
    let seen: Vec<u64> = seen
        .iter()
        .map(|body| body["Payment"]["ID"].as_u64().unwrap())
        .collect();
    assert_eq!(seen, [ids[1], ids[1], ids[3], ids[2]]);
    let (_, books) = world.call("GET", "/_sandbox/books", "");
    assert_eq!(books["notifications"]["dropped"], 1);
}

#[test]
fn expiry_is_matched_by_its_own_cause() {
    let mut world = World::new();
    world.faults(json!([{"when": {"method": "CLOCK", "path_regex": "^/expired$"}, "do": "drop_notification"}]));
    let (expires, paid) = (world.create("a"), world.create("b"));
    world.play(paid, "success");
    world.now += 600 * SECOND;
    assert_eq!(world.notified().len(), 1);
    assert_eq!(world.status(expires), 5);
}

#[test]
fn notifications_are_forged_wrongly_or_rightly_signed() {
    let mut world = World::new();
    world.faults(json!([
        {"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "forge_notification"},
        {"when": {"path_regex": "^/Home$"}, "times": 1, "do": "forge_notification", "credentials": "right", "contradictory": true},
    ]));
    let id = world.create("a");
    let forged = world.core.take_due(world.now, 10);
    assert_eq!(forged.len(), 1);
    assert_ne!(forged[0].authorization.as_deref(), Some(super::world::AUTHORIZATION));
    assert_eq!(super::world::body(&forged[0])["Payment"]["Status"]["ID"], 2);
    assert_eq!(world.status(id), 1, "it is only claimed");
    world.core.delivered(world.now, forged[0].id, Some(204));

    world.play(id, "success");
    let sent = world.core.take_due(world.now, 10);
    assert_eq!(sent.len(), 2);
    let (honest, forged) = (super::world::body(&sent[0]), super::world::body(&sent[1]));
    assert_eq!(amounts(&honest["Payment"]), ["60", "20", "20"]);
    assert_eq!(
        amounts(&forged["Payment"]),
        ["60", "23", "20"],
        "as in the documents' own sample"
    );
    assert_eq!(forged["Payment"]["MerchantTransactionID"], "test1606912191");
    assert_eq!(sent[1].authorization.as_deref(), Some(super::world::AUTHORIZATION));
}

#[test]
fn faults_are_refused_whole_with_a_reason() {
    let mut world = World::new();
    for (fault, reason) in [
        (json!({"do": "explode"}), "unknown variant `explode`"),
        (json!({"do": "status"}), "missing field `status`"),
        (json!({"do": "status", "status": 99}), "status: 200 to 599"),
        (json!({"do": "lose_request", "tims": 1}), "unknown field `tims`"),
        (json!({"do": "delay_ms", "ms": 99_999_999}), "ms: at most"),
        (json!({"do": "garble", "when": {"path": "/"}}), "unknown field `path`"),
        (json!({"do": "garble", "when": {"path_regex": "("}}), "when.path_regex"),
        (json!({"do": "garble", "when": {"nth": 0}}), "when.nth"),
        (
            json!({"do": "garble", "when": {"probability": 1.5}}),
            "when.probability",
        ),
        (json!({"do": "garble", "times": "often"}), "times"),
        (json!("garble"), "a fault is an object"),
    ] {
        let (status, answer) = world.call("POST", "/_sandbox/faults", json!([{"do": "garble"}, fault]));
        let error = answer["error"].as_str().unwrap();
        assert_eq!(status, 400);
        assert!(error.starts_with("[1] ") && error.contains(reason), "{error}");
    }
    assert_eq!(world.call("POST", "/_sandbox/faults", json!({"do": "garble"})).0, 400);
    assert_eq!(world.call("GET", "/_sandbox/faults", "").1["faults"], json!([]));
}
