//! A cart as a storefront writes it: any text, any integer, not yet believed.

use serde::{Deserialize, Serialize};

use super::{Cart, Discount, DiscountSize, Fee, Funder, LineItem, Names, Shipping};

/// A cart, as in the body of `POST /v1/quotes` and `POST /v1/payments`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CartDraft {
    /// An ISO 4217 code; all amounts are its minor units.
    pub currency: String,
    /// What is sold.
    pub lines: Vec<LineDraft>,
    /// What bringing it costs.
    #[serde(default)]
    pub shipping: Vec<ShippingDraft>,
    /// What is taken off.
    #[serde(default)]
    pub discounts: Vec<DiscountDraft>,
    /// What the marketplace asks.
    #[serde(default)]
    pub fees: Vec<FeeDraft>,
}

/// A line of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineDraft {
    /// The storefront's name for the line.
    pub id: String,
    /// Whose it is.
    pub seller: String,
    /// What people call it.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// Minor units for one.
    pub unit_price: i64,
    /// What fee plans may tell it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The seller's own number for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
}

/// A seller's shipping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippingDraft {
    /// Who brings; it has a line.
    pub seller: String,
    /// Minor units.
    pub amount: i64,
}

/// A discount: exactly one of `amount` and `percent_bp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscountDraft {
    /// The storefront's name for the discount.
    pub id: String,
    /// Minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Basis points of the original price: 1000 is 10 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_bp: Option<i64>,
    /// Which lines it is for.
    pub applies_to: NamesDraft,
    /// Who bears it.
    pub funded_by: Funder,
}

/// Which lines a discount is for: exactly one of the three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamesDraft {
    /// `true`: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<bool>,
    /// Those of this seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// This one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// A fee of the marketplace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeeDraft {
    /// The storefront's name for the fee.
    pub id: String,
    /// Minor units.
    pub amount: i64,
}

impl From<Cart> for CartDraft {
    fn from(cart: Cart) -> Self {
        Self {
            currency: cart.currency.code().to_owned(),
            lines: cart.lines.into_iter().map(LineDraft::from).collect(),
            shipping: cart.shipping.into_iter().map(ShippingDraft::from).collect(),
            discounts: cart.discounts.into_iter().map(DiscountDraft::from).collect(),
            fees: cart.fees.into_iter().map(FeeDraft::from).collect(),
        }
    }
}

impl From<LineItem> for LineDraft {
    fn from(line: LineItem) -> Self {
        Self {
            id: line.id.to_string(),
            seller: line.seller.to_string(),
            name: line.name,
            quantity: line.quantity.into(),
            unit_price: line.unit_price.get(),
            category: line.category,
            sku: line.sku,
        }
    }
}

impl From<Shipping> for ShippingDraft {
    fn from(shipping: Shipping) -> Self {
        Self {
            seller: shipping.seller.to_string(),
            amount: shipping.amount.get(),
        }
    }
}

impl From<Discount> for DiscountDraft {
    fn from(discount: Discount) -> Self {
        let (amount, percent_bp) = match discount.size {
            DiscountSize::Amount(amount) => (Some(amount.get()), None),
            DiscountSize::PercentBp(percent) => (None, Some(percent.into())),
        };
        let applies_to = match discount.names {
            Names::Cart => NamesDraft {
                cart: Some(true),
                ..NamesDraft::default()
            },
            Names::Seller(seller) => NamesDraft {
                seller: Some(seller.to_string()),
                ..NamesDraft::default()
            },
            Names::Line(line) => NamesDraft {
                line: Some(line.to_string()),
                ..NamesDraft::default()
            },
        };
        Self {
            id: discount.id.to_string(),
            amount,
            percent_bp,
            applies_to,
            funded_by: discount.funded_by,
        }
    }
}

impl From<Fee> for FeeDraft {
    fn from(fee: Fee) -> Self {
        Self {
            id: fee.id.to_string(),
            amount: fee.amount.get(),
        }
    }
}
