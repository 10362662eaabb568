#![doc = include_str!("../README.md")]

mod ask;
pub mod caller;
pub mod captures;
pub mod card_safe;
mod cards;
mod carried_out;
pub mod checkout;
pub mod clock;
mod desk;
pub mod error;
pub mod fee_plans;
pub mod gateway;
mod identity;
pub mod keys;
pub mod ledger;
pub mod notifications;
pub mod open;
pub mod operations;
pub mod outside;
pub mod payments;
mod perform;
mod quote;
pub mod recovery;
pub mod refunds;
pub mod sellers;
pub mod settings;
mod settle;
pub mod settlements;
pub mod splits;
pub mod timeline;
pub mod verify;
pub mod views;

pub use caller::{Caller, Role};
pub use desk::{Engine, Outcome, Parts, Submission};
pub use error::Error;
pub use settings::Settings;
