//! Gives every reader of outside bytes what nobody would write, and checks what must be so all the same; see
//! `tests/fuzz --help`.

mod report;
mod run;

use ::tests::outside::{TARGETS, Target, target};
use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;

use crate::run::{Plan, play};

/// Gives every reader of outside bytes what nobody would write.
#[derive(Parser)]
struct Options {
    /// How many inputs are read, over all readers.
    #[arg(long, default_value_t = 2_000_000)]
    executions: u64,
    /// Stop after so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// What decides every input.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many threads read.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Only this reader.
    #[arg(long)]
    target: Option<String>,
    /// Only this input, in hexadecimal; needs --target.
    #[arg(long, requires = "target")]
    input: Option<String>,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let targets: Vec<&Target> = match options.target.as_deref().map(target) {
        None => TARGETS.iter().collect(),
        Some(Some(one)) => vec![one],
        Some(None) => {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            eprintln!("there is no such reader; there are {}", names.join(", "));
            return ExitCode::from(2);
        }
    };
    if let Some(input) = &options.input {
        return once(targets[0], input);
    }
    let plan = Plan {
        executions: options.executions,
        at_most: options.seconds.map(Duration::from_secs),
        seed: options.seed,
        threads: options.threads.max(1),
    };
    run::hush();
    let outcome = play(&plan, &targets, report::progress);
    if options.json {
        println!("{:#}", report::json(&plan, &outcome));
    } else {
        report::print(&plan, &outcome);
    }
    if outcome.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Reads one input, and lets the panic be seen.
fn once(target: &Target, hexadecimal: &str) -> ExitCode {
    let Some(input) = report::bytes(hexadecimal) else {
        eprintln!("--input is pairs of hexadecimal digits");
        return ExitCode::from(2);
    };
    (target.read)(&input);
    println!("{}: {} bytes, nothing wrong", target.name, input.len());
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::{Plan, TARGETS, Target, play, report, run};

    fn plan(executions: u64) -> Plan {
        Plan {
            executions,
            at_most: None,
            seed: 1,
            threads: 1,
        }
    }

    #[test]
    fn whatever_is_written_every_reader_keeps_its_promises() {
        let targets: Vec<&Target> = TARGETS.iter().collect();
        let outcome = play(&plan(60_000), &targets, |_, _| {});
        let failures: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(
            outcome.counts.iter().all(|(_, count)| *count > 0),
            "{:?}",
            outcome.counts
        );
    }

    #[test]
    fn libfuzzer_has_every_reader() {
        let manifest: toml::Table = include_str!("../../fuzz/Cargo.toml").parse().expect("TOML");
        let binaries = manifest["bin"].as_array().expect("binaries").iter();
        let mut named: Vec<&str> = binaries.filter_map(|binary| binary["name"].as_str()).collect();
        let mut targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        named.sort_unstable();
        targets.sort_unstable();
        assert_eq!(named, targets);
    }

    #[test]
    fn a_reader_that_breaks_is_noticed_and_its_input_told() {
        const BROKEN: Target = Target {
            name: "broken",
            read: |input| assert!(!input.windows(2).any(|pair| pair == b"{{"), "two braces"),
            seeds: || vec![br#"{"a":{"b":1}}"#.to_vec()],
            weight: 1,
        };
        run::hush();
        let outcome = play(&plan(200_000), &[&BROKEN], |_, _| {});
        let failure = outcome.failures.first().expect("nobody noticed");
        assert_eq!((failure.target, failure.input.as_slice()), ("broken", &b"{{"[..]));
        assert!(failure.message.contains("two braces"), "{}", failure.message);
        assert_eq!(
            report::bytes(&report::hexadecimal(&failure.input)).as_ref(),
            Some(&failure.input)
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_inputs() {
        let targets: Vec<&Target> = TARGETS.iter().collect();
        let digest = |threads| {
            let plan = Plan { threads, ..plan(3_000) };
            play(&plan, &targets, |_, _| {}).digest
        };
        assert_eq!(digest(1), digest(1));
        assert_eq!(digest(1), digest(2));
    }
}
