//! What is wrong with what a caller sent, said about the very field.

use serde::Serialize;

/// One thing that is wrong, where, and what would be accepted instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into what was checked, such as `/lines/3/unit_price`; empty for the whole of it.
    pub pointer: String,
    /// The rule that said no: stable, for programs.
    pub code: &'static str,
    /// What would be accepted: for people.
    pub detail: String,
}

/// Everything that is wrong, so that a caller can mend it all at once.
pub type Faults = Vec<Fault>;

impl Fault {
    /// A fault at this place.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }

    /// The same fault, seen from a document in which what was checked stands at `pointer`.
    #[must_use]
    pub fn under(mut self, pointer: &str) -> Self {
        self.pointer.insert_str(0, pointer);
        self
    }
}

/// A key as it is written in a JSON pointer.
#[must_use]
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
