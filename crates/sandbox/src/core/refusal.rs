//! Why the gateway says no, and the body in which it says so.

use super::{codes, exchange::Response, wire_in::Loose};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// A return code of the gateway and the field it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub code: u16,
    /// Where in the request; told in the books only, because the gateway does not say.
    pub field: &'static str,
    /// The card host numbers its codes by itself.
    of_cards: bool,
}

impl Refusal {
    pub fn new(code: u16, field: &'static str) -> Self {
        Self {
            code,
            field,
            of_cards: false,
        }
    }

    /// A refusal of the card host.
    pub fn of_cards(code: u16, field: &'static str) -> Self {
        Self {
            code,
            field,
            of_cards: true,
        }
    }

    fn reason(self) -> Reason {
        Reason::new(self.code, self.of_cards)
    }
}

/// A return code and its text, as the gateway writes them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reason {
    code: String,
    info: &'static str,
}

impl Reason {
    pub fn new(code: u16, of_cards: bool) -> Self {
        Self {
            code: code.to_string(),
            info: codes::info(code, of_cards),
        }
    }
}

/// What was refused: the key of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Payment,
    Refund,
    CardAuthentication,
}

/// The fields of a refused request that are said back as they were sent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SaidBack<'a> {
    #[serde(rename = "MerchantTransactionID")]
    pub reference: Option<&'a Loose>,
    #[serde(rename = "Amount")]
    pub amount: Option<&'a Loose>,
    #[serde(rename = "Currency")]
    pub currency: Option<&'a Loose>,
}

struct Body<'a>(Resource, Refused<'a>);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let key = match self.0 {
            Resource::Payment => "Payment",
            Resource::Refund => "Refund",
            Resource::CardAuthentication => "CardAuthentication",
        };
        let mut body = out.serialize_map(Some(1))?;
        body.serialize_entry(key, &self.1)?;
        body.end()
    }
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

/// 400 for a request that was rejected before anything was recorded.
pub(crate) fn response(resource: Resource, number: u64, refusals: &[Refusal], said_back: SaidBack<'_>) -> Response {
    let refused = Refused {
        id: None,
        invalid_request: format!("i{number}"),
        said_back,
        status: RefusedStatus {
            id: None,
            info: None,
            reasons: refusals.iter().map(|refusal| refusal.reason()).collect(),
        },
    };
    Response::json(400, &Body(resource, refused))
}

/// What the books note about a refusal.
pub(crate) fn note(refusals: &[Refusal]) -> String {
    let notes = refusals.iter().map(|refusal| {
        let info = codes::info(refusal.code, refusal.of_cards);
        format!("{}: {info} ({})", refusal.field, refusal.code)
    });
    notes.collect::<Vec<_>>().join("; ")
}
