//! From a cart to parties: examples to the cent, and properties of any cart.

#![cfg(test)]

mod carts;
mod examples;
mod properties;
mod refusals;
