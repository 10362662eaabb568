//! What whoever looks after a payment would do next.

use domain::capture_plan::{CaptureAsk, SellerTake, SplitAmount, Take};
use domain::ids::RefundId;
use domain::money::Amount;
use domain::payment::{Payment, Phase};
use domain::refund::{Ask, Units};
use domain::sale::SplitMode;
use engine::captures::CaptureWish;
use engine::checkout::NewPayment;
use engine::refunds::RefundWish;
use engine::splits::{NamedSplit, SplitsWish};

use crate::dice::Dice;

/// What is asked of the engine.
#[derive(Clone, Debug)]
pub enum Action {
    Create(Box<NewPayment>),
    Capture(CaptureWish),
    Ready(SellerTake),
    Cancel,
    AddSplits(SplitsWish),
    Refund(RefundWish),
    Retry(RefundId),
    Abandon(RefundId),
}

impl Action {
    /// In a word or two.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Capture(CaptureWish { only: Some(_), .. }) => "capture of one split",
            Self::Capture(CaptureWish {
                ask: CaptureAsk::Everything,
                ..
            }) => "capture",
            Self::Capture(_) => "capture of a part",
            Self::Ready(_) => "ready",
            Self::Cancel => "cancel",
            Self::AddSplits(SplitsWish::Own) => "add splits later",
            Self::AddSplits(_) => "add splits by amount",
            Self::Refund(RefundWish {
                ask: Ask::Everything, ..
            }) => "refund of everything",
            Self::Refund(RefundWish {
                ask: Ask::Lines { .. }, ..
            }) => "refund of lines",
            Self::Refund(_) => "refund by amount",
            Self::Retry(_) => "retry refund",
            Self::Abandon(_) => "abandon refund",
        }
    }
}

/// What whoever looks after a payment would do next.
pub fn choose(dice: &Dice, payment: &Payment, request: &NewPayment) -> Option<Action> {
    let create = || Action::Create(Box::new(request.clone()));
    let later = payment.sale.split == SplitMode::Later && payment.splits.is_empty();
    match payment.phase {
        _ if dice.happens(15) => Some(Action::Cancel),
        Phase::Failed | Phase::Cancelled | Phase::Expired => dice.happens(300).then(create),
        Phase::Processing | Phase::Pending | Phase::Open => {
            (dice.happens(120).then_some(Action::Cancel)).or_else(|| dice.happens(60).then(create))
        }
        Phase::Authorized => Some(match dice.one_of(&[(5, 0), (4, 1), (2, 2), (2, 3), (4, 4), (2, 5)]) {
            0 => capture(dice, CaptureAsk::Everything, None),
            1 => capture(dice, CaptureAsk::Sellers(takes(dice, payment)), None),
            2 => capture(dice, CaptureAsk::Splits(amounts(dice, payment)), None),
            3 => one_split(dice, payment)?,
            4 => Action::Ready(takes(dice, payment).pop()?),
            _ => Action::Cancel,
        }),
        Phase::Captured | Phase::PartiallyCaptured if later => Some(Action::AddSplits(splits(dice, payment))),
        Phase::Captured | Phase::PartiallyCaptured | Phase::Disputed => {
            if let Some(last) = payment.refunds.last()
                && dice.happens(250)
            {
                let id = RefundId::new(payment.id, last.number);
                return Some(if dice.happens(600) {
                    Action::Retry(id)
                } else {
                    Action::Abandon(id)
                });
            }
            dice.happens(750).then(|| Action::Refund(refund(dice, payment)))
        }
        Phase::Capturing | Phase::Cancelling | Phase::ChargedBack => dice.happens(100).then_some(Action::Cancel),
    }
}

fn capture(dice: &Dice, ask: CaptureAsk, only: Option<u16>) -> Action {
    Action::Capture(CaptureWish {
        ask,
        only,
        accept_stranded: dice.happens(850),
    })
}

fn one_split(dice: &Dice, payment: &Payment) -> Option<Action> {
    let one = amounts(dice, payment).pop()?;
    let only = Some(one.split);
    Some(capture(dice, CaptureAsk::Splits(vec![one]), only))
}

/// Those of the cart, or some by name, for a part of it or for all.
fn splits(dice: &Dice, payment: &Payment) -> SplitsWish {
    if dice.happens(600) {
        return SplitsWish::Own;
    }
    let all = u64::try_from(payment.amount().get()).unwrap_or(0);
    let named = |name: &str, low, high| NamedSplit {
        seller: name.parse().expect("a seller"),
        amount: amount(dice.between(low, high)),
        reference: None,
    };
    SplitsWish::Named {
        splits: vec![named("s1", 1, all / 2 + 1), named("s2", 1, all / 2 + 2)],
        rest_to_commission: dice.happens(700),
    }
}

fn takes(dice: &Dice, payment: &Payment) -> Vec<SellerTake> {
    let mut takes: Vec<SellerTake> = Vec::new();
    for line in payment.sale.cart.lines() {
        if takes.iter().any(|one| one.seller == *line.seller()) {
            continue;
        }
        let take = match dice.between(0, 2) {
            0 => Take::Everything,
            1 => Take::Amount(amount(dice.between(0, 1500))),
            _ => Take::Lines(vec![Units {
                id: line.id().clone(),
                quantity: u32::from(dice.happens(700)),
            }]),
        };
        takes.push(SellerTake {
            seller: line.seller().clone(),
            take,
        });
    }
    takes
}

fn amounts(dice: &Dice, payment: &Payment) -> Vec<SplitAmount> {
    let mut amounts = Vec::new();
    for split in &payment.splits {
        let most = u64::try_from(split.amount.get()).unwrap_or(0);
        let taken = if dice.happens(400) { most } else { dice.between(0, most) };
        amounts.push(SplitAmount {
            split: split.number,
            amount: amount(taken),
        });
    }
    amounts
}

fn refund(dice: &Dice, payment: &Payment) -> RefundWish {
    let lines = payment.sale.cart.lines();
    let some = usize::try_from(dice.draw()).unwrap_or(0) % lines.len();
    let line = &lines[some];
    let ask = match dice.between(0, 3) {
        0 | 1 => Ask::Amount {
            seller: line.seller().clone(),
            amount: amount(dice.between(1, 1200)),
        },
        2 => Ask::Lines {
            lines: vec![Units {
                id: line.id().clone(),
                quantity: 1,
            }],
            shipping: Vec::new(),
        },
        _ => Ask::Everything,
    };
    RefundWish {
        ask,
        commission: None,
        reason: None,
        reference: None,
        metadata: std::collections::BTreeMap::default(),
    }
}

fn amount(minor: u64) -> Amount {
    i64::try_from(minor)
        .ok()
        .and_then(|minor| Amount::try_from(minor).ok())
        .expect("a small amount")
}
