//! Payments.

use serde::{Deserialize, Serialize};

use super::{
    Address, AddressRequest, Amount, CardRequest, CreditCardToken, Customer, CustomerRequest, Id, Opaque, Private,
    Scalar, Split, SplitRequest, Status, lenient,
};

/// `{"Payment": …}`: around requests, answers and notifications alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEnvelope<T> {
    /// The payment.
    #[serde(rename = "Payment")]
    pub payment: T,
}

/// The body of `POST /v1/payments`, on either host. What is absent is omitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PaymentRequest {
    /// The reference: unique per site, `^[0-9a-zA-Z_-]{1,50}$`.
    #[serde(rename = "MerchantTransactionID")]
    pub merchant_transaction_id: String,
    /// Hundredths of the unit.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// The method; splits require one, the card host has none.
    #[serde(
        default,
        rename = "MethodID",
        deserialize_with = "lenient::digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub method_id: Option<u32>,
    /// The method's option, such as a bank.
    #[serde(
        default,
        rename = "MethodOptionID",
        deserialize_with = "lenient::digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub method_option_id: Option<u32>,
    /// The marketplace's own reference: the order.
    #[serde(
        default,
        rename = "OriginatorTransactionID",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub originator_transaction_id: Option<String>,
    /// Where the buyer's browser goes afterwards; it proves nothing.
    #[serde(
        default,
        rename = "ReturnURL",
        deserialize_with = "lenient::text",
        skip_serializing_if = "Option::is_none"
    )]
    pub return_url: Option<String>,
    /// Shown to the buyer, at most 255 characters.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Shown on the buyer's statement; card host.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub statement_descriptor: Option<String>,
    /// Minutes that `RedirectURL` lives.
    #[serde(
        default,
        deserialize_with = "lenient::digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub token_lifetime: Option<u32>,
    /// The same on the card host.
    #[serde(
        default,
        deserialize_with = "lenient::digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub payment_token_lifetime: Option<u32>,
    /// Language of the payment page.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The buyer's address on the network.
    #[serde(default, rename = "ClientIP", skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<Private>,
    /// Look of the payment page.
    #[serde(
        default,
        rename = "SkinID",
        deserialize_with = "lenient::digits",
        skip_serializing_if = "Option::is_none"
    )]
    pub skin_id: Option<u32>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerRequest>,
    /// Where they live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<AddressRequest>,
    /// Where the goods go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<AddressRequest>,
    /// What is bought; some methods insist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub articles: Option<Opaque>,
    /// What some methods want to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Opaque>,
    /// A card's own data; card host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardRequest>,
    /// A kept card; card host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_card_token: Option<CreditCardToken>,
    /// Capture at once, or only authorize; card host.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub capture: Option<bool>,
    /// Keep the card and return its token; card host.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    pub generate_credit_card_token: Option<bool>,
    /// Let the buyer's bank authenticate them; card host.
    #[serde(
        default,
        rename = "3DSecure",
        deserialize_with = "lenient::flag",
        skip_serializing_if = "Option::is_none"
    )]
    pub three_d_secure: Option<bool>,
    /// Who receives how much; nothing for a payment without splits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splits: Option<Vec<SplitRequest>>,
}

impl PaymentRequest {
    /// A request with what every one has, and nothing else.
    #[must_use]
    pub fn of(reference: &str, amount: Amount, currency: &str) -> Self {
        Self {
            merchant_transaction_id: reference.to_owned(),
            amount,
            currency: currency.to_owned(),
            method_id: None,
            method_option_id: None,
            originator_transaction_id: None,
            return_url: None,
            description: None,
            statement_descriptor: None,
            token_lifetime: None,
            payment_token_lifetime: None,
            language: None,
            client_ip: None,
            skin_id: None,
            customer: None,
            billing_address: None,
            shipping_address: None,
            articles: None,
            details: None,
            card: None,
            credit_card_token: None,
            capture: None,
            generate_credit_card_token: None,
            three_d_secure: None,
            splits: None,
        }
    }
}

