//! The whole way from a cart to an allocation: lay out, discount, commission, and add up in every direction.

use super::commission::{self, Commission};
use super::discounts::{self, MarketplaceDiscounts};
use super::sheet::{LineSheet, SellerSheet, in_words, lay_out, plain};
use super::{Allocation, LineRef, LineShare, Parts, Reason, Share, Subject, Terms};
use crate::cart::{Cart, Fee};
use crate::fault::{Fault, Faults};
use crate::ids::SiteId;
use crate::money::{Amount, Currency};
use crate::seller::Party;

pub(super) fn cart(cart: &Cart, terms: &Terms) -> Result<Allocation, Faults> {
    let currency = cart.currency();
    let mut sheets = lay_out(cart, terms)?;
    let borne = discounts::apply(cart, &mut sheets)?;
    let commissions: Vec<Vec<Commission>> = sheets
        .iter()
        .map(|sheet| commission::of_seller(sheet, currency))
        .collect();

    let mut faults = Faults::new();
    for (sheet, commissions) in sheets.iter().zip(&commissions) {
        faults.extend(covered(sheet, commissions, &borne, currency));
    }
    let fees: i64 = cart.fees().iter().map(|fee| fee.amount().get()).sum();
    let paid: i64 = sheets.iter().map(SellerSheet::paid).sum();
    let total = paid + fees;
    if total == 0 {
        faults.push(Fault::new(
            "",
            "nothing_to_pay",
            "a cart whose total, after discounts, is more than 0",
        ));
    }
    if !faults.is_empty() {
        return Err(faults);
    }

    let mut lines = Vec::with_capacity(cart.lines().len() + sheets.len() + cart.fees().len());
    let mut parties = Vec::with_capacity(sheets.len() + 1);
    let mut commission_reasons = Vec::new();
    for (sheet, commissions) in sheets.into_iter().zip(commissions) {
        lines.extend(lines_of(&sheet, &commissions));
        let share = sellers_share(sheet, commissions, currency);
        commission_reasons.extend(share.reasons.iter().filter_map(opposite_commission));
        parties.push(share);
    }
    let mut fees: Vec<&Fee> = cart.fees().iter().collect();
    fees.sort_by_key(|fee| fee.id());
    lines.extend(fees.iter().map(|fee| line_of_fee(fee)));
    parties.push(marketplaces_share(
        terms.commission_site,
        borne,
        &fees,
        commission_reasons,
        currency,
    ));

    let parts = Parts {
        currency,
        total: amount(total),
        parties,
        lines,
    };
    // A cent that is lost or made here would be somebody's: stop instead, in release builds too.
    match Allocation::try_from(parts) {
        Ok(allocation) => Ok(allocation),
        Err(unbalanced) => unreachable!("{unbalanced}"),
    }
}

/// The marketplace's discounts on a seller's goods come out of its commission on them: otherwise one seller's split
/// would be paid with another's.
fn covered(
    sheet: &SellerSheet<'_>,
    commissions: &[Commission],
    borne: &MarketplaceDiscounts<'_>,
    currency: Currency,
) -> Option<Fault> {
    let commission: i64 = commissions
        .iter()
        .map(|commission| commission.of_line + commission.of_shipping)
        .sum();
    let discounts = borne.by_seller.get(sheet.seller)?;
    let all: i64 = discounts.iter().map(|(_, amount)| amount).sum();
    let mut so_far = 0;
    let (n, _) = discounts.iter().find(|(_, amount)| {
        so_far += amount;
        so_far > commission
    })?;
    let detail = format!(
        "the marketplace's discounts on the goods of {} are at most its commission on them, {} ({commission} minor \
         units); they are {}",
        sheet.seller,
        in_words(commission, currency),
        in_words(all, currency),
    );
    Some(Fault::new(
        format!("/discounts/{n}"),
        "marketplace_share_negative",
        detail,
    ))
}

