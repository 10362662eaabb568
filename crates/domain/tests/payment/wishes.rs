//! What people may wish for: mostly what fits the payment, sometimes what does not.

use std::collections::BTreeSet;

use domain::allocation::{LineRef, SplitPlan};
use domain::capture_plan::{CaptureAsk, SellerTake, SplitAmount, Take};
use domain::command::{Addition, Command, NewSplit, RefundAsk};
use domain::ids::{SellerId, SiteId};
use domain::metadata::Metadata;
use domain::money::Amount;
use domain::payment::{Payment, Phase};
use domain::refund::{Ask, Units};
use domain::returns::Line;
use domain::seller::Party;

use super::sample::{Dice, amount};

pub fn any_command(payment: &Payment, dice: &mut Dice<'_>) -> Command {
    let refund = u16::try_from(1 + dice.below(4)).unwrap();
    // Mostly what fits: a refusal teaches nothing.
    let authorized = payment.phase == Phase::Authorized;
    match if authorized { dice.below(8) } else { 6 + dice.below(14) } {
        0 => Command::Capture {
            ask: CaptureAsk::Everything,
            only: None,
            accept_stranded: false,
        },
        1 | 2 => any_capture(payment, dice),
        3..=5 => Command::Ready(any_take(payment, dice)),
        6 if dice.one_in(4) => Command::Cancel,
        6..=9 if payment.headroom() > Amount::ZERO => Command::AddSplits(any_addition(payment, dice)),
        6 | 7 => Command::Retry { refund },
        8 => Command::Abandon { refund },
        _ => any_refund(payment, dice),
    }
}

fn any_capture(payment: &Payment, dice: &mut Dice<'_>) -> Command {
    let splits = payment.splits.iter();
    let mut amounts: Vec<SplitAmount> = splits
        .map(|split| SplitAmount {
            split: split.number,
            amount: amount(dice.below(split.amount.get() + 1)),
        })
        .collect();
    let only = dice
        .one_in(2)
        .then(|| amounts.truncate(1))
        .and(amounts.first().map(|one| one.split));
    let takes = [1, 2, 3].map(|_| any_take(payment, dice));
    Command::Capture {
        ask: if only.is_some() || dice.one_in(2) {
            CaptureAsk::Splits(amounts)
        } else {
            CaptureAsk::Sellers(takes.into())
        },
        only,
        accept_stranded: true,
    }
}

fn any_take(payment: &Payment, dice: &mut Dice<'_>) -> SellerTake {
    let seller = any_seller(dice);
    let take = match dice.below(4) {
        0 => Take::Everything,
        1 => Take::Amount(Amount::ZERO),
        2 => Take::Amount(amount(dice.below(left(payment, &seller) + 1))),
        _ => Take::Lines(any_units(payment, &seller, dice)),
    };
    SellerTake { seller, take }
}

fn any_addition(payment: &Payment, dice: &mut Dice<'_>) -> Addition {
    let sale = &payment.sale;
    if dice.one_in(2) {
        let own = |plan: SplitPlan| NewSplit {
            party: plan.party,
            site: plan.site,
            amount: plan.amount,
            reference: None,
        };
        return Addition {
            splits: sale.allocation.splits().into_iter().map(own).collect(),
            lines: sale.allocation.lines().to_vec(),
            rest: None,
        };
    }
    let rest = SiteId::try_new(30201).unwrap();
    Addition {
        splits: vec![NewSplit {
            party: Party::Seller(any_seller(dice)),
            site: SiteId::try_new(33513).unwrap(),
            amount: amount(1 + dice.below(payment.headroom().get())),
            reference: None,
        }],
        lines: Vec::new(),
        rest: dice.one_in(2).then_some(rest),
    }
}

fn any_refund(payment: &Payment, dice: &mut Dice<'_>) -> Command {
    let seller = any_seller(dice);
    let ask = match dice.below(4) {
        0 => Ask::Everything,
        1 => Ask::Amount {
            amount: amount(dice.below(left(payment, &seller) + 2)),
            seller: seller.clone(),
        },
        2 => Ask::Lines {
            lines: any_units(payment, &seller, dice),
            shipping: Vec::new(),
        },
        _ => Ask::Lines {
            lines: any_units(payment, &seller, dice),
            shipping: vec![seller.clone()],
        },
    };
    let keeps = BTreeSet::from_iter(dice.one_in(3).then_some(seller));
    refund(ask, keeps)
}

fn any_units(payment: &Payment, seller: &SellerId, dice: &mut Dice<'_>) -> Vec<Units> {
    let lines = payment.lines();
    let own = lines.iter().filter(|line| line.sold.party.seller() == Some(seller));
    let units = own.filter_map(|line| match &line.sold.line {
        LineRef::Item(id) if dice.one_in(2) => Some(Units {
            id: id.clone(),
            quantity: u32::try_from(1 + dice.below(line.sold.quantity.into())).unwrap(),
        }),
        _ => None,
    });
    units.collect()
}

/// What is left to the buyer of a seller's goods.
fn left(payment: &Payment, seller: &SellerId) -> i64 {
    let lines = payment.lines();
    let own = lines.iter().filter(|line| line.sold.party.seller() == Some(seller));
    own.map(Line::left).sum()
}

pub fn refund(ask: Ask, keeps: BTreeSet<SellerId>) -> Command {
    Command::Refund(RefundAsk {
        ask,
        keeps,
        commission: None,
        reason: None,
        reference: None,
        metadata: Metadata::default(),
    })
}

fn any_seller(dice: &mut Dice<'_>) -> SellerId {
    format!("s{}", 1 + dice.below(3)).parse().unwrap()
}
