//! What sellers take, in the buyer's money, as what is let go.

use std::collections::{BTreeMap, BTreeSet};

use super::{SellerTake, Take};
use crate::allocation::LineRef;
use crate::fault::{Fault, Faults};
use crate::ids::SellerId;
use crate::money::Amount;
use crate::refund::Units;
use crate::refund::asked::{in_words, not_in_payment, unexpressible};
use crate::refund::limits::left;
use crate::returns::{Goods, Line, Piece, by_amount, by_quantity, everything};

/// What is let go of every line. Where no seller takes anything, the fees go too.
pub(super) fn let_go(goods: &Goods<'_>, takes: &[SellerTake]) -> Result<Vec<Piece>, Faults> {
    let mut faults = Faults::new();
    let mut by_seller: BTreeMap<&SellerId, Vec<Piece>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (n, SellerTake { seller, take }) in takes.iter().enumerate() {
        let at = format!("/sellers/{n}");
        if !seen.insert(seller) {
            faults.push(Fault::new(
                format!("{at}/seller"),
                "duplicate_seller",
                "each seller once",
            ));
            continue;
        }
        match of_seller(goods, seller, take) {
            Ok(pieces) => drop(by_seller.insert(seller, pieces)),
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| fault.under(&at))),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }

    let anything = takes.iter().any(|take| take.take.is_something());
    let mut pieces = Vec::new();
    for (party, lines) in goods.by_party() {
        let all = || whole(&lines, goods.currency.quantum());
        match party.seller() {
            Some(seller) => pieces.extend(by_seller.remove(seller).unwrap_or_else(all)),
            None if anything => {}
            None => pieces.extend(all()),
        }
    }
    Ok(pieces)
}

impl Take {
    /// Whether a seller takes anything, be it goods that cost the buyer nothing.
    fn is_something(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Amount(taken) => !taken.is_zero(),
            Self::Lines(units) => units.iter().any(|units| units.quantity > 0),
        }
    }
}

/// What one seller lets go; pointers are relative to its take.
pub(super) fn of_seller(goods: &Goods<'_>, seller: &SellerId, take: &Take) -> Result<Vec<Piece>, Faults> {
    let lines = goods.of_seller(seller);
    if lines.is_empty() {
        return Err(vec![not_in_payment(goods, "/seller", seller)]);
    }
    match take {
        Take::Everything => Ok(Vec::new()),
        Take::Amount(taken) => of_amount(goods, seller, &lines, *taken).map_err(|fault| vec![fault]),
        Take::Lines(units) => of_lines(&lines, units, goods.currency.quantum()),
    }
}

fn of_amount(goods: &Goods<'_>, seller: &SellerId, lines: &[&Line], taken: Amount) -> Result<Vec<Piece>, Fault> {
    let (all, quantum) = (left(lines), goods.currency.quantum());
    if let Some(fault) = unexpressible(taken, goods.currency, "/amount") {
        return Err(fault);
    }
    if taken.get() > all {
        let detail = format!(
            "at most {all} minor units ({}) were authorized for the goods of {seller}",
            in_words(all, goods.currency)
        );
        return Err(Fault::new("/amount", "capture_exceeds_authorized", detail));
    }
    if taken.is_zero() {
        return Ok(whole(lines, quantum));
    }
    Ok(by_amount(lines, all - taken.get(), false, quantum))
}

fn of_lines(lines: &[&Line], units: &[Units], quantum: i64) -> Result<Vec<Piece>, Faults> {
    let mut faults = Faults::new();
    let mut wanted = BTreeMap::new();
    let known: BTreeSet<&LineRef> = lines.iter().map(|line| &line.sold.line).collect();
    for (n, Units { id, quantity }) in units.iter().enumerate() {
        let line = LineRef::Item(id.clone());
        if !known.contains(&line) {
            let detail = "a line of this seller in this payment";
            faults.push(Fault::new(format!("/lines/{n}/id"), "line_not_in_payment", detail));
        } else if wanted.insert(line, (n, *quantity)).is_some() {
            faults.push(Fault::new(format!("/lines/{n}/id"), "duplicate_line", "each line once"));
        }
    }
    let any = wanted.values().any(|(_, quantity)| *quantity > 0);
    let mut pieces = Vec::new();
    for line in lines {
        let most = line.units_left();
        match wanted.get(&line.sold.line) {
            None if any && matches!(line.sold.line, LineRef::Shipping(_)) => {}
            None | Some((_, 0)) => pieces.push(everything(line, false, quantum)),
            Some((n, quantity)) if *quantity > most => {
                let at = format!("/lines/{n}/quantity");
                let detail = format!("at most {most}: that many are authorized");
                faults.push(Fault::new(at, "capture_exceeds_authorized", detail));
            }
            Some((_, quantity)) => pieces.push(by_quantity(line, most - quantity, false, quantum)),
        }
    }
    pieces.retain(Piece::is_something);
    if faults.is_empty() { Ok(pieces) } else { Err(faults) }
}

fn whole(lines: &[&Line], quantum: i64) -> Vec<Piece> {
    let pieces = lines.iter().map(|line| everything(line, false, quantum));
    pieces.filter(Piece::is_something).collect()
}
