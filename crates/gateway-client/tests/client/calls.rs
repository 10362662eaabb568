//! What travels, and what is understood of the answer.

use domain::sight::{Host, Standing};
use gateway_client::GatewayError;
use serde_json::{Value, json};

use crate::support::{Gateway, REQUEST_ID, at, body, call, create, payment, soon};

const CREATED: &str = include_str!("../golden/one-step-create.response.json");
const ONE_CLICK: &str = include_str!("../golden/one-click.response.json");

#[tokio::test]
async fn a_payment_travels_as_the_document_has_it() {
    let gateway = Gateway::answering(201, CREATED).await;
    let sight = create(&gateway.client(), Host::Pay).await.expect("a payment");

    let request = gateway.requests().pop().expect("a request");
    assert!(request.starts_with("POST /v1/payments HTTP/1.1\r\n"), "{request}");
    let head = request.to_ascii_lowercase();
    assert!(head.contains(&format!("requestid: {REQUEST_ID}\r\n")), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    assert!(
        request.contains("Basic MzAyMDE6a2V5LXRoYXQtbm9ib2R5LW1heS1zZWU="),
        "{request}"
    );

    let document: Value =
        serde_json::from_str(include_str!("../golden/one-step-create.request.json")).expect("a document");
    assert_eq!(without_references(body(&request)), without_references(document));

    assert_eq!(
        (sight.at, sight.amount.get(), sight.captured),
        (at(Host::Pay, 5_581_804), 100, None)
    );
    assert_eq!(sight.status.standing, Standing::Open);
    assert_eq!(sight.reference.as_ref().map(|it| it.as_str()), Some("s2ptest_split1"));
    assert!(
        sight
            .redirect_url
            .expect("a link")
            .starts_with("https://apitest.smart2pay.com/Home?PaymentToken=")
    );
    let splits = sight
        .splits
        .iter()
        .map(|split| (split.id.get(), split.site.get(), split.amount.get()));
    assert_eq!(
        splits.collect::<Vec<_>>(),
        [(488, 33513, 60), (489, 33512, 20), (490, 33511, 20)]
    );
}

/// The references of a split are ours to choose; that there are some is not.
fn without_references(mut request: Value) -> Value {
    for split in request["Payment"]["Splits"].as_array_mut().expect("splits") {
        for key in ["MerchantTransactionID", "OriginatorTransactionID"] {
            assert!(split[key].as_str().is_some_and(|it| !it.is_empty()), "{key}");
            split[key] = Value::Null;
        }
    }
    request
}

#[tokio::test]
async fn the_card_host_is_asked_in_its_own_words() {
    let gateway = Gateway::answering(201, ONE_CLICK).await;
    let sight = create(&gateway.client(), Host::Cards).await.expect("a payment");
    assert_eq!(
        (sight.at, sight.status.standing),
        (at(Host::Cards, 202_587), Standing::Captured)
    );
    assert_eq!(sight.captured.map(domain::money::Amount::get), Some(2000));

    let request = body(&gateway.requests()[0]);
    let payment = &request["Payment"];
    assert_eq!(
        (&payment["MethodID"], &payment["TokenLifetime"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&payment["PaymentTokenLifetime"], &payment["Capture"]),
        (&json!(10), &json!(true))
    );
}

#[tokio::test]
async fn other_currencies_travel_in_hundredths() {
    let gateway = Gateway::answering(500, "").await;
    let client = gateway.client();
    for (currency, times, hundredths) in [("JPY", 1, "10000"), ("KWD", 10, "100")] {
        let (payment, operation) = payment(currency, times);
        let unknown = client.create(Host::Pay, &payment, &operation, None, soon()).await;
        assert!(matches!(unknown, Err(GatewayError::Unknown { .. })), "{unknown:?}");
        let request = body(gateway.requests().last().expect("a request"));
        assert_eq!(request["Payment"]["Amount"], json!(hundredths), "{currency}");
    }
}

#[tokio::test]
async fn a_question_names_the_payment_in_its_path() {
    let gateway = Gateway::answering(200, CREATED).await;
    let shown = gateway
        .client()
        .get(at(Host::Pay, 5_581_804), call())
        .await
        .expect("a payment");
    assert_eq!(shown.sight.at.id.get(), 5_581_804);
    assert!(shown.card.is_none(), "the method host keeps no cards");
    assert!(gateway.requests()[0].starts_with("GET /v1/payments/5581804 HTTP/1.1\r\n"));

    let other = gateway.client().get(at(Host::Pay, 1), call()).await;
    assert!(
        matches!(other, Err(GatewayError::Garbled { .. })),
        "an answer about another payment: {other:?}"
    );
}

#[tokio::test]
async fn a_payment_that_failed_at_once_is_an_answer() {
    let failed = CREATED.replace(
        "\"ID\": 1,\n      \"Info\": \"Open\"",
        "\"ID\": 4,\n      \"Info\": \"Failed\"",
    );
    for http_status in [400, 402] {
        let gateway = Gateway::answering(http_status, &failed).await;
        let sight = create(&gateway.client(), Host::Pay).await.expect("a payment");
        assert_eq!(sight.status.standing, Standing::Failed, "HTTP {http_status}");
    }
}
