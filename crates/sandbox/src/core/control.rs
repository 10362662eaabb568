//! The control plane, `/_sandbox/…`: what tests and people do to the sandbox behind the gateway's back.

use super::{
    Core,
    acts::Act,
    books_view::BooksQuery,
    config::{ConfigPatch, ConfigView},
    exchange::{Request, Response},
    fault::{Fault, Faults},
    outbox::{Credentials, Delivery},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The prefix of the control plane's paths.
pub(crate) const PREFIX: &str = "/_sandbox";
/// How far the clock may be advanced at a time: 400 days, in milliseconds.
const ADVANCE_MAX_MS: u64 = 400 * 24 * 3_600 * 1_000;

/// The body of `POST /_sandbox/clock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

/// The body of `POST /_sandbox/notify`: a notification of any content, sent once and at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forged {
    /// What to send: a string as it is, anything else as JSON.
    pub body: Value,
    /// How to sign it; rightly unless said otherwise.
    #[serde(default = "right")]
    pub credentials: Credentials,
    /// Where to send it; to the configured URL unless said otherwise.
    #[serde(default)]
    pub url: Option<String>,
}

fn right() -> Credentials {
    Credentials::Right
}

impl Core {
    /// Sets further faults behind those that are set, all or none.
    ///
    /// # Errors
    /// A sentence that says which fault is wrong and why.
    pub fn set_faults(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        self.faults.set(faults)
    }

    /// Clears every fault, and makes answers right again that were persistently wrong.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
        self.distortions.clear();
    }

    /// Changes the configuration, whole or not at all.
    ///
    /// # Errors
    /// A sentence that says which field is wrong and why.
    pub fn configure(&mut self, patch: ConfigPatch) -> Result<(), String> {
        self.config.apply(patch)
    }

    /// Sets the sandbox's clock forward. What falls due meanwhile happens at the next look at the core.
    pub fn advance_clock(&mut self, milliseconds: u64) {
        self.clock_offset_micros = self
            .clock_offset_micros
            .saturating_add(milliseconds.saturating_mul(1_000));
    }

    /// Turns what was asked for into one delivery, to be made by the caller and not reported.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn forge(&self, forged: Forged) -> Result<Delivery, String> {
        let url = forged.url.or_else(|| self.config.notification_url.clone());
        let body = match forged.body {
            Value::String(text) => text.into_bytes(),
            json => json.to_string().into_bytes(),
        };
        Ok(Delivery {
            id: 0,
            url: url.ok_or("url: no notification URL is configured")?,
            authorization: forged.credentials.header(&self.config),
            body: body.into(),
            attempt: 1,
        })
    }

    pub(super) fn control(&mut self, now_micros: u64, request: &Request) -> Response {
        let path = request.trimmed_path().strip_prefix(PREFIX).unwrap_or_default();
        match (request.method.as_str(), path) {
            ("GET", "/books") => match BooksQuery::read(&request.query) {
                Ok(query) => Response::json(200, &self.books(now_micros, &query)),
                Err(error) => refused(&error),
            },
            ("GET", "/faults") => Response::json(200, &json!({ "faults": self.faults.view() })),
            ("POST", "/faults") => match Faults::read(&request.body).and_then(|faults| self.set_faults(faults)) {
                Ok(()) => Response::json(201, &json!({ "faults": self.faults.view() })),
                Err(error) => refused(&error),
            },
            ("DELETE", "/faults") => {
                self.clear_faults();
                Response::json(200, &json!({ "faults": [] }))
            }
            ("GET", "/config") => Response::json(200, &ConfigView::from(&self.config)),
            ("POST", "/config") => match read::<ConfigPatch>(&request.body).and_then(|patch| self.configure(patch)) {
                Ok(()) => Response::json(200, &ConfigView::from(&self.config)),
                Err(error) => refused(&error),
            },
            ("POST", "/clock") => match read::<Advance>(&request.body) {
                Ok(Advance { advance_ms }) if advance_ms <= ADVANCE_MAX_MS => {
                    self.advance_clock(advance_ms);
                    self.advance(now_micros.saturating_add(self.clock_offset_micros));
                    let now_micros = now_micros.saturating_add(self.clock_offset_micros);
                    Response::json(200, &json!({ "now_micros": now_micros }))
                }
                Ok(_) => refused(&format!("advance_ms: at most {ADVANCE_MAX_MS}")),
                Err(error) => refused(&error),
            },
            (method, path) => match acted_upon(path).filter(|_| method == "POST") {
                Some(payment) => self.control_act(now_micros, payment, &request.body),
                None => Response::json(404, &json!({ "error": "there is no such control" })),
            },
        }
    }

    /// `POST /_sandbox/payments/{id}/act`: answers with the payment as the books then have it.
    fn control_act(&mut self, now_micros: u64, payment: u64, body: &[u8]) -> Response {
        let happened = Act::read(body).and_then(|(act, quiet)| self.happen(now_micros, payment, act, quiet));
        match happened {
            Ok(()) => Response::json(200, &self.payment(payment)),
            Err(error) => refused(&error),
        }
    }
}

/// The payment in the path of an act.
fn acted_upon(path: &str) -> Option<u64> {
    path.strip_prefix("/payments/")?.strip_suffix("/act")?.parse().ok()
}

/// 400 of the control plane.
pub(crate) fn refused(error: &str) -> Response {
    Response::json(400, &json!({ "error": error }))
}

/// Reads a body of the control plane; unknown fields are errors.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}
