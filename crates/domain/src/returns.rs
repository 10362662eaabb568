//! How much of what was sold has gone back: per line, cumulatively, so that any pieces end exactly at the whole.

mod pieces;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocation::{LineRef, LineShare};
use crate::ids::SellerId;
use crate::money::{Amount, Currency};
use crate::seller::Party;
use crate::split::Split;
use crate::spread::{rounded, spread};

pub(crate) use pieces::{by_amount, by_quantity, everything, part_of};

/// A line as it was sold, what an exact capture made of it, and how much of it has gone back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// As it was divided when it was sold.
    pub sold: LineShare,
    /// After a capture of exact amounts per split: what of it was captured. From then on this is the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<Shares>,
    /// What of the buyer's money was let go at the capture: it counts as gone back, but never moved. Minor units.
    #[serde(default)]
    pub let_go: Amount,
    /// What has gone back.
    #[serde(default)]
    pub back: Returned,
}

/// What each side holds of a line after a capture of exact amounts, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// Who sold it; of a fee, the marketplace.
    pub seller: Amount,
    /// The marketplace, of a seller's line.
    pub marketplace: Amount,
}

/// What has gone back of a line: the sum of the pieces that were not given back. Minor units.
///
/// What the parties were given is kept beside `n`, not derived from it: a piece is the new cumulative figure less
/// what was already given, also after an earlier piece was abandoned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// How much of the whole has gone back: MONEY's *n*.
    pub n: Amount,
    /// How many units came back by quantity.
    pub units: u32,
    /// What the buyer got for it.
    pub buyer: Amount,
    /// The marketplace's part of `n`, its discounts apart: the commission on what went back.
    pub commission: Amount,
    /// As much of `commission` as the seller paid for the marketplace to keep.
    pub kept: Amount,
}

/// A piece of a line that goes back: differences, in minor units, that are added to [`Returned`] or taken off again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Of which line.
    pub line: LineRef,
    /// Who sold it; of a fee, the marketplace.
    pub party: Party,
    /// How much of the whole.
    pub n: Amount,
    /// How much of the whole has gone back in all, once this has.
    pub n_after: Amount,
    /// How many units, if by quantity.
    pub units: u32,
    /// What the buyer gets for it.
    pub buyer: Amount,
    /// The commission on it.
    pub commission: Amount,
    /// Whether the marketplace keeps that commission at the seller's expense.
    pub keeps: bool,
}

/// What a split can still move: minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funds {
    /// Its number within the payment.
    pub split: u16,
    /// Whose it is.
    pub party: Party,
    /// For a capture what is authorized; for a refund what is captured and neither gone, nor on its way, nor claimed
    /// by a part that failed and may be retried (which a [`Split`] alone does not tell).
    pub available: Amount,
}

/// The goods of one payment and the money behind them.
#[derive(Clone, Copy, Debug)]
pub struct Goods<'a> {
    /// Of every amount.
    pub currency: Currency,
    /// Everything that was sold.
    pub lines: &'a [Line],
    /// Every split.
    pub funds: &'a [Funds],
}

impl Line {
    /// A line of which nothing has gone back.
    #[must_use]
    pub fn new(sold: LineShare) -> Self {
        Self {
            sold,
            captured: None,
            let_go: Amount::ZERO,
            back: Returned::default(),
        }
    }

    /// What can go back in all: MONEY's *N*, or what was captured of it.
    #[must_use]
    pub fn whole(&self) -> i64 {
        self.captured.map_or(self.sold.price.get(), |shares| {
            shares.seller.get() + shares.marketplace.get()
        })
    }

    /// What the buyer paid for it; after a capture of exact amounts, what was captured of it.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.whole() - self.discount()
    }

    /// What the buyer can still get for it.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.paid() - self.back.buyer.get()
    }

    /// What of the buyer's money was captured for it, if the payment was.
    #[must_use]
    pub fn amount_captured(&self) -> i64 {
        self.paid() - self.let_go.get()
    }

    /// What of that went back to the buyer, or is on its way.
    #[must_use]
    pub fn amount_refunded(&self) -> i64 {
        self.back.buyer.get() - self.let_go.get()
    }

    /// How many units have not come back.
    #[must_use]
    pub fn units_left(&self) -> u32 {
        self.sold.quantity.saturating_sub(self.back.units)
    }

    /// MONEY's *D*.
    fn discount(&self) -> i64 {
        self.captured.map_or(self.sold.marketplace_discount.get(), |_| 0)
    }

    /// What the buyer has when `n` has gone back.
    fn buyer_at(&self, n: i64, quantum: i64) -> i64 {
        n - of(self.discount(), n, self.whole(), quantum)
    }

    /// The marketplace's part of `n`.
    fn commission_at(&self, n: i64, quantum: i64) -> i64 {
        match self.captured {
            None => of(self.sold.commission.get(), n, self.whole(), quantum),
            Some(shares) => {
                let weights = [shares.seller.get(), shares.marketplace.get()];
                spread(n, &weights, quantum).get(1).copied().unwrap_or_default()
            }
        }
    }

    /// How much has gone back when the buyer has `b` of what was paid; more than 0 was.
    fn n_at(&self, b: i64, quantum: i64) -> i64 {
        of(self.whole(), b, self.paid(), quantum)
    }

    /// What the first `units` to come back are worth.
    fn worth(&self, units: u32, quantum: i64) -> i64 {
        of(self.whole(), units.into(), self.sold.quantity.into(), quantum)
    }
}

