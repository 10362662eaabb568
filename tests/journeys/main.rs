//! Whole stories over HTTP, each told on SQLite and on PostgreSQL. What each looks like stands in `golden/journeys/`.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts a runtime of its own, and draws for itself"
)]

mod again;
mod answers;
mod bells;
mod buyers;
mod checkout;
mod kill;
mod lost;
mod refusals;
mod roles;
