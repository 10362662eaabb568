//! The desk: use cases. The only crate that sees both the vault and the wire.
