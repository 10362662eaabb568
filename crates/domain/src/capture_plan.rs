//! Which part of an authorized payment the gateway is asked to capture: it takes one capture, and no other follows.

mod exact;
mod readiness;
mod taken;

use serde::{Deserialize, Serialize};

use crate::allocation::LineRef;
use crate::fault::{Fault, Faults};
use crate::ids::SellerId;
use crate::money::Amount;
use crate::refund::limits;
use crate::refund::{Adjustment, Units, adjustment};
use crate::returns::{self, Funds, Goods, Line, Piece, Shares, amount};
use crate::seller::Party;

pub use readiness::{Next, Readiness, Unanswered};

/// The codes [`plan`] and [`Readiness`] use besides those of [`crate::refund::CODES`], [`crate::amounts::CODES`] and
/// [`crate::cart::CODES`], each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("capture_exceeds_authorized", "More was asked for than is authorized."),
    ("nothing_to_capture", "What was named takes nothing."),
    ("split_not_in_payment", "The payment has no such split."),
    ("duplicate_split", "A split is named twice."),
    ("duplicate_seller", "A seller is named twice."),
];

/// What to capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureAsk {
    /// All that is authorized.
    Everything,
    /// In the buyer's money, seller by seller; nothing of those that are not named. Fees in full unless nothing is.
    Sellers(Vec<SellerTake>),
    /// Exact amounts; nothing of the splits that are not named.
    Splits(Vec<SplitAmount>),
}

/// What to take for the goods of a seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellerTake {
    /// Whose goods; each seller once.
    pub seller: SellerId,
    /// How much of them.
    pub take: Take,
}

/// How much of a seller's goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// All of them.
    Everything,
    /// So much of the buyer's money, in minor units; 0 is nothing.
    Amount(Amount),
    /// These units, 0 being none, and the seller's shipping in full if there are any; nothing of the other lines.
    Lines(Vec<Units>),
}

/// A split and an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitAmount {
    /// The split's number within the payment.
    pub split: u16,
    /// Minor units.
    pub amount: Amount,
}

/// What a capture does. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapturePlan {
    /// What is captured in all.
    pub amount: Amount,
    /// What is authorized and can afterwards be neither captured nor cancelled.
    pub stranded: Amount,
    /// Each split by number.
    pub splits: Vec<SplitCapture>,
    /// What of which line is let go: it counts as gone back before any money moved. Empty for exact amounts.
    pub let_go: Vec<Piece>,
    /// For exact amounts that are not all there is: what is captured of every line. Empty else.
    pub shares: Vec<(LineRef, Shares)>,
    /// What the splits cannot express of it, to be posted when it is captured.
    pub adjustments: Vec<Adjustment>,
}

/// What a capture does to a split, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitCapture {
    /// The split's number within the payment.
    pub split: u16,
    /// Whose it is.
    pub party: Party,
    /// What is captured; it may be 0.
    pub amount: Amount,
    /// What stays authorized until that lapses.
    pub stranded: Amount,
}

/// Plans a capture; `goods.funds` hold what is authorized. Pointers of faults are relative to what was asked.
pub fn plan(goods: &Goods<'_>, ask: &CaptureAsk) -> Result<CapturePlan, Faults> {
    match ask {
        CaptureAsk::Everything => let_go(goods, Vec::new()),
        CaptureAsk::Sellers(takes) => let_go(goods, taken::let_go(goods, takes)?),
        CaptureAsk::Splits(amounts) => exact::plan(goods, amounts),
    }
}

/// Plans what the gateway took of its own accord. Where it also divided the whole otherwise than was asked, the shares
/// are what it made of them, however much of them it took.
pub(crate) fn plan_accepted(goods: &Goods<'_>, amounts: &[SplitAmount], divided: bool) -> Result<CapturePlan, Faults> {
    if divided {
        exact::divided(goods, amounts)
    } else {
        exact::plan(goods, amounts)
    }
}

/// Capturing is letting the rest go back before any money moved: by the refund's own limits, from what is authorized.
fn let_go(goods: &Goods<'_>, pieces: Vec<Piece>) -> Result<CapturePlan, Faults> {
    let short = |_| {
        let detail = "the splits do not hold what the buyer authorized for these goods";
        vec![Fault::new("", "capture_exceeds_authorized", detail)]
    };
    let given = limits::divide(goods, &pieces).map_err(short)?;
    let calls = limits::calls(goods.funds, &given);
    let stranded = |split: &Funds| {
        let call = calls.iter().find(|call| call.split == split.split);
        call.map_or(Amount::ZERO, |call| call.amount)
    };
    let adjustments = given
        .iter()
        .filter_map(|given| adjustment(given, ["lets go of", "leaves"], goods.currency));
    Ok(CapturePlan {
        adjustments: adjustments.collect(),
        let_go: pieces,
        ..of_splits(goods, stranded)
    })
}

/// A capture of everything but what is stranded of each split.
fn of_splits(goods: &Goods<'_>, stranded: impl Fn(&Funds) -> Amount) -> CapturePlan {
    let split = |funds: &Funds| {
        let stranded = stranded(funds);
        SplitCapture {
            split: funds.split,
            party: funds.party.clone(),
            amount: funds.available.saturating_sub(stranded),
            stranded,
        }
    };
    let mut splits: Vec<SplitCapture> = goods.funds.iter().map(split).collect();
    splits.sort_by_key(|split| split.split);
    let sum = |of: fn(&SplitCapture) -> Amount| amount(splits.iter().map(|split| of(split).get()).sum());
    CapturePlan {
        amount: sum(|split| split.amount),
        stranded: sum(|split| split.stranded),
        splits,
        let_go: Vec::new(),
        shares: Vec::new(),
        adjustments: Vec::new(),
    }
}

impl CapturePlan {
    /// Whether the gateway is asked to capture all that is authorized.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.stranded.is_zero()
    }

    /// Whether there is nothing to capture: then the payment is cancelled.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.amount.is_zero()
    }

    /// Counts it on the lines, once the gateway has captured.
    ///
    /// # Panics
    /// If it was planned on other lines: a mistake of ours.
    pub fn apply(&self, lines: &mut [Line]) {
        returns::apply(lines, &self.let_go);
        for line in lines.iter_mut() {
            line.let_go = line.back.buyer;
        }
        for (line, shares) in &self.shares {
            let line = lines.iter_mut().find(|one| one.sold.line == *line);
            assert!(line.is_some(), "an exact capture is of the payment's lines");
            if let Some(line) = line {
                line.captured = Some(*shares);
            }
        }
    }
}
