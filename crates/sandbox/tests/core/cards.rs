//! The card host: outcomes by amount, 3-D Secure, the fraud challenge, captures, cancels, refunds, idempotency.

use super::world::{AUTHORIZATION, World, by_card};
use sandbox::core::{Reply, Request};
use serde_json::{Value, json};

/// Pays by card and gives the HTTP status and the payment.
fn pay(world: &mut World, amount: u64, capture: bool) -> (u16, Value) {
    let mut request = by_card(&format!("card-{amount}-{capture}"), amount);
    request["Payment"]["Capture"] = json!(capture);
    let (status, answer) = world.call("POST", "/v1/payments", request);
    (status, answer["Payment"].clone())
}

fn id(payment: &Value) -> u64 {
    payment["ID"].as_u64().unwrap()
}

fn state(payment: &Value) -> (u64, &str) {
    let status = &payment["Status"];
    (
        status["ID"].as_u64().unwrap(),
        status["Reasons"][0]["Code"].as_str().unwrap_or_default(),
    )
}

#[test]
fn the_amount_chooses_the_outcome() {
    let mut world = World::new();
    for (amount, at_once, code) in [
        (1, (11, ""), 201),
        (10_000, (11, ""), 201),
        (10_001, (4, "13"), 400),
        (10_002, (33, "5288"), 201),
        (10_003, (13, ""), 201),
        (10_004, (11, ""), 201),
        (10_005, (4, "104"), 400),
        (10_006, (11, ""), 201),
        (25_000, (11, ""), 201),
    ] {
        let (status, payment) = pay(&mut world, amount, true);
        assert_eq!((status, state(&payment)), (code, at_once), "{amount}");
        assert_eq!(payment["RedirectURL"], Value::Null);
        let token = &payment["CreditCardToken"];
        assert_eq!(token.is_null(), at_once.0 == 4, "{amount}: {token}");
        let notified: Vec<_> = world.notified().iter().map(|body| state(&body["Payment"]).0).collect();
        let is_under_way = matches!(at_once.0, 13 | 33);
        assert_eq!(
            notified,
            if is_under_way { vec![] } else { vec![at_once.0] },
            "{amount}"
        );
    }
    let settled = world.wait(1);
    assert_eq!(settled.len(), 2, "what was queued or asked for is captured");
    assert!(settled.iter().all(|body| body["Payment"]["Status"]["ID"] == 11));
    world.config(json!({"card_decline_status": 402}));
    let mut declined = by_card("declined", 10_001);
    assert_eq!(world.call("POST", "/v1/payments", &declined).0, 402);
    world.config(json!({"card_decline_status": 201}));
    declined["Payment"]["MerchantTransactionID"] = json!("declined again");
    assert_eq!(world.refusal("POST", "/v1/payments", &declined), "1000");
    declined["Payment"]["MerchantTransactionID"] = json!("declined-again");
    assert_eq!(world.call("POST", "/v1/payments", &declined).0, 201);
}

#[test]
fn what_is_only_authorized_is_captured_or_cancelled_later() {
    let mut world = World::new();
    for (amount, captured, code) in [
        (500, (11, ""), 200),
        (10_002, (33, "5288"), 200),
        (10_003, (13, ""), 200),
        (10_005, (4, "104"), 400),
    ] {
        let (_, payment) = pay(&mut world, amount, false);
        assert_eq!(state(&payment), (9, ""), "{amount}");
        assert_eq!(payment["CapturedAmount"], Value::Null);
        let (status, answer) = world.call("POST", &format!("/v1/payments/{}/capture", id(&payment)), "");
        assert_eq!((status, state(&answer["Payment"])), (code, captured), "{amount}");
    }
    let (_, payment) = pay(&mut world, 600, false);
    let (status, answer) = world.call("POST", &format!("/v1/payments/{}/cancel", id(&payment)), "");
    assert_eq!((status, state(&answer["Payment"])), (200, (3, "")));
    assert_eq!(answer["Payment"]["CapturedAmount"], "0");
    let (_, payment) = pay(&mut world, 10_006, false);
    world.notified();
    let (_, answer) = world.call("POST", &format!("/v1/payments/{}/cancel", id(&payment)), "");
    assert_eq!(state(&answer["Payment"]), (34, ""));
    world.notified();
    assert!(world.wait(1).iter().any(|body| body["Payment"]["Status"]["ID"] == 3));
    assert_eq!(world.status(id(&payment)), 3);
}

