//! A number or a text, kept as it came.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the gateway writes sometimes as a number and sometimes as a string: return codes, ids of invalid requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Written without quotes.
    Number(i64),
    /// Written with quotes.
    Text(String),
}

impl Scalar {
    /// The number, whichever way it was written.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}
