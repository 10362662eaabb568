//! A deterministic simulator: the real engine and the real database against the sandbox's core, on one thread, in time
//! that passes when everybody waits. One number decides everything that happens; see `tests/simulation --help`.

mod books;
mod cart;
mod comparison;
mod dice;
mod disk;
mod doorbell;
mod evidence;
mod fleet;
mod goals;
mod landed;
mod life;
mod mail;
mod mangle;
mod network;
mod outside;
mod people;
#[cfg(feature = "planted")]
mod planted;
mod promises;
mod question;
mod rest;
mod switches;
mod tally;
mod template;
mod time;
mod wishes;
mod witness;
mod world;

use clap::Parser;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::fleet::{Voyage, sail};
use crate::tally::Tally;

/// A third of a simulation is in the allocator otherwise.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays many small worlds in which much goes wrong, and checks that the books are right all the same.
#[derive(Parser)]
struct Options {
    /// Play worlds until there were so many payments.
    #[arg(long, default_value_t = 2_000)]
    payments: u64,
    /// What decides everything; the first world's own seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Worlds that are played at one time.
    #[arg(long, default_value_t = 1)]
    threads: u64,
    /// Everything that happens in the first world, one line each.
    #[arg(long)]
    trace: bool,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
    /// Plant one mistake after another, and see each noticed; `--payments` bounds the search for each.
    #[cfg(feature = "planted")]
    #[arg(long)]
    planted: bool,
    /// Only the mistakes with one of these words, split by commas, in their names.
    #[cfg(feature = "planted")]
    #[arg(long)]
    only: Option<String>,
}

/// Payments of one world, at least and at most.
const WORLD: (u64, u64) = (50, 200);

fn main() -> ExitCode {
    let options = Options::parse();
    #[cfg(feature = "planted")]
    if options.planted {
        return planted::play(options.seed, options.payments, options.json, options.only.as_deref());
    }
    let started = Instant::now();
    let (tally, worlds) = sail(&Voyage {
        seed: options.seed,
        payments: if options.trace { 1 } else { options.payments },
        size: WORLD,
        threads: if options.trace { 1 } else { options.threads.max(1) },
        traced: options.trace,
    });
    let missed = goals::missed(&tally);
    let elapsed = started.elapsed();
    if options.json {
        let report = serde_json::json!({
            "seed": options.seed, "worlds": worlds, "threads": options.threads,
            "milliseconds": u64::try_from(elapsed.as_millis()).ok(), "found": tally, "missed": missed,
        });
        println!("{report:#}");
    } else {
        print(&tally, worlds, elapsed, &missed);
    }
    if tally.violations.is_empty() && missed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print(tally: &Tally, worlds: u64, elapsed: Duration, missed: &[String]) {
    let milliseconds = elapsed.as_millis();
    println!("{:>8}  payments", tally.payments);
    println!("{:>8}  times that one was asked for", tally.asked);
    println!("{worlds:>8}  worlds");
    println!("{:>8}  requests at the gateway", tally.calls);
    println!("{milliseconds:>8}  ms");
    println!(
        "{:>8}  payments a second",
        u128::from(tally.payments) * 1000 / milliseconds.max(1)
    );
    let parts = [
        ("went wrong on purpose", &tally.faults),
        ("sometimes", &tally.sometimes),
        ("payments under what is left open", &tally.switches),
    ];
    for (title, counts) in parts {
        println!("\n{title}");
        for (name, times) in counts {
            println!("{times:>8}  {name}");
        }
    }
    println!("\n{} violations", tally.violations.len());
    for violation in &tally.violations {
        println!("  {violation}");
    }
    println!("{} goals missed", missed.len());
    for goal in missed {
        println!("  {goal}");
    }
}

#[cfg(test)]
mod tests {
    use crate::fleet::{Voyage, sail};

    const SMALL: Voyage = Voyage {
        seed: 1,
        payments: 100,
        size: (50, 60),
        threads: 1,
        traced: false,
    };

    #[test]
    fn whatever_goes_wrong_the_books_are_right() {
        let (tally, _) = sail(&SMALL);
        assert!(tally.violations.is_empty(), "{:#?}", tally.violations);
    }
}
