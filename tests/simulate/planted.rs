//! Plants one mistake after another in the product, and plays until somebody notices.

use domain::planted::{Defect, plant};
use serde::Serialize;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dice::Dice;
use crate::life;
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
    let wanted = |defect: &&Defect| only.is_none_or(|only| defect.name().contains(only));
    let mut cases: Vec<Option<Defect>> = vec![None];
    cases.extend(Defect::ALL.iter().filter(wanted).copied().map(Some));
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..PLAYERS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = judge(*case, seed, bound);
                    eprintln!("{}", line(&verdict));
                    verdicts.lock().unwrap().push((*case, verdict));
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap();
    verdicts.sort_by_key(|(case, _)| *case);
    report(&verdicts, seed, bound, json)
}

/// Plays one mistake.
fn judge(case: Option<Defect>, seed: u64, bound: u64) -> Verdict {
    let mut verdict = Verdict {
        defect: case.map_or("none", Defect::name),
        mistake: case.map_or("Nothing is planted.", Defect::mistake),
        rule: case.map_or("", Defect::rule),
        found_by: None,
        payments: 0,
        worlds: 0,
    };
    while verdict.payments < bound && verdict.found_by.is_none() {
        let seed = seed + verdict.worlds;
        let shoppers = Dice::new(!seed).between(WORLD.0, WORLD.1);
        plant(case);
        let played = catch_unwind(AssertUnwindSafe(|| life::play(World::new(seed, shoppers)).0));
        plant(None);
        let stopped = STOPPED.with_borrow_mut(std::mem::take).into_iter().next();
        let (asked, first) = match played {
            Ok(tally) => {
                let asked = tally.payments_until_violation.unwrap_or(tally.payments);
                (asked, tally.violations.into_iter().next())
            }
            // A world whose main task stopped has counted nothing.
            Err(_) => (shoppers, None),
        };
        verdict.payments += asked;
        verdict.worlds += 1;
        verdict.found_by = first.or(stopped.map(|message| format!("seed {seed}: a task stopped: {message}")));
    }
    verdict
}

fn report(verdicts: &[(Option<Defect>, Verdict)], seed: u64, bound: u64, json: bool) -> ExitCode {
    let planted = || {
        verdicts
            .iter()
            .filter(|(case, _)| case.is_some())
            .map(|(_, verdict)| verdict)
    };
    let found = planted().filter(|verdict| verdict.found_by.is_some()).count();
    let quiet = verdicts
        .iter()
        .all(|(case, verdict)| case.is_some() || verdict.found_by.is_none());
    let control = verdicts
        .iter()
        .find(|(case, _)| case.is_none())
        .map(|(_, verdict)| verdict);
    if json {
        let all: Vec<_> = planted().collect();
        let report = serde_json::json!({
            "seed": seed, "bound": bound, "control": control, "planted": all.len(), "found": found, "defects": all,
        });
        println!("{report:#}");
    } else {
        for verdict in control.into_iter().chain(planted()) {
            println!("{}", line(verdict));
        }
        println!("\n{found} of {} planted mistakes were noticed", planted().count());
        if !quiet {
            println!("without any, something was noticed, too: the figures above mean nothing");
        }
    }
    if quiet && found == planted().count() {
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

/// Characters of a violation that are shown.
const LONGEST: usize = 160;
