//! Every failure, and what the caller may conclude from it.

use std::time::Duration;

use domain::sight::Host;
use gateway_client::{Client, GatewayError};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::support::{Act, Gateway, answer, at, call, client, create, name, payment};

const CREATED: &str = include_str!("../golden/one-step-create.response.json");
/// The least that is a payment, so that it can be cut at every byte in no time.
const SHORT: &str = r#"{"Payment":{"ID":7,"MerchantTransactionID":"s2ptest_split1","Amount":"100","Currency":"EUR",
    "Status":{"ID":1,"Info":"Open","Reasons":null},"Splits":[{"ID":1,"SiteID":33513,"Amount":"100"}]}}"#;
const REJECTED: &str = r#"{"Payment":{"ID":null,"InvalidRequestID":"i9001","MerchantTransactionID":"m-1","Amount":"100",
    "Currency":"EUR","Status":{"ID":null,"Info":null,"Reasons":[{"Code":"17","Info":"Payment is invalid"}]}}}"#;

async fn assert_create(client: &Client, expected: &str, case: &str) {
    let answer = create(client, Host::Pay).await;
    assert_eq!(name(&answer), expected, "{case}: {answer:?}");
}

fn with_code(code: &str) -> String {
    REJECTED.replace("\"17\"", code)
}

#[tokio::test]
async fn what_never_left_is_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port")
        .local_addr()
        .expect("an address");
    assert_create(
        &client(&format!("http://{closed}"), Duration::from_secs(5)),
        "not sent",
        "refused",
    )
    .await;
    let nowhere = client("http://gateway.invalid", Duration::from_secs(30));
    assert_create(&nowhere, "not sent", "no such name").await;

    let plain = Gateway::playing(vec![Act::Reset]).await;
    let tls = client(&format!("https://{}", plain.address), Duration::from_secs(5));
    assert_create(&tls, "not sent", "TLS broke off").await;
    let silent = Gateway::playing(vec![Act::Ignore]).await;
    let settings = client(&format!("https://{}", silent.address), Duration::from_millis(300));
    assert_create(&settings, "not sent", "TLS stalled").await;
}

