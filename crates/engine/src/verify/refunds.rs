//! What holds of one payment's refunds and of its goods.

use domain::money::Amount;
use domain::refund::{Part, PartState};
use domain::split::Split;

use super::payment::Facts;

impl Facts {
    /// Each split's figures are the sum of its parts of refunds.
    pub(super) fn refunds(&self) -> Option<String> {
        self.payment.splits.iter().find_map(|split| {
            let sum = |state: PartState| {
                let parts = self.payment.refunds.iter().flat_map(|refund| &refund.parts);
                let own = |part: &&Part| part.split == split.number && part.state == state;
                Amount::sum(parts.filter(own).map(|part| part.amount)).ok()
            };
            let Split {
                amount_refunding,
                amount_refunded,
                ..
            } = split;
            let (open, done) = (sum(PartState::Open), sum(PartState::Succeeded));
            let fits = open == Some(*amount_refunding) && done == Some(*amount_refunded);
            (!fits).then(|| {
                let words =
                    |amount: Option<Amount>| amount.map_or_else(|| "too much".to_owned(), |one| one.to_string());
                format!(
                    "split {}: {amount_refunding} refunding and {amount_refunded} refunded, its parts {} and {}",
                    split.number,
                    words(open),
                    words(done)
                )
            })
        })
    }

    /// No more goes back of a line than it is, nor than the buyer paid for it.
    pub(super) fn lines(&self) -> Option<String> {
        let lines = self.payment.lines();
        let wrong = lines.iter().find(|line| {
            let back = &line.back;
            back.n.get() > line.whole()
                || line.left() < 0
                || back.units > line.sold.quantity
                || back.kept > back.commission
        })?;
        Some(format!("{}: {:?} of {}", wrong.sold.line, wrong.back, wrong.whole()))
    }
}
