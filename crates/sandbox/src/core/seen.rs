//! The requests (and deliveries) the books remember: rings of bounded length, without secrets.

use super::{exchange::Request, wallet::last4};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::VecDeque;

/// Where a path carries a token.
const TOKEN_PATH: &str = "/card/token/";
/// A number or a token that is shorter shows nothing of itself.
const SHOWN_OF: usize = 8;

/// A request as the books show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenRequest {
    /// Its place among all requests, counted from 1.
    pub number: u64,
    /// When it came, in microseconds since 1970 UTC.
    pub at_micros: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query string, as sent.
    pub query: String,
    /// The `RequestId` header.
    pub request_id: Option<String>,
    /// The body without secrets: JSON where it was JSON, else a string; null if there was none.
    pub body: Value,
    /// The HTTP status that was answered, or would have been had the connection not been closed; `None` if nothing happened.
    pub status: Option<u16>,
    /// The payment it was about.
    pub payment: Option<u64>,
    /// The fault that struck it.
    pub fault: Option<String>,
    /// It took effect only now, having been received earlier (`deliver_late_ms`).
    pub late: bool,
    /// Why it was refused, in more words than the gateway uses.
    pub note: Option<String>,
}

/// An attempt to notify, as the books show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenDelivery {
    /// Which notification.
    pub notification: u64,
    /// The payment it was about; `None` once it was acknowledged or given up before this attempt ended.
    pub payment: Option<u64>,
    /// When the attempt ended, in microseconds since 1970 UTC.
    pub at_micros: u64,
    /// The HTTP status that came back; `None` if none did.
    pub status: Option<u16>,
}

/// What is kept of a request: its body stays bytes until somebody looks.
#[derive(Debug)]
pub(crate) struct Kept {
    pub number: u64,
    pub at: u64,
    pub request: Request,
    pub status: Option<u16>,
    pub payment: Option<u64>,
    pub fault: Option<&'static str>,
    pub late: bool,
    pub note: Option<String>,
}

impl From<&Kept> for SeenRequest {
    fn from(kept: &Kept) -> Self {
        let body = &kept.request.body;
        let text = || Value::String(String::from_utf8_lossy(body).into_owned());
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(body).unwrap_or_else(|_| text())
        };
        Self {
            number: kept.number,
            at_micros: kept.at,
            method: kept.request.method.clone(),
            path: kept.request.path.clone(),
            query: kept.request.query.clone(),
            request_id: kept.request.request_id.clone(),
            body,
            status: kept.status,
            payment: kept.payment,
            fault: kept.fault.map(str::to_owned),
            late: kept.late,
            note: kept.note.clone(),
        }
    }
}

/// The last so many of something.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    kept: VecDeque<T>,
    total: u64,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self {
            kept: VecDeque::new(),
            total: 0,
        }
    }
}

impl<T> Ring<T> {
    /// Adds one and forgets the oldest beyond `at_most`.
    pub fn push(&mut self, value: T, at_most: usize) {
        self.total = self.total.saturating_add(1);
        self.kept.push_back(value);
        while self.kept.len() > at_most {
            self.kept.pop_front();
        }
    }

    /// How many there ever were.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The last `at_most` that pass, oldest first.
    pub fn last(&self, at_most: usize, pass: impl Fn(&T) -> bool) -> Vec<&T> {
        let mut found: Vec<&T> = self
            .kept
            .iter()
            .rev()
            .filter(|value| pass(value))
            .take(at_most)
            .collect();
        found.reverse();
        found
    }
}

/// Takes out of a request what must not be kept: credentials, and in bodies and paths that speak of cards the card itself.
pub(crate) fn without_secrets(mut request: Request) -> Request {
    request.authorization = None;
    if let Some((before, rest)) = request.path.split_once(TOKEN_PATH) {
        let (token, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        request.path = format!("{before}{TOKEN_PATH}…{}{after}", last4(token));
    }
    if mentions_card(&request.body) {
        request.body = match serde_json::from_slice::<Value>(&request.body) {
            Ok(mut body) => {
                redact(&mut body, "", false);
                body.to_string().into_bytes()
            }
            Err(_) => b"(a body that mentions a card)".to_vec(),
        };
    }
    request
}

/// Whether the letters `card` or `securitycode` occur, in any case.
fn mentions_card(body: &[u8]) -> bool {
    let has = |word: &[u8]| body.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    has(b"card") || has(b"securitycode")
}

/// Everything below a field whose name speaks of a card or a security code is replaced; a number and a token keep their
/// last four characters.
fn redact(value: &mut Value, name: &str, secret: bool) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.to_ascii_lowercase();
                let secret = secret || name.contains("card") || name.contains("securitycode");
                redact(field, &name, secret);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, name, secret)),
        Value::Null | Value::Bool(_) => {}
        Value::String(text) if secret && matches!(name, "number" | "value") && text.len() > SHOWN_OF => {
            *value = Value::String(format!("…{}", last4(text)));
        }
        Value::String(_) | Value::Number(_) => {
            if secret {
                *value = Value::String("***".to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_not_kept() {
        let body = r#"{"Payment":{"Amount":"1","Card":{"Number":"4012888888881881"},"CreditCardToken":{"Value":"TOKEN-TOKEN-7EA1","SecurityCode":"312"}}}"#;
        let kept = without_secrets(
            Request::new("POST", "/v1/payments")
                .with_body(body)
                .with_authorization("Basic x"),
        );
        let text = String::from_utf8(kept.body).unwrap();
        assert!(kept.authorization.is_none());
        assert!(text.contains(r#""Amount":"1""#), "{text}");
        assert!(
            !text.contains("4012") && !text.contains("312") && !text.contains("TOKEN"),
            "{text}"
        );
        assert!(text.contains("…1881") && text.contains("…7EA1"), "{text}");
        let kept = without_secrets(Request::new("POST", "/v1/card/token/TOKEN-TOKEN-7EA1/cancel"));
        assert_eq!(kept.path, "/v1/card/token/…7EA1/cancel");
    }

    #[test]
    fn a_ring_forgets_the_oldest() {
        let mut ring = Ring::default();
        (1..=5).for_each(|n| ring.push(n, 3));
        assert_eq!(ring.total(), 5);
        assert_eq!(ring.last(2, |_| true), vec![&4, &5]);
        assert_eq!(ring.last(9, |n| n % 2 == 1), vec![&3, &5]);
    }
}
