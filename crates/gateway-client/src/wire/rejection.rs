//! The bodies of refusals.

use serde::{Deserialize, Serialize};

use super::{Amount, Id, Scalar, Status, lenient};

/// Any refusal's body: one of the resource keys for a request the gateway judged, `Message` for one that its framework
/// turned away, `Error` for a failed list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorBody {
    /// A payment, capture or cancel refused.
    #[serde(rename = "Payment", skip_serializing_if = "Option::is_none")]
    pub payment: Option<Rejected>,
    /// A refund refused.
    #[serde(rename = "Refund", skip_serializing_if = "Option::is_none")]
    pub refund: Option<Rejected>,
    /// A question or command about a kept card refused.
    #[serde(rename = "CardAuthentication", skip_serializing_if = "Option::is_none")]
    pub card_authentication: Option<Rejected>,
    /// A framework-level error: credentials, route.
    #[serde(
        rename = "Message",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub message: Option<String>,
    /// A list's error.
    #[serde(
        rename = "Error",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub error: Option<String>,
}

impl ErrorBody {
    /// The refused request, under whichever key it came.
    #[must_use]
    pub fn judged(&self) -> Option<&Rejected> {
        let payment_or_refund = self.payment.as_ref().or(self.refund.as_ref());
        payment_or_refund.or(self.card_authentication.as_ref())
    }
}

/// A refused request under its resource key: the request's fields echoed, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rejected {
    /// Null when no record exists; set when one was created and failed.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<Id>,
    /// The id of the stored invalid request: a number with an `i` before it, in some answers a plain number.
    #[serde(rename = "InvalidRequestID", skip_serializing_if = "Option::is_none")]
    pub invalid_request_id: Option<Scalar>,
    /// The request's reference.
    #[serde(rename = "MerchantTransactionID", deserialize_with = "lenient::text")]
    pub merchant_transaction_id: Option<String>,
    /// The request's amount, hundredths of the unit; nothing if it was not one.
    #[serde(rename = "Amount", deserialize_with = "lenient::loose_digits")]
    pub amount: Option<Amount>,
    /// The request's currency.
    #[serde(rename = "Currency", deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// `{ID: null, Info: null, Reasons: […]}` when no record exists, `{4, Failed, […]}` when one failed.
    #[serde(rename = "Status")]
    pub status: Option<Status>,
}
