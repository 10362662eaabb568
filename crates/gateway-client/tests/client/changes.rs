//! The calls about what the gateway already has: what travels, and what may be concluded when it goes wrong anywhere.

use std::time::Duration;

use domain::operation::Work;
use domain::sight::Host;
use gateway_client::GatewayError;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::deeds::{Deed, asked, capture};
use crate::support::{Act, Gateway, REQUEST_ID, answer, client, name, operation, soon};

const REJECTED: &str = r#"{"Payment":{"ID":null,"InvalidRequestID":"i9001","Status":{"ID":null,"Info":null,
    "Reasons":[{"Code":"17","Info":"Payment is invalid"}]}}}"#;

/// A rejection under the key that the deed's are under.
fn rejected(deed: Deed, code: &str) -> String {
    let key = match deed {
        Deed::Refund | Deed::Refunds => "Refund",
        Deed::ForgetCard => "CardAuthentication",
        _ => "Payment",
    };
    REJECTED.replace("Payment\":", &format!("{key}\":")).replace("17", code)
}

/// The same without the id of a stored request: nothing but the reason.
fn reason_alone(deed: Deed, code: &str) -> String {
    rejected(deed, code).replace("\"InvalidRequestID\":\"i9001\",", "")
}

async fn assert_answer(deed: Deed, http_status: u16, body: &str, expected: &str) {
    assert_answer_at(deed.host(), deed, http_status, body, expected).await;
}

async fn assert_answer_at(host: Host, deed: Deed, http_status: u16, body: &str, expected: &str) {
    let gateway = Gateway::answering(http_status, body).await;
    let answer = deed.at(host, &gateway.client(), soon()).await;
    assert_eq!(
        name(&answer),
        expected,
        "{host:?} {deed:?} {http_status} {body}: {answer:?}"
    );
    assert_eq!(gateway.requests().len(), 1, "asked once");
}

#[tokio::test]
async fn each_travels_as_documented() {
    for deed in Deed::ALL {
        let gateway = Gateway::answering(200, deed.answer()).await;
        deed.at(deed.host(), &gateway.client(), soon())
            .await
            .expect("an answer");
        let request = gateway.requests().pop().expect("a request");
        let (head, body) = request.split_once("\r\n\r\n").expect("a head");
        let (line, expected) = deed.request();
        assert_eq!(head.lines().next(), Some(format!("{line} HTTP/1.1").as_str()));
        assert_eq!(body, expected, "{deed:?}");
        let head = head.to_ascii_lowercase();
        assert!(head.contains(&format!("\r\nrequestid: {REQUEST_ID}\r\n")), "{head}");
        assert!(head.contains("\r\nauthorization: basic "), "{head}");
        // Some servers turn a POST of unsaid length away.
        let is_post = line.starts_with("POST");
        let length = format!("content-length: {}", body.len());
        assert_eq!(head.lines().any(|line| line == length), is_post, "{head}");
        assert_eq!(
            head.contains("content-type: application/json"),
            !body.is_empty(),
            "{head}"
        );
    }
}

