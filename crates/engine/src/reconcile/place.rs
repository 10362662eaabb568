//! How far a comparison has come, as its cursor says it.

use std::fmt;

use domain::ids::PaymentId;
use domain::sight::Host;

use crate::error::Error;

/// Where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind this payment of ours, newest first.
    Ours(Option<PaymentId>),
    /// At this place of a host's list.
    Listed(Host, u32),
}

impl Place {
    pub(super) fn read(cursor: Option<&str>) -> Result<Self, Error> {
        let Some(cursor) = cursor else {
            return Ok(Self::Ours(None));
        };
        let place = |text: &str| text.parse().ok();
        let found = match cursor.split_once(':') {
            Some(("pay", at)) => place(at).map(|at| Self::Listed(Host::Pay, at)),
            Some(("cards", at)) => place(at).map(|at| Self::Listed(Host::Cards, at)),
            _ => cursor.parse().ok().map(|id| Self::Ours(Some(id))),
        };
        let wrong = || {
            Error::fault(
                "/cursor",
                "cursor_invalid",
                "the next_cursor of this comparison, or nothing",
            )
        };
        found.ok_or_else(wrong)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(Some(id)) => id.fmt(f),
            Self::Ours(None) => Ok(()),
            Self::Listed(host, place) => write!(f, "{}:{place}", host.as_str()),
        }
    }
}
