//! The rulebook of a payment: the printed table, and what must hold whatever the gateway says in whichever order.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect by failing loudly"
)]

mod properties;
mod sample;
mod transitions;
