//! Why the gateway says no, and the body in which it says so.

use super::{exchange::Response, wire_in::Loose};
use serde::Serialize;

/// A return code of the gateway and the field it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub code: u16,
    /// Where in the request; told in the books only, because the gateway does not say.
    pub field: &'static str,
}

impl Refusal {
    pub fn new(code: u16, field: &'static str) -> Self {
        Self { code, field }
    }

    /// The text that goes with the code.
    fn info(self) -> &'static str {
        match self.code {
            1 => "Missing parameter",
            2 => "Validation failed",
            5 => "Method is invalid",
            9 => "Method is unavailable",
            10 => "MethodOption is invalid",
            17 => "Payment is invalid",
            19 => "Country is invalid",
            20 => "MerchantTransactionID is duplicated",
            100 => "Currency is invalid",
            101 => "Customer email is missing",
            102 => "Customer email is invalid",
            118 => "Amount invalid",
            127 => "Site ID is missing",
            _ => "Generic error",
        }
    }
}

/// The fields of a refused payment that are said back as they were sent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SaidBack<'a> {
    #[serde(rename = "MerchantTransactionID")]
    pub reference: Option<&'a Loose>,
    #[serde(rename = "Amount")]
    pub amount: Option<&'a Loose>,
    #[serde(rename = "Currency")]
    pub currency: Option<&'a Loose>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "Payment")]
    payment: Refused<'a>,
}

#[derive(Serialize)]
struct Refused<'a> {
    #[serde(rename = "ID")]
    id: Option<u64>,
    #[serde(rename = "InvalidRequestID")]
    invalid_request: String,
    #[serde(flatten)]
    said_back: SaidBack<'a>,
    #[serde(rename = "Status")]
    status: RefusedStatus,
}

#[derive(Serialize)]
struct RefusedStatus {
    #[serde(rename = "ID")]
    id: Option<u8>,
    #[serde(rename = "Info")]
    info: Option<&'static str>,
    #[serde(rename = "Reasons")]
    reasons: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Info")]
    info: &'static str,
}

/// 400 for a request that was rejected before a payment existed.
pub(crate) fn response(number: u64, refusals: &[Refusal], said_back: SaidBack<'_>) -> Response {
    let reasons = refusals.iter().map(|refusal| Reason {
        code: refusal.code.to_string(),
        info: refusal.info(),
    });
    let status = RefusedStatus {
        id: None,
        info: None,
        reasons: reasons.collect(),
    };
    Response::json(
        400,
        &Body {
            payment: Refused {
                id: None,
                invalid_request: format!("i{number}"),
                said_back,
                status,
            },
        },
    )
}

/// What the books note about a refusal.
pub(crate) fn note(refusals: &[Refusal]) -> String {
    let notes = refusals
        .iter()
        .map(|refusal| format!("{}: {} ({})", refusal.field, refusal.info(), refusal.code));
    notes.collect::<Vec<_>>().join("; ")
}