fn lines_of(sheet: &SellerSheet<'_>, commissions: &[Commission]) -> Vec<LineShare> {
    let party = || Party::Seller(sheet.seller.clone());
    let item = |(line, commission): (&LineSheet<'_>, &Commission)| LineShare {
        line: LineRef::Item(line.item.id().clone()),
        party: party(),
        price: amount(line.after_seller()),
        commission: amount(commission.of_line),
        marketplace_discount: amount(line.off_by_marketplace),
        quantity: line.item.quantity(),
    };
    let shipping = |price: i64| LineShare {
        line: LineRef::Shipping(sheet.seller.clone()),
        party: party(),
        price: amount(price),
        commission: amount(commissions.iter().map(|commission| commission.of_shipping).sum()),
        marketplace_discount: Amount::ZERO,
        quantity: 1,
    };
    sheet
        .lines
        .iter()
        .zip(commissions)
        .map(item)
        .chain(sheet.shipping.map(shipping))
        .collect()
}

fn line_of_fee(fee: &Fee) -> LineShare {
    LineShare {
        line: LineRef::Fee(fee.id().clone()),
        party: Party::Marketplace,
        price: fee.amount(),
        commission: Amount::ZERO,
        marketplace_discount: Amount::ZERO,
        quantity: 1,
    }
}

fn sellers_share(sheet: SellerSheet<'_>, commissions: Vec<Commission>, currency: Currency) -> Share {
    let lines = sheet.lines.iter().map(|line| {
        let unit_price = line.item.unit_price().get();
        let note = format!("{} × {}", line.item.quantity(), in_words(unit_price, currency));
        plain(Subject::Line(line.item.id().clone()), unit_price, line.price, note)
    });
    let shipping = sheet
        .shipping
        .map(|shipping| plain(Subject::Shipping, shipping, shipping, in_words(shipping, currency)));
    let commissions = commissions.into_iter().filter_map(|commission| commission.reason);
    let reasons = lines
        .chain(sheet.discounts)
        .chain(shipping)
        .chain(commissions)
        .collect();
    share(Party::Seller(sheet.seller.clone()), sheet.terms.site, reasons)
}

fn marketplaces_share(
    site: SiteId,
    borne: MarketplaceDiscounts<'_>,
    fees: &[&Fee],
    commissions: Vec<Reason>,
    currency: Currency,
) -> Share {
    let fees = fees.iter().map(|fee| {
        let amount = fee.amount().get();
        plain(
            Subject::Fee(fee.id().clone()),
            amount,
            amount,
            in_words(amount, currency),
        )
    });
    let reasons = commissions.into_iter().chain(fees).chain(borne.reasons).collect();
    share(Party::Marketplace, site, reasons)
}

/// What a seller pays as commission, as the marketplace gets it.
fn opposite_commission(paid: &Reason) -> Option<Reason> {
    let exact = paid.exact.strip_prefix('-').unwrap_or(&paid.exact).to_owned();
    let got = || Reason {
        exact,
        amount: -paid.amount,
        ..paid.clone()
    };
    matches!(paid.subject, Subject::Commission(_)).then(got)
}

/// A share is what its reasons say.
fn share(party: Party, site: SiteId, reasons: Vec<Reason>) -> Share {
    let of = |figure: fn(&Subject) -> bool| -> i64 {
        reasons
            .iter()
            .filter(|reason| figure(&reason.subject))
            .map(|reason| reason.amount)
            .sum()
    };
    Share {
        gross: amount(of(|subject| matches!(subject, Subject::Line(_)))),
        discounts: of(|subject| matches!(subject, Subject::Discount(_))),
        shipping: amount(of(|subject| matches!(subject, Subject::Shipping))),
        commission: of(|subject| matches!(subject, Subject::Commission(_))),
        fees: amount(of(|subject| matches!(subject, Subject::Fee(_)))),
        net: amount(of(|_| true)),
        party,
        site,
        reasons,
    }
}

/// What the rules keep from being negative.
fn amount(minor_units: i64) -> Amount {
    let amount = Amount::try_new(minor_units);
    assert!(
        amount.is_ok(),
        "no share and no figure of a line is negative: {minor_units}"
    );
    amount.unwrap_or_default()
}
