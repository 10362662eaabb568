//! The gateway's own documentation examples, read in full and written again.

#![expect(clippy::expect_used, reason = "tests say what they expect by failing loudly")]

use gateway_client::wire::{
    AddressRequest, Amount, CaptureRequest, CardPayment, CreditCardToken, CustomerRequest, Id, Payment,
    PaymentEnvelope, PaymentRequest, Refund, RefundEnvelope, RefundRequest, Split, SplitCapture, SplitRequest,
    SplitsEnvelope,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What two documents must agree in: an absent field equals a null one, `""` in an amount equals null, and amounts equal
/// as numbers.
fn essence(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), essence(key, value)));
            Value::Object(fields.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| essence("", item)).collect()),
        Value::String(text) if key.ends_with("Amount") => match text.as_str() {
            "" => Value::Null,
            digits => Value::from(digits.parse::<u64>().expect("an amount is digits")),
        },
        other => other.clone(),
    }
}

fn assert_same(document: &str, ours: &impl Serialize) {
    let theirs: Value = serde_json::from_str(document).expect("the document is JSON");
    let ours = serde_json::to_value(ours).expect("our value is JSON");
    assert_eq!(essence("", &theirs), essence("", &ours));
}

/// Reads the document and writes it again. Responses also keep the document's fields, nulls and order.
fn assert_reads<T: DeserializeOwned + Serialize>(document: &str) -> T {
    let value: T = serde_json::from_str(document).expect("the document is understood");
    assert_same(document, &value);
    let written = serde_json::to_string_pretty(&value).expect("our value is JSON");
    assert_eq!(keys(document), keys(&written), "fields and their order");
    value
}

/// The keys of a pretty-printed document, line by line.
fn keys(document: &str) -> Vec<&str> {
    document
        .lines()
        .filter_map(|line| line.trim().split_once("\":"))
        .map(|(key, _)| key)
        .collect()
}

macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("golden/", $name, ".json"))
    };
}

#[test]
fn payments_of_the_method_host_read_in_full() {
    let documents = [
        golden!("one-step-create.response"),
        golden!("two-step-create.response"),
        golden!("full-capture.response"),
        golden!("partial-capture-splits.response"),
        golden!("split-capture.response"),
        golden!("cancel.response"),
        golden!("two-step-authorized.notification"),
        golden!("full-capture-success.notification"),
    ];
    for document in documents {
        let payment = assert_reads::<PaymentEnvelope<Payment>>(document).payment;
        assert!(payment.id.is_some() && payment.status.is_some() && payment.amount.is_some());
        for split in payment.splits.expect("splits") {
            assert!(split.id.is_some() && split.site_id.is_some() && split.state().is_some());
        }
    }
}

#[test]
fn the_contradictory_notification_reads_as_it_stands() {
    let document = golden!("one-step-success.notification");
    let envelope: PaymentEnvelope<Payment> = serde_json::from_str(document).expect("the document is understood");
    assert_same(document, &envelope);
    let payment = envelope.payment;
    let amounts = payment
        .splits
        .expect("splits")
        .iter()
        .filter_map(|split| split.amount)
        .collect::<Vec<_>>();
    assert_eq!(amounts, [Amount(60), Amount(23), Amount(20)]);
    assert_eq!(payment.amount, Some(Amount(100)));
}

#[test]
fn the_other_answers_read_in_full() {
    let added = assert_reads::<SplitsEnvelope<Split>>(golden!("add-splits.response"));
    assert_eq!(added.splits.len(), 3);
    let refund = assert_reads::<RefundEnvelope<Refund>>(golden!("split-refund.response")).refund;
    assert_eq!(
        (refund.split_id, refund.initial_payment_id),
        (Some(Id(737)), Some(Id(5_611_633)))
    );
    let card = assert_reads::<PaymentEnvelope<CardPayment>>(golden!("one-click.response")).payment;
    assert_eq!(card.captured_amount, Some(Amount(2000)));
    assert_eq!(card.three_d_secure, Some(false));
}

