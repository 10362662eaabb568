//! Lists of payments.

use serde::{Deserialize, Serialize};

use super::{Payment, lenient};

/// The answer to `GET /v1/payments?…`. Items carry "only a limited amount of details".
///
/// The card host's list has no documented envelope but for `Payments`; its other fields are null then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(
    default,
    rename_all = "PascalCase",
    bound(deserialize = "T: Default + Deserialize<'de>")
)]
pub struct PaymentList<T = Payment> {
    /// The page's payments, newest first unless asked otherwise; nothing when the list itself failed.
    pub payments: Option<Vec<T>>,
    /// How many pages there are.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub total_pages: Option<u64>,
    /// How many payments a page holds; 50 unless asked otherwise.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub page_size: Option<u64>,
    /// Which page this is.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub page_index: Option<u64>,
    /// How many payments this page has.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub count: Option<u64>,
    /// How many payments match.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub total_count: Option<u64>,
    /// Why the list failed.
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
