//! The sheet an allocation is worked out on: sellers by id, each with its lines by id, so that the order in which a
//! caller wrote them moves nothing.

use std::collections::BTreeMap;

use super::{Reason, SellerTerms, Subject, Terms};
use crate::cart::{Cart, LineItem};
use crate::fault::{Fault, Faults};
use crate::ids::{SellerId, SiteId};
use crate::money::{Currency, Money};
use crate::seller::SellerStatus;
use crate::spread::decimal;

/// A seller's part of the cart, in minor units.
pub(super) struct SellerSheet<'a> {
    pub(super) seller: &'a SellerId,
    pub(super) terms: &'a SellerTerms,
    pub(super) shipping: Option<i64>,
    pub(super) lines: Vec<LineSheet<'a>>,
    pub(super) discounts: Vec<Reason>,
}

/// A line, in minor units, and what has been taken off it so far.
pub(super) struct LineSheet<'a> {
    pub(super) item: &'a LineItem,
    pub(super) price: i64,
    pub(super) off_by_seller: i64,
    pub(super) off_by_marketplace: i64,
}

impl SellerSheet<'_> {
    /// What the buyer pays for its lines and their shipping.
    pub(super) fn paid(&self) -> i64 {
        self.shipping.unwrap_or_default() + self.lines.iter().map(LineSheet::left).sum::<i64>()
    }
}

impl LineSheet<'_> {
    /// What later discounts can still take.
    pub(super) fn left(&self) -> i64 {
        self.price - self.off_by_seller - self.off_by_marketplace
    }

    /// Its price after seller-funded discounts.
    pub(super) fn after_seller(&self) -> i64 {
        self.price - self.off_by_seller
    }
}

/// Lays out a cart by seller; refuses sellers that may not sell, and sites that two parties would share.
pub(super) fn lay_out<'a>(cart: &'a Cart, terms: &'a Terms) -> Result<Vec<SellerSheet<'a>>, Faults> {
    let mut faults = Faults::new();
    let mut sheets: BTreeMap<&SellerId, SellerSheet<'a>> = BTreeMap::new();
    for (n, item) in cart.lines().iter().enumerate() {
        let seller = item.seller();
        let Some(own) = terms.sellers.get(seller) else {
            let detail = format!("a registered seller; {seller} is none");
            faults.push(Fault::new(format!("/lines/{n}/seller"), "seller_unknown", detail));
            continue;
        };
        if own.status == SellerStatus::Suspended {
            let detail = format!("a seller that is active; {seller} is suspended");
            faults.push(Fault::new(format!("/lines/{n}/seller"), "seller_suspended", detail));
        }
        let empty = || SellerSheet {
            seller,
            terms: own,
            shipping: None,
            lines: Vec::new(),
            discounts: Vec::new(),
        };
        let line = LineSheet {
            item,
            price: item.price().get(),
            off_by_seller: 0,
            off_by_marketplace: 0,
        };
        sheets.entry(seller).or_insert_with(empty).lines.push(line);
    }
    for shipping in cart.shipping() {
        if let Some(sheet) = sheets.get_mut(shipping.seller()) {
            sheet.shipping = Some(shipping.amount().get());
        }
    }
    faults.extend(shared_sites(cart, terms));
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut sheets: Vec<SellerSheet<'a>> = sheets.into_values().collect();
    sheets
        .iter_mut()
        .for_each(|sheet| sheet.lines.sort_by_key(|line| line.item.id()));
    Ok(sheets)
}

/// Registration sees to this; but money sent to a shared site cannot be told apart afterwards, so it is seen to twice.
fn shared_sites(cart: &Cart, terms: &Terms) -> Faults {
    let mut owners: BTreeMap<SiteId, Option<&SellerId>> = BTreeMap::from([(terms.commission_site, None)]);
    let mut faults = Faults::new();
    for (n, item) in cart.lines().iter().enumerate() {
        let Some(own) = terms.sellers.get(item.seller()) else {
            continue;
        };
        let owner = owners.entry(own.site).or_insert(Some(item.seller()));
        if *owner != Some(item.seller()) {
            let detail = format!("a seller with a site of its own; site {} is another party's", own.site);
            faults.push(Fault::new(format!("/lines/{n}/seller"), "site_taken", detail));
        }
    }
    faults
}

/// A reason whose figure needs no rounding.
pub(super) fn plain(subject: Subject, base: i64, amount: i64, note: String) -> Reason {
    Reason {
        subject,
        rule: None,
        base,
        exact: decimal(i128::from(amount), 1),
        amount,
        note,
    }
}

/// An amount as people read it.
pub(super) fn in_words(minor_units: i64, currency: Currency) -> String {
    let amount = minor_units.unsigned_abs();
    let amount = i64::try_from(amount)
        .ok()
        .and_then(|amount| amount.try_into().ok())
        .unwrap_or_default();
    Money::new(amount, currency).to_string()
}
