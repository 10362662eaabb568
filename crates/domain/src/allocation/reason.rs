//! Why a cent is where it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{IdError, LineId, serde_as_text};

/// One step from a cart to what a party is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is about; it belongs to the figure of that kind.
    #[serde(rename = "for")]
    pub subject: Subject,
    /// The rule that decided, such as `standard@3#0`, if a fee plan did.
    pub rule: Option<String>,
    /// What it was computed from, in minor units.
    pub base: i64,
    /// The figure before rounding, in minor units, to two to four decimals.
    pub exact: String,
    /// Minor units: what it adds to the party's share.
    pub amount: i64,
    /// The same for people.
    pub note: String,
}

/// What a reason is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The original price of a line: `line:l1`.
    Line(LineId),
    /// The seller's shipping: `shipping`.
    Shipping,
    /// A discount the party bears: `discount:d1`.
    Discount(LineId),
    /// The commission on a line: `commission:l1`.
    Commission(LineId),
    /// A fee of the marketplace: `fee:service`.
    Fee(LineId),
}

serde_as_text!(Subject);

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(id) => write!(f, "line:{id}"),
            Self::Shipping => f.write_str("shipping"),
            Self::Discount(id) => write!(f, "discount:{id}"),
            Self::Commission(id) => write!(f, "commission:{id}"),
            Self::Fee(id) => write!(f, "fee:{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once(':') {
            None if text == "shipping" => Ok(Self::Shipping),
            Some(("line", id)) => id.parse().map(Self::Line),
            Some(("discount", id)) => id.parse().map(Self::Discount),
            Some(("commission", id)) => id.parse().map(Self::Commission),
            Some(("fee", id)) => id.parse().map(Self::Fee),
            _ => Err(IdError {
                kind: "what a reason is for",
                accepts: "shipping, or line:, discount:, commission: or fee: and an id",
            }),
        }
    }
}
