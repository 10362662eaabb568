//! What goes back: examples to the cent, and properties of any refunds after any capture.

#![cfg(test)]

mod abandoned;
mod captures;
mod examples;
mod partitions;
mod readiness;
mod refusals;
mod sales;
mod sequences;
mod world;

use proptest::prelude::ProptestConfig;

/// Ten thousand cases, or as many as `APPORTION_PROPERTY_CASES` says, divided by `share`.
fn cases(share: u32) -> ProptestConfig {
    let cases = std::env::var("APPORTION_PROPERTY_CASES");
    let cases = cases.map_or(10_000, |cases| cases.parse().expect("a number of cases"));
    ProptestConfig {
        cases: (cases / share).max(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
