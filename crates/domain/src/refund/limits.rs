//! Which splits give what: a seller's split what the seller owes, within limits; the commission split the rest.
//!
//! The limits keep, of every seller, *held ≤ left*: its splits never hold more than the buyer can still get for its
//! goods. All splits together hold exactly what is left of all goods, so the commission split always holds what the
//! others do not, and the last refund empties every split. It holds when sold because the marketplace's discounts on
//! a seller's goods are at most its commission on them.

use std::collections::BTreeMap;

use super::{Call, Cover};
use crate::planted::{Defect, planted};
use crate::returns::{Funds, Goods, Line, Piece, amount};
use crate::seller::Party;

/// What goes back of one party's goods, and what of it its own splits give. Minor units.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Whose goods; the marketplace's are its fees.
    pub(crate) party: Party,
    /// What the buyer gets for them.
    pub(crate) buyer: i64,
    /// What the party owes of it.
    pub(crate) owed: i64,
    /// What its splits give; the commission split gives the rest.
    pub(crate) gives: i64,
    /// The most its splits can give.
    most: i64,
    /// What made it differ from what is owed.
    pub(crate) bound: Bound,
}

/// Why a seller's split gives what it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// It is what the seller owes.
    Owed,
    /// The buyer gets no more than that for the seller's goods.
    Buyer,
    /// The split holds no more.
    Holds,
    /// The split would else hold more than the buyer can still get for the seller's goods.
    Left,
    /// The commission split holds no more.
    Commission,
}

/// The splits hold less than what is asked: money left them that no refund of ours took. Per party what its goods can
/// still give.
#[derive(Clone, Debug)]
pub(crate) struct Shortage(pub(crate) BTreeMap<Party, i64>);

/// Divides what the buyer gets among the splits. Pieces are those of the payment's lines that are not counted yet.
pub(crate) fn divide(goods: &Goods<'_>, pieces: &[Piece]) -> Result<Vec<Given>, Shortage> {
    let mut by_party: BTreeMap<&Party, (i64, i64)> = BTreeMap::new();
    for piece in pieces {
        let (buyer, owed) = by_party.entry(&piece.party).or_default();
        *buyer += piece.buyer.get();
        *owed += piece.seller();
    }
    let lines = goods.by_party();
    let side = |(party, (buyer, owed)): (&Party, (i64, i64))| {
        let left = lines.get(party).map_or(0, |lines| left(lines));
        given(party, buyer, owed, left, goods.available(party))
    };
    let mut given: Vec<Given> = by_party.into_iter().map(side).collect();

    let rest: i64 = given.iter().map(Given::rest).sum();
    let mut missing = (rest - goods.available(&Party::Marketplace)).max(0);
    for side in given.iter_mut().filter(|side| side.party.seller().is_some()) {
        let more = missing.min(side.most - side.gives);
        if more > 0 {
            side.gives += more;
            side.bound = Bound::Commission;
            missing -= more;
        }
    }
    if missing == 0 { Ok(given) } else { Err(shortage(goods)) }
}

/// What is left to the buyer of these lines.
pub(crate) fn left(lines: &[&Line]) -> i64 {
    lines.iter().map(|line| line.left()).sum()
}

fn given(party: &Party, buyer: i64, owed: i64, left: i64, held: i64) -> Given {
    if party.seller().is_none() {
        // Its split is the commission split: all of it is the rest.
        return Given {
            party: party.clone(),
            buyer,
            owed,
            gives: 0,
            most: 0,
            bound: Bound::Owed,
        };
    }
    let most = buyer.min(held);
    let least = (held - (left - buyer)).clamp(0, most);
    let gives = owed.clamp(least, most);
    let bound = match gives.cmp(&owed) {
        std::cmp::Ordering::Equal => Bound::Owed,
        std::cmp::Ordering::Greater => Bound::Left,
        std::cmp::Ordering::Less if most == buyer => Bound::Buyer,
        std::cmp::Ordering::Less => Bound::Holds,
    };
    Given {
        party: party.clone(),
        buyer,
        owed,
        gives,
        most,
        bound,
    }
}

/// What a refund of one party's goods alone could take: its own splits' and the commission split's money.
fn shortage(goods: &Goods<'_>) -> Shortage {
    let commission = goods.available(&Party::Marketplace);
    let most = |(party, lines): (&Party, Vec<&Line>)| {
        let own = party.seller().map_or(0, |_| goods.available(party));
        (party.clone(), left(&lines).min(own + commission))
    };
    Shortage(goods.by_party().into_iter().map(most).collect())
}

/// What to ask of the gateway, by split number. A party with several splits gives from the first that hold something.
pub(crate) fn calls(funds: &[Funds], given: &[Given]) -> Vec<Call> {
    let mut calls: BTreeMap<u16, Call> = BTreeMap::new();
    let mut free: BTreeMap<u16, (&Party, i64)> = funds
        .iter()
        .map(|funds| (funds.split, (&funds.party, funds.available.get())))
        .collect();
    let mut take = |from: &Party, goods_of: &Party, mut wanted: i64| {
        for (split, (party, held)) in &mut free {
            let part = wanted.min(*held);
            if *party != from || part == 0 {
                continue;
            }
            *held -= part;
            wanted -= part;
            let call = calls.entry(*split).or_insert_with(|| Call {
                split: *split,
                party: from.clone(),
                amount: amount(0),
                covers: Vec::new(),
            });
            call.amount = amount(call.amount.get() + part);
            call.covers.push(Cover {
                goods_of: goods_of.clone(),
                amount: amount(part),
            });
        }
    };
    for side in given {
        take(&side.party, &side.party, side.gives);
        let lost = i64::from(planted(Defect::RefundLosesACent));
        take(&Party::Marketplace, &side.party, (side.rest() - lost).max(0));
    }
    calls.into_values().collect()
}

impl Given {
    /// What the commission split gives for these goods.
    fn rest(&self) -> i64 {
        self.buyer - self.gives
    }

    /// What the seller pays (below 0: gets) beside the gateway.
    pub(crate) fn unpaid(&self) -> i64 {
        self.party.seller().map_or(0, |_| self.owed - self.gives)
    }
}
