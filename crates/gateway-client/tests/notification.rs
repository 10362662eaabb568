//! Doorbells: read, authenticated and redacted, whatever rings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ids::SiteId;
use domain::notification::NotificationKind;
use domain::sight::{Host, Standing};
use gateway_client::notification::{NOTIFICATION_MAX_BYTES, NotificationError, authorized, read, redact};
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::{Value, json};

const SUCCESS: &str = include_str!("golden/one-step-success.notification.json");
const AUTHORIZED: &str = include_str!("golden/two-step-authorized.notification.json");

#[test]
fn a_payment_says_what_it_claims() {
    let rung = read(SUCCESS.as_bytes()).expect("a notification");
    let about = rung.about.expect("a payment");
    assert_eq!(
        (rung.kind, about.host, about.id.get()),
        (NotificationKind::Payment, Host::Pay, 5_581_804)
    );
    assert_eq!(rung.reference.expect("a reference").as_str(), "test1606912191");
    let claims = rung.claims.expect("claims");
    assert_eq!((claims.amount.get(), claims.status.standing), (100, Standing::Captured));
    let splits = claims.splits.iter().map(|split| split.amount.get()).collect::<Vec<_>>();
    assert_eq!(splits, [60, 23, 20], "told as it was told, though it does not add up");

    let rung = read(include_bytes!("golden/one-click.response.json")).expect("a notification");
    assert_eq!(
        rung.about.expect("a payment").host,
        Host::Cards,
        "method 6 is the card host's"
    );
    assert!(rung.claims.is_some());
}

