//! What was sold and on which terms: everything about a payment that never changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocation::Allocation;
use crate::capture_plan::Unanswered;
use crate::cart::Cart;
use crate::ids::{CardId, CustomerId, OrderId, Reference};
use crate::payment::Claim;
use crate::sight::Host;
use crate::time::Timestamp;

/// How many steps a method takes to money (gateway.md §7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steps {
    /// Paying captures.
    One,
    /// Paying authorizes; a capture takes the money.
    Two,
}

/// What happens after an authorization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMode {
    /// Captured in full as soon as the authorization is confirmed.
    #[default]
    Automatic,
    /// Captured when ops, or the capture plan, say so.
    Manual,
}

impl CaptureMode {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Manual => "manual",
        }
    }
}

/// When a payment's owners are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitMode {
    /// With the payment.
    #[default]
    Now,
    /// Once it has ended in success: until then what is captured is unallocated.
    Later,
}

/// The buyer, as far as the storefront tells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The storefront's name for the customer.
    pub id: Option<CustomerId>,
    /// E-mail address.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

impl std::fmt::Debug for Customer {
    /// A person's data has no place in a log line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Customer").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where the buyer lives, as far as the storefront tells.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingAddress {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// City.
    pub city: Option<String>,
    /// Postal code.
    pub zip: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// Number in the street.
    pub street_number: Option<String>,
}

impl std::fmt::Debug for BillingAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BillingAddress")
            .field("country", &self.country)
            .finish_non_exhaustive()
    }
}

/// What was sold and on which terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// Whether the key that sold it was live.
    pub live: bool,
    /// The storefront's order.
    pub order: OrderId,
    /// The order as the gateway's `OriginatorTransactionID`: itself where it fits, else a digest of it.
    pub originator: Reference,
    /// What the buyer agreed to.
    pub cart: Cart,
    /// Who is owed what of it, and why.
    pub allocation: Allocation,
    /// The fee plan versions it was sold under, `standard@3`.
    pub fee_plans: Vec<String>,
    /// The gateway's method number.
    pub method: u32,
    /// How many steps the method takes.
    pub steps: Steps,
    /// What happens after an authorization.
    pub capture: CaptureMode,
    /// How many days an authorization lasts by this method.
    #[serde(default = "authorization_days")]
    pub authorization_days: u16,
    /// When the one capture is made at the latest, where the caller said; else a day before the authorization lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_by: Option<Timestamp>,
    /// What counts at that time for sellers that have not said what they are ready to take.
    #[serde(default)]
    pub capture_unanswered: Unanswered,
    /// Whether the splits travel with the payment.
    #[serde(default)]
    pub split: SplitMode,
    /// The kept card that pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardId>,
    /// Whether the card that pays is to be kept.
    #[serde(default)]
    pub save_card: bool,
    /// Where the gateway sends the buyer afterwards; proves nothing.
    pub return_url: String,
    /// Shown on the payment page.
    pub description: Option<String>,
    /// Shown on the card statement.
    pub statement_descriptor: Option<String>,
    /// The buyer.
    pub customer: Option<Customer>,
    /// The buyer's address.
    pub billing_address: Option<BillingAddress>,
    /// The payment page's language.
    pub language: Option<String>,
    /// How long the buyer has to act.
    pub token_lifetime_minutes: Option<u16>,
    /// Whether another live payment of the order is accepted.
    pub allow_another: bool,
    /// The storefront's own notes.
    pub metadata: BTreeMap<String, String>,
}

impl Sale {
    /// The order claim that its payment holds while it lives, unless another is allowed beside it.
    pub fn order_claim(&self) -> Option<Claim> {
        (!self.allow_another).then(|| Claim::Order(self.live, self.order.clone()))
    }

    /// Which of the gateway's hosts it is paid at.
    #[must_use]
    pub const fn host(&self) -> Host {
        if self.method == CARDS_METHOD {
            Host::Cards
        } else {
            Host::Pay
        }
    }
}

/// The method number of the card host (gateway.md §7).
pub const CARDS_METHOD: u32 = 6;

/// How long an authorization lasts where nobody says otherwise (gateway.md §2.4).
const fn authorization_days() -> u16 {
    7
}
