//! The vault: rows in, domain values out. The only crate that names diesel.
