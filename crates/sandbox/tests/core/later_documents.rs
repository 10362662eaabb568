//! The documents' captures, cancel, later splits, refund and one-click payment: requested as there, answered as there.

use super::world::{SECOND, World, by_card};
use serde_json::{Value, json};
use time::{PrimitiveDateTime, macros::format_description};

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("../../../gateway-client/tests/golden/", $name, ".json"))
    };
}

/// A moment as the gateway writes it, in microseconds since 1970 UTC.
fn at(text: &str) -> u64 {
    let layout = format_description!("[year][month][day][hour][minute][second]");
    let moment = PrimitiveDateTime::parse(text, layout).unwrap().assume_utc();
    u64::try_from(moment.unix_timestamp()).unwrap() * SECOND
}

/// Takes out what may differ: the gateway's numbers, dates and tokens, each checked for its shape.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let is_status = fields.contains_key("Info");
            let plain = fields.into_iter().map(|(name, value)| {
                let value = match (name.as_str(), &value) {
                    ("ID" | "PaymentID" | "InitialPaymentID" | "SplitID", Value::Number(_)) if !is_status => {
                        json!("number")
                    }
                    ("Created" | "NotificationDateTime", Value::String(text)) => {
                        at(text);
                        json!("date")
                    }
                    ("RedirectURL", Value::String(url)) => json!(url.split_once("PaymentToken=").unwrap().0),
                    ("Value", Value::String(token)) => {
                        assert_eq!(token.len(), 32);
                        json!("token")
                    }
                    _ => plain(value),
                };
                (name, value)
            });
            Value::Object(plain.collect())
        }
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

/// The names of the fields in the order in which they are written.
fn names(text: &str) -> Vec<&str> {
    let mut pieces = text.split('"');
    let mut names = Vec::new();
    pieces.next();
    while let (Some(text), Some(after)) = (pieces.next(), pieces.next()) {
        if after.trim_start().starts_with(':') {
            names.push(text);
        }
    }
    names
}

/// Calls, and compares the answer with the document's, fields in order.
fn compare(world: &mut World, target: &str, body: &str, documented: &str) -> Value {
    let sandbox::core::Reply::Answer(response) = world.handle("POST", target, body).reply else {
        panic!()
    };
    let text = String::from_utf8(response.body).unwrap();
    assert_eq!(names(&text), names(documented));
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(plain(answer.clone()), plain(serde_json::from_str(documented).unwrap()));
    answer
}

/// An authorized payment, whose authorization was acknowledged.
fn authorized(reference: &str, method: u32, splits: &[u64]) -> (World, u64) {
    let mut world = World::new();
    let id = world.paid_by(reference, method, 100, splits);
    (world, id)
}

#[test]
fn a_full_capture() {
    let (mut world, id) = authorized("carmen1606390911", 94, &[60, 20, 20]);
    let documented = document!("full-capture.response");
    compare(&mut world, &format!("/v1/payments/{id}/capture"), "", documented);
    let notified = world.notified();
    assert_eq!(notified.len(), 1);
    assert_eq!(notified[0]["Payment"]["Status"]["ID"], 2);
    assert_eq!(notified[0]["Payment"]["CapturedAmount"], "100");
}

#[test]
fn a_full_capture_that_is_only_asked_for() {
    let (mut world, id) = authorized("carmen1606383142", 1130, &[60, 20, 20]);
    let (status, answer) = world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    assert_eq!((status, &answer["Payment"]["Status"]["ID"]), (200, &json!(13)));
    assert_eq!(answer["Payment"]["Status"]["Info"], "CaptureRequested");
    assert_eq!(answer["Payment"]["CapturedAmount"], Value::Null);
    assert_eq!(answer["Payment"]["Splits"][2]["StateDetails"]["ID"], 13);
    assert!(world.notified().is_empty(), "not before it is done");
    let notified = world.wait(1);
    let documented: Value = serde_json::from_str(document!("full-capture-success.notification")).unwrap();
    assert_eq!(plain(notified[0].clone()), plain(documented));
    assert_eq!(notified.len(), 1);
}

