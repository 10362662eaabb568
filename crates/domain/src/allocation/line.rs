//! What goes back with a line: its price, and how the parties hold it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{IdError, LineId, SellerId, serde_as_text};
use crate::money::Amount;
use crate::seller::Party;

/// Something that can go back: an item, a seller's shipping, a fee, or a split that was added with an amount of its own.
/// In text `line:l1`, `shipping:s1`, `fee:service`, `split:3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineRef {
    /// A line of the cart.
    Item(LineId),
    /// The shipping of a seller.
    Shipping(SellerId),
    /// A fee of the marketplace.
    Fee(LineId),
    /// A split that was added explicitly, by its number: a line without commission.
    Split(u16),
}

serde_as_text!(LineRef);

/// How a line's money is held. The buyer paid `price − marketplace_discount` for it; the seller holds
/// `price − commission`, the marketplace `commission − marketplace_discount` (which may be negative). All minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineShare {
    /// Which line.
    pub line: LineRef,
    /// Who sold it; of a fee, the marketplace.
    pub party: Party,
    /// Its price after seller-funded discounts.
    pub price: Amount,
    /// The commission on it; of a fee, none.
    pub commission: Amount,
    /// The marketplace-funded discounts on it.
    pub marketplace_discount: Amount,
    /// Of how many units it is; of shipping and fees, 1.
    pub quantity: u32,
}

impl LineShare {
    /// What the buyer paid for it, in minor units.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.price.get() - self.marketplace_discount.get()
    }

    /// What who sold it holds of it, in minor units.
    #[must_use]
    pub fn held_by_seller(&self) -> i64 {
        self.price.get() - self.commission.get()
    }

    /// What the marketplace holds of it beyond what it sold itself, in minor units; it may be negative.
    #[must_use]
    pub fn held_by_marketplace(&self) -> i64 {
        self.commission.get() - self.marketplace_discount.get()
    }
}

/// What a party is owed of these lines, in minor units.
pub(super) fn owed(lines: &[LineShare], party: &Party) -> i128 {
    let sold = lines
        .iter()
        .filter(|line| line.party == *party)
        .map(|line| i128::from(line.held_by_seller()));
    match party {
        Party::Seller(_) => sold.sum(),
        Party::Marketplace => sold
            .chain(lines.iter().map(|line| i128::from(line.held_by_marketplace())))
            .sum(),
    }
}

impl fmt::Display for LineRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(id) => write!(f, "line:{id}"),
            Self::Shipping(seller) => write!(f, "shipping:{seller}"),
            Self::Fee(id) => write!(f, "fee:{id}"),
            Self::Split(number) => write!(f, "split:{number}"),
        }
    }
}

impl FromStr for LineRef {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once(':') {
            Some(("line", id)) => id.parse().map(Self::Item),
            Some(("shipping", seller)) => seller.parse().map(Self::Shipping),
            Some(("fee", id)) => id.parse().map(Self::Fee),
            Some(("split", number)) => number.parse().map(Self::Split).map_err(|_| NOT_A_LINE),
            _ => Err(NOT_A_LINE),
        }
    }
}

const NOT_A_LINE: IdError = IdError {
    kind: "a reference to a line",
    accepts: "line:, shipping: or fee: and an id, or split: and a number",
};
