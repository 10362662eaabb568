//! The gateway's doorbell: who rings, about what, and what of it may be kept.

mod redact;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ids::{GatewayId, Reference, SiteId};
use domain::notification::NotificationKind;
use domain::sight::{GatewayRef, Host, Sight};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use subtle::ConstantTimeEq;

pub use redact::redact;

use crate::sight::{self, Fields};
use crate::wire;

/// The longest notification that is read, in bytes.
pub const NOTIFICATION_MAX_BYTES: usize = 256 * 1024;

/// A notification, read. Its claims are evidence, never money: the gateway is asked before anything is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// About what, by the first key of the body.
    pub kind: NotificationKind,
    /// The payment it names. The host is known of payments and disputes by their method; refunds do not tell, and are
    /// taken to be the method host's.
    pub about: Option<GatewayRef>,
    /// The refund or dispute it names, where it is about one.
    pub gateway_id: Option<GatewayId>,
    /// The `MerchantTransactionID` it carries; not always the one that the payment was created under.
    pub reference: Option<Reference>,
    /// What it says of a payment, where that can be read.
    pub claims: Option<Box<Sight>>,
}

/// Why a body is not a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotificationError {
    /// More than [`NOTIFICATION_MAX_BYTES`].
    #[error("the notification is too long")]
    TooLong,
    /// Not a JSON object.
    #[error("the notification is not a JSON object")]
    NotJson,
    /// An object whose first key names no kind of notification.
    #[error("the notification is of no known kind")]
    UnknownKind,
}

/// Reads a notification, however strange its content: only its kind must be plain.
pub fn read(body: &[u8]) -> Result<Notification, NotificationError> {
    if body.len() > NOTIFICATION_MAX_BYTES {
        return Err(NotificationError::TooLong);
    }
    let FirstEntry { key, value } = serde_json::from_slice(body).map_err(|_| NotificationError::NotJson)?;
    let kind = match key.as_str() {
        "Payment" => return Ok(payment(value)),
        "Refund" => NotificationKind::Refund,
        "Dispute" => NotificationKind::Dispute,
        "Preapproval" => NotificationKind::Preapproval,
        "Payout" => NotificationKind::Payout,
        _ => return Err(NotificationError::UnknownKind),
    };
    let names = serde_json::from_value::<Names>(value).unwrap_or_default();
    let payment = names.initial_payment_id.or(names.payment_id);
    Ok(Notification {
        kind,
        about: payment.map(|id| GatewayRef {
            host: host(names.method_id),
            id: GatewayId::new(id.0),
        }),
        gateway_id: names.id.map(|id| GatewayId::new(id.0)),
        reference: names.reference.and_then(|reference| reference.to_string().parse().ok()),
        claims: None,
    })
}

/// Whether an `Authorization` header is HTTP Basic with our site and one of the keys. Every key is compared, in constant
/// time, so that the answer's delay tells nothing but a key's length.
#[must_use]
pub fn authorized(header: Option<&[u8]>, site: SiteId, keys: &[&SecretString]) -> bool {
    let Some((scheme, encoded)) = header.and_then(|header| header.split_at_checked("Basic ".len())) else {
        return false;
    };
    let Ok(credentials) = STANDARD.decode(encoded.trim_ascii()) else {
        return false;
    };
    let accepted = keys.iter().filter(|key| !key.expose_secret().is_empty()).map(|key| {
        let expected = SecretString::from(format!("{site}:{}", key.expose_secret()));
        expected.expose_secret().as_bytes().ct_eq(&credentials)
    });
    let accepted = accepted.fold(subtle::Choice::from(0), |any, this| any | this);
    scheme.eq_ignore_ascii_case(b"Basic ") && accepted.into()
}

fn payment(value: Value) -> Notification {
    let names = serde_json::from_value::<Names>(value.clone()).unwrap_or_default();
    let host = host(names.method_id);
    let shown = match host {
        Host::Pay => serde_json::from_value::<wire::Payment>(value).map(Fields::from),
        Host::Cards => serde_json::from_value::<wire::CardPayment>(value).map(Fields::from),
    };
    Notification {
        kind: NotificationKind::Payment,
        about: names.id.map(|id| GatewayRef {
            host,
            id: GatewayId::new(id.0),
        }),
        gateway_id: None,
        reference: names.reference.and_then(|reference| reference.to_string().parse().ok()),
        claims: shown
            .ok()
            .and_then(|shown| sight::sight(host, shown).ok())
            .map(Box::new),
    }
}

/// Both hosts' notifications look alike but for the method number.
fn host(method: Option<wire::Id>) -> Host {
    if method.is_some_and(|method| method.0 == u64::from(wire::cards::METHOD_ID)) {
        Host::Cards
    } else {
        Host::Pay
    }
}

/// The names in a notification of any kind. Each is read on its own, so that one strange value costs only itself.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Names {
    #[serde(rename = "ID", deserialize_with = "loose")]
    id: Option<wire::Id>,
    #[serde(rename = "PaymentID", deserialize_with = "loose")]
    payment_id: Option<wire::Id>,
    #[serde(rename = "InitialPaymentID", deserialize_with = "loose")]
    initial_payment_id: Option<wire::Id>,
    #[serde(rename = "MethodID", deserialize_with = "loose")]
    method_id: Option<wire::Id>,
    #[serde(rename = "MerchantTransactionID", deserialize_with = "loose")]
    reference: Option<wire::Scalar>,
}

fn loose<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// An object's first key and its value; the rest must be JSON too.
struct FirstEntry {
    key: String,
    value: Value,
}

impl<'de> Deserialize<'de> for FirstEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct First;

        impl<'de> Visitor<'de> for First {
            type Value = FirstEntry;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FirstEntry, A::Error> {
                let first = map.next_entry::<String, Value>()?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                let (key, value) = first.ok_or_else(|| A::Error::custom("the object is empty"))?;
                Ok(FirstEntry { key, value })
            }
        }

        deserializer.deserialize_map(First)
    }
}
