//! Where the buyer lives.

use serde::{Deserialize, Serialize};

use super::{Id, Private, lenient};

/// `BillingAddress`, `ShippingAddress` or `BankAddress` of a request: what is absent is omitted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct AddressRequest {
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Private>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<Private>,
    /// State or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Private>,
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<Private>,
    /// Street number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_number: Option<Private>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_number: Option<Private>,
    /// House number extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_extension: Option<Private>,
    /// ISO 3166 country, two letters.
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// An address of a response: every field is written, null when absent, but for `ID`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Address {
    /// The gateway's id of the address; absent on split payments.
    #[serde(
        rename = "ID",
        deserialize_with = "lenient::loose_digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub id: Option<Id>,
    /// City.
    pub city: Option<Private>,
    /// Postal code.
    pub zip_code: Option<Private>,
    /// State or county.
    pub state: Option<Private>,
    /// Street.
    pub street: Option<Private>,
    /// Street number.
    pub street_number: Option<Private>,
    /// House number.
    pub house_number: Option<Private>,
    /// House number extension.
    pub house_extension: Option<Private>,
    /// ISO 3166 country, two letters.
    #[serde(deserialize_with = "lenient::text")]
    pub country: Option<String>,
}

impl From<AddressRequest> for Address {
    fn from(request: AddressRequest) -> Self {
        Self {
            id: None,
            city: request.city,
            zip_code: request.zip_code,
            state: request.state,
            street: request.street,
            street_number: request.street_number,
            house_number: request.house_number,
            house_extension: request.house_extension,
            country: request.country,
        }
    }
}
