//! What was asked, checked, as pieces of lines.

use std::collections::BTreeSet;

use super::limits::{Shortage, left};
use super::{Ask, Units};
use crate::allocation::LineRef;
use crate::amounts;
use crate::fault::{Fault, Faults};
use crate::fee_plan::CommissionOnRefund;
use crate::ids::SellerId;
use crate::money::{Currency, Money};
use crate::returns::{Goods, Line, Piece, amount, by_amount, by_quantity, everything};
use crate::seller::Party;
use crate::spread::spread;

type Policy<'a> = &'a dyn Fn(&SellerId) -> CommissionOnRefund;

/// The pieces that were asked for, and what is to be said about them.
pub(super) fn pieces(goods: &Goods<'_>, ask: &Ask, policy: Policy<'_>) -> Result<(Vec<Piece>, Vec<String>), Faults> {
    match ask {
        Ask::Amount { seller, amount } => {
            let lines = goods.of_seller(seller);
            let asked = amount.get();
            let fault = if lines.is_empty() {
                Some(not_in_payment(goods, "/seller", seller))
            } else if let Some(fault) = unexpressible(*amount, goods.currency, "/amount") {
                Some(fault)
            } else if asked == 0 {
                let detail = format!("more than 0 and at most {}", left(&lines));
                Some(Fault::new("/amount", "nothing_to_refund", detail))
            } else {
                let all = left(&lines);
                (asked > all).then(|| exceeds("/amount", seller, all, goods.currency))
            };
            match fault {
                Some(fault) => Err(vec![fault]),
                None => {
                    let keeps = policy(seller) == CommissionOnRefund::Keep;
                    Ok((by_amount(&lines, asked, keeps, goods.currency.quantum()), Vec::new()))
                }
            }
        }
        Ask::Lines { lines, shipping } => of_lines(goods, lines, shipping, policy).map(|pieces| (pieces, Vec::new())),
        Ask::Everything => Ok(all(goods, policy)),
    }
}

/// The splits cannot give what was asked, though it is left of the goods.
pub(super) fn too_much(goods: &Goods<'_>, ask: &Ask, shortage: &Shortage) -> Fault {
    let most = |seller: &SellerId| {
        let most = shortage.0.get(&Party::Seller(seller.clone()));
        most.copied().unwrap_or_default()
    };
    match ask {
        Ask::Amount { seller, .. } => exceeds("/amount", seller, most(seller), goods.currency),
        Ask::Lines { .. } | Ask::Everything => {
            let sellers = shortage.0.keys().filter_map(Party::seller);
            let each: Vec<String> = sellers
                .map(|seller| format!("{} of {seller}", in_words(most(seller), goods.currency)))
                .collect();
            let detail = format!(
                "the splits hold less than that, because money left them otherwise; asked for one seller by amount, \
                 at most {}",
                each.join(", ")
            );
            Fault::new("/lines", "refund_exceeds_captured", detail)
        }
    }
}

fn of_lines(
    goods: &Goods<'_>,
    lines: &[Units],
    shipping: &[SellerId],
    policy: Policy<'_>,
) -> Result<Vec<Piece>, Faults> {
    let quantum = goods.currency.quantum();
    let keeps = |line: &Line| {
        let seller = line.sold.party.seller();
        seller.is_some_and(|seller| policy(seller) == CommissionOnRefund::Keep)
    };
    let mut faults = Faults::new();
    let mut pieces = Vec::new();
    let mut seen = BTreeSet::new();
    for (n, units) in lines.iter().enumerate() {
        let at = format!("/lines/{n}");
        let wanted = LineRef::Item(units.id.clone());
        let Some(line) = find(goods, &wanted) else {
            let detail = "a line of this payment";
            faults.push(Fault::new(format!("{at}/id"), "line_not_in_payment", detail));
            continue;
        };
        if !seen.insert(wanted) {
            faults.push(Fault::new(format!("{at}/id"), "duplicate_line", "each line once"));
        } else if units.quantity == 0 {
            let detail = format!("from 1 to {}", line.units_left());
            faults.push(Fault::new(format!("{at}/quantity"), "quantity_out_of_range", detail));
        } else if units.quantity > line.units_left() {
            let detail = format!("at most {}: that many have not come back", line.units_left());
            faults.push(Fault::new(format!("{at}/quantity"), "refund_exceeds_captured", detail));
        } else {
            pieces.push(by_quantity(line, units.quantity, keeps(line), quantum));
        }
    }
    for (n, seller) in shipping.iter().enumerate() {
        let at = format!("/shipping/{n}");
        let wanted = LineRef::Shipping(seller.clone());
        match find(goods, &wanted) {
            None => faults.push(Fault::new(
                at,
                "shipping_not_in_payment",
                format!("shipping of a seller of this payment; {seller} has none in it"),
            )),
            Some(_) if !seen.insert(wanted) => {
                faults.push(Fault::new(at, "duplicate_shipping", "each seller once"));
            }
            Some(line) => pieces.push(everything(line, keeps(line), quantum)),
        }
    }
    if faults.is_empty() { Ok(pieces) } else { Err(faults) }
}

