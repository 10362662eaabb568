#![doc = include_str!("../README.md")]

pub mod access;
mod body;
pub mod cards;
pub mod cli;
mod client;
pub mod config;
mod context;
pub mod demo;
mod door;
mod extract;
mod frame;
mod guard;
mod logs;
mod metrics;
pub mod outside;
mod print;
pub mod problem;
pub mod replay;
mod routes;
pub mod server;
#[cfg(test)]
mod tests;
mod wiring;

pub use routes::document;
