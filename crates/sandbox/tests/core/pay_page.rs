//! The page where a person pays, and what the clock does when nobody does.

use super::world::{SECOND, START, World, asked};
use sandbox::core::Reply;
use serde_json::{Value, json};

#[test]
fn the_page_is_played_once() {
    let mut world = World::new();
    for (outcome, status, data) in [
        ("success", 2, 2),
        ("failed", 4, 4),
        ("cancelled", 3, 3),
        ("expired", 5, 4),
    ] {
        let id = world.create(outcome);
        let (code, location) = world.play(id, outcome);
        assert_eq!(code, 303);
        let expected = format!("http://demo.smart2pay.com/redirect.php?data={data}&MerchantTransactionID={outcome}");
        assert_eq!(location.as_deref(), Some(expected.as_str()));
        assert_eq!(world.status(id), status);
        assert_eq!(world.notified()[0]["Payment"]["Status"]["ID"], status);
        assert_eq!(world.play(id, outcome).0, 303, "again is harmless");
        let other = if outcome == "success" { "failed" } else { "success" };
        assert_eq!(world.play(id, other).0, 409, "another outcome comes too late");
        assert!(world.notified().is_empty());
    }
}

#[test]
fn the_page_escapes_and_hides_what_it_must() {
    let mut world = World::new();
    let mut request = asked("page");
    request["Payment"]["Description"] = json!("<script>alert('1')</script>{{splits}}");
    let (_, answer) = world.call("POST", "/v1/payments", request);
    let url = answer["Payment"]["RedirectURL"].as_str().unwrap();
    let target = url.strip_prefix("https://apitest.smart2pay.com").unwrap();
    let Reply::Answer(page) = world.handle("GET", target, "").reply else {
        panic!()
    };
    let text = String::from_utf8(page.body).unwrap();
    assert_eq!(page.status, 200);
    assert!(
        text.contains("1.00") && text.contains("4324322-A") && text.contains("0.60"),
        "{text}"
    );
    assert!(
        !text.contains("<script>") && !text.contains("{{") && !text.contains("http"),
        "{text}"
    );
    let Reply::Answer(page) = world.handle("POST", target, "outcome=maybe").reply else {
        panic!()
    };
    assert_eq!(page.status, 400);
    let Reply::Answer(page) = world.handle("GET", &target.replace('=', "=0"), "").reply else {
        panic!()
    };
    assert_eq!(page.status, 404);
}

#[test]
fn a_card_method_is_captured_or_authorized_as_the_request_says() {
    let mut world = World::new();
    for (capture, status) in [(json!(true), 2), (json!(false), 9), (Value::Null, 2)] {
        let mut request = asked(&format!("c{status}{capture}"));
        request["Payment"]["MethodID"] = json!(69);
        request["Payment"]["Capture"] = capture;
        let (_, answer) = world.call("POST", "/v1/payments", request);
        let id = answer["Payment"]["ID"].as_u64().unwrap();
        world.play(id, "success");
        assert_eq!(world.status(id), status);
    }
}

#[test]
fn an_open_payment_expires_by_the_clock() {
    let mut world = World::new();
    let (paid, open) = (world.create("paid"), world.create("open"));
    world.play(paid, "success");
    world.notified();
    assert_eq!(world.core.next_due(), Some(START + 600 * SECOND));
    world.call("POST", "/_sandbox/clock", json!({"advance_ms": 599_999}));
    assert_eq!(world.status(open), 1);
    world.call("POST", "/_sandbox/clock", json!({"advance_ms": 1}));
    assert_eq!((world.status(open), world.status(paid)), (5, 2));
    let notified = world.notified();
    assert_eq!(notified.len(), 1);
    assert_eq!(notified[0]["Payment"]["Splits"][0]["StateDetails"]["ID"], 5);
}
