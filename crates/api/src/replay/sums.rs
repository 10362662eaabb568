//! What parties have: captured, given back, moved between them, and left.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What the marketplace is called among the parties of a payment.
const MARKETPLACE: &str = "marketplace";

/// Figures of one party, or of several together, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sums {
    pub captured: i64,
    pub refunding: i64,
    pub refunded: i64,
    /// Moved between sellers and the marketplace; below 0 it was paid.
    pub adjusted: i64,
    pub balance: i64,
}

/// What each party has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shares {
    pub sellers: BTreeMap<String, Sums>,
    pub marketplace: Sums,
}

impl Sums {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        self.with(other, i64::saturating_add)
    }

    /// This without the other.
    pub fn minus(self, other: Self) -> Self {
        self.with(other, i64::saturating_sub)
    }

    /// What the balance must be, by the other figures.
    pub fn left(self) -> i64 {
        self.captured
            .saturating_sub(self.refunding)
            .saturating_sub(self.refunded)
            .saturating_add(self.adjusted)
    }

    fn with(self, other: Self, of: fn(i64, i64) -> i64) -> Self {
        Self {
            captured: of(self.captured, other.captured),
            refunding: of(self.refunding, other.refunding),
            refunded: of(self.refunded, other.refunded),
            adjusted: of(self.adjusted, other.adjusted),
            balance: of(self.balance, other.balance),
        }
    }
}

impl Shares {
    /// All of it.
    pub fn total(&self) -> Sums {
        self.of_sellers().plus(self.marketplace)
    }

    /// All but the marketplace's.
    pub fn of_sellers(&self) -> Sums {
        self.sellers.values().fold(Sums::default(), |sum, own| sum.plus(*own))
    }

    /// The figures of a party, by the name that payments give it.
    pub fn own(&mut self, party: &str) -> &mut Sums {
        match party {
            MARKETPLACE => &mut self.marketplace,
            seller => self.sellers.entry(seller.to_owned()).or_default(),
        }
    }

    /// The figures of a split's owner: the marketplace's, if it is no seller's.
    pub fn of_split(&mut self, seller: Option<&str>) -> &mut Sums {
        self.own(seller.unwrap_or(MARKETPLACE))
    }

    /// Both together, party by party.
    pub fn and(mut self, other: &Self) -> Self {
        for (seller, sums) in &other.sellers {
            let own = self.own(seller);
            *own = own.plus(*sums);
        }
        self.marketplace = self.marketplace.plus(other.marketplace);
        self
    }

    /// What is left without `other`, party by party.
    pub fn without(&self, other: &Self) -> Self {
        let negative = other
            .sellers
            .iter()
            .map(|(seller, sums)| (seller.clone(), Sums::default().minus(*sums)));
        let negative = Self {
            sellers: negative.collect(),
            marketplace: Sums::default().minus(other.marketplace),
        };
        self.clone().and(&negative)
    }

    /// How many parties have not the same in both.
    pub fn differences(&self, other: &Self) -> usize {
        let rest = self.without(other);
        let sellers = rest.sellers.values().filter(|sums| **sums != Sums::default()).count();
        sellers.saturating_add(usize::from(rest.marketplace != Sums::default()))
    }
}
