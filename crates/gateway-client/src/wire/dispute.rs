//! Disputes, which only notifications carry.

use serde::{Deserialize, Serialize};

use super::{Amount, Id, Status, lenient};

/// `{"Dispute": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeEnvelope {
    /// The dispute.
    #[serde(rename = "Dispute")]
    pub dispute: Dispute,
}

/// A buyer's bank takes the money back, or tries to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dispute {
    /// The gateway's id of the dispute.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<Id>,
    /// The site it concerns.
    #[serde(rename = "SiteID", deserialize_with = "lenient::loose_digits")]
    pub site_id: Option<Id>,
    /// `yyyyMMddHHmmss`, UTC.
    #[serde(rename = "Created", deserialize_with = "lenient::text")]
    pub created: Option<String>,
    /// The payment disputed.
    #[serde(rename = "PaymentID", deserialize_with = "lenient::digits")]
    pub payment_id: Option<Id>,
    /// The payment's method.
    #[serde(rename = "MethodID", deserialize_with = "lenient::loose_digits")]
    pub method_id: Option<u32>,
    /// Hundredths of the unit.
    #[serde(rename = "Amount", deserialize_with = "lenient::digits")]
    pub amount: Option<Amount>,
    /// ISO 4217 code.
    #[serde(rename = "Currency", deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// 1 open, 23 won, 24 lost.
    #[serde(rename = "Status")]
    pub status: Option<Status>,
}
