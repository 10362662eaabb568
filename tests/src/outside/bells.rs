//! The gateway's doorbell: what it says, what is kept of it, and who rang.

use super::{Target, documents, texts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::SiteId;
use gateway_client::notification::{self, NOTIFICATION_MAX_BYTES, NotificationError};
use serde::de::IgnoredAny;
use serde_json::Value;

/// Notifications.
pub const NOTIFICATION: Target = Target {
    name: "notification",
    read: notified,
    seeds: || {
        let rung = [
            include_str!("../../../crates/gateway-client/tests/golden/one-step-success.notification.json"),
            include_str!("../../../crates/gateway-client/tests/golden/two-step-authorized.notification.json"),
            include_str!("../../../crates/gateway-client/tests/golden/full-capture-success.notification.json"),
            r#"{"Refund":{"ID":5,"InitialPaymentID":7,"MerchantTransactionID":"r-1","Amount":60,"Currency":"EUR","Status":{"ID":2}}}"#,
            r#"{"Dispute":{"ID":3,"PaymentID":7,"MethodID":6,"Amount":"60","Currency":"EUR","Status":{"ID":1,"Info":"Open"}}}"#,
            r#"{"Preapproval":{"ID":1}}"#,
            r#"{"Payout":{"ID":1}}"#,
        ];
        texts(&rung).into_iter().chain(texts(&documents::BY_CARD)).collect()
    },
    weight: 25,
};

/// HTTP Basic credentials.
pub const BASIC: Target = Target {
    name: "basic_header",
    read: rang,
    seeds: || {
        let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let headers = [
            encoded("30201:the-key-of-the-sandbox"),
            encoded("30201:another"),
            encoded("30201"),
            "bAsIc  MzAyMDE6".to_owned(),
            "Bearer MzAyMDE6".to_owned(),
        ];
        headers.map(String::into_bytes).into()
    },
    weight: 40,
};

const SITE: u32 = 30201;
const KEY: &str = "the-key-of-the-sandbox";
const PREVIOUS_KEY: &str = "the-key-before";

fn notified(body: &[u8]) {
    let kept = notification::redact(body);
    match notification::read(body) {
        Ok(read) => {
            let is_json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
            assert!(is_json, "a notification was read in what is not JSON");
            if let Some(claims) = &read.claims {
                assert_eq!(read.about, Some(claims.at), "it claims another payment than it names");
            }
        }
        Err(NotificationError::TooLong) => assert!(body.len() > NOTIFICATION_MAX_BYTES),
        Err(NotificationError::NotJson | NotificationError::UnknownKind) => {}
    }
    // What was kept has nothing left to take out, and can be read from where it is stored.
    let stored = serde_json::to_vec(&kept).expect("JSON can be written");
    let again: Value = serde_json::from_slice(&stored).expect("what is stored can be read");
    assert_eq!(
        notification::redact(&stored),
        again,
        "what was kept should not have been"
    );
}

/// Only our site with one of our keys may ring; the scheme's case and white space around the rest do not matter.
fn rang(header: &[u8]) {
    let site = SiteId::try_new(SITE).expect("a site");
    let keys = [KEY.into(), PREVIOUS_KEY.into()];
    let is_let_in = notification::authorized(Some(header), site, &[&keys[0], &keys[1]]);
    let expected = header.split_at_checked(6).is_some_and(|(scheme, rest)| {
        let credentials = STANDARD.decode(rest.trim_ascii()).unwrap_or_default();
        let known = [KEY, PREVIOUS_KEY].map(|key| format!("{SITE}:{key}").into_bytes());
        scheme.eq_ignore_ascii_case(b"Basic ") && known.contains(&credentials)
    });
    assert_eq!(is_let_in, expected);
    assert!(
        !notification::authorized(Some(header), site, &[&"".into()]),
        "an empty key lets in"
    );
}
