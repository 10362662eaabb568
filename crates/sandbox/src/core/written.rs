//! Pieces of JSON as the gateway writes them.

use super::{refusal::Reason, status::Status};
use serde::{Serialize, Serializer};

/// A field that the documents always show as null.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Null;

impl Serialize for Null {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_unit()
    }
}

/// Hundredths, written as a string of digits.
pub(crate) struct Amount(pub u64);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&self.0)
    }
}

/// A split's captured amount: an empty string until a partial capture gives it a number.
pub(crate) struct SplitCaptured(pub Option<u64>);

impl Serialize for SplitCaptured {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(amount) => out.collect_str(&amount),
            None => out.serialize_str(""),
        }
    }
}

/// `{ID, Info, Reasons}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StatusDocument {
    #[serde(rename = "ID")]
    id: u8,
    info: &'static str,
    /// Null with most methods, an empty list with some and with cards.
    reasons: Option<Vec<Reason>>,
}

/// How a status without a reason is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reasons {
    /// `null`.
    Null,
    /// `[]`.
    Empty,
    /// `[]`, and codes are those of the card host.
    OfCards,
}

impl StatusDocument {
    pub fn new(status: Status, reason: Option<u16>, style: Reasons) -> Self {
        let written = reason.map(|code| vec![Reason::new(code, style == Reasons::OfCards)]);
        let without = (style != Reasons::Null).then(Vec::new);
        Self {
            id: status.0,
            info: status.info(),
            reasons: written.or(without),
        }
    }
}
