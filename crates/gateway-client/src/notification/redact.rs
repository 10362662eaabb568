//! What of a notification may be kept.

use serde_json::{Map, Value};

/// The fields that are kept. Everything else is somebody's name, account, address, card or token, or may become that with
/// the gateway's next version: a field that is not listed here is not stored.
const KEPT: [&str; 38] = [
    "3DSecure",
    "Amount",
    "Capture",
    "CaptureDetails",
    "CaptureID",
    "CapturedAmount",
    "Code",
    "Created",
    "Currency",
    "Dispute",
    "ID",
    "Info",
    "InitialPaymentID",
    "InvalidRequestID",
    "MerchantTransactionID",
    "MethodID",
    "MethodOptionID",
    "NotificationDateTime",
    "OriginatorTransactionID",
    "Payment",
    "PaymentID",
    "PaymentTokenLifetime",
    "Payout",
    "Preapproval",
    "PreapprovalID",
    "Reasons",
    "Refund",
    "Refunds",
    "SiteID",
    "SkinID",
    "SplitID",
    "Splits",
    "StateDetails",
    "Status",
    "TokenLifetime",
    "Type",
    "TypeID",
    "Version",
];
/// What stands where something was.
const GONE: &str = "[redacted]";
/// The longest text that is kept, in characters; the longest that the gateway documents is 50.
const TEXT_MAX_CHARACTERS: usize = 120;
/// The fewest digits of a card number.
const CARD_DIGITS_MIN: usize = 13;

/// A notification's body without persons, accounts, cards and tokens; `"[redacted]"` altogether if it is not JSON.
#[must_use]
pub fn redact(body: &[u8]) -> Value {
    serde_json::from_slice(body).map_or_else(|_| GONE.into(), |value| kept("", value))
}

fn kept(key: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(fields.into_iter().filter_map(field).collect::<Map<_, _>>()),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| kept(key, item)).collect()),
        Value::String(text) if is_harmless(key, &text) => Value::String(text),
        Value::String(_) => GONE.into(),
        plain => plain,
    }
}

fn field((key, value): (String, Value)) -> Option<(String, Value)> {
    if KEPT.contains(&key.as_str()) {
        let value = kept(&key, value);
        return Some((key, value));
    }
    // Even a key can be made of what it should not hold; the documented ones are short words.
    let is_word = key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word.then(|| (key, if value.is_null() { value } else { GONE.into() }))
}

/// Names and numbers are as their giver made them; free text could quote a card.
fn is_harmless(key: &str, text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_free = key.is_empty() || key == "Info";
    text.chars().count() <= TEXT_MAX_CHARACTERS && !(is_free && digits >= CARD_DIGITS_MIN)
}
