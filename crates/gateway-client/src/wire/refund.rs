//! Refunds.

use serde::{Deserialize, Serialize};

use super::{Address, Amount, Customer, Id, Opaque, Scalar, Status, amount, lenient};

/// `{"Refund": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEnvelope<T> {
    /// The refund.
    #[serde(rename = "Refund")]
    pub refund: T,
}

/// `{"Refunds": [...]}`, newest first: the refunds of a payment, those of its splits included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundList {
    /// The refunds.
    #[serde(rename = "Refunds")]
    pub refunds: Vec<Refund>,
}

/// The body of a refund of a payment or a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// Our reference of the refund.
    #[serde(rename = "MerchantTransactionID")]
    pub merchant_transaction_id: String,
    /// The originator's reference of the refund.
    #[serde(
        default,
        rename = "OriginatorTransactionID",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub originator_transaction_id: Option<String>,
    /// Hundredths of the unit; written as a number.
    #[serde(rename = "Amount", serialize_with = "amount::as_number")]
    pub amount: Amount,
    /// Shown to the buyer.
    #[serde(
        default,
        rename = "Description",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub description: Option<String>,
    /// Where to send the money when the method cannot.
    #[serde(default, rename = "Details", skip_serializing_if = "Option::is_none")]
    pub details: Option<Opaque>,
    /// Articles given back; some methods insist.
    #[serde(default, rename = "Articles", skip_serializing_if = "Option::is_none")]
    pub articles: Option<Opaque>,
}

/// A refund in an answer, a list or a notification.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refund {
    /// The gateway's id of the refund; null when the request was rejected.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<Id>,
    /// The id of the stored invalid request.
    #[serde(rename = "InvalidRequestID", skip_serializing_if = "Option::is_none")]
    pub invalid_request_id: Option<Scalar>,
    /// `yyyyMMddHHmmss`, UTC.
    #[serde(rename = "Created", deserialize_with = "lenient::text")]
    pub created: Option<String>,
    /// Our reference of the refund.
    #[serde(rename = "MerchantTransactionID", deserialize_with = "lenient::text")]
    pub merchant_transaction_id: Option<String>,
    /// The originator's reference of the refund.
    #[serde(rename = "OriginatorTransactionID", deserialize_with = "lenient::text")]
    pub originator_transaction_id: Option<String>,
    /// The payment it gives back from.
    #[serde(rename = "InitialPaymentID", deserialize_with = "lenient::digits")]
    pub initial_payment_id: Option<Id>,
    /// Hundredths of the unit.
    #[serde(rename = "Amount", deserialize_with = "lenient::digits")]
    pub amount: Option<Amount>,
    /// ISO 4217 code.
    #[serde(rename = "Currency", deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// Shown to the buyer.
    #[serde(rename = "Description", deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// How the money travels: 1 native, 2 SEPA transfer and so on.
    #[serde(rename = "TypeID", deserialize_with = "lenient::loose_digits")]
    pub type_id: Option<u32>,
    /// The site that gives back.
    #[serde(rename = "SiteID", deserialize_with = "lenient::loose_digits")]
    pub site_id: Option<Id>,
    /// Where the money goes.
    #[serde(rename = "Details")]
    pub details: Option<Opaque>,
    /// Who is paid back.
    #[serde(rename = "Customer")]
    pub customer: Option<Customer>,
    /// Their address.
    #[serde(rename = "BillingAddress")]
    pub billing_address: Option<Address>,
    /// Their bank's address.
    #[serde(rename = "BankAddress")]
    pub bank_address: Option<Address>,
    /// Articles given back.
    #[serde(rename = "Articles")]
    pub articles: Option<Opaque>,
    /// 1 open, 2 success, 4 failed.
    #[serde(rename = "Status")]
    pub status: Option<Status>,
    /// The status under the other name that some answers use.
    #[serde(rename = "StateDetails", skip_serializing_if = "Option::is_none")]
    pub state_details: Option<Status>,
    /// The split it gives back from; 0 or absent when none.
    #[serde(
        rename = "SplitID",
        deserialize_with = "lenient::digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub split_id: Option<Id>,
}

impl Refund {
    /// The status, under whichever name it came.
    #[must_use]
    pub fn state(&self) -> Option<&Status> {
        self.status.as_ref().or(self.state_details.as_ref())
    }
}
