//! Everything that reads bytes which others wrote, each with what must be so whatever the bytes are.

pub mod answers;
pub mod bells;
pub mod bodies;
#[cfg(test)]
mod cut;
pub mod documents;
pub mod files;
pub mod mutation;
pub mod names;
mod payment;

/// One reader.
#[derive(Clone, Copy)]
pub struct Target {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Reads these bytes, and panics if something is so that must not be.
    pub read: fn(&[u8]),
    /// What it is usually given: the beginnings of everything that is tried.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How much of the whole it gets.
    pub weight: u64,
}

/// Every reader.
pub const TARGETS: &[Target] = &[
    answers::CREATE,
    answers::CREATE_BY_CARD,
    answers::CAPTURE,
    answers::CANCEL,
    answers::GET,
    answers::LOOK_UP,
    answers::ADD_SPLITS,
    answers::REFUND,
    answers::REFUNDS,
    answers::FORGET_CARD,
    bells::NOTIFICATION,
    bells::BASIC,
    bodies::QUOTE,
    bodies::PAYMENT,
    bodies::WISH,
    bodies::REGISTRATION,
    bodies::QUERY,
    bodies::BEARER,
    bodies::CARD_NUMBER,
    files::ORDERS,
    files::CONFIGURATION,
    names::IDS,
    names::WORDS,
    names::CURSORS,
    names::TIMES,
    names::DAYS,
    names::CURRENCIES,
    names::AMOUNTS,
    names::WIRE_AMOUNTS,
];

/// The reader of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