#[test]
fn captures_of_cards_have_their_own_codes() {
    let mut world = World::new();
    let (_, payment) = pay(&mut world, 500, false);
    let capture = format!("/v1/payments/{}/capture", id(&payment));
    assert_eq!(world.refusal("POST", &format!("{capture}?amount=501"), ""), "1013");
    assert_eq!(world.refusal("POST", &format!("{capture}?amount=all"), ""), "1012");
    world.faults(json!([{"when": {"path_regex": "capture|cancel"}, "times": 2, "do": "provider_timeout"}]));
    assert_eq!(world.refusal("POST", &capture, ""), "18");
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{}/cancel", id(&payment)), ""),
        "18"
    );
    let (_, answer) = world.call("POST", &format!("{capture}?amount=400"), "");
    assert_eq!(
        (state(&answer["Payment"]), &answer["Payment"]["CapturedAmount"]),
        ((35, ""), &json!("400"))
    );
    assert_eq!(world.refusal("POST", &capture, ""), "17");
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{}/cancel", id(&payment)), ""),
        "17"
    );
    let (_, list) = world.call("GET", &format!("/v1/payments/{}/captures", id(&payment)), "");
    assert_eq!(list["Captures"][0]["Amount"], "400");
    let (status, one) = world.call(
        "GET",
        &format!("/v1/payments/{}/captures/{}", id(&payment), list["Captures"][0]["ID"]),
        "",
    );
    assert_eq!((status, &one["Capture"]), (200, &list["Captures"][0]));
    assert_eq!(
        world
            .call("GET", &format!("/v1/payments/{}/captures/1", id(&payment)), "")
            .0,
        404
    );
    let (_, status) = world.call("GET", &format!("/v1/payments/{}/status", id(&payment)), "");
    assert_eq!(status["Payment"]["Status"]["Info"], "PartiallyCaptured");
    assert_eq!(status["Payment"].as_object().unwrap().len(), 3);
}

#[test]
fn card_splits_are_captured_at_once_or_one_by_one() {
    let mut world = World::new();
    let mut request = by_card("splits", 300);
    request["Payment"]["Splits"] = json!([
        {"SiteID": 33513, "Amount": 200, "MerchantTransactionID": "s", "OriginatorTransactionID": "o-1"},
        {"SiteID": 33512, "Amount": 100, "MerchantTransactionID": "s", "OriginatorTransactionID": "o-2"},
    ]);
    let (_, answer) = world.call("POST", "/v1/payments", &request);
    assert_eq!(world.split_statuses(id(&answer["Payment"])), [11, 11]);
    assert_eq!(answer["Payment"]["SiteID"], 33513);
    request["Payment"]["MerchantTransactionID"] = json!("splits-2");
    request["Payment"]["Capture"] = json!(false);
    let (_, answer) = world.call("POST", "/v1/payments", &request);
    let id = id(&answer["Payment"]);
    let ids = world.splits(id);
    let single = |split: u64, amount: u64, count: u64| json!({"Payment": {"Split": {"ID": split, "Amount": amount, "OriginatorTransactionID": "c"}}, "TotalCaptureCount": count});
    let capture = format!("/v1/payments/{id}/capture");
    let (status, answer) = world.call("POST", &capture, single(ids[0], 150, 2));
    assert_eq!(
        (status, answer["Payment"]["Splits"].as_array().unwrap().len()),
        (200, 2)
    );
    assert_eq!((world.status(id), world.split_statuses(id)), (35, vec![35, 9]));
    assert_eq!(
        world.refusal("POST", &capture, single(ids[1], 100, 1)),
        "17",
        "it was to be the only one"
    );
    assert_eq!(world.call("POST", &capture, single(ids[1], 100, 2)).0, 200);
    request["Payment"]["MerchantTransactionID"] = json!("splits-3");
    request["Payment"]["Splits"][0]
        .as_object_mut()
        .unwrap()
        .remove("OriginatorTransactionID");
    assert_eq!(
        world.refusal("POST", "/v1/payments", &request),
        "1011",
        "required of card splits"
    );
}

