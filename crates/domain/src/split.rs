//! The gateway's leg: one site, one amount, what happened to it.

use serde::{Deserialize, Serialize};

use crate::ids::{GatewayId, Reference, SiteId};
use crate::money::Amount;
use crate::seller::Party;
use crate::sight::GatewayStatus;

/// One split of one payment. Amounts are minor units of the payment's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Its number within the payment, from 1; the last part of its id.
    pub number: u16,
    /// Who is owed.
    pub party: Party,
    /// The gateway account that receives; kept as it was when sold.
    pub site: SiteId,
    /// What was asked.
    pub amount: Amount,
    /// The caller's own name for it, where it was added under one.
    pub reference: Option<Reference>,
    /// The gateway's id, once it was shown.
    pub gateway_id: Option<GatewayId>,
    /// The gateway's last word on it.
    pub status: Option<GatewayStatus>,
    /// Authorized so far: never less than `amount_captured`.
    pub amount_authorized: Amount,
    /// Captured so far.
    pub amount_captured: Amount,
    /// On its way back to the buyer.
    pub amount_refunding: Amount,
    /// Back with the buyer.
    pub amount_refunded: Amount,
    /// Taken back by the buyer's bank.
    pub amount_charged_back: Amount,
}

impl Split {
    /// A split that was asked for and about which nothing is known yet.
    pub const fn asked(number: u16, party: Party, site: SiteId, amount: Amount) -> Self {
        Self {
            number,
            party,
            site,
            amount,
            reference: None,
            gateway_id: None,
            status: None,
            amount_authorized: Amount::ZERO,
            amount_captured: Amount::ZERO,
            amount_refunding: Amount::ZERO,
            amount_refunded: Amount::ZERO,
            amount_charged_back: Amount::ZERO,
        }
    }

    /// MONEY §5: `refunded + refunding + charged_back ≤ captured ≤ authorized ≤ amount`.
    pub fn is_ordered(&self) -> bool {
        let gone = [self.amount_refunding, self.amount_refunded, self.amount_charged_back];
        Amount::sum(gone).is_ok_and(|gone| gone <= self.amount_captured)
            && self.amount_captured <= self.amount_authorized
            && self.amount_authorized <= self.amount
    }
}
