//! A payment of a replay, as the API tells it and as it is counted.

use std::time::Duration;

use serde::Deserialize;

use super::refund::Refund;
use super::sums::Shares;

/// A payment, as far as a storefront needs it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Payment {
    pub id: String,
    pub status: String,
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub held: bool,
    pub redirect_url: Option<String>,
    pub splits: Vec<Split>,
    pub refunds: Vec<Refunded>,
    pub gateway: Option<Gateway>,
}

/// What a party has of a payment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Split {
    /// The seller; the marketplace if none.
    pub seller: Option<String>,
    pub site_id: u64,
    pub amount_captured: i64,
    pub amount_refunding: i64,
    pub amount_refunded: i64,
}

/// What went back of a payment, or is asked to.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Refunded {
    pub id: String,
    pub status: String,
    pub amount: i64,
    pub adjustments: Vec<Adjustment>,
}

/// Money between a seller and the marketplace.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Adjustment {
    pub from: String,
    pub to: String,
    pub amount: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Gateway {
    pub payment_id: u64,
}

/// An order that was paid, and of which was given back what was to be.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    /// The payment as it is now.
    pub payment: Payment,
    /// What its parties had when this run first saw it.
    pub had: Shares,
    /// Whether the API had seen the order before.
    pub replayed: bool,
    /// Whether the money was there before this run.
    pub already: bool,
    pub refund: Option<Returned>,
    pub times: Times,
}

/// What went back of an order.
#[derive(Clone, Debug)]
pub(super) struct Returned {
    pub wish: Refund,
    /// Whether the API had seen the wish before.
    pub replayed: bool,
    /// What the buyer was given for it.
    pub amount: i64,
}

/// How long things took that were done in this run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    /// The create.
    pub create: Duration,
    /// From the buyer's payment to its confirmation.
    pub confirm: Option<Duration>,
    /// From the wish to capture to the capture.
    pub capture: Option<Duration>,
    /// From the wish to refund to its acceptance.
    pub refund: Option<Duration>,
    /// From the wish to refund to the refund.
    pub returned: Option<Duration>,
}

impl Payment {
    /// What each party has of it.
    pub fn shares(&self) -> Shares {
        let mut shares = Shares::default();
        for split in &self.splits {
            let own = shares.of_split(split.seller.as_deref());
            own.captured = own.captured.saturating_add(split.amount_captured);
            own.refunding = own.refunding.saturating_add(split.amount_refunding);
            own.refunded = own.refunded.saturating_add(split.amount_refunded);
        }
        // Adjustments are in the books once their refund is complete.
        let complete = self.refunds.iter().filter(|refund| refund.status == "succeeded");
        for adjustment in complete.flat_map(|refund| &refund.adjustments) {
            let from = shares.own(&adjustment.from);
            from.adjusted = from.adjusted.saturating_sub(adjustment.amount);
            let to = shares.own(&adjustment.to);
            to.adjusted = to.adjusted.saturating_add(adjustment.amount);
        }
        for own in shares.sellers.values_mut().chain([&mut shares.marketplace]) {
            own.balance = own.left();
        }
        shares
    }
}

/// What these come to together.
pub(super) fn together(shares: impl IntoIterator<Item = Shares>) -> Shares {
    shares.into_iter().fold(Shares::default(), |sum, one| sum.and(&one))
}
