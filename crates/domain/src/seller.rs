//! Who is owed: sellers, each with the gateway account that receives for them, and the marketplace itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::fault::{Fault, Faults};
use crate::ids::{FeePlanId, IdError, SellerId, SiteId};
use crate::metadata::{self, Metadata};
use crate::time::Timestamp;

/// How many characters a seller's name may have.
pub const NAME_CHARACTERS_MAX: usize = 255;

/// The codes [`Seller::try_new`] uses besides those of [`metadata::CODES`], each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("seller_name_invalid", "A seller's name is empty or too long."),
    (
        "site_id_invalid",
        "A site id is not a positive integer of at most 32 bits.",
    ),
    ("fee_plan_id_invalid", "What names a fee plan is not such a name."),
];

/// A seller as an administrator registers it: the body of `PUT /v1/sellers/{seller}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SellerDraft {
    /// What people call the seller.
    pub name: String,
    /// The gateway account that receives.
    pub site_id: i64,
    /// The rules of its commission; without one, the configured plan.
    #[serde(default)]
    pub fee_plan: Option<String>,
    /// Whether it may sell.
    pub status: SellerStatus,
    /// The caller's own keys and values.
    #[serde(default)]
    pub metadata: Metadata,
}

/// A seller, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// The marketplace's name for it.
    pub id: SellerId,
    /// What people call it.
    pub name: String,
    /// The gateway account that receives for it, and for nobody else.
    pub site: SiteId,
    /// The rules of its commission; without one, the configured plan.
    pub fee_plan: Option<FeePlanId>,
    /// Whether it may sell.
    pub status: SellerStatus,
    /// The caller's own keys and values.
    pub metadata: Metadata,
    /// When it was first registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Whether a seller may sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SellerStatus {
    /// It sells.
    Active,
    /// No new sales and no added splits; captures, refunds and balances go on.
    Suspended,
}

/// Someone a payment owes: a seller, or the marketplace. Sellers sort by id, the marketplace last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Party {
    /// The seller with this id.
    Seller(SellerId),
    /// The marketplace: commission and fees, less the discounts it funds.
    Marketplace,
}

impl Seller {
    /// Checks a draft, answering everything that is wrong with it (pointers are relative to the draft).
    pub fn try_new(
        id: SellerId,
        draft: SellerDraft,
        created_at: Timestamp,
        updated_at: Timestamp,
    ) -> Result<Self, Faults> {
        let mut faults = metadata::faults(&draft.metadata, "/metadata");
        if !(1..=NAME_CHARACTERS_MAX).contains(&draft.name.chars().count()) {
            let detail = format!("a name has 1 to {NAME_CHARACTERS_MAX} characters");
            faults.push(Fault::new("/name", "seller_name_invalid", detail));
        }
        let fee_plan = draft.fee_plan.map(FeePlanId::try_from).transpose();
        if let Err(error) = &fee_plan {
            faults.push(Fault::new("/fee_plan", "fee_plan_id_invalid", error.to_string()));
        }
        let site = u32::try_from(draft.site_id)
            .ok()
            .and_then(|number| SiteId::try_new(number).ok());
        if site.is_none() {
            faults.push(Fault::new(
                "/site_id",
                "site_id_invalid",
                "an integer from 1 to 4294967295",
            ));
        }
        match (site, fee_plan) {
            (Some(site), Ok(fee_plan)) if faults.is_empty() => Ok(Self {
                id,
                name: draft.name,
                site,
                fee_plan,
                status: draft.status,
                metadata: draft.metadata,
                created_at,
                updated_at,
            }),
            _ => Err(faults),
        }
    }
}

impl SellerStatus {
    /// The word in JSON and in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl fmt::Display for SellerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SellerStatus {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            _ => Err(IdError {
                kind: "a seller's status",
                accepts: "active or suspended",
            }),
        }
    }
}

impl Party {
    /// The seller, unless it is the marketplace.
    #[must_use]
    pub fn seller(&self) -> Option<&SellerId> {
        match self {
            Self::Seller(seller) => Some(seller),
            Self::Marketplace => None,
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.seller().map_or("marketplace", SellerId::as_str))
    }
}

impl FromStr for Party {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "marketplace" => Ok(Self::Marketplace),
            _ => text.parse().map(Self::Seller),
        }
    }
}

impl TryFrom<String> for Party {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Party> for String {
    fn from(party: Party) -> Self {
        party.to_string()
    }
}
