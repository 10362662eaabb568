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
    note: String,
}

/// Applies every discount in the order given; all that are too large are answered at once.
pub(super) fn apply<'a>(cart: &'a Cart, sheets: &mut [SellerSheet<'a>]) -> Result<MarketplaceDiscounts<'a>, Faults> {
    let mut borne = MarketplaceDiscounts::default();
    let mut faults = Faults::new();
    for (n, discount) in cart.discounts().iter().enumerate() {
        let prices = of_each_seller(sheets, discount, |line| line.price);
        let left = of_each_seller(sheets, discount, |line| line.left());
        let quantum = cart.currency().quantum();
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
        let parts = spread_within(size.total, &prices, &left, quantum);
        let named = sheets
            .iter()
            .filter(|sheet| sheet.lines.iter().any(|line| discount.names().includes(line.item)));
        let alone = named.count() == 1;
        for ((sheet, part), price) in sheets.iter_mut().zip(parts).zip(prices) {
            take_off(sheet, discount, part, quantum);
            match discount.funded_by() {
                Funder::Marketplace => borne.by_seller.entry(sheet.seller).or_default().push((n, part)),
                Funder::Seller => sheet
                    .discounts
                    .extend(sellers_reason(sheet, discount, &size, price, part, alone)),
            }
        }
        if discount.funded_by() == Funder::Marketplace {
            borne.reasons.push(marketplaces_reason(discount, &size));
        }
    }
    if faults.is_empty() { Ok(borne) } else { Err(faults) }
}

fn of_each_seller(sheets: &[SellerSheet<'_>], discount: &Discount, figure: impl Fn(&LineSheet<'_>) -> i64) -> Vec<i64> {
    let of = |sheet: &SellerSheet<'_>| {
        sheet
            .lines
            .iter()
            .filter(|line| discount.names().includes(line.item))
            .map(&figure)
            .sum()
    };
    sheets.iter().map(of).collect()
}

/// What a discount takes off in all, or why it is too large.
fn size(discount: &Discount, base: i64, left: i64, currency: Currency) -> Result<Sized, String> {
    match discount.size() {
        DiscountSize::Amount(amount) => {
            let total = amount.get();
            if total > left {
                return Err(format!("at most {left} minor units are left of what it applies to"));
            }
            Ok(Sized {
                base,
                exact: (total.into(), 1),
                total,
                note: in_words(total, currency),
            })
        }
        DiscountSize::PercentBp(percent) => {
            let exact = (i128::from(percent) * i128::from(base), 10_000);
            let full = rounded(exact.0, exact.1, currency.quantum());
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
                note,
            })
        }
    }
}

fn take_off(sheet: &mut SellerSheet<'_>, discount: &Discount, part: i64, quantum: i64) {
    let mut named: Vec<_> = sheet
        .lines
        .iter_mut()
        .filter(|line| discount.names().includes(line.item))
        .collect();
    let prices: Vec<i64> = named.iter().map(|line| line.price).collect();
    let left: Vec<i64> = named.iter().map(|line| line.left()).collect();
    for (line, piece) in named.iter_mut().zip(spread_within(part, &prices, &left, quantum)) {
        match discount.funded_by() {
            Funder::Seller => line.off_by_seller += piece,
            Funder::Marketplace => line.off_by_marketplace += piece,
        }
    }
}

/// A seller's part of a discount; none if the discount names nothing of it.
fn sellers_reason(
    sheet: &SellerSheet<'_>,
    discount: &Discount,
    size: &Sized,
    price: i64,
    part: i64,
    alone: bool,
) -> Option<Reason> {
    let named = sheet.lines.iter().any(|line| discount.names().includes(line.item));
    let (numerator, denominator) = match (alone, size.base) {
        (true, _) | (_, 0) => size.exact,
        // Of a discount on several sellers, this one's share of what it takes in all.
        (false, base) => (i128::from(size.total) * i128::from(price), i128::from(base)),
    };
    let share = if alone { "" } else { ", its share by price" };
    named.then(|| Reason {
        subject: Subject::Discount(discount.id().clone()),
        rule: None,
        base: price,
        exact: decimal(-numerator, denominator),
        amount: -part,
        note: format!("{}{share}", size.note),
    })
}

fn marketplaces_reason(discount: &Discount, size: &Sized) -> Reason {
    Reason {
        subject: Subject::Discount(discount.id().clone()),
        rule: None,
        base: size.base,
        exact: decimal(-size.exact.0, size.exact.1),
        amount: -size.total,
        note: format!("{}, funded by the marketplace", size.note),
    }
}
