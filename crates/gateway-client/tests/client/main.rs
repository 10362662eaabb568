//! The client against real sockets that behave, misbehave, and stop in the middle.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests say what they expect by failing loudly, and `tokio::test` starts a runtime"
)]

mod calls;
mod cards;
mod changes;
mod deeds;
mod documents;
mod failures;
mod list;
mod look_up;
mod refunds;
mod secrecy;
mod support;
