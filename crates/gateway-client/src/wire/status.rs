//! The gateway's status: a number, its name, and why.

use serde::{Deserialize, Serialize};

use super::{Scalar, lenient};

/// `Status` of a payment or refund, `StateDetails` of a split.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The status number; null on a request that was rejected before a record existed. Unknown numbers are kept.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<u32>,
    /// The status name.
    #[serde(rename = "Info", deserialize_with = "lenient::text")]
    pub info: Option<String>,
    /// Why; null or empty when there is nothing to say.
    #[serde(rename = "Reasons")]
    pub reasons: Option<Vec<Reason>>,
}

/// One reason of a status.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reason {
    /// The return code: a number in the schema, a string in the examples.
    #[serde(rename = "Code")]
    pub code: Option<Scalar>,
    /// The return code in words.
    #[serde(rename = "Info", deserialize_with = "lenient::text")]
    pub info: Option<String>,
}

impl Status {
    /// A status under its documented name, without reasons.
    #[must_use]
    pub fn of(id: u32) -> Self {
        Self {
            id: Some(id),
            info: info(id).map(str::to_owned),
            reasons: None,
        }
    }

    /// The reasons, none when null.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        self.reasons.as_deref().unwrap_or_default()
    }
}

impl Reason {
    /// A reason as the documents write it: the code in a string.
    #[must_use]
    pub fn of(code: u32, info: &str) -> Self {
        Self {
            code: Some(Scalar::Text(code.to_string())),
            info: Some(info.to_owned()),
        }
    }
}

/// The gateway's name for a status number of payments, refunds and disputes; nothing for numbers seen nowhere.
#[must_use]
pub fn info(id: u32) -> Option<&'static str> {
    let name = match id {
        1 => "Open",
        2 => "Success",
        3 => "Cancelled",
        4 => "Failed",
        5 => "Expired",
        6 => "PendingOnCustomer",
        7 => "PendingOnProvider",
        8 => "Submitted",
        9 => "Authorized",
        10 => "AuthorizeRequested",
        11 => "Captured",
        12 => "Rejected",
        13 => "CaptureRequested",
        14 => "Exception",
        15 => "CancelRequested",
        16 => "Reversed",
        17 => "Completed",
        18 => "Processing",
        19 => "Disputed",
        21 => "PartiallyRefunded",
        22 => "Refunded",
        23 => "DisputeWon",
        24 => "DisputeLost",
        25 => "Paid",
        26 => "Chargedback",
        27 => "SecondChargebackWon",
        28 => "SecondChargebackLost",
        30 => "PendingChallengeConfirmation",
        33 => "QueuedForCapturing",
        34 => "QueuedForCanceling",
        35 => "PartiallyCaptured",
        36 => "SuccessWaitForFraud",
        37 => "ExceptionWaitForFraud",
        38 => "Retrieval",
        39 => "SoftDeclined",
        _ => return None,
    };
    Some(name)
}
