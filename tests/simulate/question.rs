//! An answer to a question counts for the version of the payment that it was asked at, and for no later one.

use domain::discrepancy::DiscrepancyKind;
use domain::ids::PaymentId;
use domain::notification::Notification;
use domain::operation::{Operation, OperationState};
use domain::payment::{Payment, Phase};
use sandbox::core::Request;
use std::collections::{BTreeMap, HashMap, HashSet};
use tokio::task::{self, Id};

use crate::world::World;

/// Who asks: a task of the engine, or the one that plays the world.
type Asker = Option<Id>;

/// What was asked about which version of a payment.
#[derive(Default)]
pub struct Questions {
    /// The payments, by the references and the numbers that the gateway knows them by.
    names: BTreeMap<String, PaymentId>,
    /// Which version of each was written last.
    versions: BTreeMap<PaymentId, u64>,
    /// Questions that nothing was learned from yet, and which version was there when the last of each left.
    open: HashMap<(Asker, PaymentId), u64>,
    /// Commands whose answers may still be learned: one task of the sweep may wait for them beside its questions.
    commands: HashSet<(Asker, PaymentId)>,
    /// Who has heard an answer to any question.
    heard: HashSet<Asker>,
    /// Who was told last what is not so, and of which payment of the gateway.
    misled: HashMap<Asker, (u64, Wrong)>,
    /// Who asks several questions about one payment at one time, so that nobody can say which of the answers is applied.
    sweeps: HashSet<Asker>,
}

/// What the network made of an answer.
#[derive(Clone, Copy)]
pub enum Wrong {
    /// One of the splits has another amount.
    Amount,
    /// Only so many splits are left.
    Splits(usize),
}

impl Questions {
    /// Whether a payment here was taken for this one of the gateway at any time.
    pub fn was_ours(&self, number: u64) -> bool {
        self.names.contains_key(&number.to_string())
    }
}

/// Somebody asks the gateway. Whoever sends a command, or asks about what is not known here, has come to something else.
pub fn asked(world: &World, request: &Request) {
    let mut questions = world.questions.lock().unwrap();
    let asker = task::try_id();
    questions.misled.remove(&asker);
    let name = match request.path.trim_matches('/').split('/').nth(2) {
        Some(number) => number,
        None => request.query.split_once('=').map_or("", |(_, reference)| reference),
    };
    let known = questions.names.get(name).copied();
    match known.filter(|_| request.method == "GET") {
        Some(id) => {
            let version = questions.versions.get(&id).copied().unwrap_or_default();
            questions.open.insert((asker, id), version);
        }
        None => {
            questions.open.retain(|(one, _), _| *one != asker);
            questions.commands.extend(known.map(|id| (asker, id)));
        }
    }
}

/// The gateway answered a question.
pub fn answered(world: &World) {
    world.questions.lock().unwrap().heard.insert(task::try_id());
}

/// The answer that somebody is about to hear of this payment is not what the gateway said.
pub fn misled(world: &World, number: u64, wrong: Wrong) {
    let mut questions = world.questions.lock().unwrap();
    let asker = task::try_id();
    if !questions.sweeps.contains(&asker) {
        questions.misled.insert(asker, (number, wrong));
    }
}

/// From here on it is a sweep that asks.
pub fn sweeps(world: &World) {
    world.questions.lock().unwrap().sweeps.insert(task::try_id());
}

/// A notification is called settled: by somebody who was told something by the gateway.
pub fn settled(world: &World, bell: &Notification) {
    if !world.questions.lock().unwrap().heard.contains(&task::try_id()) {
        world.violation(format!(
            "{} is called settled, and the gateway has not answered",
            bell.id
        ));
    }
}

/// A version was written: by whoever asked about it, unless it is the attempt that follows what was learned.
pub fn written(world: &World, before: Option<&Payment>, after: &Payment, say: &impl Fn(String)) {
    let mut questions = world.questions.lock().unwrap();
    if let Some(create) = after.authorize() {
        questions.names.insert(create.reference.to_string(), after.id);
    }
    if let Some(seen) = &after.seen {
        questions.names.insert(seen.at.id.get().to_string(), after.id);
    }
    questions.versions.insert(after.id, after.version);
    if let Some(before) = before {
        is_not_misled(questions.misled.get(&task::try_id()).copied(), before, after, say);
    }
    // The answer to a command is a fact at any version.
    let sending = |one: &&Operation| one.state == OperationState::Sending;
    let is_answered = |one: &Operation| after.operation(one.number).is_some_and(|now| !sending(&now));
    if before.is_some_and(|before| before.operations.iter().filter(sending).any(is_answered)) {
        return;
    }
    let attempts = |payment: &Payment| payment.operations.iter().map(|one| one.attempts()).sum::<u32>();
    let Some(before) = before.filter(|before| attempts(before) == attempts(after)) else {
        return;
    };
    let whose = (task::try_id(), after.id);
    let stale = questions.open.remove(&whose).filter(|asked| *asked < before.version);
    // Or it is what another door has settled before the command's own answer came.
    let stale = stale.filter(|_| !questions.commands.remove(&whose));
    drop(questions);
    if let Some(asked) = stale {
        say(format!(
            "an answer about version {asked} is applied to version {}",
            before.version
        ));
    }
}

/// What differs from what was asked moves nothing, but that somebody is told of it.
fn is_not_misled(told: Option<(u64, Wrong)>, before: &Payment, after: &Payment, say: &impl Fn(String)) {
    let about = |number: u64| after.seen.as_ref().is_some_and(|seen| seen.at.id.get() == number);
    let Some((number, wrong)) = told.filter(|(number, _)| about(*number)) else {
        return;
    };
    let found = |kind| after.discrepancies.iter().any(|one| one.kind == kind);
    let (known, what) = match wrong {
        Wrong::Amount => (found(DiscrepancyKind::AnswerDiffers), "another amount"),
        // After a capture in part those alone may be listed that were captured.
        Wrong::Splits(shown) => {
            let whole = shown >= before.splits.len() || after.phase == Phase::PartiallyCaptured;
            (whole || found(DiscrepancyKind::SplitsMissing), "a split less")
        }
    };
    let moved = before.phase != after.phase || before.amount_captured() != after.amount_captured();
    if moved && !known {
        let (from, to) = (before.phase.as_str(), after.phase.as_str());
        say(format!(
            "payment {number} was shown with {what}, it went from {from} to {to}, and nobody was told"
        ));
    }
}
