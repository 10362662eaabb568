//! Both books side by side, whole: it finds what nobody told of, and where both had come to rest it finds nothing new.

use domain::operation::OperationState;
use domain::payment::Payment;
use domain::time::Timestamp;
use engine::Engine;
use engine::reconcile::{Period, ReconciliationFinding};
use std::collections::BTreeSet;

use crate::books;
use crate::world::World;

/// Everything that was ever made.
const ALWAYS: Period = Period {
    from: Timestamp::MIN,
    to: Timestamp::MAX,
};
/// Payments of one page.
const PAGE: usize = 100;

/// Compares everything; what was not simply so on both sides. Nobody else is at work then, and everybody answers.
pub async fn compare(world: &World, engine: &Engine) -> Vec<ReconciliationFinding> {
    let (mut cursor, mut found) = (None::<String>, Vec::new());
    loop {
        match engine.reconcile(ALWAYS, None, cursor.as_deref(), PAGE).await {
            Ok(page) => {
                found.extend(page.findings);
                cursor = page.next_cursor;
            }
            Err(error) => {
                world.violation(format!("both books could not be compared: {error}"));
                cursor = None;
            }
        }
        if cursor.is_none() {
            break;
        }
    }
    for one in &found {
        world.line(|| format!("compared: {} {:?}: {}", one.kind, one.order, one.detail));
        world.tally().reached(&format!("compared: {}", one.kind));
    }
    found
}

/// Whoever compares what has come to rest is told of nothing new.
pub async fn tells_nothing_new(world: &World, engine: &Engine) {
    let payments = books::all(world).await;
    let names = |of: fn(&Payment) -> bool| -> BTreeSet<String> {
        let some = payments.iter().filter(|payment| of(payment));
        some.map(|payment| payment.id.to_string()).collect()
    };
    let (held, undecided, unseen) = (names(Payment::is_held), names(is_undecided), names(is_unseen));
    let twice = payments.iter().filter(|payment| got_splits_twice(world, payment));
    let twice: BTreeSet<String> = twice.map(|payment| payment.id.to_string()).collect();
    for one in compare(world, engine).await {
        let among = |some: &BTreeSet<String>| one.payment.as_ref().is_some_and(|payment| some.contains(payment));
        let known = match one.kind.as_str() {
            "differs" => among(&held) || among(&twice),
            // Nobody has asked since it was handed to a person, or since it was given up; nor about the other one of two.
            "updated" if among(&held) || among(&undecided) || among(&unseen) => true,
            // A list that ignores what is looked for proves nothing, and shows only by its length what is on it.
            "unanswered" | "updated" => world.filter_ignored,
            _ => false,
        };
        if !known {
            world.violation(format!(
                "compared at rest: {} {:?}: {}",
                one.kind, one.order, one.detail
            ));
        }
    }
}

/// Whether a person has been told that the gateway's answers do not decide something of it.
fn is_undecided(payment: &Payment) -> bool {
    let mut operations = payment.operations.iter();
    operations.any(|one| one.state == OperationState::NeedsAttention)
}

/// Whether it was given up before the gateway had ever shown it.
fn is_unseen(payment: &Payment) -> bool {
    payment.seen.is_none() && payment.phase.is_over()
}

/// Whether the network had the gateway add splits twice, which nobody tells of.
fn got_splits_twice(world: &World, payment: &Payment) -> bool {
    let seen = payment.seen.as_ref();
    seen.is_some_and(|seen| world.is_repeated_at(&format!("/v1/payments/{}/splits", seen.at.id)))
}
