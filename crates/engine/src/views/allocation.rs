//! How a cart is divided, with the reason for every cent.

use domain::allocation::{Allocation, Reason, Share, SplitPlan};
use domain::ids::SellerId;
use domain::seller::Party;
use serde::Serialize;
use utoipa::ToSchema;

/// The answer to a quote: nothing was written, nothing was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuoteView {
    /// What the buyer would pay.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Who would be owed what, and why.
    pub allocation: AllocationView,
    /// What would be asked of the gateway.
    pub splits: Vec<PlannedSplitView>,
    /// Pin it in a payment as `quote_digest`.
    pub digest: String,
    /// What to know before selling so.
    pub warnings: Vec<String>,
}

/// Who is owed what, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AllocationView {
    /// Sellers by name, then the marketplace.
    pub parties: Vec<PartyView>,
    /// What the buyer pays: the sum of the parties' `net`.
    pub total: i64,
}

/// One party's share. `gross + discounts + shipping + commission + fees = net`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartyView {
    /// A seller, or `marketplace`.
    pub party: String,
    /// The gateway account that receives it.
    pub site_id: u32,
    /// The original price of its lines.
    pub gross: i64,
    /// The discounts it bears: 0 or less.
    pub discounts: i64,
    /// Its shipping.
    pub shipping: i64,
    /// What a seller pays (0 or less) and the marketplace gets.
    pub commission: i64,
    /// The marketplace's fees.
    pub fees: i64,
    /// What it is owed.
    pub net: i64,
    /// Where every cent comes from; they add up to `net`.
    pub reasons: Vec<ReasonView>,
}

/// One step from the cart to a party's share.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReasonView {
    /// `line:l1`, `shipping`, `discount:d1`, `fee:service` or `commission:l1`.
    #[serde(rename = "for")]
    pub subject: String,
    /// The rule that decided, such as `standard@3#0`.
    pub rule: Option<String>,
    /// What it was computed from.
    pub base: i64,
    /// The figure before rounding.
    pub exact: String,
    /// What it adds to the share.
    pub amount: i64,
    /// The same in words.
    pub note: String,
}

/// A split as it would be asked of the gateway.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlannedSplitView {
    /// The seller; null for the marketplace's commission.
    #[schema(value_type = Option<String>)]
    pub seller: Option<SellerId>,
    /// `seller` or `commission`.
    pub kind: String,
    /// The gateway account that receives.
    pub site_id: u32,
    /// Its amount.
    pub amount: i64,
}

/// The word for the two kinds of split.
pub(crate) fn split_kind(party: &Party) -> String {
    match party {
        Party::Seller(_) => "seller".to_owned(),
        Party::Marketplace => "commission".to_owned(),
    }
}

impl From<&Allocation> for AllocationView {
    fn from(allocation: &Allocation) -> Self {
        Self {
            parties: allocation.parties().iter().map(PartyView::from).collect(),
            total: allocation.total().get(),
        }
    }
}

impl From<&Share> for PartyView {
    fn from(share: &Share) -> Self {
        Self {
            party: share.party.to_string(),
            site_id: share.site.get(),
            gross: share.gross.get(),
            discounts: share.discounts,
            shipping: share.shipping.get(),
            commission: share.commission,
            fees: share.fees.get(),
            net: share.net.get(),
            reasons: share.reasons.iter().map(ReasonView::from).collect(),
        }
    }
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            subject: reason.subject.to_string(),
            rule: reason.rule.clone(),
            base: reason.base,
            exact: reason.exact.clone(),
            amount: reason.amount,
            note: reason.note.clone(),
        }
    }
}

impl From<SplitPlan> for PlannedSplitView {
    fn from(plan: SplitPlan) -> Self {
        Self {
            seller: plan.party.seller().cloned(),
            kind: split_kind(&plan.party),
            site_id: plan.site.get(),
            amount: plan.amount.get(),
        }
    }
}
