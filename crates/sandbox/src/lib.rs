#![doc = include_str!("../README.md")]

mod clock;
pub mod core;
mod notifier;
mod server;
mod shared;

pub use server::{Running, Sandbox, Settings, StartError};