#[tokio::test]
async fn what_never_left_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let closed = listener.local_addr().expect("an address");
    drop(listener);
    let nobody = client(&format!("http://{closed}"), Duration::from_secs(5));
    let gateway = Gateway::answering(200, "").await;
    for deed in Deed::ALL {
        let answer = deed.at(deed.host(), &nobody, soon()).await;
        assert_eq!(name(&answer), "not sent", "{deed:?}");
        let answer = deed.at(deed.host(), &gateway.client(), Instant::now()).await;
        assert_eq!(name(&answer), "not sent", "{deed:?} too late");
    }
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn what_cannot_be_said_is_not_sent() {
    let gateway = Gateway::answering(200, "").await;
    let client = gateway.client();
    let deeds = [
        Deed::CaptureSplits,
        Deed::CaptureSplit,
        Deed::AddSplits,
        Deed::Cancel,
        Deed::Refund,
    ];
    for deed in deeds {
        let (payment, work) = asked(deed, Host::Pay);
        let ask = async |payment: &domain::payment::Payment, work: &domain::operation::Operation, host| match deed {
            Deed::Cancel => client.cancel(host, payment, work, soon()).await.map(drop),
            Deed::AddSplits => client.add_splits(host, payment, work, soon()).await.map(drop),
            Deed::Refund => client.refund(host, payment, work, soon()).await.map(drop),
            _ => client.capture(host, payment, work, soon()).await.map(drop),
        };
        let mut unseen = payment.clone();
        unseen.seen = None;
        assert_eq!(
            name(&ask(&unseen, &work, Host::Pay).await),
            "not sent",
            "{deed:?} of nothing"
        );
        assert_eq!(
            name(&ask(&payment, &work, Host::Cards).await),
            "not sent",
            "{deed:?} elsewhere"
        );
        let other = operation(&payment, "ours", Work::Ready);
        assert_eq!(
            name(&ask(&payment, &other, Host::Pay).await),
            "not sent",
            "not {deed:?}"
        );
        let mut nameless = payment.clone();
        nameless.splits.iter_mut().for_each(|split| split.gateway_id = None);
        if !matches!(deed, Deed::AddSplits | Deed::Cancel) {
            assert_eq!(
                name(&ask(&nameless, &work, Host::Pay).await),
                "not sent",
                "{deed:?} of what"
            );
        }
    }
    let (payment, _) = asked(Deed::CaptureAll, Host::Pay);
    for (amounts, only) in [
        ([0, 0, 0], None),
        ([5, 0, 5], Some(1)),
        ([5, 0, 0], Some(3)),
        ([0, 0, 0], Some(1)),
    ] {
        let work = operation(&payment, "ours", capture(&payment, &amounts, only));
        let answer = client.capture(Host::Pay, &payment, &work, soon()).await;
        assert_eq!(name(&answer), "not sent", "{amounts:?} {only:?}");
    }
    for (refund, split) in [(1, None), (1, Some(1)), (2, Some(2))] {
        let work = operation(&payment, "ours", Work::Refund { refund, split });
        let answer = client.refund(Host::Pay, &payment, &work, soon()).await;
        assert_eq!(name(&answer), "not sent", "{refund} {split:?}");
    }
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn what_was_sent_and_not_answered_is_unknown() {
    for deed in Deed::ALL {
        let whole = answer(200, deed.answer());
        let acts = [
            Act::Ignore,
            Act::Reset,
            Act::Write(Vec::new()),
            Act::WriteAndStall(whole[..20].to_vec()),
            Act::WriteAndStall(whole[..whole.len() - 1].to_vec()),
        ];
        for (number, act) in acts.into_iter().enumerate() {
            let gateway = Gateway::playing(vec![act]).await;
            let answer = deed.at(deed.host(), &gateway.hasty_client(), soon()).await;
            assert_eq!(name(&answer), "unknown", "{deed:?} {number}");
        }
    }
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_no_answer() {
    for deed in Deed::ALL {
        let whole = answer(200, deed.answer());
        let acts = (0..=whole.len()).map(|length| Act::Write(whole[..length].to_vec()));
        let gateway = Gateway::playing(acts.collect()).await;
        let client = gateway.client();
        for length in 0..whole.len() {
            let answer = deed.at(deed.host(), &client, soon()).await;
            assert_eq!(name(&answer), "unknown", "{deed:?} cut at {length}");
        }
        let answer = deed.at(deed.host(), &client, soon()).await;
        assert_eq!(name(&answer), "answer", "{deed:?} whole");

        let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        let body = deed.answer().as_bytes();
        let acts = (0..body.len()).map(|length| Act::Write([head, &body[..length]].concat()));
        let gateway = Gateway::playing(acts.collect()).await;
        let client = gateway.client();
        for length in 0..body.len() {
            let answer = deed.at(deed.host(), &client, soon()).await;
            assert_eq!(name(&answer), "garbled", "{deed:?} of untold length, cut at {length}");
        }
    }
}

#[tokio::test]
async fn success_that_cannot_be_understood_is_garbled() {
    for deed in Deed::ALL {
        let no_id = deed.answer().replacen("\"ID\"", "\"Id\"", 1);
        let no_amount = deed.answer().replace("\"Amount\":", "\"Amount\":null,\"Was\":");
        let broken = [no_id, no_amount, rejected(deed, "17")];
        let of_another = [
            deed.answer().replace("\"ID\":7", "\"ID\":8"),
            deed.answer().replace("\"ID\":14", "\"ID\":14,\"PaymentID\":8"),
            deed.answer().replace("\"ID\":5", "\"ID\":5,\"InitialPaymentID\":8"),
        ];
        let of_another = of_another.into_iter().filter(|body| body != deed.answer());
        let broken = broken.into_iter().filter(|_| deed != Deed::ForgetCard);
        for body in broken.chain(of_another) {
            assert_answer(deed, 200, &body, "garbled").await;
        }
        for body in [
            "",
            "null",
            "[]",
            "{}",
            "<html>",
            r#"{"Splits":[]}"#,
            r#"{"Message":"fine"}"#,
        ] {
            assert_answer(deed, 200, body, "garbled").await;
        }
    }
    let failed = Deed::ForgetCard.answer().replace('3', "4");
    assert_answer(Deed::ForgetCard, 200, &failed, "unknown").await;
    let other_currency = Deed::AddSplits
        .answer()
        .replace("\"ID\"", "\"Currency\":\"USD\",\"ID\"");
    assert_answer(Deed::AddSplits, 201, &other_currency, "garbled").await;
    let one_of_two = Deed::AddSplits.answer().replace("}]", "},{\"ID\":15}]");
    assert_answer(Deed::AddSplits, 201, &one_of_two, "garbled").await;
}

#[tokio::test]
async fn a_failure_that_decides_nothing_is_unknown() {
    for deed in Deed::ALL {
        let refusal = rejected(deed, "17");
        for (http_status, body) in [
            (500, refusal.as_str()),
            (503, ""),
            (408, &refusal),
            (429, &refusal),
            (302, ""),
            (404, "<html>"),
            (400, "{}"),
            (400, r#"{"Splits":[]}"#),
        ] {
            assert_answer(deed, http_status, body, "unknown").await;
        }
        let wavering = if deed.host() == Host::Cards { "19" } else { "16" };
        assert_answer(deed, 400, &reason_alone(deed, wavering), "unknown").await;
    }
}

#[tokio::test]
async fn an_id_that_the_gateway_has_lost_decides_nothing() {
    for deed in Deed::ALL {
        let expected = if deed == Deed::Refunds { "refused" } else { "unknown" };
        assert_answer(deed, 404, r#"{"Message":"Not found"}"#, expected).await;
        assert_answer(deed, 404, &rejected(deed, "17"), expected).await;
    }
}

#[tokio::test]
async fn a_refusal_is_a_refusal() {
    for deed in Deed::ALL {
        for (http_status, body) in [
            (400, rejected(deed, "17")),
            (402, reason_alone(deed, "122")),
            (400, r#"{"Message":"The request is invalid."}"#.to_owned()),
            (401, String::new()),
        ] {
            assert_answer(deed, http_status, &body, "refused").await;
        }
        let code = if deed.host() == Host::Cards { "23" } else { "20" };
        assert_answer(deed, 400, &rejected(deed, code), "already there").await;
    }
}

#[tokio::test]
async fn unable_to_capture_leaves_the_payment_capturable() {
    let shown = |status: u16, code: &str| {
        let status = format!("\"Status\":{{\"ID\":{status},\"Reasons\":[{{\"Code\":{code}}}]}}");
        Deed::CaptureAll.answer().replace("\"Status\":{\"ID\":9}", &status)
    };
    for deed in Deed::ALL.into_iter().filter(|deed| deed.is_capture()) {
        for (host, code) in [(Host::Pay, "157"), (Host::Cards, "18")] {
            for body in [
                rejected(deed, code),
                reason_alone(deed, code),
                shown(9, code),
                shown(4, code),
            ] {
                assert_answer_at(host, deed, 400, &body, "refused").await;
            }
            // It says no and shows that it was done: what it shows is the payment.
            assert_answer_at(host, deed, 400, &shown(35, code), "answer").await;
        }
        assert_answer_at(Host::Pay, deed, 400, &shown(4, "17"), "answer").await;
    }
    // Anything but a capture may have been done when the card host has "a technical error".
    for deed in [Deed::Cancel, Deed::AddSplits, Deed::Refund] {
        assert_answer_at(Host::Cards, deed, 400, &reason_alone(deed, "18"), "unknown").await;
    }
}

#[tokio::test]
async fn a_payment_that_adding_splits_shows_instead_of_splits_decides_nothing() {
    let shown = r#"{"Payment":{"ID":7,"Amount":"100","Currency":"EUR","Status":{"ID":2,"Reasons":[{"Code":17}]}}}"#;
    for deed in [Deed::AddSplits, Deed::Refund, Deed::Refunds] {
        assert_answer(deed, 400, shown, "unknown").await;
        assert_answer(deed, 200, shown, "garbled").await;
    }
}

#[tokio::test]
async fn a_token_that_would_change_the_address_is_not_sent() {
    let gateway = Gateway::answering(200, Deed::ForgetCard.answer()).await;
    for token in ["", ".", "..", "a/b", "a?b", "a b", "a%2Fb", "ü"] {
        let answer = gateway
            .client()
            .forget_card(&token.into(), crate::support::call())
            .await;
        assert!(
            matches!(answer, Err(GatewayError::NotSent { .. })),
            "{token}: {answer:?}"
        );
    }
    assert!(gateway.requests().is_empty());
}
