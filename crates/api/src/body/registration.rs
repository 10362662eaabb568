//! Sellers and API keys.

use std::collections::BTreeMap;

use domain::seller::{SellerDraft, SellerStatus};
use serde::Deserialize;
use utoipa::ToSchema;

/// A seller, written whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerBody {
    /// What people call the seller.
    #[schema(example = "Lamps and more")]
    pub name: String,
    /// The gateway account that receives for it, and for nobody else.
    #[schema(example = 33512)]
    pub site_id: i64,
    /// The plan of its commission; without one, the configured plan.
    #[serde(default)]
    #[schema(example = "standard")]
    pub fee_plan: Option<String>,
    /// `active`, or `suspended`: no new sales, everything else goes on.
    #[schema(value_type = String, example = "active")]
    pub status: SellerStatus,
    /// Your own keys (at most 50, of 40 characters) and values (of 500).
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// An API key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyBody {
    /// `storefront`, `seller`, `ops` or `admin`.
    #[schema(example = "storefront")]
    pub role: String,
    /// On whose behalf the key speaks. Give the same name to a key that replaces another: idempotency goes on.
    #[schema(example = "shop-backend")]
    pub principal: String,
    /// The seller a `seller` key is bound to.
    #[serde(default)]
    pub seller: Option<String>,
}

impl From<SellerBody> for SellerDraft {
    fn from(body: SellerBody) -> Self {
        let SellerBody {
            name,
            site_id,
            fee_plan,
            status,
            metadata,
        } = body;
        Self {
            name,
            site_id,
            fee_plan,
            status,
            metadata,
        }
    }
}
