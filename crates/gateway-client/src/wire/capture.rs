//! Capturing part of what was authorized.

use serde::{Deserialize, Serialize};

use super::{Amount, Id, PaymentEnvelope, amount};

/// The body of a capture of several splits at once; wrap it with [`CaptureRequest::of`]. A full capture has no body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureRequest {
    /// What to capture of which split.
    #[serde(rename = "Splits")]
    pub splits: Vec<SplitCapture>,
}

/// What to capture of one split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitCapture {
    /// The gateway's id of the split.
    #[serde(rename = "ID")]
    pub id: Id,
    /// Hundredths of the unit; written as a number.
    #[serde(rename = "Amount", serialize_with = "amount::as_number")]
    pub amount: Amount,
}

impl CaptureRequest {
    /// The whole body.
    #[must_use]
    pub fn of(splits: Vec<SplitCapture>) -> PaymentEnvelope<Self> {
        PaymentEnvelope {
            payment: Self { splits },
        }
    }
}
