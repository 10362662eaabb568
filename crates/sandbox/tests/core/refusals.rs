//! What the gateway refuses, and the switches for what its documents leave open.

use super::world::{SECOND, World, asked};
use sandbox::core::{Handled, Reply, Request};
use serde_json::{Value, json};

fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_wrong_key_is_refused() {
    let mut world = World::new();
    for authorization in [
        None,
        Some("Basic MzAyMDE6d3Jvbmc="),
        Some("Bearer secret"),
        Some("Basic %"),
    ] {
        let mut request = Request::new("GET", "/v1/payments");
        request.authorization = authorization.map(str::to_owned);
        let Handled {
            reply: Reply::Answer(response),
            ..
        } = world.core.handle(world.now, request)
        else {
            panic!()
        };
        assert_eq!(response.status, 401);
        assert!(golden(std::str::from_utf8(&response.body).unwrap())["Message"].is_string());
    }
}

#[test]
fn a_refusal_has_the_documented_shape() {
    let mut world = World::new();
    world.create("a");
    let (status, body) = world.call("POST", "/v1/payments", asked("a"));
    assert_eq!(status, 400);
    let documented = json!({"Payment": {"ID": null, "InvalidRequestID": "i9001", "MerchantTransactionID": "a", "Amount": "100",
        "Currency": "EUR", "Status": {"ID": null, "Info": null,
        "Reasons": [{"Code": "20", "Info": "MerchantTransactionID is duplicated"}]}}});
    assert_eq!(body, documented);
}

#[test]
fn every_check_has_its_code() {
    let mut world = World::new();
    world.config(json!({"linked_sites": [33513, 33512, 33511],
        "methods": {"5": {"active": false}, "12": {"requires_email": true}}}));
    let cases: &[(&str, Value, &[&str])] = &[
        ("/MerchantTransactionID", json!("has space"), &["2"]),
        ("/MerchantTransactionID", Value::Null, &["1"]),
        ("/OriginatorTransactionID", json!("x".repeat(51)), &["2"]),
        ("/Amount", json!("0"), &["118"]),
        ("/Amount", json!(-1), &["118"]),
        ("/Amount", json!(10.5), &["118"]),
        ("/Amount", json!("1234567890123"), &["118"]),
        ("/Amount", Value::Null, &["1"]),
        ("/Currency", json!("XYZ"), &["100"]),
        ("/Currency", json!("EU"), &["100"]),
        ("/MethodID", Value::Null, &["1"]),
        ("/MethodID", json!(4242), &["5"]),
        ("/MethodID", json!(5), &["9"]),
        ("/ReturnURL", json!("ftp://x"), &["2"]),
        ("/ReturnURL", Value::Null, &["1"]),
        ("/Description", json!("x".repeat(256)), &["2"]),
        ("/TokenLifetime", json!("soon"), &["2"]),
        ("/BillingAddress/Country", json!("ROU"), &["19"]),
        ("/Customer/Email", json!("nobody"), &["102"]),
        ("/Splits/1/SiteID", json!(99), &["2"]),
        ("/Splits/1/SiteID", Value::Null, &["127"]),
        ("/Splits/1/Amount", json!("1.5"), &["118"]),
        ("/Splits/1/Amount", Value::Null, &["1"]),
    ];
    for (at, (pointer, value, codes)) in cases.iter().enumerate() {
        let mut request = asked(&format!("case{at}"));
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        request.pointer_mut(&format!("/Payment{parent}")).unwrap()[name] = value.clone();
        let (status, body) = world.call("POST", "/v1/payments", &request);
        assert_eq!(status, 400, "{pointer} {value}");
        let reasons = body["Payment"]["Status"]["Reasons"].as_array().unwrap().clone();
        let found: Vec<&str> = reasons.iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
        assert_eq!(&found, codes, "{pointer} {value}");
    }
    let mut request = asked("no-email");
    request["Payment"]["MethodID"] = json!(12);
    request["Payment"]["Customer"] = Value::Null;
    let (_, body) = world.call("POST", "/v1/payments", request);
    assert_eq!(body["Payment"]["Status"]["Reasons"][0]["Code"], "101");
    let (status, body) = world.call("POST", "/v1/payments/", "");
    assert_eq!(
        (status, body["Payment"]["Status"]["Reasons"].as_array().unwrap().len()),
        (400, 4)
    );
    assert_eq!(world.call("POST", "/v1/payments", "{").0, 400);
    let (_, books) = world.call("GET", "/_sandbox/books", "");
    assert_eq!(books["payments_total"], 0);
    assert_eq!(
        books["requests"][0]["note"],
        "Payment.MerchantTransactionID: Validation failed (2)"
    );
}

#[test]
fn open_questions_have_switches() {
    let mut world = World::new();
    let mut larger = asked("larger");
    larger["Payment"]["Splits"][0]["Amount"] = json!("63");
    assert_eq!(world.call("POST", "/v1/payments", &larger).0, 201);
    larger["Payment"]["MerchantTransactionID"] = json!("larger-again");
    world.config(json!({"split_sum": "at_most"}));
    let (status, body) = world.call("POST", "/v1/payments", &larger);
    assert_eq!(
        (status, &body["Payment"]["Status"]["Reasons"][0]["Code"]),
        (400, &json!("118"))
    );
    let mut smaller = asked("smaller");
    smaller["Payment"]["Splits"][0]["Amount"] = json!("50");
    assert_eq!(world.call("POST", "/v1/payments", &smaller).0, 201);
    world.config(json!({"split_sum": "exact", "accept_duplicate_payments": true}));
    assert_eq!(world.call("POST", "/v1/payments", &smaller).0, 400);

    let first = world.create("twice");
    let second = world.create("twice");
    let (_, page) = world.call("GET", "/v1/payments?MERCHANTTRANSACTIONID=twice", "");
    let ids: Vec<_> = page["Payments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payment| payment["ID"].clone())
        .collect();
    assert_eq!(ids, [json!(second), json!(first)]);
    world.config(json!({"get_omits_splits": true, "filter_ignored": true}));
    assert_eq!(
        world.call("GET", &format!("/v1/payments/{first}"), "").1["Payment"]["Splits"],
        Value::Null
    );
    let (_, page) = world.call("GET", "/v1/payments?merchantTransactionID=twice", "");
    assert_eq!(page["TotalCount"], 4);
}

#[test]
fn a_request_id_is_ignored_unless_switched_on() {
    let mut world = World::new();
    let send = |world: &mut World, reference: &str| {
        let mut request = Request::new("POST", "/v1/payments").with_body(asked(reference).to_string());
        request.authorization = Some(super::world::AUTHORIZATION.to_owned());
        request.request_id = Some("key".to_owned());
        let Reply::Answer(response) = world.core.handle(world.now, request).reply else {
            panic!()
        };
        (response.status, response.body)
    };
    assert_eq!(send(&mut world, "a").0, 201);
    assert_eq!(send(&mut world, "a").0, 400);
    world.config(json!({"replay_request_ids": true}));
    let first = send(&mut world, "b");
    assert_eq!(first.0, 201);
    assert_eq!(send(&mut world, "b"), first);
    assert_eq!(send(&mut world, "c").0, 400);
    world.now += 25 * 3_600 * SECOND;
    assert_eq!(send(&mut world, "c").0, 201);
}
