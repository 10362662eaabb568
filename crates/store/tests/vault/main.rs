//! Every behaviour of the vault, on SQLite and on PostgreSQL alike.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests say what they expect by failing loudly"
)]

mod batches;
mod books;
mod cards;
mod checkpoints;
mod commits;
mod connections;
mod cuts;
mod harness;
mod migrations;
mod parts;
mod reads;
mod reference;
mod remembered;
mod settlements;
mod values;