impl Returned {
    /// What who sold it has given, in minor units. It may be a quantum below 0 after an abandoned piece.
    #[must_use]
    pub fn seller(&self) -> i64 {
        self.n.get() - self.commission.get() + self.kept.get()
    }

    /// What the marketplace has given of a seller's line, in minor units; below 0 it has received.
    #[must_use]
    pub fn marketplace(&self) -> i64 {
        self.buyer.get() - self.seller()
    }
}

impl Piece {
    /// What who sold it gives, in minor units.
    #[must_use]
    pub fn seller(&self) -> i64 {
        self.n.get() - self.commission.get() + self.kept().get()
    }

    /// What the marketplace gives of a seller's line, in minor units; below 0 it receives.
    #[must_use]
    pub fn marketplace(&self) -> i64 {
        self.buyer.get() - self.seller()
    }

    /// As much of its commission as the marketplace keeps.
    #[must_use]
    pub fn kept(&self) -> Amount {
        if self.keeps { self.commission } else { Amount::ZERO }
    }

    /// Whether anybody gives or gets anything.
    pub(crate) fn moves(&self) -> bool {
        !self.buyer.is_zero() || self.seller() != 0
    }

    /// Whether there is anything to count.
    pub(crate) fn is_something(&self) -> bool {
        self.units > 0 || !(self.n.is_zero() && self.buyer.is_zero() && self.commission.is_zero())
    }
}

impl Funds {
    /// What a refund can take of a split.
    #[must_use]
    pub fn captured(split: &Split) -> Self {
        let gone = [split.amount_refunding, split.amount_refunded, split.amount_charged_back];
        let available = gone.into_iter().fold(split.amount_captured, Amount::saturating_sub);
        Self::of(split, available)
    }

    /// What a capture can take of a split.
    #[must_use]
    pub fn authorized(split: &Split) -> Self {
        Self::of(split, split.amount_authorized.saturating_sub(split.amount_captured))
    }

    fn of(split: &Split, available: Amount) -> Self {
        Self {
            split: split.number,
            party: split.party.clone(),
            available,
        }
    }
}

impl<'a> Goods<'a> {
    /// What each party sold: its lines by id, then its shipping. Explicitly added splits are lines too.
    pub(crate) fn by_party(&self) -> BTreeMap<&'a Party, Vec<&'a Line>> {
        let mut parties: BTreeMap<&Party, Vec<&Line>> = BTreeMap::new();
        for line in self.lines {
            parties.entry(&line.sold.party).or_default().push(line);
        }
        for lines in parties.values_mut() {
            lines.sort_by_key(|line| &line.sold.line);
        }
        parties
    }

    /// What a seller sold; none if it sold nothing.
    pub(crate) fn of_seller(&self, seller: &SellerId) -> Vec<&'a Line> {
        let is_its = |party: &Party| party.seller() == Some(seller);
        let mut lines: Vec<&Line> = self.lines.iter().filter(|line| is_its(&line.sold.party)).collect();
        lines.sort_by_key(|line| &line.sold.line);
        lines
    }

    /// What a party's splits can still move.
    pub(crate) fn available(&self, party: &Party) -> i64 {
        let own = self.funds.iter().filter(|funds| funds.party == *party);
        own.map(|funds| funds.available.get()).sum()
    }
}

/// Counts these pieces as gone back.
///
/// # Panics
/// If a line would give back more than it is, or than was paid for it: a mistake of ours.
pub fn apply(lines: &mut [Line], pieces: &[Piece]) {
    change(lines, pieces, |had, more| had + more);
}

/// Takes back what [`apply`] counted.
///
/// # Panics
/// If it was not counted: a mistake of ours.
pub fn take_back(lines: &mut [Line], pieces: &[Piece]) {
    change(lines, pieces, |had, less| had - less);
}

fn change(lines: &mut [Line], pieces: &[Piece], by: fn(i64, i64) -> i64) {
    let mut lines: BTreeMap<LineRef, &mut Line> = lines.iter_mut().map(|line| (line.sold.line.clone(), line)).collect();
    for piece in pieces {
        let line = lines.get_mut(&piece.line);
        assert!(line.is_some(), "a piece is of a line of the payment");
        let Some(line) = line else { continue };
        let back = line.back;
        let figure = |had: Amount, piece: Amount| amount(by(had.get(), piece.get()));
        let units = u32::try_from(by(back.units.into(), piece.units.into()));
        assert!(
            units.is_ok_and(|units| units <= line.sold.quantity),
            "no more units come back than were sold"
        );
        line.back = Returned {
            n: figure(back.n, piece.n),
            units: units.unwrap_or_default(),
            buyer: figure(back.buyer, piece.buyer),
            commission: figure(back.commission, piece.commission),
            kept: figure(back.kept, piece.kept()),
        };
        assert!(
            line.back.n.get() <= line.whole() && line.left() >= 0,
            "no more goes back than was sold, and paid"
        );
        assert!(
            line.back.kept <= line.back.commission,
            "no more commission is kept than there was"
        );
    }
}

/// `part · n / whole`, half-even to the quantum; of nothing, nothing.
fn of(part: i64, n: i64, whole: i64, quantum: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    rounded(i128::from(part) * i128::from(n), whole.into(), quantum)
}

/// What the rules keep from being negative.
pub(crate) fn amount(minor_units: i64) -> Amount {
    let amount = Amount::try_new(minor_units);
    assert!(amount.is_ok(), "no figure of a return is negative: {minor_units}");
    amount.unwrap_or_default()
}
