//! Why somebody gives a cent, for people.

use super::asked::in_words;
use super::limits::{Bound, Given};
use super::{Adjustment, Reason};
use crate::money::Currency;
use crate::returns::{Piece, amount};
use crate::seller::Party;

/// What who sold it and the marketplace give for a piece; nobody who gives and gets nothing is mentioned.
pub(super) fn reasons(piece: &Piece, currency: Currency) -> Vec<Reason> {
    let words = |minor_units| in_words(minor_units, currency);
    let (n, commission) = (piece.n.get(), piece.commission.get());
    let discount = n - piece.buyer.get();
    let mut sold = format!("{} of it goes back", words(n));
    let mut kept = String::new();
    if commission > 0 && piece.keeps {
        sold.push_str(&format!(", its commission of {} not returned", words(commission)));
        kept.push_str(&format!("its commission of {} is kept", words(commission)));
    } else if commission > 0 {
        sold.push_str(&format!(", {} of it the marketplace's", words(commission)));
        kept.push_str(&format!("its commission of {} goes back", words(commission)));
    }
    if discount != 0 {
        let separator = if kept.is_empty() { "" } else { ", " };
        let verb = if discount > 0 { "less" } else { "and" };
        kept.push_str(&format!("{separator}{verb} {} of its discounts", words(discount.abs())));
    }
    let reason = |party: Party, amount: i64, note: String| Reason {
        line: piece.line.clone(),
        party,
        amount,
        note,
    };
    [
        reason(piece.party.clone(), piece.seller(), sold),
        reason(Party::Marketplace, piece.marketplace(), kept),
    ]
    .into_iter()
    .filter(|reason| reason.amount != 0)
    .collect()
}

/// What a seller owes and its split does not give, or the other way round; in these words.
pub(crate) fn adjustment(given: &Given, [owes, gives]: [&str; 2], currency: Currency) -> Option<Adjustment> {
    let words = |minor_units| in_words(minor_units, currency);
    let seller = &given.party;
    let because = match given.bound {
        Bound::Owed => return None,
        Bound::Buyer => "the buyer gets no more than that for its goods",
        Bound::Holds => "it holds no more",
        Bound::Left => "it would else hold more than the buyer can still get for its goods",
        Bound::Commission => "the commission split holds no more",
    };
    let owed = if given.owed < 0 {
        format!("{seller} is owed {}", words(-given.owed))
    } else {
        format!("{seller} {owes} {}", words(given.owed))
    };
    let why = format!("{owed}, its split {gives} {}: {because}", words(given.gives));
    between(seller, given.unpaid(), why)
}

/// An adjustment from the seller to the marketplace, or below 0 the other way.
pub(super) fn between(seller: &Party, unpaid: i64, why: String) -> Option<Adjustment> {
    let (from, to) = if unpaid > 0 {
        (seller.clone(), Party::Marketplace)
    } else {
        (Party::Marketplace, seller.clone())
    };
    (unpaid != 0).then(|| Adjustment {
        from,
        to,
        amount: amount(unpaid.abs()),
        why,
    })
}
