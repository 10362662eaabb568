//! Payments of the card host, which have another shape under the same key.

use serde::{Deserialize, Serialize};

use super::{Address, Amount, Customer, Id, Opaque, Private, Scalar, Split, Status, lenient};

/// The method number that every payment of the card host answers with.
pub const METHOD_ID: u32 = 6;

/// A card's own data in a request. Official clients send it; nothing of ours does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CardRequest {
    /// The name on the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_name: Option<Private>,
    /// 16 to 19 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Private>,
    /// `01` to `12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_month: Option<Private>,
    /// Two or four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_year: Option<Private>,
    /// Three or four digits; lives for one call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security_code: Option<Private>,
    /// False when the merchant pays without the buyer present.
    #[serde(deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub require_security_code: Option<bool>,
}

/// A kept card: its token, and in requests the security code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreditCardToken {
    /// The token.
    pub value: Private,
    /// Three or four digits; lives for one call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_code: Option<Private>,
    /// False when the merchant pays without the buyer present.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub require_security_code: Option<bool>,
}

/// A card as an answer shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Card {
    /// The name on the card.
    pub holder_name: Option<Private>,
    /// `Ends with 1111`.
    pub number: Option<Private>,
    /// `01` to `12`.
    pub expiration_month: Option<Private>,
    /// Four digits.
    pub expiration_year: Option<Private>,
    /// ISO 3166 country, two letters.
    #[serde(deserialize_with = "lenient::text")]
    pub issuing_bank_country: Option<String>,
}

/// `{"CardAuthentication": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardAuthenticationEnvelope {
    /// The kept card.
    #[serde(rename = "CardAuthentication")]
    pub card_authentication: CardAuthentication,
}

/// A kept card without a payment, as far as it is read: the answer to giving one up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CardAuthentication {
    /// The card's status.
    pub status: Option<Status>,
}

/// A payment of the card host in an answer, a list or a notification. Every field is written, null when absent, but for
/// `InvalidRequestID` and `Splits`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CardPayment {
    /// The gateway's id of the payment; null when the request was rejected.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<Id>,
    /// The id of the stored invalid request.
    #[serde(rename = "InvalidRequestID", skip_serializing_if = "Option::is_none")]
    pub invalid_request_id: Option<Scalar>,
    /// The buyer's address on the network.
    #[serde(rename = "ClientIP")]
    pub client_ip: Option<Private>,
    /// Look of the payment page.
    #[serde(rename = "SkinID", deserialize_with = "lenient::loose_digits")]
    pub skin_id: Option<u32>,
    /// `yyyyMMddHHmmss`, UTC.
    #[serde(deserialize_with = "lenient::text")]
    pub created: Option<String>,
    /// Our reference.
    #[serde(rename = "MerchantTransactionID", deserialize_with = "lenient::text")]
    pub merchant_transaction_id: Option<String>,
    /// The marketplace's own reference.
    #[serde(rename = "OriginatorTransactionID", deserialize_with = "lenient::text")]
    pub originator_transaction_id: Option<String>,
    /// Hundredths of the unit.
    #[serde(deserialize_with = "lenient::digits")]
    pub amount: Option<Amount>,
    /// ISO 4217 code.
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// Hundredths of the unit; `"0"` on a cancelled payment.
    #[serde(deserialize_with = "lenient::digits")]
    pub captured_amount: Option<Amount>,
    /// Where the buyer's browser goes afterwards.
    #[serde(rename = "ReturnURL", deserialize_with = "lenient::text")]
    pub return_url: Option<String>,
    /// Shown to the buyer.
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// Shown on the buyer's statement.
    #[serde(deserialize_with = "lenient::text")]
    pub statement_descriptor: Option<String>,
    /// [`METHOD_ID`].
    #[serde(rename = "MethodID", deserialize_with = "lenient::digits")]
    pub method_id: Option<u32>,
    /// The method's option.
    #[serde(rename = "MethodOptionID", deserialize_with = "lenient::loose_digits")]
    pub method_option_id: Option<u32>,
    /// The site.
    #[serde(rename = "SiteID", deserialize_with = "lenient::loose_digits")]
    pub site_id: Option<Id>,
    /// `yyyyMMddHHmmss`, UTC.
    #[serde(deserialize_with = "lenient::text")]
    pub notification_date_time: Option<String>,
    /// Who pays.
    pub customer: Option<Customer>,
    /// Where they live.
    pub billing_address: Option<Address>,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// What is bought.
    pub articles: Option<Opaque>,
    /// The card that paid.
    pub card: Option<Card>,
    /// The kept card, if it was asked to be kept or was paid with.
    pub credit_card_token: Option<CreditCardToken>,
    /// The payment's status.
    pub status: Option<Status>,
    /// The method's own reference.
    #[serde(rename = "MethodTransactionID", deserialize_with = "lenient::text")]
    pub method_transaction_id: Option<String>,
    /// Minutes that `RedirectURL` lives.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub payment_token_lifetime: Option<u32>,
    /// Capture at once, or only authorize.
    #[serde(deserialize_with = "lenient::flag")]
    pub capture: Option<bool>,
    /// Where the buyer authenticates; it holds a token.
    #[serde(rename = "RedirectURL")]
    pub redirect_url: Option<Private>,
    /// Whether the buyer's bank authenticates them.
    #[serde(rename = "3DSecure", deserialize_with = "lenient::flag")]
    pub three_d_secure: Option<bool>,
    /// Who receives how much; absent on payments without splits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub splits: Option<Vec<Split>>,
}
