//! An answer to a question counts for the version of the payment that it was asked at, and for no later one.

use domain::ids::PaymentId;
use domain::notification::Notification;
use domain::operation::{Operation, OperationState};
use domain::payment::Payment;
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