/// All that is left. Where money left a split without a refund of ours (the buyer's bank took it back, or somebody
/// refunded at the gateway), less than that: the lines stay open by as much as the splits do not hold.
fn all(goods: &Goods<'_>, policy: Policy<'_>) -> (Vec<Piece>, Vec<String>) {
    let quantum = goods.currency.quantum();
    let parties = goods.by_party();
    let commission = goods.available(&Party::Marketplace);
    let own = |party: &Party| party.seller().map_or(0, |_| goods.available(party));
    let needs: Vec<i64> = parties
        .iter()
        .map(|(party, lines)| (left(lines) - own(party)).max(0))
        .collect();
    let needed: i64 = needs.iter().sum();
    let covered = if needed > commission {
        spread(commission, &needs, quantum)
    } else {
        needs.clone()
    };
    let mut pieces = Vec::new();
    for (((party, lines), need), covered) in parties.into_iter().zip(needs).zip(covered) {
        let keeps = party
            .seller()
            .is_some_and(|seller| policy(seller) == CommissionOnRefund::Keep);
        if need == covered {
            pieces.extend(lines.iter().map(|line| everything(line, keeps, quantum)));
        } else {
            let asked = left(&lines) - need + covered;
            pieces.extend(by_amount(&lines, asked, keeps, quantum));
        }
    }
    let mut warnings = Vec::new();
    if needed > commission {
        warnings.push(format!(
            "{} less than what is left of the goods: money left the splits otherwise",
            in_words(needed - commission, goods.currency)
        ));
    }
    pieces.retain(Piece::is_something);
    (pieces, warnings)
}

fn find<'a>(goods: &Goods<'a>, wanted: &LineRef) -> Option<&'a Line> {
    goods.lines.iter().find(|line| line.sold.line == *wanted)
}

fn exceeds(at: &str, seller: &SellerId, most: i64, currency: Currency) -> Fault {
    let detail = format!(
        "at most {most} minor units ({}) can go back for the goods of {seller}",
        in_words(most, currency)
    );
    Fault::new(at, "refund_exceeds_captured", detail)
}

/// A seller that sold nothing in the payment, and who did.
pub(crate) fn not_in_payment(goods: &Goods<'_>, at: &str, seller: &SellerId) -> Fault {
    let sellers: Vec<String> = goods
        .by_party()
        .into_keys()
        .filter_map(Party::seller)
        .map(ToString::to_string)
        .collect();
    let detail = format!(
        "{seller} has no goods in this payment; its sellers are {}",
        sellers.join(", ")
    );
    Fault::new(at, "seller_not_in_payment", detail)
}

/// An amount that the gateway cannot express.
pub(crate) fn unexpressible(amount: crate::money::Amount, currency: Currency, at: &str) -> Option<Fault> {
    let mut faults = Faults::new();
    amounts::representable(amount, currency, at, &mut faults);
    faults.pop()
}

/// Minor units as people read them.
pub(crate) fn in_words(minor_units: i64, currency: Currency) -> String {
    Money::new(amount(minor_units), currency).to_string()
}