#[test]
fn cards_are_refunded_at_once() {
    let mut world = World::new();
    let refund = |amount: u64| json!({"Refund": {"MerchantTransactionID": "r", "Amount": amount}});
    let (_, payment) = pay(&mut world, 500, true);
    let target = format!("/v1/payments/{}/refunds", id(&payment));
    world.notified();
    for (body, code) in [
        (json!({"Refund": {"Amount": 5}}), "2200"),
        (json!({"Refund": {"MerchantTransactionID": "r"}}), "2201"),
        (
            json!({"Refund": {"MerchantTransactionID": "r", "Amount": 1, "OriginatorTransactionID": "a b"}}),
            "2209",
        ),
        (refund(501), "2206"),
    ] {
        assert_eq!(world.refusal("POST", &target, &body), code, "{body}");
    }
    let (status, answer) = world.call("POST", &target, refund(200));
    assert_eq!((status, &answer["Refund"]["Status"]["ID"]), (201, &json!(2)));
    assert_eq!(answer["Refund"]["Status"]["Reasons"], json!([]));
    let notified = world.notified();
    assert_eq!(notified[0]["Refund"]["Status"]["ID"], 2);
    assert_eq!(notified[1]["Payment"]["Status"]["ID"], 21);
    world.call("POST", &target, refund(300));
    assert_eq!(world.status(id(&payment)), 22);
    assert_eq!(world.refusal("POST", &target, refund(1)), "2206");

    let (_, payment) = pay(&mut world, 10_004, true);
    let target = format!("/v1/payments/{}/refunds", id(&payment));
    let (_, answer) = world.call("POST", &target, refund(4));
    assert_eq!(answer["Refund"]["Status"]["ID"], 1);
    world.notified();
    assert!(world.wait(86_400).is_empty(), "it stays open");
    assert_eq!(world.refusal("POST", &target, refund(4)), "2207");
    let (_, authorized) = pay(&mut world, 700, false);
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{}/refunds", id(&authorized)), refund(1)),
        "17"
    );
}

