//! How much of a payment is back with the buyer, in one word.

use super::Payment;
use crate::money::Amount;

/// How much of a payment is back with the buyer, by refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refunded {
    /// Nothing.
    None,
    /// Something.
    Partly,
    /// Everything that was taken.
    Fully,
}

impl Refunded {
    /// Every word, for filters and tests.
    pub const ALL: [Self; 3] = [Self::None, Self::Partly, Self::Fully];

    /// The word on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Partly => "partly",
            Self::Fully => "fully",
        }
    }

    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

impl Payment {
    /// How much of it is back with the buyer; what is only on its way does not count.
    pub fn refunded(&self) -> Refunded {
        if self.is_fully_refunded() {
            Refunded::Fully
        } else if self.splits.iter().any(|split| split.amount_refunded > Amount::ZERO) {
            Refunded::Partly
        } else {
            Refunded::None
        }
    }
}
