//! Every behaviour of the vault, on SQLite and on PostgreSQL alike.

mod batches;
mod books;
mod checkpoints;
mod commits;
mod connections;
mod cuts;
mod harness;
mod reads;
mod reference;
mod values;
