//! Many worlds, on as many threads as are wanted: each world is alone, and takes its way whoever plays beside it.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Instant;

use crate::dice::Dice;
use crate::life;
use crate::tally::Tally;
use crate::world::World;

/// What is to be played.
#[derive(Clone, Copy)]
pub struct Voyage {
    /// The first world's seed; the others follow it.
    pub seed: u64,
    /// Worlds are begun until so many payments were asked for.
    pub payments: u64,
    /// Payments of one world, at least and at most.
    pub size: (u64, u64),
    /// Worlds at one time.
    pub threads: u64,
    /// Whether everything that happens is told.
    pub traced: bool,
}

/// What has been played so far.
#[derive(Default)]
struct Log {
    tally: Tally,
    begun: u64,
    ended: u64,
}

/// Plays; what was counted, and how many worlds there were. The first of them is played twice, because what cannot be
/// replayed cannot be understood.
pub fn sail(voyage: &Voyage) -> (Tally, u64) {
    let (log, started) = (Mutex::new(Log::default()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..voyage.threads {
            scope.spawn(|| {
                while let Some(number) = next(voyage, &log) {
                    let tally = play(voyage, number);
                    let mut log = log.lock().unwrap();
                    for violation in &tally.violations {
                        eprintln!("\r{violation}");
                    }
                    log.tally.add(tally);
                    log.ended += 1;
                    progress(voyage, &log, started);
                }
            });
        }
    });
    let log = log.into_inner().unwrap();
    (log.tally, log.ended)
}

fn next(voyage: &Voyage, log: &Mutex<Log>) -> Option<u64> {
    let mut log = log.lock().unwrap();
    if log.tally.payments >= voyage.payments {
        return None;
    }
    log.begun += 1;
    Some(log.begun - 1)
}

fn play(voyage: &Voyage, number: u64) -> Tally {
    let seed = voyage.seed + number;
    let world = |traced| {
        let mut world = World::new(seed, Dice::new(!seed).between(voyage.size.0, voyage.size.1));
        world.traced = traced;
        world
    };
    let (mut tally, digest) = life::play(world(voyage.traced));
    if number == 0 && life::play(world(false)).1 != digest {
        tally
            .violations
            .push(format!("seed {seed}: played twice, it took two ways"));
    }
    tally
}

/// One line, overwritten, where somebody watches.
fn progress(voyage: &Voyage, log: &Log, started: Instant) {
    if voyage.traced || !std::io::stderr().is_terminal() {
        return;
    }
    let seconds = started.elapsed().as_secs().max(1);
    let (payments, wrong) = (log.tally.payments, log.tally.violations.len());
    let line = format!(
        "\r{payments} of {} payments in {} worlds, {} a second, {wrong} violations",
        voyage.payments,
        log.ended,
        payments / seconds
    );
    let mut terminal = std::io::stderr();
    // Nobody is told less if this cannot be written.
    let _ = write!(terminal, "{line}").and_then(|()| terminal.flush());
}
