//! What must be so of each commit, looked at in the moment in which it is written.

use domain::discrepancy::DiscrepancyKind;
use domain::ledger::Account;
use domain::notification::NotificationState;
use domain::operation::OperationState;
use domain::payment::{Charged, Claim, Payment, Phase};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use store::{Change, Commit, NotificationChange};

use crate::question;
use crate::world::World;

/// Every phase × every command and finding, as it is printed.
const TABLE: &str = include_str!("../golden/transitions.txt");

/// Looks at one commit that has landed.
pub fn check(world: &World, commit: &Commit) {
    match &commit.notification {
        Some(NotificationChange::Insert(bell)) => world.bell_stored(&bell.redacted),
        Some(NotificationChange::Update(bell, _)) if bell.state == NotificationState::Settled => {
            question::settled(world, bell);
        }
        _ => {}
    }
    let (before, after) = match &commit.payment {
        Some(Change::Insert(payment)) => {
            world.tally().payments_begun += 1;
            (None, payment)
        }
        Some(Change::Update { before, after }) => (Some(before.as_ref()), after),
        None => {
            if !commit.postings.is_empty() {
                world.violation("money is booked without a payment");
            }
            return;
        }
    };
    let say = |what: String| world.violation(format!("{} version {}: {what}", after.id, after.version));
    world.line(|| told(before, after, commit));
    money(before, after, commit, &say);
    question::written(world, before, after, &say);
    if let Some(before) = before {
        if after.version != before.version + 1 {
            say(format!("follows version {}", before.version));
        }
        let (from, to) = (before.phase.as_str(), after.phase.as_str());
        if from != to && !printed().contains(&(from, to)) {
            say(format!("{from} became {to}, which no table shows"));
        }
        nothing_shrinks(world, before, after, commit, &say);
        nothing_reopens(world, before, after, &say);
        refusals_are_final(world, before, after, commit, &say);
        nobody_is_displaced(before, after, commit, &say);
        if from != to && matches!(after.phase, Phase::Capturing | Phase::Cancelling) {
            world.tally().reached(&format!("accepted, and not done yet: {to}"));
        }
    } else if after.phase.as_str() != "processing" {
        say(format!("begins as {}", after.phase.as_str()));
    }
    if after.charged() == Charged::No {
        let attempts = after.authorize().map_or(0, domain::operation::Operation::attempts);
        world.promises.lock().unwrap().uncharged.insert(after.id, attempts);
    }
}

/// What left the buyers is what the payment says it holds of theirs.
fn money(before: Option<&Payment>, after: &Payment, commit: &Commit, say: &impl Fn(String)) {
    let held = |payment: &Payment| {
        let splits = payment.splits.iter();
        let owned = splits
            .map(|split| split.amount_authorized.get() - split.amount_refunded.get() - split.amount_charged_back.get());
        owned.sum::<i64>() + payment.amount_unallocated.get() + payment.amount_suspense.get()
    };
    let from_buyer = |account: &Account| i64::from(*account == Account::Buyer);
    let moved: i64 = commit
        .postings
        .iter()
        .map(|posting| posting.amount.get() * (from_buyer(&posting.debit) - from_buyer(&posting.credit)))
        .sum();
    let grown = held(after) - before.map_or(0, held);
    if moved != grown {
        say(format!("{moved} left the buyer, and {grown} more is held"));
    }
}

/// Amounts captured, refunded and charged back only grow, but for a reversal that says why.
fn nothing_shrinks(world: &World, before: &Payment, after: &Payment, commit: &Commit, say: &impl Fn(String)) {
    for split in &before.splits {
        let Some(now) = after.splits.iter().find(|one| one.number == split.number) else {
            say(format!("split {} is gone", split.number));
            continue;
        };
        let named = commit
            .postings
            .iter()
            .any(|posting| posting.split == Some(split.number) && !posting.reason.is_empty());
        for (what, was, is) in [
            ("captured", split.amount_captured, now.amount_captured),
            ("refunded", split.amount_refunded, now.amount_refunded),
            ("charged back", split.amount_charged_back, now.amount_charged_back),
        ] {
            if is < was && named {
                world.tally().reached(&format!("a reversal of what was {what}"));
            } else if is < was {
                say(format!("{what} of split {} was {was} and is {is}", split.number));
            }
        }
    }
}