/// A payment of the method host in an answer, a list or a notification. Every field is written, null when absent, but for
/// `InvalidRequestID` and `Splits`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Payment {
    /// The gateway's id of the payment; null when the request was rejected.
    #[serde(rename = "ID", deserialize_with = "lenient::digits")]
    pub id: Option<Id>,
    /// The id of the stored invalid request.
    #[serde(rename = "InvalidRequestID", skip_serializing_if = "Option::is_none")]
    pub invalid_request_id: Option<Scalar>,
    /// Look of the payment page.
    #[serde(rename = "SkinID", deserialize_with = "lenient::loose_digits")]
    pub skin_id: Option<u32>,
    /// The buyer's address on the network.
    #[serde(rename = "ClientIP")]
    pub client_ip: Option<Private>,
    /// `yyyyMMddHHmmss`, UTC.
    #[serde(deserialize_with = "lenient::text")]
    pub created: Option<String>,
    /// Our reference.
    #[serde(rename = "MerchantTransactionID", deserialize_with = "lenient::text")]
    pub merchant_transaction_id: Option<String>,
    /// The marketplace's own reference; a single split's after that split was captured.
    #[serde(rename = "OriginatorTransactionID", deserialize_with = "lenient::text")]
    pub originator_transaction_id: Option<String>,
    /// Hundredths of the unit.
    #[serde(deserialize_with = "lenient::digits")]
    pub amount: Option<Amount>,
    /// ISO 4217 code.
    #[serde(deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// Hundredths of the unit; null before any capture, also after a one-step success.
    #[serde(deserialize_with = "lenient::digits")]
    pub captured_amount: Option<Amount>,
    /// Where the buyer's browser goes afterwards.
    #[serde(rename = "ReturnURL", deserialize_with = "lenient::text")]
    pub return_url: Option<String>,
    /// Shown to the buyer; `""` at creation, null later.
    #[serde(deserialize_with = "lenient::text")]
    pub description: Option<String>,
    /// The method.
    #[serde(rename = "MethodID", deserialize_with = "lenient::digits")]
    pub method_id: Option<u32>,
    /// The method's option.
    #[serde(rename = "MethodOptionID", deserialize_with = "lenient::loose_digits")]
    pub method_option_id: Option<u32>,
    /// Methods shown to the buyer.
    #[serde(rename = "IncludeMethodIDs")]
    pub include_method_ids: Option<Opaque>,
    /// Methods hidden from the buyer.
    #[serde(rename = "ExcludeMethodIDs")]
    pub exclude_method_ids: Option<Opaque>,
    /// The order in which methods are shown.
    #[serde(rename = "PrioritizeMethodIDs")]
    pub prioritize_method_ids: Option<Opaque>,
    /// The first split's site, not the marketplace's.
    #[serde(rename = "SiteID", deserialize_with = "lenient::loose_digits")]
    pub site_id: Option<Id>,
    /// `yyyyMMddHHmmss`, UTC; null at creation and in notifications.
    #[serde(deserialize_with = "lenient::text")]
    pub notification_date_time: Option<String>,
    /// Who pays; may be null though it was sent.
    pub customer: Option<Customer>,
    /// Where they live.
    pub billing_address: Option<Address>,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// What is bought.
    pub articles: Option<Opaque>,
    /// The payer's account and such.
    pub details: Option<Opaque>,
    /// What the buyer needs for paying offline.
    pub reference_details: Option<Opaque>,
    /// Free parameters.
    pub custom_parameters: Option<Opaque>,
    /// The standing order that paid.
    #[serde(rename = "PreapprovalID", deserialize_with = "lenient::loose_digits")]
    pub preapproval_id: Option<Id>,
    /// The payment's status.
    pub status: Option<Status>,
    /// What the fraud check said.
    pub fraud: Option<Opaque>,
    /// The method's own reference.
    #[serde(rename = "MethodTransactionID", deserialize_with = "lenient::text")]
    pub method_transaction_id: Option<String>,
    /// Minutes that `RedirectURL` lives.
    #[serde(deserialize_with = "lenient::loose_digits")]
    pub token_lifetime: Option<u32>,
    /// Capture at once, or only authorize.
    #[serde(deserialize_with = "lenient::flag")]
    pub capture: Option<bool>,
    /// The standing order to be made.
    pub preapproval_details: Option<Opaque>,
    /// Where the buyer pays; it holds a token.
    #[serde(rename = "RedirectURL")]
    pub redirect_url: Option<Private>,
    /// Who receives how much; absent on payments without splits, only the captured one after capturing a single split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub splits: Option<Vec<Split>>,
}
