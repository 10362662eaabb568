//! The gateway's legs of a payment.

use serde::{Deserialize, Serialize};

use super::{Amount, Id, Status, amount, lenient};

/// One of `Splits` in a request to create a payment or to add splits to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitRequest {
    /// The site that receives.
    #[serde(rename = "SiteID")]
    pub site_id: Id,
    /// What it receives, in hundredths of the unit of the payment's currency.
    #[serde(rename = "Amount")]
    pub amount: Amount,
    /// Our reference of the split. Evidently not checked for duplicates.
    #[serde(
        default,
        rename = "MerchantTransactionID",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub merchant_transaction_id: Option<String>,
    /// The seller's reference of the split.
    #[serde(
        default,
        rename = "OriginatorTransactionID",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub originator_transaction_id: Option<String>,
}

/// One of `Splits` in an answer or a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Split {
    /// The gateway's id of the split.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<Id>,
    /// The payment it belongs to.
    #[serde(rename = "PaymentID", deserialize_with = "lenient::digits")]
    pub payment_id: Option<Id>,
    /// The site that receives.
    #[serde(rename = "SiteID", deserialize_with = "lenient::digits")]
    pub site_id: Option<Id>,
    /// Our reference of the split.
    #[serde(rename = "MerchantTransactionID", deserialize_with = "lenient::text")]
    pub merchant_transaction_id: Option<String>,
    /// The seller's reference of the split.
    #[serde(rename = "OriginatorTransactionID", deserialize_with = "lenient::text")]
    pub originator_transaction_id: Option<String>,
    /// `yyyyMMddHHmmss`, UTC.
    #[serde(rename = "Created", deserialize_with = "lenient::text")]
    pub created: Option<String>,
    /// Hundredths of the unit.
    #[serde(rename = "Amount", deserialize_with = "lenient::digits")]
    pub amount: Option<Amount>,
    /// ISO 4217 code.
    #[serde(rename = "Currency", deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// Hundredths of the unit; filled by partial captures only, `""` otherwise, also after a full capture.
    #[serde(
        rename = "CapturedAmount",
        deserialize_with = "lenient::digits",
        serialize_with = "amount::or_empty"
    )]
    pub captured_amount: Option<Amount>,
    /// The status under the name that every example uses.
    #[serde(rename = "StateDetails", skip_serializing_if = "Option::is_none")]
    pub state_details: Option<Status>,
    /// The status under the name that the schema uses.
    #[serde(rename = "Status", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl Split {
    /// The status, under whichever name it came.
    #[must_use]
    pub fn state(&self) -> Option<&Status> {
        self.state_details.as_ref().or(self.status.as_ref())
    }
}

/// `{"Splits": [...]}`: adding splits has no `Payment` around it, in the request as in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitsEnvelope<T> {
    /// The splits.
    #[serde(rename = "Splits")]
    pub splits: Vec<T>,
}