/// What has ended stays ended, but that the same key may try again what was never sent.
fn nothing_reopens(world: &World, before: &Payment, after: &Payment, say: &impl Fn(String)) {
    for one in before.operations.iter().filter(|one| one.state.is_settled()) {
        let Some(now) = after.operation(one.number) else {
            say(format!("operation {} is gone", one.number));
            continue;
        };
        if now.state == one.state {
            continue;
        }
        let (was, is) = (one.state.as_str(), now.state.as_str());
        let again = one.state == OperationState::NotSent && now.attempts() > one.attempts();
        if again {
            world.tally().reached("what was not sent is sent under the same key");
        } else if one.state == OperationState::Done || now.state != OperationState::Done {
            say(format!("operation {} was {was} and is {is}", one.number));
        } else {
            world
                .tally()
                .reached(&format!("a {was} operation had come to something after all"));
        }
    }
}

/// A refusal closes what it answers only where nothing of it can have arrived before: it answers the first attempt, and
/// does not say that the reference is taken.
fn refusals_are_final(world: &World, before: &Payment, after: &Payment, commit: &Commit, say: &impl Fn(String)) {
    for one in before
        .operations
        .iter()
        .filter(|one| one.state == OperationState::Sending)
    {
        let told = |kind: &str| {
            let mut events = commit.events.iter();
            events.any(|event| event.operation == Some(one.number) && event.kind == kind)
        };
        let first = one.attempt.as_ref().is_some_and(|attempt| attempt.nothing_before);
        let (there, later) = (told("already_there"), told("refused") && !first);
        let closed = after
            .operation(one.number)
            .is_some_and(|now| now.state == OperationState::Refused);
        let (number, times) = (one.number, one.attempts());
        if there && closed {
            say(format!("operation {number} is there already, and called refused"));
        } else if later && closed {
            say(format!(
                "operation {number} is called refused by the answer to attempt {times}"
            ));
        } else if later {
            world.tally().reached("a later attempt is refused");
        }
    }
}

/// A payment that lives again claims its order; where another one has it, somebody is told.
fn nobody_is_displaced(before: &Payment, after: &Payment, commit: &Commit, say: &impl Fn(String)) {
    if !before.phase.is_over() || after.phase.is_over() {
        return;
    }
    let claims = commit
        .claims_taken
        .iter()
        .any(|claim| matches!(claim, Claim::Order(..)));
    let mut found = after.discrepancies.iter();
    if !claims && !found.any(|one| one.kind == DiscrepancyKind::OrderPaidTwice) {
        say("it lives again beside another payment of its order, and nobody was told".to_owned());
    }
}

/// The steps from phase to phase that the printed table shows.
fn printed() -> &'static BTreeSet<(&'static str, &'static str)> {
    static PRINTED: OnceLock<BTreeSet<(&str, &str)>> = OnceLock::new();
    PRINTED.get_or_init(|| {
        let phase = |word: &str| {
            let mut all = domain::payment::Phase::ALL.into_iter();
            all.find(|phase| phase.as_str() == word).map(|phase| phase.as_str())
        };
        let (mut steps, mut from, mut named) = (BTreeSet::new(), None, false);
        for line in TABLE.lines() {
            if named {
                from = line.split(':').next().and_then(phase);
            }
            named = line.starts_with("## ");
            let to = line
                .strip_prefix("    ")
                .and_then(|told| phase(told.split(';').next()?));
            steps.extend(from.zip(to));
        }
        steps
    })
}

/// One commit in one line.
fn told(before: Option<&Payment>, after: &Payment, commit: &Commit) -> String {
    let events = commit.events.iter();
    let events: Vec<_> = events.map(|event| format!("{} {}", event.kind, event.detail)).collect();
    let postings = commit.postings.iter();
    let moved: Vec<_> = postings
        .map(|one| format!("{}→{} {}", one.debit.name(), one.credit.name(), one.amount))
        .collect();
    let from = before.map_or("new", |before| before.phase.as_str());
    let (order, version) = (&after.sale.order, after.version);
    let (to, events, moved) = (after.phase.as_str(), events.join("; "), moved.join(", "));
    format!("{order} version {version}: {from} → {to} | {events} | {moved}")
}