#[test]
fn every_check_of_a_card_payment_has_its_code() {
    let mut world = World::new();
    world.call("POST", "/v1/payments", by_card("taken", 100));
    for (pointer, value, code) in [
        ("/MerchantTransactionID", json!("taken"), "20"),
        ("/MerchantTransactionID", Value::Null, "1000"),
        ("/Amount", json!(0), "1001"),
        ("/Currency", json!("XYZ"), "1002"),
        ("/ReturnURL", json!("ftp://x"), "1003"),
        ("/ReturnURL", Value::Null, "1003"),
        ("/Description", json!("x".repeat(256)), "1004"),
        ("/StatementDescriptor", json!("x".repeat(256)), "1005"),
        ("/PaymentTokenLifetime", json!(0), "1008"),
        ("/OriginatorTransactionID", json!("a b"), "1011"),
        ("/Customer", json!({"Email": "nobody"}), "1601"),
        ("/BillingAddress", json!({"Country": "ROU"}), "1408"),
        (
            "/Splits",
            json!([{"Amount": 5, "OriginatorTransactionID": "o"}]),
            "2800",
        ),
        (
            "/Splits",
            json!([{"SiteID": 5, "Amount": 0, "OriginatorTransactionID": "o"}]),
            "1001",
        ),
        ("/Card/HolderName", Value::Null, "1200"),
        ("/Card/Number", json!("4111111111111112"), "1201"),
        ("/Card/Number", json!("4111 1111 1111 1111"), "1201"),
        ("/Card/ExpirationMonth", json!("13"), "1202"),
        ("/Card/ExpirationYear", json!("soon"), "1203"),
        ("/Card/SecurityCode", json!("12"), "1204"),
        ("/Card/SecurityCode", json!("12345"), "1204"),
        ("/Card/SecurityCode", Value::Null, "1204"),
        ("/Card/ExpirationYear", json!("2020"), "1205"),
        ("/CreditCardToken", json!({"SecurityCode": "312"}), "2404"),
        (
            "/CreditCardToken",
            json!({"Value": "F43F90A5CB613D91F704407D4E297EA1", "SecurityCode": "312"}),
            "2400",
        ),
    ] {
        let mut request = by_card("case", 100);
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        request.pointer_mut(&format!("/Payment{parent}")).unwrap()[name] = value.clone();
        assert_eq!(
            world.refusal("POST", "/v1/payments", &request),
            code,
            "{pointer} {value}"
        );
    }
    let mut request = by_card("no code", 100);
    request["Payment"]["MerchantTransactionID"] = json!("no-code");
    let card = request["Payment"]["Card"].as_object_mut().unwrap();
    card.remove("SecurityCode");
    card.insert("RequireSecurityCode".to_owned(), json!(false));
    card.insert("ExpirationMonth".to_owned(), json!("12"));
    card.insert("ExpirationYear".to_owned(), json!("20"));
    assert_eq!(
        world.call("POST", "/v1/payments", request).0,
        201,
        "good until the end of its month"
    );
}

#[test]
fn a_bank_is_asked_on_the_page() {
    let mut world = World::new();
    for (outcome, capture, expected) in [
        ("success", true, 11),
        ("success", false, 9),
        ("failed", true, 4),
        ("cancelled", true, 3),
    ] {
        let mut request = by_card(&format!("{outcome}{capture}"), 100);
        request["Payment"]["3DSecure"] = json!(true);
        request["Payment"]["Capture"] = json!(capture);
        request["Payment"]["PaymentTokenLifetime"] = json!(30);
        let (status, answer) = world.call("POST", "/v1/payments", request);
        let payment = &answer["Payment"];
        assert_eq!((status, state(payment)), (201, (1, "")));
        assert_eq!(
            (&payment["3DSecure"], &payment["PaymentTokenLifetime"]),
            (&json!(true), &json!(30))
        );
        assert_eq!(payment["CreditCardToken"], Value::Null, "not yet");
        assert!(world.notified().is_empty());
        let url = payment["RedirectURL"]
            .as_str()
            .unwrap()
            .strip_prefix("https://apitest.smart2pay.com")
            .unwrap();
        let Reply::Answer(page) = world.handle("GET", url, "").reply else {
            panic!()
        };
        let page = String::from_utf8(page.body).unwrap();
        assert!(
            page.contains("ending 1111") && page.contains("your bank") && !page.contains("41111"),
            "{page}"
        );
        world.play(id(payment), outcome);
        assert_eq!(world.status(id(payment)), expected);
        let notified = &world.notified()[0]["Payment"];
        assert_eq!(
            notified["CreditCardToken"].is_object(),
            matches!(expected, 9 | 11),
            "{notified}"
        );
    }
    world.config(json!({"cards_always_3d_secure": true}));
    let (_, payment) = pay(&mut world, 10_001, true);
    assert_eq!(state(&payment), (1, ""));
    world.play(id(&payment), "success");
    assert_eq!(world.status(id(&payment)), 4, "the bank agreed, the card was declined");
    let (_, payment) = pay(&mut world, 50, true);
    world.notified();
    world.wait(301);
    assert_eq!(world.status(id(&payment)), 5, "five minutes");
}

