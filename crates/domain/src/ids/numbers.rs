//! The numbers the gateway gives.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::IdError;

/// A gateway account that receives money: a seller's, or the marketplace's own for commission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct SiteId(u32);

/// The number the gateway gave to a payment, split, capture or refund of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GatewayId(u64);

impl SiteId {
    /// The site with this number; 0 is none.
    pub fn try_new(number: u32) -> Result<Self, IdError> {
        if number == 0 {
            Err(IdError {
                kind: "a site id",
                accepts: "an integer from 1 to 4294967295",
            })
        } else {
            Ok(Self(number))
        }
    }

    /// The site's number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for SiteId {
    type Error = IdError;

    fn try_from(number: u32) -> Result<Self, IdError> {
        Self::try_new(number)
    }
}

impl From<SiteId> for u32 {
    fn from(site: SiteId) -> Self {
        site.0
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl GatewayId {
    /// The thing the gateway calls by this number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The gateway's number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for GatewayId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
