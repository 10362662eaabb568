//! Whole stories over HTTP, each told on SQLite and on PostgreSQL. What each looks like stands in `golden/journeys/`.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts a runtime of its own, and draws for itself"
)]

mod again;
mod answers;
mod bells;
mod buyers;
mod cancels;
mod captures;
mod cards;
mod checkout;
mod dialects;
mod disputes;
mod kill;
mod lost;
mod lost_refunds;
mod matrix;
mod partial;
mod parts;
mod ready;
mod reconcile;
mod refunds;
mod refusals;
mod resolutions;
mod roles;
mod secrets;
mod settlements;
mod splits;
mod trespass;