#[test]
fn without_a_card_the_buyer_types_one_in() {
    let mut world = World::new();
    let request = json!({"Payment": {"MerchantTransactionID": "hosted", "Amount": 100, "Currency": "EUR",
        "ReturnURL": "http://x.y", "Capture": true, "GenerateCreditCardToken": true}});
    let (_, answer) = world.call("POST", "/v1/payments", request);
    assert_eq!(
        (state(&answer["Payment"]), &answer["Payment"]["Card"]),
        ((1, ""), &Value::Null)
    );
    let id = id(&answer["Payment"]);
    world.play(id, "success");
    let (_, shown) = world.call("GET", &format!("/v1/payments/{id}"), "");
    assert_eq!(shown["Payment"]["Card"]["Number"], "Ends with 1111");
    assert_eq!(shown["Payment"]["CreditCardToken"]["Value"].as_str().unwrap().len(), 32);
    world.config(json!({"get_omits_token": true}));
    let (_, shown) = world.call("GET", &format!("/v1/payments/{id}"), "");
    assert_eq!(shown["Payment"]["CreditCardToken"], Value::Null);
    let (_, list) = world.call("GET", "/v1/payments?limit=1&offset=0&merchantTransactionID=hosted", "");
    assert_eq!(list["Payments"][0]["MethodID"], 6);
    assert_eq!(list["Payments"][0]["CreditCardToken"], Value::Null);
    assert_eq!(world.call("GET", "/v1/payments?limit=1&offset=1", "").1["Count"], 0);
}

#[test]
fn a_challenge_is_accepted_or_rejected() {
    let mut world = World::new();
    let challenged = |world: &mut World, reference: &str| {
        let mut request = by_card(reference, 100);
        request["Payment"]["Customer"] = json!({"Email": "challenge@challenge.com"});
        let (status, answer) = world.call("POST", "/v1/payments", request);
        assert_eq!((status, state(&answer["Payment"])), (201, (30, "117")));
        id(&answer["Payment"])
    };
    let accepted = challenged(&mut world, "accepted");
    let (status, answer) = world.call("POST", &format!("/v1/payments/{accepted}/challenge/accept"), "");
    assert_eq!((status, state(&answer["Payment"])), (200, (11, "")));
    let rejected = challenged(&mut world, "rejected");
    let (status, answer) = world.call("POST", &format!("/v1/payments/{rejected}/challenge/reject"), "");
    assert_eq!((status, state(&answer["Payment"])), (400, (3, "118")));
    assert_eq!(
        world.refusal("POST", &format!("/v1/payments/{rejected}/challenge/accept"), ""),
        "17"
    );
}

#[test]
fn a_request_id_is_replayed_for_cards_only() {
    let mut world = World::new();
    let send = |world: &mut World, target: &str, key: &str, body: &Value| {
        let mut request = Request::new("POST", target).with_body(body.to_string());
        request.authorization = Some(AUTHORIZATION.to_owned());
        request.request_id = Some(key.to_owned());
        let Reply::Answer(response) = world.core.handle(world.now, request).reply else {
            panic!()
        };
        (response.status, response.body)
    };
    let mut request = by_card("once", 500);
    request["Payment"]["Capture"] = json!(false);
    let first = send(&mut world, "/v1/payments", "k1", &request);
    assert_eq!(first.0, 201);
    assert_eq!(send(&mut world, "/v1/payments", "k1", &request), first);
    assert_eq!(
        send(&mut world, "/v1/payments", "k1", &by_card("other", 5)).0,
        400,
        "another request"
    );
    assert_eq!(send(&mut world, "/v1/payments", "k2", &request).0, 400, "duplicated");
    let id = serde_json::from_slice::<Value>(&first.1).unwrap()["Payment"]["ID"]
        .as_u64()
        .unwrap();
    let capture = format!("/v1/payments/{id}/capture?amount=100");
    let captured = send(&mut world, &capture, "k3", &json!({}));
    assert_eq!(captured.0, 200);
    assert_eq!(send(&mut world, &capture, "k3", &json!({})), captured);
    assert_eq!(send(&mut world, &capture, "k4", &json!({})).0, 400);
    world.config(json!({"replay_card_request_ids": false}));
    assert_eq!(send(&mut world, "/v1/payments", "k1", &request).0, 400, "duplicated");
}
