//! Discounts: computed on original prices, spread over sellers and then over their lines, no line taken below 0.

use std::collections::BTreeMap;

use super::sheet::{LineSheet, SellerSheet, in_words};
use super::{Reason, Subject};
use crate::cart::{Cart, Discount, DiscountSize, Funder};
use crate::fault::{Fault, Faults};
use crate::ids::SellerId;
use crate::money::Currency;
use crate::spread::{decimal, rounded, spread_within};

/// What the marketplace bears.
#[derive(Default)]
pub(super) struct MarketplaceDiscounts<'a> {
    pub(super) reasons: Vec<Reason>,
    /// For each seller the discounts on its goods, in order: which of the cart's it is, and minor units.
    pub(super) by_seller: BTreeMap<&'a SellerId, Vec<(usize, i64)>>,
}

/// A discount's own figures, in minor units.
struct Sized {
    /// The original price of what it names.
    base: i64,
    /// Its exact size, as a fraction.
    exact: (i128, i128),
    /// What it takes off, in all.
    total: i64,
    quantum: i64,
    note: String,
}

/// Applies every discount in the order given; all that are too large are answered at once.
pub(super) fn apply<'a>(cart: &'a Cart, sheets: &mut [SellerSheet<'a>]) -> Result<MarketplaceDiscounts<'a>, Faults> {
    let mut borne = MarketplaceDiscounts::default();
    let mut faults = Faults::new();
    for (n, discount) in cart.discounts().iter().enumerate() {
        let prices = of_each_seller(sheets, discount, |line| line.price);
        let left = of_each_seller(sheets, discount, |line| line.left());
        let size = match size(discount, prices.iter().sum(), left.iter().sum(), cart.currency()) {
            Ok(size) => size,
            Err(detail) => {
                faults.push(Fault::new(
                    format!("/discounts/{n}/amount"),
                    "discount_too_large",
                    detail,
                ));
                continue;
            }
        };
        let parts = spread_within(size.total, &prices, &left, size.quantum);
        let alone = sheets.iter().filter(|sheet| is_named(sheet, discount)).count() == 1;
        for ((sheet, part), price) in sheets.iter_mut().zip(parts).zip(prices) {
            if !is_named(sheet, discount) {
                continue;
            }
            take_off(sheet, discount, part, size.quantum);
            match discount.funded_by() {
                Funder::Marketplace => borne.by_seller.entry(sheet.seller).or_default().push((n, part)),
                Funder::Seller if alone => sheet.discounts.push(whole_reason(discount, &size, &size.note)),
                Funder::Seller => sheet.discounts.push(share_reason(discount, &size, price, part)),
            }
        }
        if discount.funded_by() == Funder::Marketplace {
            let note = format!("{}, funded by the marketplace", size.note);
            borne.reasons.push(whole_reason(discount, &size, &note));
        }
    }
    if faults.is_empty() { Ok(borne) } else { Err(faults) }
}

fn is_named(sheet: &SellerSheet<'_>, discount: &Discount) -> bool {
    sheet.lines.iter().any(|line| discount.names().includes(line.item))
}

fn of_each_seller(sheets: &[SellerSheet<'_>], discount: &Discount, figure: impl Fn(&LineSheet<'_>) -> i64) -> Vec<i64> {
    let of = |sheet: &SellerSheet<'_>| {
        let named = sheet.lines.iter().filter(|line| discount.names().includes(line.item));
        named.map(&figure).sum()
    };
    sheets.iter().map(of).collect()
}

/// What a discount takes off in all, or why it is too large.
fn size(discount: &Discount, base: i64, left: i64, currency: Currency) -> Result<Sized, String> {
    let quantum = currency.quantum();
    match discount.size() {
        DiscountSize::Amount(amount) => {
            let total = amount.get();
            if total > left {
                let words = in_words(left, currency);
                return Err(format!(
                    "at most what is left of the lines it applies to: {words} ({left} minor units)"
                ));
            }
            Ok(Sized {
                base,
                exact: (total.into(), 1),
                total,
                quantum,
                note: in_words(total, currency),
            })
        }
        DiscountSize::PercentBp(percent) => {
            let exact = (i128::from(percent) * i128::from(base), 10_000);
            let full = rounded(exact.0, exact.1, quantum);
            let capped = if full > left {
                ", at most what is left of it"
            } else {
                ""
            };
            let note = format!(
                "{} % of {}{capped}",
                decimal(percent.into(), 100),
                in_words(base, currency)
            );
            Ok(Sized {
                base,
                exact,
                total: full.min(left),
                quantum,
                note,
            })
        }
    }
}

fn take_off(sheet: &mut SellerSheet<'_>, discount: &Discount, part: i64, quantum: i64) {
    let named = sheet
        .lines
        .iter_mut()
        .filter(|line| discount.names().includes(line.item));
    let mut named: Vec<&mut LineSheet<'_>> = named.collect();
    let prices: Vec<i64> = named.iter().map(|line| line.price).collect();
    let left: Vec<i64> = named.iter().map(|line| line.left()).collect();
    for (line, piece) in named.iter_mut().zip(spread_within(part, &prices, &left, quantum)) {
        match discount.funded_by() {
            Funder::Seller => line.off_by_seller += piece,
            Funder::Marketplace => line.off_by_marketplace += piece,
        }
    }
}

/// A discount that one party bears whole.
fn whole_reason(discount: &Discount, size: &Sized, note: &str) -> Reason {
    Reason {
        subject: Subject::Discount(discount.id().clone()),
        rule: None,
        base: size.base,
        exact: decimal(-size.exact.0, size.exact.1),
        amount: -size.total,
        note: note.to_owned(),
    }
}

/// One of several sellers' part of a discount: of what it takes off in all, by the price of the seller's lines.
fn share_reason(discount: &Discount, size: &Sized, price: i64, part: i64) -> Reason {
    // Only lines without a price make the base 0, and then nothing is taken off.
    let whole = i128::from(size.base.max(1));
    let share = i128::from(size.total) * i128::from(price);
    let (beyond, quantum) = (i128::from(part) * whole - share, i128::from(size.quantum) * whole);
    let how = if beyond >= quantum {
        "its share by price, and more because others had too little left"
    } else if beyond <= -quantum {
        "its share by price, as far as its lines had anything left"
    } else {
        "its share by price"
    };
    Reason {
        subject: Subject::Discount(discount.id().clone()),
        rule: None,
        base: price,
        exact: decimal(-share, whole),
        amount: -part,
        note: format!("{}: {how}", size.note),
    }
}
