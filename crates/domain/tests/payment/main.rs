//! The rulebook of a payment: the printed table, and what must hold whatever the gateway says in whichever order.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect by failing loudly"
)]

mod additions;
mod cancels;
mod captures;
mod desk;
mod disputes;
mod gateway;
mod lists;
mod properties;
mod refunds;
mod resolutions;
mod sample;
mod sequences;
mod states;
mod transitions;
mod wishes;
