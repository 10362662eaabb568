//! Answers and notifications, against the gateway's own documents.

use super::world::{ONE_STEP, SECOND, World};
use serde_json::{Value, json};

fn golden(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Takes the gateway's numbers out of a payment: they are the only things that may differ.
fn without_numbers(mut body: Value) -> Value {
    body["Payment"]["ID"] = json!("number");
    let url = body["Payment"]["RedirectURL"].as_str().unwrap();
    let (start, token) = url.split_once("PaymentToken=").unwrap();
    let (hex, _) = token.split_once('.').unwrap();
    assert!(
        hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)),
        "{hex}"
    );
    body["Payment"]["RedirectURL"] = json!(start);
    for split in body["Payment"]["Splits"].as_array_mut().unwrap() {
        split["ID"] = json!("number");
        split["PaymentID"] = json!("number");
    }
    if body["Payment"]["Customer"]["ID"].is_number() {
        body["Payment"]["Customer"]["ID"] = json!("number");
    }
    body
}

#[test]
fn the_one_step_example_is_answered_as_documented() {
    let mut world = World::new();
    let (status, answer) = world.call("POST", "/v1/payments", ONE_STEP);
    let documented = golden(include_str!(
        "../../../gateway-client/tests/golden/one-step-create.response.json"
    ));
    assert_eq!(status, 201);
    assert_eq!(without_numbers(answer.clone()), without_numbers(documented.clone()));
    // The order of the fields too: some clients read by it.
    let names = |body: &Value| body["Payment"].to_string().matches("\":").count();
    assert_eq!(names(&answer), names(&documented));
    assert_eq!(answer["Payment"]["Splits"][2]["PaymentID"], answer["Payment"]["ID"]);
}

#[test]
fn the_one_step_success_is_notified_as_documented_but_for_its_contradictions() {
    let mut world = World::new();
    let (_, answer) = world.call("POST", "/v1/payments", ONE_STEP);
    world.play(answer["Payment"]["ID"].as_u64().unwrap(), "success");
    let mut documented = golden(include_str!(
        "../../../gateway-client/tests/golden/one-step-success.notification.json"
    ));
    documented["Payment"]["MerchantTransactionID"] = json!("s2ptest_split1");
    documented["Payment"]["Splits"][1]["Amount"] = json!("20");
    let notified = world.notified();
    assert_eq!(notified.len(), 1);
    assert_eq!(without_numbers(notified[0].clone()), without_numbers(documented));
}

#[test]
fn the_two_step_example_is_answered_and_notified_as_documented() {
    let mut world = World::new();
    world
        .core
        .configure(serde_json::from_value(json!({})).unwrap())
        .unwrap();
    world.now = 1_608_206_230 * SECOND;
    let request = golden(include_str!(
        "../../../gateway-client/tests/golden/two-step-create.request.json"
    ));
    let mut created = golden(include_str!(
        "../../../gateway-client/tests/golden/two-step-create.response.json"
    ));
    let mut authorized = golden(include_str!(
        "../../../gateway-client/tests/golden/two-step-authorized.notification.json"
    ));
    for documented in [&mut created, &mut authorized] {
        // The document shows another surname and host than its own request has.
        documented["Payment"]["Customer"]["LastName"] = json!("person");
        let url = documented["Payment"]["RedirectURL"]
            .as_str()
            .unwrap()
            .replace("globalapi", "apitest");
        documented["Payment"]["RedirectURL"] = json!(url);
    }
    let (status, answer) = world.call("POST", "/v1/payments", &request);
    assert_eq!(status, 201);
    let id = answer["Payment"]["ID"].as_u64().unwrap();
    assert_eq!(without_numbers(answer), without_numbers(created));
    world.play(id, "success");
    let notified = world.notified();
    assert_eq!(without_numbers(notified[0].clone()), without_numbers(authorized));
    assert_eq!(world.status(id), 9);
}

#[test]
fn later_answers_differ_from_the_first_as_documented() {
    let mut world = World::new();
    let id = world.create("a");
    world.play(id, "success");
    world.now += SECOND;
    world.notified();
    let (status, shown) = world.call("GET", &format!("/v1/payments/{id}/"), "");
    assert_eq!(status, 200);
    assert_eq!(shown["Payment"]["Status"]["ID"], 2);
    assert_eq!(shown["Payment"]["Description"], Value::Null);
    assert_eq!(shown["Payment"]["Customer"], Value::Null);
    assert_eq!(shown["Payment"]["NotificationDateTime"], "20201202122952");
    assert_eq!(shown["Payment"]["Splits"][0]["StateDetails"]["Info"], "Success");
    assert_eq!(world.call("GET", "/v1/payments/1", "").0, 404);
    assert_eq!(world.call("PUT", "/v1/payments", "").0, 405);
}

#[test]
fn the_projects_own_wire_types_read_everything_that_is_said() {
    use gateway_client::wire;
    let mut world = World::new();
    let (_, answer) = world.call("POST", "/v1/payments", ONE_STEP);
    let read: wire::PaymentEnvelope<wire::Payment> = serde_json::from_value(answer.clone()).unwrap();
    let split = &read.payment.splits.as_ref().unwrap()[1];
    assert_eq!(split.state().and_then(|state| state.id), Some(1));
    assert_eq!(serde_json::to_value(split.amount).unwrap(), json!("20"));
    let (_, list) = world.call("GET", "/v1/payments?merchantTransactionID=s2ptest_split1", "");
    let read: wire::PaymentList = serde_json::from_value(list).unwrap();
    assert_eq!((read.total_count, read.payments.unwrap().len()), (Some(1), 1));
    let (_, refused) = world.call("POST", "/v1/payments", ONE_STEP);
    let read: wire::ErrorBody = serde_json::from_value(refused).unwrap();
    let rejected = read.payment.unwrap();
    assert!(rejected.id.is_none() && rejected.invalid_request_id.is_some());
    assert_eq!(rejected.status.unwrap().reasons().len(), 1);
    let (_, missing) = world.call("GET", "/v1/payments/1", "");
    let read: wire::ErrorBody = serde_json::from_value(missing).unwrap();
    assert!(read.message.is_some());
}
