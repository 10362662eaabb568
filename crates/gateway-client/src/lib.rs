#![doc = include_str!("../README.md")]

mod answer;
pub mod client;
pub mod error;
pub mod notification;
mod payments;
mod request;
mod sight;
pub mod wire;

pub use client::{Call, Client, Settings, SettingsError};
pub use error::{GatewayError, Refusal};
pub use payments::LookUp;
