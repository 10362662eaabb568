//! The control plane, the books, and determinism.

use super::world::{ONE_STEP, START, World, asked};
use sandbox::core::{BooksQuery, Core, Reply, Request};
use serde_json::json;

#[test]
fn the_books_show_the_part_that_is_asked_for() {
    let mut world = World::new();
    let ids: Vec<u64> = (0..5).map(|n| world.create(&format!("r{n}"))).collect();
    world.play(ids[3], "success");
    let (_, books) = world.call("GET", "/_sandbox/books?limit=2&requests=1&sites=true", "");
    assert_eq!(books["payments_total"], 5);
    assert_eq!(books["payments"].as_array().unwrap().len(), 2);
    assert_eq!(books["payments"][0]["reference"], "r4");
    assert_eq!(books["requests"].as_array().unwrap().len(), 1);
    assert_eq!(books["requests_total"], 6);
    let totals = json!([{"currency": "EUR", "status": 1, "count": 4, "amount": 400}, {"currency": "EUR", "status": 2, "count": 1, "amount": 100}]);
    assert_eq!(books["totals"], totals);
    assert_eq!(books["sites"].as_array().unwrap().len(), 6);
    let (_, books) = world.call("GET", &format!("/_sandbox/books?id={}", ids[3]), "");
    assert_eq!(books["payments"][0]["status_info"], "Success");
    assert_eq!(
        books["requests"].as_array().unwrap().len(),
        2,
        "its creation and its payment"
    );
    assert_eq!(books["requests"][0]["body"]["Payment"]["Amount"], "100");
    let (_, books) = world.call("GET", "/_sandbox/books?reference=r1", "");
    assert_eq!(books["payments"][0]["id"], ids[1]);
    let (_, books) = world.call("GET", &format!("/_sandbox/books?before={}", ids[1]), "");
    assert_eq!(books["payments"].as_array().unwrap().len(), 1);
    assert_eq!(world.call("GET", "/_sandbox/books?refrence=r1", "").0, 400);
    world.config(json!({"requests_kept": 3}));
    world.create("another");
    let books = world.core.books(world.now, &BooksQuery::default());
    assert_eq!(books.requests.len(), 3);
}

#[test]
fn the_control_plane_refuses_what_it_does_not_know() {
    let mut world = World::new();
    for (target, body) in [
        ("/_sandbox/config", json!({"delay": 5})),
        ("/_sandbox/config", json!({"methods": {"9": {"steps": 3}}})),
        ("/_sandbox/config", json!({"retry_delays_ms": []})),
        ("/_sandbox/config", json!({"notification_url": "nowhere"})),
        ("/_sandbox/clock", json!({"advance_ms": -1})),
        ("/_sandbox/clock", json!({"advance": 1})),
    ] {
        let (status, answer) = world.call("POST", target, &body);
        assert_eq!(status, 400, "{target} {body}");
        assert!(answer["error"].is_string());
    }
    world.config(json!({"methods": {"40": {"steps": 1}, "7777": {"name": "New", "steps": 2}}, "api_key": "other"}));
    let (_, config) = world.call("GET", "/_sandbox/config", "");
    assert_eq!(
        (&config["methods"]["40"]["name"], &config["methods"]["40"]["steps"]),
        (&json!("Paysafecard"), &json!(1))
    );
    assert!(!config.to_string().contains("other"), "the key stays secret");
    assert_eq!(
        world.call("GET", "/v1/payments", "").0,
        401,
        "a rotated key counts at once"
    );
    assert_eq!(world.call("GET", "/_sandbox/nothing", "").0, 404);
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let run = || {
        let mut world = World::new();
        world.faults(json!([{"when": {"probability": 0.5}, "do": "lose_answer"}]));
        let replies: Vec<_> = (0..20)
            .map(|n| world.handle("POST", "/v1/payments", &asked(&format!("r{n}")).to_string()))
            .collect();
        assert!(replies.iter().any(|handled| handled.reply == Reply::Closed));
        assert!(replies.iter().any(|handled| handled.reply != Reply::Closed));
        replies
    };
    assert_eq!(run(), run());
    let config = || sandbox::core::Config::new(1, "k".to_owned().into());
    let id = |seed| {
        let mut core = Core::new(config(), seed);
        let request = Request::new("POST", "/v1/payments")
            .with_authorization("Basic MTpr")
            .with_body(ONE_STEP);
        core.handle(START, request);
        core.books(START, &BooksQuery::default()).payments[0].id
    };
    assert_ne!(id(1), id(2));
}
