//! What goes back of an order: the same in every run, because it follows from where the order stands in the file.

use domain::cart::Cart;
use serde_json::{Value, json};

use super::order::Order;

/// What is to go back of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refund {
    pub kind: Kind,
    /// What the buyer gets, in minor units.
    pub amount: i64,
    /// The request.
    pub body: Value,
}

/// How a refund is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Everything.
    Everything,
    /// An amount for one seller's goods.
    Amount,
    /// Units of a line.
    Line,
}

impl Refund {
    /// What goes back of the order at this place (from 0), if it is one of every so many: everything of the first, half of
    /// what the first seller sold of the second, a unit of the first line of the third, and so on.
    pub fn of(place: usize, order: &Order, every: Option<usize>) -> Option<Self> {
        let every = every.filter(|every| *every > 0)?;
        let position = place.saturating_add(1);
        if !position.is_multiple_of(every) {
            return None;
        }
        let refund = match (position / every) % 3 {
            1 => None,
            2 => half(&order.cart),
            _ => one_line(&order.cart),
        };
        // What was for nothing cannot go back on its own.
        Some(refund.unwrap_or_else(|| Self {
            kind: Kind::Everything,
            amount: order.amount,
            body: json!({}),
        }))
    }
}

/// Half of what the buyer pays for the first seller's goods and their shipping, rounded down.
fn half(cart: &Cart) -> Option<Refund> {
    let seller = cart.lines().first()?.seller();
    let goods = cart.lines().iter().filter(|line| line.seller() == seller);
    let shipping = cart.shipping().iter().filter(|one| one.seller() == seller);
    let amounts = goods
        .map(|line| line.price().get())
        .chain(shipping.map(|one| one.amount().get()));
    let amount = amounts.fold(0, i64::saturating_add) / 2;
    (amount > 0).then(|| Refund {
        kind: Kind::Amount,
        amount,
        body: json!({ "seller": seller, "amount": amount }),
    })
}

/// A unit of the first line that costs something; every line of a file is one unit.
fn one_line(cart: &Cart) -> Option<Refund> {
    let line = cart.lines().iter().find(|line| !line.price().is_zero())?;
    Some(Refund {
        kind: Kind::Line,
        amount: line.price().get(),
        body: json!({ "lines": [{ "id": line.id(), "quantity": 1 }] }),
    })
}
