//! Problems (RFC 9457): the one shape of every answer that is not what was asked for.

pub mod codes;
mod engine;
mod json;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use domain::fault::{Fault, Faults};
use domain::finding::GatewayRefusal;
use domain::ids::{OperationId, PaymentId};
use domain::payment::Charged;
use serde::Serialize;
use utoipa::ToSchema;

pub use json::unreadable;

use crate::context;

/// Where each code is explained; followed by the code.
const TYPE_BASE: &str = "https://apportion.dev/problems/";
/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not done, what became of the money, and what to do next. Boxed, because it is seldom made and
/// stands in every result.
#[derive(Clone, Debug)]
pub struct Problem(Box<Facts>);

#[derive(Clone, Debug)]
struct Facts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    charged: Charged,
    retry: Retry,
    payment: Option<PaymentId>,
    operation: Option<OperationId>,
    errors: Faults,
    gateway: Option<GatewayRefusal>,
    retry_after: Option<u32>,
    challenge: Option<&'static str>,
    allow: Option<String>,
}

/// How the same wish may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    /// The same request under the same key.
    SameKey,
    /// A changed request, under a new key.
    NewKey,
    /// Not at all: it will not succeed.
    Never,
}

impl Problem {
    /// A problem of this request; nothing was charged.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let retry = match status.as_u16() {
            401 | 403 | 404 | 405 | 406 | 413 | 415 => Retry::Never,
            409 | 500.. => Retry::SameKey,
            _ => Retry::NewKey,
        };
        Self(Box::new(Facts {
            status,
            code,
            detail: detail.into(),
            charged: Charged::No,
            retry,
            payment: None,
            operation: None,
            errors: Faults::new(),
            gateway: None,
            retry_after: None,
            challenge: None,
            allow: None,
        }))
    }

    /// The same problem, told more exactly.
    fn but(mut self, tell: impl FnOnce(&mut Facts)) -> Self {
        tell(&mut self.0);
        self
    }

    /// What was sent cannot be read as what is documented.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// One place of the request is wrong.
    pub fn at(status: StatusCode, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let errors = vec![Fault::new(pointer, code, detail.clone())];
        Self::new(status, code, detail).but(|facts| facts.errors = errors)
    }

    /// Places of the request that the rules refuse. The problem's own code is that of the first.
    pub fn faults(faults: Faults) -> Self {
        let (code, detail) = match faults.as_slice() {
            [] => ("request_invalid", "the request cannot be".to_owned()),
            [one] => (one.code, one.detail.clone()),
            [first, rest @ ..] => (
                first.code,
                format!("{}; and {} more, see errors", first.detail, rest.len()),
            ),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).but(|facts| facts.errors = faults)
    }

    /// There is no such thing, or the caller may not see it: both say the same.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "it does not exist, or this key may not see it",
        )
    }

    /// A full card number stands at this place of a body.
    pub fn card_number(pointer: impl Into<String>) -> Self {
        let detail = "this looks like a full card number; card data never passes through here";
        Self::at(StatusCode::BAD_REQUEST, pointer, "card_number_refused", detail)
    }

    /// No usable API key.
    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail).challenging("Bearer")
    }

    /// A mistake of ours: what became of the money is not known where the request could move any.
    pub fn internal() -> Self {
        let charged = if context::moves_money() {
            Charged::Unknown
        } else {
            Charged::No
        };
        let detail = "a mistake of ours; the operators' log has it under this request_id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).but(|facts| facts.charged = charged)
    }

    /// The path is known, the method is not among these.
    pub fn method_not_allowed(allow: String) -> Self {
        let detail = format!("this path answers {allow}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).but(|facts| facts.allow = Some(allow))
    }

    /// The same problem for the gateway, which authenticates otherwise.
    #[must_use]
    pub fn challenging(self, challenge: &'static str) -> Self {
        self.but(|facts| facts.challenge = Some(challenge))
    }

    /// The same problem under another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        self.but(|facts| facts.status = status)
    }

    /// The same problem, to be tried again after this many seconds.
    #[must_use]
    pub fn after(self, seconds: u32) -> Self {
        self.but(|facts| facts.retry_after = Some(seconds))
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What is wrong this time, for people; it may repeat what was sent.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    fn body(&self) -> Body<'_> {
        Body {
            r#type: format!("{TYPE_BASE}{}", self.0.code),
            title: codes::title(self.0.code),
            status: self.0.status.as_u16(),
            detail: &self.0.detail,
            code: self.0.code,
            charged: self.0.charged.as_str(),
            retry: self.0.retry,
            request_id: context::request_id(),
            payment: self.0.payment.map(|id| id.to_string()),
            operation: self.0.operation.map(|id| id.to_string()),
            errors: self.0.errors.iter().map(Place::from).collect(),
            gateway: self.0.gateway.as_ref().map(Words::from),
        }
    }
}

/// A problem as it travels.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body<'a> {
    /// A URI that names the code.
    r#type: String,
    /// The code in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong this time, for people.
    detail: &'a str,
    /// What is wrong, for programs: stable and never reused. The codes are listed at the top of this document.
    code: &'a str,
    /// Whether this request charged the buyer: `yes`, `no` or `unknown`.
    #[schema(example = "no")]
    charged: &'static str,
    /// How the same wish may be sent again.
    retry: Retry,
    /// The `X-Request-Id` of the answer.
    request_id: String,
    /// The payment it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<String>,
    /// The operation it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    /// Every place of the request that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Place<'a>>,
    /// The gateway's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway: Option<Words<'a>>,
}

/// A place of the request that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemPlace)]
struct Place<'a> {
    /// A JSON pointer into the body; `?name` for a parameter of the query.
    pointer: &'a str,
    /// The rule that said no.
    code: &'a str,
    /// What would be accepted.
    detail: &'a str,
}

/// What the gateway said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemGateway)]
struct Words<'a> {
    /// The HTTP status of its answer.
    http_status: u16,
    /// Its reasons.
    reasons: Vec<Reason<'a>>,
}

/// One of the gateway's reasons.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemReason)]
struct Reason<'a> {
    /// Its return code.
    code: String,
    /// In its words.
    info: &'a str,
}

impl<'a> From<&'a Fault> for Place<'a> {
    fn from(fault: &'a Fault) -> Self {
        Self {
            pointer: &fault.pointer,
            code: fault.code,
            detail: &fault.detail,
        }
    }
}

impl<'a> From<&'a GatewayRefusal> for Words<'a> {
    fn from(refusal: &'a GatewayRefusal) -> Self {
        let reason = |reason: &'a domain::sight::Reason| Reason {
            code: reason.code.to_string(),
            info: &reason.info,
        };
        Self {
            http_status: refusal.http_status,
            reasons: refusal.reasons.iter().map(reason).collect(),
        }
    }
}

impl std::fmt::Display for Problem {
    /// The code alone: details may repeat what a caller sent, which has no place in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.code)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        debug_assert!(
            codes::meaning(self.0.code).is_some(),
            "{} is not documented",
            self.0.code
        );
        let body = self.body();
        let mut response = HttpResponse::build(self.0.status);
        response.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        response.insert_header((context::REQUEST_ID, body.request_id.as_str()));
        if let Some(seconds) = self.0.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(challenge) = self.0.challenge {
            response.insert_header((header::WWW_AUTHENTICATE, format!("{challenge} realm=\"apportion\"")));
        }
        if let Some(allow) = &self.0.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        // Texts, numbers and lists of them always serialize.
        response.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}
