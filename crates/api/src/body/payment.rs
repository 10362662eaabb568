//! Payments.

use std::collections::BTreeMap;

use domain::capture_plan::Unanswered;
use domain::ids::CardId;
use domain::sale::{CaptureMode, SplitMode};
use engine::checkout::{AddressDraft, CardDraft, CustomerDraft, NewPayment};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cart::CartBody;

/// A wish for a payment.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    /// Your order. It has at most one live payment, unless `allow_another`.
    #[schema(example = "order-1001")]
    pub order: String,
    /// What the buyer agreed to.
    pub cart: CartBody,
    /// The gateway's method number. A split payment needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 9)]
    pub method_id: Option<u32>,
    /// `automatic` (unless said): in full, as soon as an authorization is confirmed. `manual`: when operators say so.
    #[serde(default)]
    #[schema(value_type = String, example = "automatic")]
    pub capture: CaptureMode,
    /// Of a payment that is captured by hand: when the one capture is made at the latest, RFC 3339. A day before the
    /// authorization lapses, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub capture_by: Option<String>,
    /// What counts then for sellers that have not said what they are ready to take: `full` (unless said) or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "full")]
    pub capture_unanswered: Option<Unanswered>,
    /// `now` (unless said): with its splits. `later`: they are added once the payment is captured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "now")]
    pub split: Option<SplitMode>,
    /// A kept card of the customer, and its security code, which lives for one call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardBody>,
    /// Whether the card that pays is to be kept for the customer. Needs method 6, the card host.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub save_card: bool,
    /// Where the gateway sends the buyer afterwards. That the buyer comes back proves nothing: read the payment.
    #[schema(example = "https://shop.example/thanks")]
    pub return_url: String,
    /// Shown on the payment page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Shown on the card statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_descriptor: Option<String>,
    /// The buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerBody>,
    /// The buyer's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<AddressBody>,
    /// The payment page's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "en-US")]
    pub language: Option<String>,
    /// How long the buyer has to act, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_lifetime_minutes: Option<u32>,
    /// The digest of the quote that the buyer was shown: refused if the cart would now be divided otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote_digest: Option<String>,
    /// Whether another live payment of the order is accepted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_another: bool,
    /// Your own keys (at most 50, of 40 characters) and values (of 500).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// A kept card that pays.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardBody {
    /// `card_…`
    #[schema(value_type = String)]
    pub id: CardId,
    /// Three or four digits. Never stored, logged or sent twice; not part of what an Idempotency-Key stands for.
    #[serde(skip_serializing)]
    #[schema(value_type = String, write_only, example = "312")]
    pub security_code: SecretString,
}

/// The buyer.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerBody {
    /// Your name for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "customer-7")]
    pub id: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "buyer@example.org")]
    pub email: Option<String>,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// The buyer's address.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressBody {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "RO")]
    pub country: String,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Street.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Number in the street.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_number: Option<String>,
}

impl From<PaymentBody> for NewPayment {
    fn from(body: PaymentBody) -> Self {
        Self {
            order: body.order,
            cart: body.cart.into(),
            method_id: body.method_id,
            capture: body.capture,
            capture_by: body.capture_by,
            capture_unanswered: body.capture_unanswered.unwrap_or_default(),
            split: body.split.unwrap_or_default(),
            card: body.card.map(|card| CardDraft {
                id: card.id,
                security_code: card.security_code,
            }),
            save_card: body.save_card,
            return_url: body.return_url,
            description: body.description,
            statement_descriptor: body.statement_descriptor,
            customer: body.customer.map(CustomerDraft::from),
            billing_address: body.billing_address.map(AddressDraft::from),
            language: body.language,
            token_lifetime_minutes: body.token_lifetime_minutes,
            quote_digest: body.quote_digest,
            allow_another: body.allow_another,
            metadata: body.metadata,
        }
    }
}

impl From<CustomerBody> for CustomerDraft {
    fn from(body: CustomerBody) -> Self {
        let CustomerBody {
            id,
            email,
            first_name,
            last_name,
            phone,
        } = body;
        Self {
            id,
            email,
            first_name,
            last_name,
            phone,
        }
    }
}

impl From<AddressBody> for AddressDraft {
    fn from(body: AddressBody) -> Self {
        let AddressBody {
            country,
            city,
            zip,
            state,
            street,
            street_number,
        } = body;
        Self {
            country,
            city,
            zip,
            state,
            street,
            street_number,
        }
    }
}
