//! What the desk keeps and tells: keys, sellers, balances, what is open, and whether all of it holds together.

mod keys;
mod ledger;
mod operations;
mod sellers;
mod verify;
mod world;
