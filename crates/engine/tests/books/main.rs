//! What the desk keeps and tells: keys, sellers, balances, what is open, and whether all of it holds together.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect by failing loudly, also in what they share"
)]
#![expect(clippy::disallowed_methods, reason = "the test macro starts the runtime")]

mod doubt;
mod keys;
mod ledger;
mod operations;
mod sellers;
mod verify;
mod world;
