//! From a cart to parties: who is owed what of it, with the reason for every cent.

mod commission;
mod discounts;
mod divide;

mod line;
mod reason;
mod sheet;
mod terms;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::cart::Cart;
use crate::fault::Faults;
use crate::ids::SiteId;
use crate::money::{Amount, Currency};
use crate::seller::Party;

pub use line::{LineRef, LineShare};
pub use reason::{Reason, Subject};
pub use terms::{SellerTerms, Terms};

/// The codes [`allocate`] uses, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("seller_unknown", "A line's seller is not registered."),
    ("seller_suspended", "A line's seller does not sell at present."),
    ("site_taken", "Two parties of a cart are paid to one site."),
    (
        "discount_too_large",
        "A discount is larger than what is left of the lines it applies to.",
    ),
    (
        "marketplace_share_negative",
        "The marketplace's discounts on a seller's goods exceed its commission on them.",
    ),
    ("nothing_to_pay", "The buyer would pay nothing."),
];

/// Who is owed what of a payment, and why. It cannot be built, or read back, unless it adds up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Allocation(Parts);

/// What one party is owed. `gross + discounts + shipping + commission + fees = net`, in minor units, each figure the
/// sum of its reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Who.
    pub party: Party,
    /// The gateway account that receives it.
    #[serde(rename = "site_id")]
    pub site: SiteId,
    /// The original price of its lines.
    pub gross: Amount,
    /// The discounts it bears: 0 or less.
    pub discounts: i64,
    /// Its shipping.
    pub shipping: Amount,
    /// What a seller pays (0 or less) and the marketplace gets (0 or more).
    pub commission: i64,
    /// The marketplace's fees.
    pub fees: Amount,
    /// What it is owed.
    pub net: Amount,
    /// Where every cent of it comes from.
    pub reasons: Vec<Reason>,
}

/// One split to ask of the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitPlan {
    /// Whose it is; the marketplace's is the commission split.
    pub party: Party,
    /// The gateway account that receives it.
    pub site: SiteId,
    /// Minor units, more than 0.
    pub amount: Amount,
}

/// Figures that do not add up: a stored allocation that somebody changed, or a mistake of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the allocation does not add up: {0}")]
pub struct Unbalanced(&'static str);

/// An allocation before it was found to add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    currency: Currency,
    total: Amount,
    parties: Vec<Share>,
    lines: Vec<LineShare>,
}

/// Divides a cart among its sellers and the marketplace; pointers of faults are relative to the cart.
pub fn allocate(cart: &Cart, terms: &Terms) -> Result<Allocation, Faults> {
    divide::cart(cart, terms)
}

impl Allocation {
    /// The currency of all its amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.0.currency
    }

    /// What the buyer pays, in minor units: more than 0.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.0.total
    }

    /// Each party's share: sellers by id, then the marketplace, also those that are owed nothing.
    #[must_use]
    pub fn parties(&self) -> &[Share] {
        &self.0.parties
    }

    /// The share of one party.
    #[must_use]
    pub fn share_of(&self, party: &Party) -> Option<&Share> {
        self.0.parties.iter().find(|share| share.party == *party)
    }

    /// What refunds and captures go by: each seller's lines by id and then its shipping, and the marketplace's fees.
    #[must_use]
    pub fn lines(&self) -> &[LineShare] {
        &self.0.lines
    }

    /// What to ask of the gateway: one split for each party that is owed something, the marketplace's last.
    #[must_use]
    pub fn splits(&self) -> Vec<SplitPlan> {
        let owed = self.0.parties.iter().filter(|share| !share.net.is_zero());
        owed.map(|share| SplitPlan {
            party: share.party.clone(),
            site: share.site,
            amount: share.net,
        })
        .collect()
    }

    /// Its figures, one text for one division of a cart: what a quote's digest is made of. Words about the figures
    /// (names of rules, notes) are left out, so that a plan's new version that changes nothing changes no quote.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text = format!("allocation 1\n{} {}\n", self.0.currency, self.0.total);
        for share in &self.0.parties {
            let Share {
                party,
                site,
                gross,
                discounts,
                shipping,
                commission,
                fees,
                net,
                reasons: _,
            } = share;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{party} {site} {gross} {discounts} {shipping} {commission} {fees} {net}"
            );
        }
        for share in &self.0.lines {
            let LineShare {
                line,
                party,
                price,
                commission,
                marketplace_discount,
                quantity,
            } = share;
            let _ = writeln!(
                text,
                "{line} {party} {price} {commission} {marketplace_discount} {quantity}"
            );
        }
        text
    }
}

impl TryFrom<Parts> for Allocation {
    type Error = Unbalanced;

    fn try_from(parts: Parts) -> Result<Self, Unbalanced> {
        let total = i128::from(parts.total.get());
        let net: i128 = parts.parties.iter().map(|share| i128::from(share.net.get())).sum();
        must(net == total && total > 0, "the parties are owed what the buyer pays")?;
        let sites: BTreeSet<SiteId> = parts.parties.iter().map(|share| share.site).collect();
        must(sites.len() == parts.parties.len(), "each party has its own site")?;
        for share in &parts.parties {
            must(
                share.adds_up(),
                "a share is the sum of its figures, and each figure of its reasons",
            )?;
        }
        let ordered = parts
            .parties
            .iter()
            .zip(parts.parties.iter().skip(1))
            .all(|(one, next)| one.party < next.party);
        must(ordered, "each party is there once, in order")?;
        let paid: i128 = parts.lines.iter().map(|line| i128::from(line.paid())).sum();
        must(paid == total, "the lines are what the buyer pays")?;
        for share in &parts.parties {
            must(
                i128::from(share.net.get()) == line::owed(&parts.lines, &share.party),
                "a share is the sum of its lines",
            )?;
        }
        Ok(Self(parts))
    }
}

impl From<Allocation> for Parts {
    fn from(allocation: Allocation) -> Self {
        allocation.0
    }
}

impl Share {
    fn adds_up(&self) -> bool {
        let of = |figure: fn(&Subject) -> bool| -> i128 {
            let reasons = self.reasons.iter().filter(|reason| figure(&reason.subject));
            reasons.map(|reason| i128::from(reason.amount)).sum()
        };
        let (gross, shipping, fees) = (self.gross.into(), self.shipping.into(), self.fees.into());
        let (discounts, commission) = (i128::from(self.discounts), i128::from(self.commission));
        gross + discounts + shipping + commission + fees == self.net.into()
            && of(|subject| matches!(subject, Subject::Line(_))) == gross
            && of(|subject| matches!(subject, Subject::Discount(_))) == discounts
            && of(|subject| matches!(subject, Subject::Shipping)) == shipping
            && of(|subject| matches!(subject, Subject::Commission(_))) == commission
            && of(|subject| matches!(subject, Subject::Fee(_))) == fees
    }
}

fn must(holds: bool, what: &'static str) -> Result<(), Unbalanced> {
    if holds { Ok(()) } else { Err(Unbalanced(what)) }
}
