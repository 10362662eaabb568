//! What the buyer agreed to: lines of sellers, their shipping, discounts, and the marketplace's fees.

mod check;
mod draft;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Faults};
use crate::ids::{LineId, SellerId};
use crate::money::{Amount, Currency};

pub use check::{
    CODES, DISCOUNTS_MAX, FEES_MAX, LINES_MAX, NAME_CHARACTERS_MAX, QUANTITY_MAX, SHIPPING_MAX, WORD_CHARACTERS_MAX,
};
pub use draft::{CartDraft, DiscountDraft, FeeDraft, LineDraft, NamesDraft, ShippingDraft};

/// A cart, checked: not empty, one currency, every amount within limits and expressible at the gateway, every name
/// once. It is stored as its draft, and checked again when it is read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CartDraft", into = "CartDraft")]
pub struct Cart {
    currency: Currency,
    lines: Vec<LineItem>,
    shipping: Vec<Shipping>,
    discounts: Vec<Discount>,
    fees: Vec<Fee>,
}

/// So many of one thing, sold by one seller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    id: LineId,
    seller: SellerId,
    name: String,
    quantity: u32,
    unit_price: Amount,
    category: Option<String>,
    sku: Option<String>,
}

/// What a seller asks for bringing its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipping {
    seller: SellerId,
    amount: Amount,
}

/// What is taken off lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    id: LineId,
    size: DiscountSize,
    names: Names,
    funded_by: Funder,
}

/// How much a discount takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountSize {
    /// Exactly this.
    Amount(Amount),
    /// These basis points of the original price of what it names, at most what is left of it.
    PercentBp(u16),
}

/// The lines a discount is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// All.
    Cart,
    /// A seller's.
    Seller(SellerId),
    /// One.
    Line(LineId),
}

/// Who bears a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funder {
    /// Each seller, for its own lines.
    Seller,
    /// The marketplace, out of its commission.
    Marketplace,
}

/// What the marketplace itself asks of the buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    id: LineId,
    amount: Amount,
}

/// Everything that keeps a draft from being a cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartError(pub Faults);

impl Cart {
    /// Checks a draft, answering everything that is wrong with it (pointers are relative to the cart).
    pub fn try_new(draft: CartDraft) -> Result<Self, Faults> {
        check::cart(draft)
    }

    /// The one currency of all its amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The lines, in the caller's order; at least one.
    #[must_use]
    pub fn lines(&self) -> &[LineItem] {
        &self.lines
    }

    /// The sellers' shipping, at most one entry each.
    #[must_use]
    pub fn shipping(&self) -> &[Shipping] {
        &self.shipping
    }

    /// The discounts, in the order in which they apply.
    #[must_use]
    pub fn discounts(&self) -> &[Discount] {
        &self.discounts
    }

    /// The marketplace's fees.
    #[must_use]
    pub fn fees(&self) -> &[Fee] {
        &self.fees
    }

    /// Refuses a currency that does not have two decimals and is not among `confirmed`: how the gateway takes those is
    /// inferred, not documented.
    pub fn require_enabled(&self, confirmed: &[Currency]) -> Result<(), Fault> {
        if self.currency.exponent() == 2 || confirmed.contains(&self.currency) {
            return Ok(());
        }
        let detail = format!(
            "{} does not have two decimals: it can be sold in once it is listed in gateway.confirmed_currencies",
            self.currency
        );
        Err(Fault::new("/currency", "currency_not_enabled", detail))
    }
}

impl LineItem {
    /// The caller's name for it, once in a cart.
    #[must_use]
    pub fn id(&self) -> &LineId {
        &self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn seller(&self) -> &SellerId {
        &self.seller
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        self.quantity
    }

    /// The price of one, in minor units.
    #[must_use]
    pub fn unit_price(&self) -> Amount {
        self.unit_price
    }

    /// The original price of all of them, in minor units, before any discount.
    #[must_use]
    pub fn price(&self) -> Amount {
        // Construction keeps the product within the limit of amounts.
        let price = self.unit_price.get().saturating_mul(i64::from(self.quantity));
        Amount::try_new(price).unwrap_or(Amount::MAX)
    }

    /// What fee plans may tell it by.
    #[must_use]
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// The seller's own number for it.
    #[must_use]
    pub fn sku(&self) -> Option<&str> {
        self.sku.as_deref()
    }
}

impl Shipping {
    /// Who brings.
    #[must_use]
    pub fn seller(&self) -> &SellerId {
        &self.seller
    }

    /// For how much, in minor units.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.amount
    }
}

impl Discount {
    /// The caller's name for it, once among a cart's discounts.
    #[must_use]
    pub fn id(&self) -> &LineId {
        &self.id
    }

    /// How much it takes off.
    #[must_use]
    pub fn size(&self) -> DiscountSize {
        self.size
    }

    /// Which lines it is for.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Who bears it.
    #[must_use]
    pub fn funded_by(&self) -> Funder {
        self.funded_by
    }
}

impl Names {
    /// Whether the line is one of them.
    #[must_use]
    pub fn includes(&self, line: &LineItem) -> bool {
        match self {
            Self::Cart => true,
            Self::Seller(seller) => *seller == line.seller,
            Self::Line(id) => *id == line.id,
        }
    }
}

impl Fee {
    /// The caller's name for it, once among a cart's fees.
    #[must_use]
    pub fn id(&self) -> &LineId {
        &self.id
    }

    /// How much, in minor units.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.amount
    }
}

impl fmt::Display for CartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a cart:")?;
        self.0
            .iter()
            .try_for_each(|fault| write!(f, " {} {}", fault.pointer, fault.code))
    }
}

impl std::error::Error for CartError {}

impl TryFrom<CartDraft> for Cart {
    type Error = CartError;

    fn try_from(draft: CartDraft) -> Result<Self, CartError> {
        Self::try_new(draft).map_err(CartError)
    }
}
