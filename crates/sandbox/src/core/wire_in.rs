//! Requests as clients write them: numbers may be strings, unknown fields are passed over.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::fmt;

/// A number, a string or a boolean, kept as its text: the gateway takes `100` and `"100"` alike, and says back what it refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Loose(pub Box<str>);

impl Loose {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Text)
    }
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose(text.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose(number.to_string().into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
        Ok(Loose(number.to_string().into()))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Loose, E> {
        Ok(Loose(truth.to_string().into()))
    }
}

/// A text that no log, error or `Debug` shows.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Hidden(Loose);

impl Hidden {
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The body of `POST /v1/payments`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PaymentEnvelope {
    #[serde(rename = "Payment")]
    pub payment: Option<AskedPayment>,
}

/// The payment that is asked for. A field that is missing here is accepted and forgotten.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedPayment {
    #[serde(rename = "MerchantTransactionID")]
    pub reference: Option<Loose>,
    #[serde(rename = "OriginatorTransactionID")]
    pub originator: Option<Loose>,
    pub amount: Option<Loose>,
    pub currency: Option<Loose>,
    #[serde(rename = "ReturnURL")]
    pub return_url: Option<Loose>,
    pub description: Option<Loose>,
    #[serde(rename = "MethodID")]
    pub method: Option<Loose>,
    #[serde(rename = "MethodOptionID")]
    pub method_option: Option<Loose>,
    pub token_lifetime: Option<Loose>,
    pub capture: Option<bool>,
    pub customer: Option<Customer>,
    pub billing_address: Option<Address>,
    pub shipping_address: Option<Address>,
    pub articles: Option<Box<RawValue>>,
    pub splits: Option<Vec<AskedSplit>>,
    /// From here on what only the card host knows.
    pub card: Option<AskedCard>,
    #[serde(rename = "CreditCardToken")]
    pub token: Option<AskedToken>,
    #[serde(rename = "GenerateCreditCardToken")]
    pub generate_token: Option<bool>,
    #[serde(rename = "3DSecure")]
    pub three_d_secure: Option<bool>,
    pub payment_token_lifetime: Option<Loose>,
    pub statement_descriptor: Option<Loose>,
}

/// A card's own data.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedCard {
    pub holder_name: Option<Hidden>,
    pub number: Option<Hidden>,
    pub expiration_month: Option<Loose>,
    pub expiration_year: Option<Loose>,
    pub security_code: Option<Hidden>,
    pub require_security_code: Option<bool>,
}

/// A kept card.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedToken {
    pub value: Option<Hidden>,
    pub security_code: Option<Hidden>,
    pub require_security_code: Option<bool>,
}

/// The body of `POST /v1/card/authenticate`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AuthenticationEnvelope {
    pub card_authentication: Option<AskedAuthentication>,
}

/// A card to be kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedAuthentication {
    pub card: Option<AskedCard>,
}

/// The body of a capture; a full one has none.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CaptureEnvelope {
    pub payment: Option<AskedCapture>,
    pub total_capture_count: Option<Loose>,
}

/// What is to be captured of which split: a list, or on the card host a single one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedCapture {
    pub splits: Option<Vec<AskedPart>>,
    pub split: Option<AskedPart>,
    pub total_capture_count: Option<Loose>,
}

/// So much of a split.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedPart {
    #[serde(rename = "ID")]
    pub id: Option<Loose>,
    pub amount: Option<Loose>,
}

/// The body of `POST /v1/payments/{id}/splits`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SplitsEnvelope {
    pub splits: Option<Vec<AskedSplit>>,
}

/// The body of a refund.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RefundEnvelope {
    pub refund: Option<AskedRefund>,
}

/// The refund that is asked for. Bank details are accepted and forgotten.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedRefund {
    #[serde(rename = "MerchantTransactionID")]
    pub reference: Option<Loose>,
    #[serde(rename = "OriginatorTransactionID")]
    pub originator: Option<Loose>,
    pub amount: Option<Loose>,
    pub description: Option<Loose>,
    pub articles: Option<Box<RawValue>>,
}

/// A split that is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AskedSplit {
    #[serde(rename = "SiteID")]
    pub site: Option<Loose>,
    pub amount: Option<Loose>,
    #[serde(rename = "MerchantTransactionID")]
    pub reference: Option<Loose>,
    #[serde(rename = "OriginatorTransactionID")]
    pub originator: Option<Loose>,
}

/// The buyer, in the order in which the gateway says it back.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Customer {
    /// The gateway's own number, which only some methods show.
    #[serde(rename = "ID", skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(rename = "MerchantCustomerID")]
    pub merchant_customer_id: Option<Loose>,
    pub email: Option<Loose>,
    pub first_name: Option<Loose>,
    pub last_name: Option<Loose>,
    pub gender: Option<Loose>,
    pub social_security_number: Option<Loose>,
    pub phone: Option<Loose>,
    pub company: Option<Loose>,
    pub date_of_birth: Option<Loose>,
}

/// An address, in the order in which the gateway says it back.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Address {
    pub city: Option<Loose>,
    pub zip_code: Option<Loose>,
    pub state: Option<Loose>,
    pub street: Option<Loose>,
    pub street_number: Option<Loose>,
    pub house_number: Option<Loose>,
    pub house_extension: Option<Loose>,
    pub country: Option<Loose>,
}
