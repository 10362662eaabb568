//! What goes back to the buyer, who gives it, and which splits the gateway is asked to refund.

pub(crate) mod asked;
mod give_back;
pub(crate) mod limits;
mod preview;
mod record;
mod words;

use serde::{Deserialize, Serialize};

use crate::allocation::LineRef;
use crate::fault::{Fault, Faults};
use crate::fee_plan::CommissionOnRefund;
use crate::ids::{LineId, SellerId};
use crate::money::Amount;
use crate::returns::{Goods, Piece, amount};
use crate::seller::Party;

pub use give_back::GivenBack;
pub use preview::{PartyPreview, Preview};
pub use record::{Part, PartState, Refund, RefundStatus};

use limits::Given;
pub(crate) use words::adjustment;

/// The codes [`plan`] uses besides those of [`crate::amounts::CODES`] and [`crate::cart::CODES`], each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("nothing_to_refund", "What was named moves no money, or has gone back."),
    (
        "refund_exceeds_captured",
        "More was asked back than was captured and is neither gone nor on its way.",
    ),
    ("seller_not_in_payment", "The payment has no goods of the seller."),
    ("line_not_in_payment", "The payment has no such line."),
    ("shipping_not_in_payment", "The payment has no shipping of the seller."),
];

/// What is to go back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// So much of the buyer's money for the goods of one seller.
    Amount {
        /// Whose goods.
        seller: SellerId,
        /// What the buyer gets, in minor units.
        amount: Amount,
    },
    /// These units, valued as they were sold, and all that is left of these sellers' shipping.
    Lines {
        /// The lines, each named once.
        lines: Vec<Units>,
        /// The sellers whose shipping goes back, each named once.
        shipping: Vec<SellerId>,
    },
    /// All that is left of the payment, fees included.
    Everything,
}

/// So many of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    /// The line.
    pub id: LineId,
    /// How many; of a refund at least 1.
    pub quantity: u32,
}

/// What a refund does: who gives what, and how the money gets to the buyer. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What the buyer gets; the calls add up to it.
    pub amount: Amount,
    /// Who is concerned: sellers by id, then the marketplace.
    pub parties: Vec<PartyPlan>,
    /// What the gateway cannot move, between a seller and the marketplace; in order, those of abandoned parts last.
    pub adjustments: Vec<Adjustment>,
    /// What the gateway is asked, split by split: the refund's parts.
    pub calls: Vec<Call>,
    /// What goes back of which line. Counted by [`crate::returns::apply`] in the commit that opens the parts.
    pub lines: Vec<Piece>,
    /// Where every cent comes from: those of a party add up to what it owes.
    pub reasons: Vec<Reason>,
    /// What whoever asks should know.
    pub warnings: Vec<String>,
}

/// One party's side of a refund, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyPlan {
    /// Who.
    pub party: Party,
    /// What it has to give; below 0 it receives.
    pub owed: i64,
    /// What its splits give to the buyer.
    pub gives_back: Amount,
}

/// Money owed between a seller and the marketplace for which there is no gateway call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Who pays it.
    pub from: Party,
    /// Who gets it.
    pub to: Party,
    /// Minor units, more than 0.
    pub amount: Amount,
    /// Why the gateway cannot move it, for people.
    pub why: String,
}

/// One part of a refund: one split, one amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The split's number within the payment.
    pub split: u16,
    /// Whose split it is.
    pub party: Party,
    /// What it gives to the buyer: minor units, more than 0.
    pub amount: Amount,
    /// For whose goods.
    pub covers: Vec<Cover>,
}

/// What a call gives for the goods of one party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Whose goods; the marketplace's are its fees.
    pub goods_of: Party,
    /// Minor units, more than 0.
    pub amount: Amount,
}

/// What a party gives for a line, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For which line.
    #[serde(rename = "for")]
    pub line: LineRef,
    /// Who gives it.
    pub party: Party,
    /// Minor units; below 0 it receives.
    pub amount: i64,
    /// The same for people.
    pub note: String,
}

/// Plans a refund. `policy` says of each seller what becomes of its commission; fees, and lines whose exact amounts
/// were captured, have none to keep. Pointers of faults are relative to what was asked.
pub fn plan(goods: &Goods<'_>, ask: &Ask, policy: &dyn Fn(&SellerId) -> CommissionOnRefund) -> Result<Plan, Faults> {
    let (pieces, warnings) = asked::pieces(goods, ask, policy)?;
    if !pieces.iter().any(Piece::moves) {
        let detail = "goods of which something is left to the buyer, or to move between the parties";
        return Err(vec![Fault::new("", "nothing_to_refund", detail)]);
    }
    let given = limits::divide(goods, &pieces).map_err(|shortage| vec![asked::too_much(goods, ask, &shortage)])?;
    Ok(assemble(goods, pieces, &given, warnings))
}

fn assemble(goods: &Goods<'_>, lines: Vec<Piece>, given: &[Given], warnings: Vec<String>) -> Plan {
    let buyer: i64 = given.iter().map(|given| given.buyer).sum();
    let calls = limits::calls(goods.funds, given);
    let from_calls: i64 = calls.iter().map(|call| call.amount.get()).sum();
    assert_eq!(from_calls, buyer, "the buyer gets from the splits what goes back");
    let adjustments = given
        .iter()
        .filter_map(|given| adjustment(given, ["owes", "gives"], goods.currency));
    let reasons = lines.iter().flat_map(|piece| words::reasons(piece, goods.currency));
    Plan {
        amount: amount(buyer),
        parties: parties(&lines, &calls),
        adjustments: adjustments.collect(),
        reasons: reasons.collect(),
        calls,
        lines,
        warnings,
    }
}

/// What each party owes for these pieces and gives by these calls.
fn parties(pieces: &[Piece], calls: &[Call]) -> Vec<PartyPlan> {
    let mut owed = std::collections::BTreeMap::<&Party, i64>::new();
    for piece in pieces {
        *owed.entry(&piece.party).or_default() += piece.seller();
        *owed.entry(&Party::Marketplace).or_default() += piece.marketplace();
    }
    let side = |(party, owed): (&Party, i64)| {
        let own = calls.iter().filter(|call| call.party == *party);
        PartyPlan {
            party: party.clone(),
            owed,
            gives_back: amount(own.map(|call| call.amount.get()).sum()),
        }
    };
    let sides = owed.into_iter().map(side);
    sides
        .filter(|side| side.owed != 0 || !side.gives_back.is_zero())
        .collect()
}

impl PartyPlan {
    /// What it gets (below 0: pays) by adjustment, in minor units.
    #[must_use]
    pub fn adjusted(&self) -> i64 {
        self.gives_back.get() - self.owed
    }
}
