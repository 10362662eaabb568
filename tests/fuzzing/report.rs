//! What is told while it runs, and in the end.

use serde_json::{Value, json};
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use crate::run::{Outcome, Plan};

/// A line on a terminal, now and then.
pub fn progress(read: u64, elapsed: Duration) {
    if stderr().is_terminal() {
        eprint!("\r{read} inputs in {} s", elapsed.as_secs());
    }
}

/// The report for people.
pub fn print(plan: &Plan, outcome: &Outcome) {
    for (name, count) in &outcome.counts {
        println!("{count:>12}  {name}");
    }
    let (all, milliseconds) = (total(outcome), outcome.took.as_millis().max(1));
    println!(
        "{all:>12}  inputs in {milliseconds} ms, {} a second",
        u128::from(all) * 1000 / milliseconds
    );
    println!("{:>12}  failures; seed {}", outcome.failures.len(), plan.seed);
    for failure in &outcome.failures {
        println!("{failure}");
    }
}

/// The report for programs.
pub fn json(plan: &Plan, outcome: &Outcome) -> Value {
    let counts: serde_json::Map<String, Value> = outcome
        .counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), (*count).into()))
        .collect();
    let failures = outcome.failures.iter().map(
        |failure| json!({"target": failure.target, "input": hexadecimal(&failure.input), "message": failure.message}),
    );
    json!({
        "seed": plan.seed, "executions": total(outcome), "milliseconds": u64::try_from(outcome.took.as_millis()).ok(),
        "digest": format!("{:016x}", outcome.digest), "targets": counts, "failures": failures.collect::<Vec<_>>(),
    })
}

/// Bytes as pairs of digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Pairs of digits as bytes.
pub fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok();
    (0..hexadecimal.len()).step_by(2).map(pair).collect()
}

fn total(outcome: &Outcome) -> u64 {
    outcome.counts.iter().map(|(_, count)| count).sum()
}
