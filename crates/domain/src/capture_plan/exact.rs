//! A capture of exact amounts per split: each party's captured share is as given, and its lines follow.

use std::collections::BTreeMap;

use super::{CapturePlan, SplitAmount, let_go, of_splits, taken};
use crate::allocation::LineRef;
use crate::fault::{Fault, Faults};
use crate::money::Amount;
use crate::refund::asked::{in_words, unexpressible};
use crate::returns::{Goods, Line, Shares, amount};
use crate::seller::Party;
use crate::spread::spread;

/// Amounts that are all there is are a full capture, and amounts that are all 0 none: neither changes what the wholes
/// are.
pub(super) fn plan(goods: &Goods<'_>, amounts: &[SplitAmount]) -> Result<CapturePlan, Faults> {
    let plan = taking(goods, amounts)?;
    if plan.is_full() {
        return let_go(goods, Vec::new());
    }
    if plan.is_nothing() {
        return let_go(goods, taken::let_go(goods, &[])?);
    }
    Ok(shared(goods, plan))
}

/// Amounts of splits that are no longer what was asked: whatever they are, they are what the wholes are from now on.
pub(super) fn divided(goods: &Goods<'_>, amounts: &[SplitAmount]) -> Result<CapturePlan, Faults> {
    Ok(shared(goods, taking(goods, amounts)?))
}

fn taking(goods: &Goods<'_>, amounts: &[SplitAmount]) -> Result<CapturePlan, Faults> {
    let amounts = checked(goods, amounts)?;
    let of = |split: u16| amounts.get(&split).copied().unwrap_or_default();
    Ok(of_splits(goods, |funds| {
        funds.available.saturating_sub(of(funds.split))
    }))
}

fn shared(goods: &Goods<'_>, plan: CapturePlan) -> CapturePlan {
    let mut captured: BTreeMap<&Party, i64> = BTreeMap::new();
    for split in &plan.splits {
        *captured.entry(&split.party).or_default() += split.amount.get();
    }
    let shares = shares(goods, &captured);
    CapturePlan { shares, ..plan }
}

fn checked(goods: &Goods<'_>, amounts: &[SplitAmount]) -> Result<BTreeMap<u16, Amount>, Faults> {
    let mut faults = Faults::new();
    let mut by_split = BTreeMap::new();
    for (n, one) in amounts.iter().enumerate() {
        let at = |field: &str| format!("/splits/{n}/{field}");
        let Some(funds) = goods.funds.iter().find(|funds| funds.split == one.split) else {
            let detail = "a split of this payment";
            faults.push(Fault::new(at("split"), "split_not_in_payment", detail));
            continue;
        };
        if by_split.insert(one.split, one.amount).is_some() {
            faults.push(Fault::new(at("split"), "duplicate_split", "each split once"));
        }
        faults.extend(unexpressible(one.amount, goods.currency, &at("amount")));
        if one.amount > funds.available {
            let most = funds.available.get();
            let detail = format!(
                "at most {most} minor units ({}) are authorized",
                in_words(most, goods.currency)
            );
            faults.push(Fault::new(at("amount"), "capture_exceeds_authorized", detail));
        }
    }
    if faults.is_empty() { Ok(by_split) } else { Err(faults) }
}

/// Each party's captured share, spread over its lines in proportion to its part of them. The marketplace's is spread
/// over sellers and fees first and then over their lines; where its discounts exceed its commission its part counts 0.
fn shares(goods: &Goods<'_>, captured: &BTreeMap<&Party, i64>) -> Vec<(LineRef, Shares)> {
    let quantum = goods.currency.quantum();
    let parties = goods.by_party();
    let of = |party: &Party| captured.get(party).copied().unwrap_or_default();
    let weights: Vec<i64> = parties
        .iter()
        .map(|(party, lines)| {
            let part: i64 = lines.iter().map(|line| marketplaces(party, line)).sum();
            part.max(0)
        })
        .collect();
    let marketplace = spread(of(&Party::Marketplace), &weights, quantum);
    let mut shares = Vec::new();
    for ((party, lines), marketplace) in parties.into_iter().zip(marketplace) {
        let part = |line: &&Line| marketplaces(party, line).max(0);
        let marketplace = spread(marketplace, &lines.iter().map(part).collect::<Vec<i64>>(), quantum);
        let own = match party {
            Party::Seller(_) => {
                let held: Vec<i64> = lines.iter().map(|line| line.sold.held_by_seller()).collect();
                spread(of(party), &held, quantum)
            }
            Party::Marketplace => vec![0; lines.len()],
        };
        for ((line, marketplace), own) in lines.into_iter().zip(marketplace).zip(own) {
            // A fee is the marketplace's own: it is who sold it.
            let (seller, marketplace) = match party {
                Party::Seller(_) => (own, marketplace),
                Party::Marketplace => (marketplace, 0),
            };
            let share = Shares {
                seller: amount(seller),
                marketplace: amount(marketplace),
            };
            shares.push((line.sold.line.clone(), share));
        }
    }
    shares
}

/// What the marketplace holds of a line: of a seller's what is left of its commission, of a fee all.
fn marketplaces(party: &Party, line: &Line) -> i64 {
    match party {
        Party::Seller(_) => line.sold.held_by_marketplace(),
        Party::Marketplace => line.sold.held_by_seller() + line.sold.held_by_marketplace(),
    }
}
