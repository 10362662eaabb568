//! What our clients were told about their money.

use domain::ids::PaymentId;
use domain::operation::{Operation, OperationState};
use domain::payment::Payment;
use sandbox::core::PaymentEntry;
use std::collections::{BTreeMap, BTreeSet};

use crate::world::{QUIET, World};

/// Who was told that nothing was charged, and has not asked again.
#[derive(Default)]
pub struct Promises {
    /// Keys of creates whose last answer was so.
    denied: BTreeSet<String>,
    /// How many requests are under way with each key of a create.
    under_way: BTreeMap<String, u32>,
    /// Payments of which it was shown, and how often their create had been attempted then.
    pub uncharged: BTreeMap<PaymentId, u32>,
}

impl Promises {
    /// Somebody asks for a payment.
    pub fn asks(&mut self, key: &str) {
        self.denied.remove(key);
        *self.under_way.entry(key.to_owned()).or_default() += 1;
    }

    /// Somebody hears of it. While others ask with the same key, they may yet be charged.
    pub fn hears(&mut self, key: &str, is_denied: bool) {
        let left = self.under_way.get_mut(key).map_or(0, |left| {
            *left = left.saturating_sub(1);
            *left
        });
        if is_denied && left == 0 {
            self.denied.insert(key.to_owned());
        } else if !is_denied {
            self.denied.remove(key);
        }
    }

    /// The process has died, and nobody heard anything.
    pub fn nobody_hears(&mut self) {
        self.under_way.clear();
    }
}

/// Whether it was said to have come to nothing only after the whole quiet period, by our clock: what arrives later than that
/// is told of (a late success, a capture that nobody asked for), and is not promised against.
pub fn is_overdue(operation: &Operation) -> bool {
    let Some((attempt, settled_at)) = operation.attempt.as_ref().zip(operation.settled_at) else {
        return false;
    };
    operation.state == OperationState::Refused && settled_at >= attempt.over_at.plus(QUIET)
}

/// Nothing was taken where we said so, also not later: unless the same key asked again, or others acted at the gateway.
pub fn are_kept(world: &World, payment: &Payment, entry: &PaymentEntry) {
    let by_others = world.by_others(entry.id, "succeed") || world.by_others(entry.id, "capture");
    if entry.amount_captured == 0 || by_others {
        return;
    }
    let Some(create) = payment.authorize() else { return };
    let promises = world.promises.lock().unwrap();
    if is_overdue(create) {
        world
            .tally()
            .reached("arrived later than the quiet period, by our clock");
        return;
    }
    let denied = promises.denied.contains(&create.asked.key.to_string());
    let shown = promises.uncharged.get(&payment.id) == Some(&create.attempts());
    drop(promises);
    if denied || shown {
        let how = if denied { "told" } else { "shown" };
        let (id, taken) = (payment.id, entry.amount_captured);
        world.violation(format!("{id} was {how} as uncharged, and {taken} was taken"));
    }
}