fn split(site: u64, amount: u64, seller: &str) -> SplitRequest {
    SplitRequest {
        site_id: Id(site),
        amount: Amount(amount),
        merchant_transaction_id: Some("s2p_test1ad".to_owned()),
        originator_transaction_id: Some(format!("4324322-{seller}")),
    }
}

fn payment(reference: &str, amount: u64, method: u32, last_name: &str, splits: Vec<SplitRequest>) -> PaymentRequest {
    PaymentRequest {
        method_id: Some(method),
        originator_transaction_id: Some("4324322".to_owned()),
        return_url: Some("http://demo.smart2pay.com/redirect.php".to_owned()),
        token_lifetime: Some(10),
        customer: Some(CustomerRequest {
            email: Some("youremail@email.com".into()),
            first_name: Some("test".into()),
            last_name: Some(last_name.into()),
            ..CustomerRequest::default()
        }),
        billing_address: Some(AddressRequest {
            country: Some("RO".to_owned()),
            ..AddressRequest::default()
        }),
        splits: Some(splits),
        ..PaymentRequest::of(reference, Amount(amount), "EUR")
    }
}

#[test]
fn requests_to_create_build_as_documented() {
    let one_step = payment(
        "s2ptest_split1",
        100,
        9,
        "demo",
        vec![split(33513, 60, "A"), split(33512, 20, "B"), split(33511, 20, "C")],
    );
    let document = golden!("one-step-create.request");
    assert_same(
        document,
        &PaymentEnvelope {
            payment: one_step.clone(),
        },
    );
    assert_eq!(
        assert_reads::<PaymentEnvelope<PaymentRequest>>(document).payment,
        one_step
    );

    let two_step = payment(
        "SplitPaymentsAuthorized1",
        30,
        40,
        "person",
        vec![split(30025, 5, "A"), split(30122, 5, "B"), split(30126, 20, "C")],
    );
    assert_same(
        golden!("two-step-create.request"),
        &PaymentEnvelope { payment: two_step },
    );
}

#[test]
fn a_one_click_request_builds_as_documented() {
    let request = PaymentRequest {
        return_url: Some("http://demo.smart2pay.com/redirect.php".to_owned()),
        description: Some("payment product".to_owned()),
        statement_descriptor: Some("bank statement message".to_owned()),
        credit_card_token: Some(CreditCardToken {
            value: "F43F90A5CB613D91F704407D4E297EA1".into(),
            security_code: Some("312".into()),
            require_security_code: None,
        }),
        capture: Some(true),
        generate_credit_card_token: Some(true),
        ..PaymentRequest::of("s2ptest_i4", Amount(2000), "EUR")
    };
    let document = golden!("one-click.request");
    assert_same(
        document,
        &PaymentEnvelope {
            payment: request.clone(),
        },
    );
    assert_eq!(
        assert_reads::<PaymentEnvelope<PaymentRequest>>(document).payment,
        request
    );
    let shown = format!("{request:?}");
    assert!(!shown.contains("F43F90") && !shown.contains("312"), "{shown}");
}

#[test]
fn later_requests_build_exactly_as_documented() {
    let added = SplitsEnvelope {
        splits: vec![split(33513, 50, "A"), split(33512, 20, "B"), split(33511, 30, "C")],
    };
    assert_exact(golden!("add-splits.request"), &added);
    let part = |id, amount| SplitCapture {
        id: Id(id),
        amount: Amount(amount),
    };
    let captured = CaptureRequest::of(vec![part(797, 10), part(798, 10), part(799, 20)]);
    assert_exact(golden!("partial-capture-splits.request"), &captured);
    let refund = RefundRequest {
        merchant_transaction_id: "carmen1607607300".to_owned(),
        originator_transaction_id: None,
        amount: Amount(60),
        description: Some("test refund".to_owned()),
        details: None,
        articles: None,
    };
    assert_exact(golden!("split-refund.request"), &RefundEnvelope { refund });
}

/// Equal to the document in every character, white space aside, and read back to the same.
fn assert_exact<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(document: &str, ours: &T) {
    assert_eq!(
        serde_json::to_string_pretty(ours).expect("our value is JSON"),
        document.trim_end()
    );
    assert_eq!(
        &serde_json::from_str::<T>(document).expect("the document is understood"),
        ours
    );
}