#[test]
fn a_capture_of_several_splits() {
    let (mut world, id) = authorized("carmen1607955727", 94, &[30, 30, 40]);
    let splits = world.splits(id);
    let mut request: Value = serde_json::from_str(document!("partial-capture-splits.request")).unwrap();
    for (part, split) in request["Payment"]["Splits"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .zip(&splits)
    {
        part["ID"] = json!(split);
    }
    let documented = document!("partial-capture-splits.response");
    compare(
        &mut world,
        &format!("/v1/payments/{id}/capture"),
        &request.to_string(),
        documented,
    );
    assert_eq!(world.notified()[0]["Payment"]["Status"]["ID"], 35);
}

#[test]
fn a_capture_of_one_split_is_answered_with_that_split_and_its_reference() {
    let (mut world, id) = authorized("carmen1606915598", 94, &[40, 30, 30]);
    let split = world.splits(id)[1];
    let documented = document!("split-capture.response")
        // There it is the second site's split that has the first reference.
        .replace("4324322-A", "4324322-B");
    compare(
        &mut world,
        &format!("/v1/payments/{id}/splits/{split}/capture?amount=10"),
        "",
        &documented,
    );
    let notified = world.notified();
    assert_eq!(
        notified[0]["Payment"]["Splits"].as_array().unwrap().len(),
        3,
        "a notification is whole"
    );
    assert_eq!(notified[0]["Payment"]["OriginatorTransactionID"], "4324322");
    let (_, shown) = world.call("GET", &format!("/v1/payments/{id}"), "");
    let statuses: Vec<&Value> = (0..3)
        .map(|n| &shown["Payment"]["Splits"][n]["StateDetails"]["ID"])
        .collect();
    assert_eq!(statuses, [9, 35, 9], "the others stay authorized");
}

#[test]
fn a_cancel() {
    let (mut world, id) = authorized("carmen1607088034", 94, &[60, 20, 20]);
    compare(
        &mut world,
        &format!("/v1/payments/{id}/cancel/"),
        "",
        document!("cancel.response"),
    );
    let notified = world.notified();
    assert_eq!(
        (notified.len(), &notified[0]["Payment"]["Status"]["ID"]),
        (1, &json!(3))
    );
}

#[test]
fn splits_added_after_success() {
    let mut world = World::new();
    let id = world.paid_by("later", 9, 100, &[]);
    let (request, documented) = (document!("add-splits.request"), document!("add-splits.response"));
    let sandbox::core::Reply::Answer(response) = world
        .handle("POST", &format!("/v1/payments/{id}/splits"), request)
        .reply
    else {
        panic!()
    };
    assert_eq!(response.status, 201);
    let text = String::from_utf8(response.body).unwrap();
    assert_eq!(names(&text), names(documented));
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["Splits"][2]["PaymentID"], id);
    assert_eq!(plain(answer), plain(serde_json::from_str(documented).unwrap()));
    assert_eq!(world.core.payment(id).unwrap().splits[0].amount_captured, 50);
}

#[test]
fn a_refund_of_a_split() {
    let (mut world, id) = authorized("paid", 94, &[60, 20, 20]);
    world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    world.notified();
    world.now = at("20201210133500");
    let split = world.splits(id)[0];
    let request = document!("split-refund.request");
    let documented = document!("split-refund.response");
    let answer = compare(
        &mut world,
        &format!("/v1/payments/{id}/splits/{split}/refunds"),
        request,
        documented,
    );
    assert_eq!(answer["Refund"]["SplitID"], split);
    assert_eq!(answer["Refund"]["InitialPaymentID"], id);
    assert_eq!(answer["Refund"]["Created"], "20201210133500");
}

#[test]
fn a_one_click_payment() {
    let mut world = World::new();
    world.now = at("20170511111702");
    let mut first = by_card("first", 2000);
    first["Payment"]["Card"]["ExpirationYear"] = json!("2018");
    let (status, kept) = world.call("POST", "/v1/payments", first);
    assert_eq!(status, 201, "{kept}");
    let token = kept["Payment"]["CreditCardToken"]["Value"].as_str().unwrap();
    let request = document!("one-click.request").replace("F43F90A5CB613D91F704407D4E297EA1", token);
    let documented = document!("one-click.response").replace("1010", "30201");
    let answer = compare(&mut world, "/v1/payments/", &request, &documented);
    assert_eq!(answer["Payment"]["CreditCardToken"]["Value"], token);
    assert_eq!(answer["Payment"]["Created"], "20170511111702");
}

#[test]
fn the_projects_own_wire_types_read_all_of_it() {
    use gateway_client::wire;
    let (mut world, id) = authorized("paid", 94, &[60, 20, 20]);
    let split = world.splits(id)[0];
    let (_, captured) = world.call(
        "POST",
        &format!("/v1/payments/{id}/splits/{split}/capture?amount=10"),
        "",
    );
    let read: wire::PaymentEnvelope<wire::Payment> = serde_json::from_value(captured).unwrap();
    assert_eq!(read.payment.splits.unwrap()[0].captured_amount, Some(wire::Amount(10)));
    let refund = json!({"Refund": {"MerchantTransactionID": "r", "Amount": 4}});
    let (_, refunded) = world.call("POST", &format!("/v1/payments/{id}/splits/{split}/refunds"), refund);
    let read: wire::RefundEnvelope<wire::Refund> = serde_json::from_value(refunded).unwrap();
    assert_eq!(read.refund.split_id, Some(wire::Id(split)));
    let (_, list) = world.call("GET", &format!("/v1/payments/{id}/refunds"), "");
    let read: wire::RefundList = serde_json::from_value(list).unwrap();
    assert_eq!(read.refunds[0].state().unwrap().id, Some(1));
    let (_, refused) = world.call("POST", &format!("/v1/payments/{id}/capture"), "");
    let read: wire::ErrorBody = serde_json::from_value(refused).unwrap();
    assert_eq!(
        read.payment.unwrap().status.unwrap().reasons()[0]
            .code
            .as_ref()
            .unwrap()
            .number(),
        Some(17)
    );
    let (_, refused) = world.call("POST", &format!("/v1/payments/{id}/refunds"), json!({"Refund": {}}));
    let read: wire::ErrorBody = serde_json::from_value(refused).unwrap();
    assert!(read.refund.unwrap().invalid_request_id.is_some());
    let (_, card) = world.call("POST", "/v1/payments", by_card("c", 100));
    let read: wire::PaymentEnvelope<wire::CardPayment> = serde_json::from_value(card).unwrap();
    assert_eq!(read.payment.method_id, Some(6));
    world.notified();
    world.act(id, json!({"do": "dispute_opened"}));
    let read: wire::dispute::DisputeEnvelope = serde_json::from_value(world.notified().remove(1)).unwrap();
    assert_eq!(read.dispute.payment_id, Some(wire::Id(id)));
}
