#![doc = include_str!("../README.md")]

mod answer;
mod captures;
mod card;
pub mod client;
pub mod error;
mod list;
pub mod notification;
mod payments;
mod refunds;
mod request;
mod sight;
mod splits;
pub mod transport;
pub mod wire;

pub use answer::Answer;
pub use card::{CardSecret, KeptCard};
pub use client::{Call, Client, Settings, SettingsError};
pub use error::{GatewayError, Refusal};
pub use list::{Listed, ListedPage};
pub use payments::LookUp;
pub use sight::Shown;
