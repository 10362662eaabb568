//! Whole stories over HTTP, each told on SQLite and on PostgreSQL. What each looks like stands in `golden/journeys/`.

mod again;
mod answers;
mod bells;
mod buyers;
mod checkout;
mod kill;
mod lost;
mod refusals;
mod roles;
