//! Who pays.

use serde::{Deserialize, Serialize};

use super::{Id, Private, lenient};

/// `Customer` of a request: what is absent is omitted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CustomerRequest {
    /// The merchant's id of the customer.
    #[serde(rename = "MerchantCustomerID", skip_serializing_if = "Option::is_none")]
    pub merchant_customer_id: Option<Private>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Private>,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Private>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Private>,
    /// Gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Private>,
    /// National identity number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_security_number: Option<Private>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Private>,
    /// Company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<Private>,
    /// `yyyyMMdd`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<Private>,
}

/// `Customer` of a response: every field is written, null when absent, but for `ID`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Customer {
    /// The gateway's id of the customer; returned for some methods only.
    #[serde(
        rename = "ID",
        deserialize_with = "lenient::loose_digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub id: Option<Id>,
    /// The merchant's id of the customer.
    #[serde(rename = "MerchantCustomerID")]
    pub merchant_customer_id: Option<Private>,
    /// E-mail address.
    pub email: Option<Private>,
    /// First name.
    pub first_name: Option<Private>,
    /// Last name.
    pub last_name: Option<Private>,
    /// Gender.
    pub gender: Option<Private>,
    /// National identity number.
    pub social_security_number: Option<Private>,
    /// Phone number.
    pub phone: Option<Private>,
    /// Company.
    pub company: Option<Private>,
    /// `yyyyMMdd`.
    pub date_of_birth: Option<Private>,
}

impl From<CustomerRequest> for Customer {
    fn from(request: CustomerRequest) -> Self {
        Self {
            id: None,
            merchant_customer_id: request.merchant_customer_id,
            email: request.email,
            first_name: request.first_name,
            last_name: request.last_name,
            gender: request.gender,
            social_security_number: request.social_security_number,
            phone: request.phone,
            company: request.company,
            date_of_birth: request.date_of_birth,
        }
    }
}
