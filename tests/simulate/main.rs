//! A deterministic simulator: the real engine and the real database against the sandbox's core, on one thread, in time
//! that passes when everybody waits. One number decides everything that happens; see `tests/simulation --help`.

mod books;
mod cart;
mod dice;
mod doorbell;
mod evidence;
mod life;
mod network;
mod outside;
mod people;
#[cfg(feature = "planted")]
mod planted;
mod tally;
mod time;
mod world;

use clap::Parser;
use std::process::ExitCode;
use std::time::Instant;

use crate::dice::Dice;
use crate::tally::Tally;
use crate::world::World;

/// Plays many small worlds in which much goes wrong, and checks that the books are right all the same.
#[derive(Parser)]
struct Options {
    /// Play worlds until so many payments were asked for.
    #[arg(long, default_value_t = 2_000)]
    payments: u64,
    /// What decides everything; the first world's own seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
    /// Plant one mistake after another, and see each noticed; `--payments` bounds the search for each.
    #[cfg(feature = "planted")]
    #[arg(long)]
    planted: bool,
    /// Only the mistakes with this word in their names.
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
    let (tally, worlds) = play(options.seed, options.payments, WORLD);
    let seconds = started.elapsed().as_millis();
    if options.json {
        let report = serde_json::json!({
            "seed": options.seed, "worlds": worlds, "milliseconds": u64::try_from(seconds).ok(), "found": tally,
        });
        println!("{report:#}");
    } else {
        print(&tally, worlds, seconds);
    }
    if tally.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Plays worlds until so many payments were asked for; the first of them twice, because what cannot be replayed cannot
/// be understood. A world is played again by its own seed.
fn play(seed: u64, payments: u64, size: (u64, u64)) -> (Tally, u64) {
    let (mut all, mut worlds) = (Tally::default(), 0);
    while all.payments < payments {
        let seed = seed + worlds;
        let shoppers = Dice::new(!seed).between(size.0, size.1);
        let (tally, digest) = life::play(World::new(seed, shoppers));
        if worlds == 0 && life::play(World::new(seed, shoppers)).1 != digest {
            all.violations
                .push(format!("seed {seed}: played twice, it took two ways"));
        }
        for violation in &tally.violations {
            eprintln!("{violation}");
        }
        eprintln!("seed {seed}: {} payments, {} calls", tally.payments, tally.calls);
        all.add(tally);
        worlds += 1;
    }
    (all, worlds)
}

fn print(tally: &Tally, worlds: u64, milliseconds: u128) {
    println!("{:>8}  payments asked for", tally.payments);
    println!("{worlds:>8}  worlds");
    println!("{:>8}  requests at the gateway", tally.calls);
    println!("{milliseconds:>8}  ms");
    println!("\nwent wrong on purpose");
    for (name, times) in &tally.faults {
        println!("{times:>8}  {name}");
    }
    println!("\nsometimes");
    for (name, times) in &tally.sometimes {
        println!("{times:>8}  {name}");
    }
    println!("\n{} violations", tally.violations.len());
    for violation in &tally.violations {
        println!("  {violation}");
    }
}

#[cfg(test)]
mod tests {
    use super::play;

    #[test]
    fn whatever_goes_wrong_the_books_are_right() {
        let (tally, _) = play(1, 300, (50, 60));
        assert!(tally.violations.is_empty(), "{:#?}", tally.violations);
    }
}
