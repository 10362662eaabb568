//! Whoever asks the gateway and learns nothing asks again later, and less and less often.

use domain::ids::PaymentId;
use domain::payment::Payment;
use std::collections::{BTreeMap, VecDeque};

use crate::world::World;

/// In so many microseconds, when all is quiet, nothing is learned of one payment
const WINDOW: u64 = 600_000_000;
/// more often than this: a sweep that does not wait comes by 120 times.
const VAIN_MAX: usize = 80;

/// When versions of each payment were written of which only the number is new.
#[derive(Default)]
pub struct Vain(BTreeMap<PaymentId, VecDeque<u64>>);

/// A version was written.
pub fn written(world: &World, before: &Payment, after: &Payment, say: &impl Fn(String)) {
    // Before that, many notifications of which each is asked about may be late, and told of already.
    if !world.calm() || !is_vain(before, after) {
        return;
    }
    let now = world.time.micros();
    let mut vain = world.vain.lock().unwrap();
    let times = vain.0.entry(after.id).or_default();
    times.push_back(now);
    while times.front().is_some_and(|first| *first + WINDOW < now) {
        times.pop_front();
    }
    let count = times.len();
    drop(vain);
    if count > VAIN_MAX {
        say(format!("nothing was learned {count} times in ten minutes"));
    }
}

/// Whether nothing is known now that was not known before.
fn is_vain(before: &Payment, after: &Payment) -> bool {
    let states = |payment: &Payment| {
        let operations = payment.operations.iter();
        operations.map(|one| (one.state, one.attempts())).collect::<Vec<_>>()
    };
    before.phase == after.phase
        && before.seen == after.seen
        && before.splits == after.splits
        && before.refunds == after.refunds
        && before.discrepancies.len() == after.discrepancies.len()
        && states(before) == states(after)
}
