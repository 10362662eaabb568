//! What the gateway showed us of one payment at one moment, in our words.

use serde::{Deserialize, Serialize};

use crate::ids::{GatewayId, Reference, SiteId};
use crate::money::{Amount, Currency};

/// Which of the gateway's two hosts holds a payment; its ids are unique per host only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// Alternative payment methods (gateway.md §1.1, "pay").
    Pay,
    /// Direct card processing ("secure").
    Cards,
}

impl Host {
    /// The word that rows, views and log lines use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Cards => "cards",
        }
    }
}

/// The gateway's identity of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GatewayRef {
    /// The host that minted the id.
    pub host: Host,
    /// The id.
    pub id: GatewayId,
}

/// What one of the gateway's forty status numbers means for money.
///
/// The wire maps numbers to standings; a number nobody documented is `Unknown`, which is never taken for success or failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The buyer must act.
    Open,
    /// Known to the gateway, waiting for others.
    Pending,
    /// Reserved on the buyer's side, not taken.
    Authorized,
    /// A capture is on its way.
    Capturing,
    /// A cancel is on its way.
    Cancelling,
    /// Taken in full.
    Captured,
    /// Taken in part; the rest can neither be captured nor cancelled.
    PartiallyCaptured,
    /// Ended without money.
    Cancelled,
    /// Ended without money.
    Failed,
    /// Ended without money, because time ran out.
    Expired,
    /// Taken, and disputed by the buyer.
    Disputed,
    /// Taken, and taken back by the buyer's bank.
    ChargedBack,
    /// A number that no document names.
    Unknown,
}

impl Standing {
    /// Every standing, for tables and tests.
    pub const ALL: [Self; 13] = [
        Self::Open,
        Self::Pending,
        Self::Authorized,
        Self::Capturing,
        Self::Cancelling,
        Self::Captured,
        Self::PartiallyCaptured,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
        Self::Disputed,
        Self::ChargedBack,
        Self::Unknown,
    ];
}

/// One reason the gateway gave, with its own code (APM and card codes are separate numberings: gateway.md §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The gateway's return code, as text because the gateway itself wavers between text and number.
    pub code: String,
    /// The gateway's words.
    pub info: String,
}

/// The gateway's status of a payment or split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayStatus {
    /// The number on the wire.
    pub id: u16,
    /// The gateway's name for it, as sent.
    pub info: String,
    /// Why, when the gateway says.
    pub reasons: Vec<Reason>,
    /// What it means for money.
    pub standing: Standing,
}

/// One split as the gateway showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitSight {
    /// The gateway's id of the split.
    pub id: GatewayId,
    /// The site that receives.
    pub site: SiteId,
    /// The split's amount, minor units of the payment's currency.
    pub amount: Amount,
    /// Captured so far; `None` where the gateway says nothing (it does so even after a full capture: gateway.md §10.8).
    pub captured: Option<Amount>,
    /// The split's own status, where given.
    pub status: Option<GatewayStatus>,
}

/// One payment as the gateway showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// Its identity.
    pub at: GatewayRef,
    /// The `MerchantTransactionID` it carries.
    pub reference: Option<Reference>,
    /// The whole amount, minor units of `currency`.
    pub amount: Amount,
    /// The currency.
    pub currency: Currency,
    /// Captured so far, where the gateway says.
    pub captured: Option<Amount>,
    /// Where it stands.
    pub status: GatewayStatus,
    /// Where the buyer goes to pay.
    pub redirect_url: Option<String>,
    /// The splits it listed; a missing split is not a deleted one (DESIGN law 7).
    pub splits: Vec<SplitSight>,
    /// All its refunds, where they were asked for: one that is not among them is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunds: Option<Vec<RefundSight>>,
}

/// What the gateway's status of a refund means for money (gateway.md §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStanding {
    /// Accepted, and on its way.
    Open,
    /// The buyer has it.
    Done,
    /// Nothing goes back.
    Failed,
    /// A number that no document names for a refund.
    Unknown,
}

/// One refund as the gateway showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundSight {
    /// The gateway's id of it.
    pub id: GatewayId,
    /// The payment it gives back from.
    pub payment: Option<GatewayId>,
    /// The gateway's id of the split it gives back from; none where it is of the payment as a whole.
    pub split: Option<GatewayId>,
    /// The `MerchantTransactionID` it carries.
    pub reference: Option<Reference>,
    /// How much, minor units of `currency`.
    pub amount: Amount,
    /// The currency.
    pub currency: Currency,
    /// Its status there.
    pub status: GatewayStatus,
    /// What that means for money.
    pub standing: RefundStanding,
}
