//! Plants one mistake after another in the product, and plays until somebody notices.

use domain::planted::{Defect, plant};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dice::Dice;
use crate::goals;
use crate::life;
use crate::tally::Tally;
use crate::world::World;

/// Payments of one world, at least and at most.
const WORLD: (u64, u64) = (50, 60);
/// Who plays at one time; the worlds of one mistake are played one after another.
const PLAYERS: usize = 2;

/// What became of one mistake.
#[derive(Serialize)]
struct Verdict {
    defect: &'static str,
    mistake: &'static str,
    rule: &'static str,
    /// What was noticed first; nothing where nobody noticed.
    found_by: Option<String>,
    /// Payments that were asked for until then.
    payments: u64,
    worlds: u64,
}

thread_local! {
    /// What stopped a task of this thread's world: a mistake that an assertion catches is noticed, too.
    static STOPPED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Plays each mistake until it is noticed, or so many payments were asked for; without any, nothing may be noticed.
pub fn play(seed: u64, bound: u64, json: bool, only: Option<&str>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.to_string().replace('\n', " ");
        STOPPED.with_borrow_mut(|stopped| stopped.push(message));
    }));
    let (control, usual) = judge(None, seed, bound);
    eprintln!("{}", line(&control));
    let wanted = |defect: &&Defect| only.is_none_or(|only| only.split(',').any(|word| defect.name().contains(word)));
    let cases: Vec<Defect> = Defect::ALL.iter().filter(wanted).copied().collect();
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..PLAYERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (mut verdict, tally) = judge(Some(*case), seed, bound);
                    verdict.found_by = verdict.found_by.or_else(|| missing(&usual, &tally));
                    eprintln!("{}", line(&verdict));
                    verdicts.lock().unwrap().insert(*case, verdict);
                }
            });
        }
    });
    let verdicts: Vec<Verdict> = verdicts.into_inner().unwrap().into_values().collect();
    report(&control, &verdicts, seed, bound, json)
}

/// Plays one mistake, or none.
fn judge(case: Option<Defect>, seed: u64, bound: u64) -> (Verdict, Tally) {
    let mut verdict = Verdict {
        defect: case.map_or("none", Defect::name),
        mistake: case.map_or("Nothing is planted.", Defect::mistake),
        rule: case.map_or("", Defect::rule),
        found_by: None,
        payments: 0,
        worlds: 0,
    };
    let mut all = Tally::default();
    while verdict.payments < bound && verdict.found_by.is_none() {
        let seed = seed + verdict.worlds;
        let shoppers = Dice::new(!seed).between(WORLD.0, WORLD.1);
        plant(case);
        let played = catch_unwind(AssertUnwindSafe(|| life::play(World::new(seed, shoppers)).0));
        plant(None);
        let stopped = STOPPED.with_borrow_mut(std::mem::take).into_iter().next();
        let stopped = stopped.map(|message| format!("seed {seed}: a task stopped: {message}"));
        verdict.worlds += 1;
        match played {
            Ok(tally) => {
                verdict.payments += tally.payments_until_violation.unwrap_or(tally.payments);
                verdict.found_by = tally.violations.first().cloned().or(stopped);
                all.add(tally);
            }
            // A world whose main task stopped has counted nothing.
            Err(_) => {
                verdict.payments += shoppers;
                verdict.found_by = stopped.or(Some(format!("seed {seed}: the world stopped")));
            }
        }
    }
    (verdict, all)
}

/// A goal of every long run that the same worlds reach often without the mistake, and never with it.
fn missing(usual: &Tally, tally: &Tally) -> Option<String> {
    let often = usual
        .sometimes
        .iter()
        .filter(|(name, times)| **times >= OFTEN && goals::wanted(name));
    let mut never = often.filter(|(name, _)| !tally.sometimes.contains_key(*name));
    never
        .next()
        .map(|(name, times)| format!("never reached, and {times} times without it: {name}"))
}

fn report(control: &Verdict, verdicts: &[Verdict], seed: u64, bound: u64, json: bool) -> ExitCode {
    let (all, found) = (
        verdicts.len(),
        verdicts.iter().filter(|verdict| verdict.found_by.is_some()).count(),
    );
    let quiet = control.found_by.is_none();
    if json {
        let report = serde_json::json!({
            "seed": seed, "bound": bound, "control": control, "planted": all, "found": found, "defects": verdicts,
        });
        println!("{report:#}");
    } else {
        for verdict in std::iter::once(control).chain(verdicts) {
            println!("{}", line(verdict));
        }
        println!("\n{found} of {all} planted mistakes were noticed");
        if !quiet {
            println!("without any, something was noticed, too: the figures above mean nothing");
        }
    }
    if quiet && found == all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn line(verdict: &Verdict) -> String {
    let by = verdict.found_by.as_deref().map_or("not noticed".to_owned(), shortened);
    format!(
        "{:>7} payments  {:>4} worlds  {:<30} {by}",
        verdict.payments, verdict.worlds, verdict.defect
    )
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// How often a situation must come without a mistake, so that its absence says something.
const OFTEN: u64 = 20;

/// Characters of a violation that are shown.
const LONGEST: usize = 160;
