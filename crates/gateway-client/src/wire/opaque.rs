//! JSON that is carried and not read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A part of an object that nobody here decides by: bank details, articles, fraud results. Its `Debug` shows nothing,
/// because such parts name people and their accounts.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Opaque(
    /// The JSON as it came.
    pub serde_json::Value,
);

impl fmt::Debug for Opaque {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}
