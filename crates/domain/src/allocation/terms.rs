//! Under which terms a cart is divided.

use std::collections::BTreeMap;

use crate::fee_plan::FeePlan;
use crate::ids::{SellerId, SiteId};
use crate::seller::SellerStatus;

/// Everything besides the cart that decides how it is divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The sellers as they are registered; those that the cart does not name do not matter.
    pub sellers: BTreeMap<SellerId, SellerTerms>,
    /// The gateway account that receives the marketplace's share.
    pub commission_site: SiteId,
}

/// A seller's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SellerTerms {
    /// The gateway account that receives its share.
    pub site: SiteId,
    /// Whether it may sell.
    pub status: SellerStatus,
    /// Its plan, or the configured one if it has none; without either there is no commission.
    pub fee_plan: Option<FeePlan>,
}
