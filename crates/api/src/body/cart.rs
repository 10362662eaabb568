//! Carts.

use domain::cart::{CartDraft, DiscountDraft, FeeDraft, Funder, LineDraft, NamesDraft, ShippingDraft};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A cart to be divided without a payment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteBody {
    /// The cart.
    pub cart: CartBody,
}

/// What the buyer agreed to. All amounts are integers in minor units of `currency`, at most 9999999999.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CartBody {
    /// An ISO 4217 code.
    #[schema(example = "EUR")]
    pub currency: String,
    /// What is sold: 1 to 500 lines.
    pub lines: Vec<LineBody>,
    /// What bringing it costs, at most once per seller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<ShippingBody>,
    /// What is taken off, applied in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<DiscountBody>,
    /// What the marketplace asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<FeeBody>,
}

/// A line of a cart.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    /// Your name for the line, unique in the cart.
    #[schema(example = "l1")]
    pub id: String,
    /// Whose it is.
    #[schema(example = "s1")]
    pub seller: String,
    /// What people call it.
    #[schema(example = "Lamp")]
    pub name: String,
    /// How many.
    #[schema(example = 2)]
    pub quantity: i64,
    /// The price of one, in minor units.
    #[schema(example = 1999)]
    pub unit_price: i64,
    /// What fee plans may tell it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "home")]
    pub category: Option<String>,
    /// The seller's own number for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "L-1")]
    pub sku: Option<String>,
}

/// A seller's shipping.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingBody {
    /// Who brings; it has a line in the cart.
    #[schema(example = "s1")]
    pub seller: String,
    /// Minor units.
    #[schema(example = 490)]
    pub amount: i64,
}

/// A discount: exactly one of `amount` and `percent_bp`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscountBody {
    /// Your name for the discount, unique in the cart.
    #[schema(example = "d1")]
    pub id: String,
    /// Minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 500)]
    pub amount: Option<i64>,
    /// Basis points of the original price: 1000 is 10 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent_bp: Option<i64>,
    /// Which lines it is for.
    pub applies_to: AppliesToBody,
    /// `seller` or `marketplace`: who bears it.
    #[schema(value_type = String, example = "marketplace")]
    pub funded_by: Funder,
}

/// Which lines a discount is for: exactly one of the three.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliesToBody {
    /// `true`: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    pub cart: Option<bool>,
    /// Those of this seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// This line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// A fee of the marketplace.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeBody {
    /// Your name for the fee, unique in the cart.
    #[schema(example = "service")]
    pub id: String,
    /// Minor units.
    #[schema(example = 99)]
    pub amount: i64,
}

impl From<CartBody> for CartDraft {
    fn from(body: CartBody) -> Self {
        Self {
            currency: body.currency,
            lines: body.lines.into_iter().map(LineDraft::from).collect(),
            shipping: body.shipping.into_iter().map(ShippingDraft::from).collect(),
            discounts: body.discounts.into_iter().map(DiscountDraft::from).collect(),
            fees: body.fees.into_iter().map(FeeDraft::from).collect(),
        }
    }
}

impl From<LineBody> for LineDraft {
    fn from(body: LineBody) -> Self {
        let LineBody {
            id,
            seller,
            name,
            quantity,
            unit_price,
            category,
            sku,
        } = body;
        Self {
            id,
            seller,
            name,
            quantity,
            unit_price,
            category,
            sku,
        }
    }
}

impl From<ShippingBody> for ShippingDraft {
    fn from(body: ShippingBody) -> Self {
        let ShippingBody { seller, amount } = body;
        Self { seller, amount }
    }
}

impl From<DiscountBody> for DiscountDraft {
    fn from(body: DiscountBody) -> Self {
        let DiscountBody {
            id,
            amount,
            percent_bp,
            applies_to,
            funded_by,
        } = body;
        let AppliesToBody { cart, seller, line } = applies_to;
        Self {
            id,
            amount,
            percent_bp,
            applies_to: NamesDraft { cart, seller, line },
            funded_by,
        }
    }
}

impl From<FeeBody> for FeeDraft {
    fn from(body: FeeBody) -> Self {
        let FeeBody { id, amount } = body;
        Self { id, amount }
    }
}
