//! What may be concluded from answers about refunds.

use domain::ids::GatewayId;
use domain::sight::{Host, RefundSight, RefundStanding};
use gateway_client::GatewayError;
use serde_json::{Value, json};

use crate::deeds::{Deed, asked};
use crate::support::{Gateway, at, call, name, soon};

fn shown(status: u16) -> Value {
    json!({"ID": 5, "MerchantTransactionID": "ours", "InitialPaymentID": 7, "Amount": "15", "Currency": "EUR",
        "Status": {"ID": status, "Reasons": []}, "SplitID": 12})
}

async fn refund(host: Host, http_status: u16, body: &Value) -> Result<RefundSight, GatewayError> {
    let gateway = Gateway::answering(http_status, &body.to_string()).await;
    let (payment, operation) = asked(Deed::Refund, host);
    gateway.client().refund(host, &payment, &operation, soon()).await
}

#[tokio::test]
async fn a_refund_that_failed_at_once_is_an_answer() {
    for http_status in [201, 400, 402, 404, 500] {
        let body = json!({"Refund": shown(4)});
        let sight = refund(Host::Pay, http_status, &body).await.expect("a refund");
        assert_eq!(
            (sight.id, sight.standing, sight.amount.get()),
            (GatewayId::new(5), RefundStanding::Failed, 15),
            "HTTP {http_status}"
        );
    }
    let open = json!({"Refund": shown(1)});
    assert_eq!(
        name(&refund(Host::Pay, 402, &open).await),
        "answer",
        "as it shows itself"
    );
    assert_eq!(name(&refund(Host::Pay, 500, &open).await), "unknown");
}

#[tokio::test]
async fn a_refund_that_failed_because_it_is_there_already_has_not_failed() {
    let codes = [
        (Host::Pay, json!("20")),
        (Host::Cards, json!(23)),
        (Host::Cards, json!("20")),
    ];
    for (host, code) in codes {
        let mut body = json!({"Refund": shown(4)});
        body["Refund"]["Status"]["Reasons"] = json!([{"Code": code, "Info": "duplicated"}]);
        for http_status in [201, 400, 500] {
            let answer = refund(host, http_status, &body).await;
            assert_eq!(name(&answer), "already there", "{host:?} {http_status} {code}");
        }
        body["Refund"]["StateDetails"] = body["Refund"]["Status"].take();
        assert_eq!(
            name(&refund(host, 400, &body).await),
            "already there",
            "{host:?} {code}"
        );
    }
}

#[tokio::test]
async fn a_refund_that_is_too_much_is_refused() {
    for code in [2206, 2207, 2208] {
        for code in [json!(code), json!(code.to_string())] {
            let body = json!({"Refund": {"ID": null, "Status": {"ID": null, "Reasons": [{"Code": code}]}}});
            let Err(GatewayError::Refused(refusal)) = refund(Host::Cards, 400, &body).await else {
                panic!("{body}")
            };
            assert!(refusal.reasons[0].code.starts_with("220"), "{refusal}");
        }
    }
}

#[tokio::test]
async fn a_refund_of_another_payment_is_garbled() {
    let mut body = json!({"Refund": shown(1)});
    body["Refund"]["InitialPaymentID"] = json!(8);
    assert_eq!(name(&refund(Host::Pay, 201, &body).await), "garbled");
    body["Refund"]["Status"]["ID"] = json!(4);
    assert_eq!(name(&refund(Host::Pay, 402, &body).await), "garbled");
    assert_eq!(name(&refund(Host::Pay, 500, &body).await), "unknown");
}

async fn refunds(body: &Value) -> Result<Vec<RefundSight>, GatewayError> {
    let gateway = Gateway::answering(200, &body.to_string()).await;
    gateway.client().refunds(at(Host::Pay, 7), call()).await
}

#[tokio::test]
async fn a_list_shows_every_refund() {
    let mut of_the_payment = shown(2);
    of_the_payment["SplitID"] = json!(0);
    let mut in_other_words = shown(4);
    in_other_words["StateDetails"] = in_other_words["Status"].take();
    in_other_words["InitialPaymentID"] = Value::Null;
    let list = json!({"Refunds": [shown(1), of_the_payment, in_other_words, shown(9)], "TotalCount": 4});
    let listed = refunds(&list).await.expect("a list");
    let read = listed
        .iter()
        .map(|one| (one.split.map(GatewayId::get), one.payment.is_some(), one.standing));
    assert_eq!(
        read.collect::<Vec<_>>(),
        [
            (Some(12), true, RefundStanding::Open),
            (None, true, RefundStanding::Done),
            (Some(12), false, RefundStanding::Failed),
            (Some(12), true, RefundStanding::Unknown)
        ]
    );
    assert!(refunds(&json!({"Refunds": []})).await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_no_list() {
    let mut unreadable = shown(1);
    unreadable["Amount"] = Value::Null;
    let mut of_another = shown(1);
    of_another["InitialPaymentID"] = json!(8);
    for list in [
        json!({"Refunds": null}),
        json!({"Refunds": {}}),
        json!({"Refund": shown(1)}),
        json!({"Refunds": [shown(1), unreadable]}),
        json!({"Refunds": [shown(1), of_another]}),
        json!({"Refunds": [shown(1)], "TotalCount": 2}),
        json!({"Refunds": [shown(1)], "Count": "2"}),
        json!({"Refunds": [shown(1)], "TotalPages": 2}),
        json!({"Refunds": [], "Error": "no"}),
    ] {
        assert_eq!(name(&refunds(&list).await), "garbled", "{list}");
    }
}