#[test]
fn the_other_kinds_say_what_they_are_about() {
    let refund = read(include_bytes!("golden/split-refund.response.json")).expect("a notification");
    assert_eq!(refund.kind, NotificationKind::Refund);
    assert_eq!(refund.about.map(|at| at.id.get()), Some(5_611_633));
    assert_eq!(refund.gateway_id.map(domain::ids::GatewayId::get), Some(55_745));

    let dispute = json!({"Dispute": {"ID": 4, "PaymentID": "77", "MethodID": 6, "Status": {"ID": 1}}}).to_string();
    let dispute = read(dispute.as_bytes()).expect("a notification");
    assert_eq!(dispute.kind, NotificationKind::Dispute);
    assert_eq!(dispute.about.map(|at| (at.host, at.id.get())), Some((Host::Cards, 77)));
    assert_eq!(dispute.gateway_id.map(domain::ids::GatewayId::get), Some(4));

    // As the gateway documents it: older than splits, so without the split.
    let refund = json!({"Refund": {"ID": 37, "Created": "20161205121518", "MerchantTransactionID": "r-1",
        "InitialPaymentID": "5577675", "Amount": "100", "Currency": "EUR", "TypeID": 1, "SiteID": 1010, "Details": null,
        "Status": {"ID": 2, "Info": "Success", "Reasons": []}}});
    let refund = read(refund.to_string().as_bytes()).expect("a notification");
    assert_eq!(
        refund.about.map(|at| (at.host, at.id.get())),
        Some((Host::Pay, 5_577_675))
    );
    assert_eq!(refund.gateway_id.map(domain::ids::GatewayId::get), Some(37));
    assert_eq!(refund.reference.expect("a reference").as_str(), "r-1");

    for (body, kind) in [
        (r#"{"Preapproval":{"ID":1}}"#, NotificationKind::Preapproval),
        (r#"{"Payout":null}"#, NotificationKind::Payout),
        (r#"{"Payment":[1,2],"Refund":{}}"#, NotificationKind::Payment),
        (r#"{"Refund":"strange","Payment":{}}"#, NotificationKind::Refund),
    ] {
        assert_eq!(read(body.as_bytes()).expect("a notification").kind, kind, "{body}");
    }
}

#[test]
fn one_strange_value_costs_only_itself() {
    let mut body: Value = serde_json::from_str(SUCCESS).expect("JSON");
    *body.pointer_mut("/Payment/Amount").expect("an amount") = json!({"value": 100});
    let rung = read(body.to_string().as_bytes()).expect("a notification");
    assert!(rung.about.is_some() && rung.reference.is_some() && rung.claims.is_none());
}

#[test]
fn what_is_no_notification_is_refused() {
    let truncated = &SUCCESS.as_bytes()[..SUCCESS.len() - 5];
    for junk in [&b""[..], b"null", b"[]", b"{}", b"Payment", b"\xff", truncated] {
        assert_eq!(read(junk), Err(NotificationError::NotJson));
    }
    assert_eq!(read(br#"{"Order":{}}"#), Err(NotificationError::UnknownKind));
    assert_eq!(
        read(br#"{"Id":1,"Payment":{}}"#),
        Err(NotificationError::UnknownKind),
        "the first key decides"
    );
    let long = format!(r#"{{"Payment":{{}}}}{}"#, " ".repeat(NOTIFICATION_MAX_BYTES));
    assert_eq!(read(long.as_bytes()), Err(NotificationError::TooLong));
}

fn basic(credentials: &str) -> Vec<u8> {
    format!("Basic {}", STANDARD.encode(credentials)).into_bytes()
}

#[test]
fn only_our_site_with_one_of_the_keys_is_let_in() {
    let site = SiteId::try_new(30201).expect("a site");
    let (key, previous, empty) = (
        SecretString::from("now"),
        SecretString::from("before"),
        SecretString::from(""),
    );
    let keys = [&key, &previous, &empty];
    for good in ["30201:now", "30201:before"] {
        assert!(authorized(Some(&basic(good)), site, &keys), "{good}");
    }
    let lower = [b"basic ".as_slice(), &basic("30201:now")[6..]].concat();
    assert!(authorized(Some(&lower), site, &keys));
    let bad = [
        "30201:later",
        "30201:",
        "30201:now ",
        "3020:1now",
        "030201:now",
        "30202:now",
        "30201",
        ":",
        "",
        "30201:now:",
    ];
    for bad in bad {
        assert!(!authorized(Some(&basic(bad)), site, &keys), "{bad}");
    }
    let bearer = [b"Bearer".as_slice(), &basic("30201:now")[6..]].concat();
    for junk in [
        &b""[..],
        b"Basic",
        b"Basic ",
        b"Basic !!!",
        b"\xff\xff\xff\xff\xff\xff\xff",
        &bearer,
        b"Basi\xc3\xa9 ",
    ] {
        assert!(!authorized(Some(junk), site, &keys), "{junk:?}");
    }
    assert!(!authorized(None, site, &keys));
    assert!(!authorized(Some(&basic("30201:now")), site, &[]));
}

#[test]
fn what_is_kept_names_nobody() {
    let rung = redact(SUCCESS.as_bytes());
    let kept = rung.to_string();
    for gone in ["Mustermann", "DE06", "SFRT", "PaymentToken", "smart2pay.com", "\"DE\""] {
        assert!(!kept.contains(gone), "{gone} is in {kept}");
    }
    assert_eq!(rung.pointer("/Payment/Amount"), Some(&json!("100")));
    assert_eq!(rung.pointer("/Payment/Splits/1/Amount"), Some(&json!("23")));
    assert_eq!(
        rung.pointer("/Payment/Splits/1/StateDetails/Info"),
        Some(&json!("Success"))
    );
    assert_eq!(rung.pointer("/Payment/Created"), Some(&json!("20201202122951")));
    assert_eq!(rung.pointer("/Payment/Details"), Some(&json!("[redacted]")));

    let kept = redact(AUTHORIZED.as_bytes()).to_string();
    assert!(
        !kept.contains("youremail") && !kept.contains("carmen\"") && !kept.contains("\"RO\""),
        "{kept}"
    );
    let kept = redact(include_bytes!("golden/one-click.response.json")).to_string();
    assert!(
        !kept.contains("F43F90") && !kept.contains("John") && !kept.contains("Ends with"),
        "{kept}"
    );

    let quoted =
        br#"{"Payment":{"Status":{"Reasons":[{"Info":"card 4111 1111 1111 1111 declined"}]},"4111111111111111":1}}"#;
    assert!(!redact(quoted).to_string().contains("1111"));
    assert_eq!(redact(b"Max Mustermann"), json!("[redacted]"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9]{0,25}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop_oneof![
        proptest::sample::select(vec![
            "ID",
            "Amount",
            "CapturedAmount",
            "Currency",
            "Status",
            "StateDetails",
            "Splits",
            "Reasons",
            "Code",
            "SiteID",
            "MethodID",
            "Customer",
            "Card",
            "CreditCardToken",
            "Value",
            "Details",
            "RedirectURL",
            "MerchantTransactionID",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(key.clone(), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..400), header in any::<Vec<u8>>()) {
        let _ = read(&body);
        let _ = redact(&body);
        let site = SiteId::try_new(1).expect("a site");
        prop_assert!(!authorized(Some(&header), site, &[&SecretString::from("a key that nobody guesses")]));
    }

    #[test]
    fn no_json_panics(
        kind in proptest::sample::select(vec!["Payment", "Refund", "Dispute", "Preapproval", "Payout"]),
        value in any_json(),
    ) {
        let body = json!({kind: value}).to_string();
        prop_assert_eq!(read(body.as_bytes()).expect("a notification").kind.as_str(), kind.to_lowercase());
        let _ = redact(body.as_bytes());
    }

    #[test]
    fn a_damaged_document_does_not_panic(at in 0..SUCCESS.len(), byte in any::<u8>(), length in 0..=SUCCESS.len()) {
        let mut body = SUCCESS.as_bytes().to_vec();
        body[at] = byte;
        body.truncate(length);
        let _ = read(&body);
        let _ = redact(&body);
    }
}
