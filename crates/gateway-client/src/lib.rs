//! The wire: the only crate that knows the gateway's JSON, URLs and status numbers.

pub mod wire;