#[tokio::test]
async fn what_is_too_late_is_not_started() {
    let gateway = Gateway::answering(201, CREATED).await;
    let (payment, operation) = payment("EUR", 1);
    let answer = gateway
        .client()
        .create(Host::Pay, &payment, &operation, None, Instant::now())
        .await;
    assert_eq!(name(&answer), "not sent");
    let mut operation = operation;
    operation.request_id = "two\r\nlines".to_owned();
    let answer = gateway
        .client()
        .create(Host::Pay, &payment, &operation, None, crate::support::soon())
        .await;
    assert_eq!(name(&answer), "not sent");
    assert_eq!(gateway.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_sent_and_not_answered_is_unknown() {
    let whole = answer(201, CREATED);
    let acts = [
        ("never read", Act::Ignore),
        ("stalled before the head", Act::WriteAndStall(Vec::new())),
        ("stalled in the head", Act::WriteAndStall(whole[..20].to_vec())),
        (
            "stalled in the body",
            Act::WriteAndStall(whole[..whole.len() - 1].to_vec()),
        ),
        ("reset", Act::Reset),
        ("closed", Act::Write(Vec::new())),
        ("not HTTP", Act::Write(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())),
    ];
    for (case, act) in acts {
        let gateway = Gateway::playing(vec![act]).await;
        assert_create(&gateway.hasty_client(), "unknown", case).await;
    }
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_no_answer() {
    let whole = answer(201, SHORT);
    let acts = (0..whole.len()).map(|length| Act::Write(whole[..length].to_vec()));
    let gateway = Gateway::playing(acts.chain([Act::Write(whole.clone())]).collect()).await;
    let client = gateway.client();
    for length in 0..whole.len() {
        assert_create(&client, "unknown", &format!("cut at {length}")).await;
    }
    assert_create(&client, "answer", "whole").await;
    assert_eq!(gateway.requests().len(), whole.len() + 1, "nothing was sent twice");
}

#[tokio::test]
async fn an_answer_of_untold_length_cut_at_any_byte_is_garbled() {
    let head = b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n";
    let body = SHORT.as_bytes();
    let cut = |length: usize| Act::Write([head, &body[..length]].concat());
    let gateway = Gateway::playing((0..=body.len()).map(cut).collect()).await;
    let client = gateway.client();
    for length in 0..body.len() {
        assert_create(&client, "garbled", &format!("cut at {length}")).await;
    }
    assert_create(&client, "answer", "whole").await;
}

#[tokio::test]
async fn a_kept_connection_that_closes_on_a_request_does_not_send_it_again() {
    let kept = format!(
        "HTTP/1.1 201 Created\r\nContent-Length: {}\r\n\r\n{CREATED}",
        CREATED.len()
    );
    let gateway = Gateway::playing(vec![Act::AnswerOnceThenClose(kept.into_bytes())]).await;
    let client = gateway.client();
    assert_create(&client, "answer", "first").await;
    assert_create(&client, "unknown", "second, on the same connection").await;
    assert_eq!(gateway.requests().len(), 2);
}

#[tokio::test]
async fn success_that_cannot_be_understood_is_garbled() {
    let wrong_currency = CREATED.replace("\"EUR\"", "\"XYZ\"");
    let wrong_type = CREATED.replace("\"Amount\": \"100\"", "\"Amount\": {\"value\": 100}");
    let float = CREATED.replace("\"Amount\": \"100\"", "\"Amount\": 1.00");
    let no_id = CREATED.replace("\"ID\": 5581804", "\"ID\": null");
    let twice = CREATED.replace("\"ID\": 5581804,", "\"ID\": 5581804, \"ID\": 5581805,");
    let trailing = format!("{CREATED}{CREATED}");
    let cases = [
        ("HTML", "<html><body>It works!</body></html>"),
        ("empty", ""),
        ("null", "null"),
        ("an empty object", "{}"),
        ("a list", r#"{"Payments":[]}"#),
        ("a refund", include_str!("../golden/split-refund.response.json")),
        ("a rejection", REJECTED),
        ("another currency", &wrong_currency),
        ("an amount of another type", &wrong_type),
        ("a float", &float),
        ("no id", &no_id),
        ("two ids", &twice),
        ("two documents", &trailing),
    ];
    for (case, body) in cases {
        let gateway = Gateway::answering(201, body).await;
        assert_create(&gateway.client(), "garbled", case).await;
    }
    let gateway = Gateway::playing(vec![Act::Write(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())]).await;
    assert_create(&gateway.client(), "garbled", "204").await;
    let gateway = Gateway::playing(vec![Act::Endless(201)]).await;
    assert_create(&gateway.client(), "garbled", "endless").await;
}

#[tokio::test]
async fn a_failure_that_decides_nothing_is_unknown() {
    let generic = REJECTED
        .replace("\"InvalidRequestID\":\"i9001\",", "")
        .replace("\"17\"", "16");
    let undecided = REJECTED.replace("{\"ID\":null,\"Info\":null", "{\"ID\":7,\"Info\":\"PendingOnProvider\"");
    let cases = [
        (500, REJECTED),
        (502, "<html>Bad Gateway</html>"),
        (503, ""),
        (504, r#"{"Message":"timeout"}"#),
        (408, REJECTED),
        (429, REJECTED),
        (302, ""),
        (404, "<html>nginx</html>"),
        (404, ""),
        (400, "{}"),
        (400, r#"{"Payment":{}}"#),
        (400, "[]"),
        (400, &generic),
        (400, &undecided),
    ];
    for (http_status, body) in cases {
        let gateway = Gateway::answering(http_status, body).await;
        assert_create(&gateway.client(), "unknown", &format!("HTTP {http_status} {body}")).await;
        assert_eq!(gateway.requests().len(), 1, "asked once");
    }
    let gateway = Gateway::playing(vec![Act::Endless(400)]).await;
    assert_create(&gateway.client(), "unknown", "endless").await;
    let gateway = Gateway::answering(302, "").await;
    let to_itself = format!(
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://{}/\r\nContent-Length: 0\r\n\r\n",
        gateway.address
    );
    let redirecting = Gateway::playing(vec![Act::Write(to_itself.into_bytes())]).await;
    assert_create(&redirecting.client(), "unknown", "a redirect").await;
    assert!(gateway.requests().is_empty(), "credentials do not travel elsewhere");
}

#[tokio::test]
async fn a_refusal_says_why() {
    let gateway = Gateway::answering(400, REJECTED).await;
    let Err(GatewayError::Refused(refusal)) = create(&gateway.client(), Host::Pay).await else {
        panic!("refused")
    };
    assert_eq!(
        (refusal.http_status, refusal.credentials, refusal.gateway_status),
        (400, false, None)
    );
    assert_eq!(
        (refusal.reasons[0].code.as_str(), refusal.reasons[0].info.as_str()),
        ("17", "Payment is invalid")
    );
    assert_eq!(refusal.invalid_request_id.as_deref(), Some("i9001"));

    let as_numbers = with_code("17").replace("\"i9001\"", "9001");
    let generic_but_stored = with_code("16");
    let failed = REJECTED.replace("{\"ID\":null,\"Info\":null", "{\"ID\":4,\"Info\":\"Failed\"");
    let cases = [
        (400, as_numbers.as_str()),
        (402, REJECTED),
        (404, REJECTED),
        (400, &generic_but_stored),
        (400, &failed),
        (404, r#"{"Message":"No HTTP resource was found"}"#),
        (400, r#"{"Message":"The request is invalid."}"#),
    ];
    for (http_status, body) in cases {
        let gateway = Gateway::answering(http_status, body).await;
        assert_create(&gateway.client(), "refused", &format!("HTTP {http_status} {body}")).await;
    }
}

#[tokio::test]
async fn refused_credentials_are_told_apart() {
    for (http_status, body) in [
        (401, r#"{"Message":"Authorization has been denied"}"#),
        (401, ""),
        (403, "<html>"),
    ] {
        let gateway = Gateway::answering(http_status, body).await;
        let Err(GatewayError::Refused(refusal)) = create(&gateway.client(), Host::Pay).await else {
            panic!("{body}")
        };
        assert!(refusal.credentials, "HTTP {http_status}");
        let asked = gateway.client().get(at(Host::Pay, 1), call()).await;
        assert_eq!(name(&asked), "refused");
    }
}

#[tokio::test]
async fn a_duplicate_is_already_there() {
    let pay = [
        ("\"20\"", "already there"),
        ("20", "already there"),
        ("21", "refused"),
        ("1801", "refused"),
    ];
    let cards = ["20", "\"21\"", "22", "23", "1801"].map(|code| (code, "already there"));
    let cases = pay
        .map(|case| (Host::Pay, case))
        .into_iter()
        .chain(cards.map(|case| (Host::Cards, case)));
    for (host, (code, expected)) in cases {
        let gateway = Gateway::answering(400, &with_code(code)).await;
        let answer = create(&gateway.client(), host).await;
        assert_eq!(name(&answer), expected, "{host:?} {code}");
    }
}

#[tokio::test]
async fn a_question_about_nothing_is_missing() {
    for (body, expected) in [
        (r#"{"Message":"Not found"}"#, "missing"),
        (REJECTED, "missing"),
        ("<html>", "unknown"),
    ] {
        let gateway = Gateway::answering(404, body).await;
        let answer = gateway.client().get(at(Host::Pay, 1), call()).await;
        assert_eq!(name(&answer), expected, "{body}");
    }
}
