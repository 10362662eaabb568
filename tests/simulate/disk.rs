//! The database between the engine and its file: it is slow, busy, full or silent, as the dice say, and the process dies
//! before and after each commit.

use domain::payment::Payment;
use std::sync::Arc;
use std::time::Duration;
use store::{Change, Commit, NotificationChange, StoreError, Trial, Tried, Write};

use crate::landed;
use crate::world::World;

/// What becomes of one commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    Slow,
    Busy,
    Full,
    WrittenUnknown,
    LostUnknown,
    CrashBefore,
    CrashAfter,
}

/// How often each.
const FATES: [(u64, Fate); 8] = [
    (760, Fate::Well),
    (205, Fate::Slow),
    (8, Fate::Busy),
    (6, Fate::Full),
    (6, Fate::WrittenUnknown),
    (6, Fate::LostUnknown),
    (4, Fate::CrashBefore),
    (4, Fate::CrashAfter),
];

/// How many of a thousand looks fail.
const LOOKS_FAIL: u64 = 3;

/// Which of the engine's steps a commit is.
#[derive(Clone, Copy)]
enum Step {
    Create,
    Attempt,
    Money,
    Finding,
    BellStored,
    BellAnswered,
    BellPutOff,
}

/// Stands between the engine and its database.
pub struct Disk(pub Arc<World>);

impl Trial for Disk {
    fn look(&self) -> Result<(), StoreError> {
        let world = &self.0;
        if world.calm() || world.is_looking() || !world.dice.happens(LOOKS_FAIL) {
            return Ok(());
        }
        let busy = world.dice.happens(500);
        let name = if busy {
            "look: database busy"
        } else {
            "look: database gone"
        };
        world.tally().fault(name);
        world.line(|| name.to_owned());
        Err(if busy { StoreError::Busy } else { gone("disk I/O error") })
    }

    fn commit<'a>(&'a self, commit: &'a Commit, write: Write<'a>) -> Tried<'a> {
        Box::pin(async move {
            let world = &*self.0;
            let step = Step::of(commit);
            let fate = if world.calm() {
                Fate::Well
            } else {
                world.dice.one_of(&FATES)
            };
            match fate {
                Fate::Slow => {
                    world.tally().fault("commit: database slow");
                    tokio::time::sleep(Duration::from_millis(world.dice.between(1, 300))).await;
                }
                Fate::Busy => return Err(told(world, "commit: database busy", step, StoreError::Busy)),
                Fate::Full => {
                    let full = gone("database or disk is full");
                    return Err(told(world, "commit: disk full", step, full));
                }
                Fate::LostUnknown => {
                    let unknown = StoreError::Unknown("the connection broke".to_owned());
                    return Err(told(world, "commit: outcome unknown, not written", step, unknown));
                }
                Fate::CrashBefore => world.crash(step.before()).await,
                _ => {}
            }
            let written = write();
            if written.is_ok() {
                landed::check(world, commit);
                world.line(|| format!("{}: written", step.name()));
            } else {
                world.tally().reached("a commit lost a race");
                world.line(|| format!("{}: {written:?}", step.name()));
            }
            match fate {
                Fate::WrittenUnknown if written.is_ok() => {
                    let unknown = StoreError::Unknown("the connection broke".to_owned());
                    return Err(told(world, "commit: outcome unknown, written", step, unknown));
                }
                Fate::CrashAfter => world.crash(step.after()).await,
                _ => {}
            }
            written
        })
    }
}

fn gone(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

fn told(world: &World, name: &str, step: Step, error: StoreError) -> StoreError {
    world.tally().fault(name);
    world.happened(&(name, step.name()));
    world.line(|| format!("{}: {name}", step.name()));
    error
}

impl Step {
    fn of(commit: &Commit) -> Self {
        let attempts = |payment: &Payment| payment.operations.iter().map(|one| one.attempts()).sum::<u32>();
        match (&commit.payment, &commit.notification) {
            (Some(Change::Insert(_)), _) => Self::Create,
            (_, Some(NotificationChange::Insert(_))) => Self::BellStored,
            (Some(_), Some(_)) => Self::BellAnswered,
            (None, _) => Self::BellPutOff,
            (Some(Change::Update { before, after }), None) if attempts(after) > attempts(before) => Self::Attempt,
            (Some(_), None) if !commit.postings.is_empty() => Self::Money,
            (Some(_), None) => Self::Finding,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Create => "a create",
            Self::Attempt => "an attempt",
            Self::Money => "a finding that moves money",
            Self::Finding => "a finding",
            Self::BellStored => "a notification",
            Self::BellAnswered => "a notification's answer",
            Self::BellPutOff => "a notification put off",
        }
    }

    const fn before(self) -> &'static str {
        match self {
            Self::Create => "crash: before a create is recorded",
            Self::Attempt => "crash: before an attempt is recorded",
            Self::Money => "crash: before money is booked",
            Self::Finding => "crash: before a finding is recorded",
            Self::BellStored => "crash: before a notification is stored",
            Self::BellAnswered => "crash: before a notification is settled",
            Self::BellPutOff => "crash: before a notification is put off",
        }
    }

    const fn after(self) -> &'static str {
        match self {
            Self::Create => "crash: create recorded, not sent",
            Self::Attempt => "crash: attempt recorded, not sent",
            Self::Money => "crash: money booked, nobody told",
            Self::Finding => "crash: finding recorded, nobody told",
            Self::BellStored => "crash: notification stored, not answered",
            Self::BellAnswered => "crash: notification settled",
            Self::BellPutOff => "crash: notification put off",
        }
    }
}
