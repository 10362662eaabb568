//! What must be so at every moment, and what must be so at the end.

use domain::ids::PaymentId;
use domain::operation::{Operation, OperationKind, OperationState};
use domain::payment::{Charged, Payment};
use engine::Engine;
use sandbox::core::{BooksQuery, PaymentEntry};
use tests::belief;

use crate::evidence;
use crate::life::ops;
use crate::world::World;

/// The gateway's number of a refund that failed.
pub const FAILED: u8 = 4;

/// A payment as it is stored.
pub async fn load(world: &World, id: PaymentId) -> Option<Payment> {
    let found = world.store().read(move |tx| tx.payment(id)).await;
    found.unwrap_or_else(|error| {
        world.violation(format!("{id} cannot be read: {error}"));
        None
    })
}

/// After each step: what holds of one payment at every moment.
pub async fn touched(world: &World, id: PaymentId) {
    if let Some(payment) = load(world, id).await {
        for entry in entries(world, &payment) {
            at_every_moment(world, &payment, &entry);
        }
    }
}

/// What holds of the whole world at every moment.
pub async fn now(world: &World, engine: &Engine) {
    match engine.verify(|_| ()).await {
        Ok(report) if report.ok => {}
        Ok(report) => {
            for check in report.checks.iter().filter(|check| !check.ok) {
                world.violation(format!("verify: {} {:?}", check.name, check.violations));
            }
        }
        Err(error) => world.violation(format!("verify: {error}")),
    }
    world.tally().reached("verified");
    for payment in all(world).await {
        touched(world, payment.id).await;
    }
}

/// What holds when everything has come to rest.
pub async fn at_the_end(world: &World, engine: &Engine) {
    now(world, engine).await;
    let payments = all(world).await;
    let query = BooksQuery {
        limit: Some(usize::MAX),
        ..BooksQuery::default()
    };
    let books = world.core.lock().unwrap().books(world.time.micros(), &query);
    let created = |entry: &PaymentEntry, payment: &Payment| {
        let create = payment.authorize();
        create.is_some_and(|create| create.reference.as_str() == entry.reference)
    };
    for entry in &books.payments {
        let owners = payments.iter().filter(|payment| created(entry, payment)).count();
        if owners != 1 {
            world.violation(format!(
                "{owners} payments here are payment {} of the gateway",
                entry.id
            ));
        }
    }
    for payment in &payments {
        let view = engine.payment(&ops(), payment.id).await;
        world.happened(&format!("{view:?}"));
        at_rest(world, payment, &entries(world, payment));
        count(world, payment);
    }
}

async fn all(world: &World) -> Vec<Payment> {
    let load = |tx: &mut store::Tx<'_>| {
        let ids = tx.payment_ids(None, 10_000)?;
        ids.into_iter().map(|id| tx.payment(id)).collect::<Result<Vec<_>, _>>()
    };
    let found = world.store().read(load).await.unwrap_or_else(|error| {
        world.violation(format!("the payments cannot be read: {error}"));
        Vec::new()
    });
    found.into_iter().flatten().collect()
}

/// The gateway's payments under the reference of this one.
fn entries(world: &World, payment: &Payment) -> Vec<PaymentEntry> {
    let Some(create) = payment.authorize() else {
        return Vec::new();
    };
    let query = BooksQuery {
        reference: Some(create.reference.to_string()),
        ..BooksQuery::default()
    };
    let books = world.core.lock().unwrap().books(world.time.micros(), &query);
    books.payments
}

fn at_every_moment(world: &World, payment: &Payment, entry: &PaymentEntry) {
    let id = payment.id;
    let by_others = |what: &'static str| world.outside.lock().unwrap().contains(&(entry.id, what));
    let say = |what: String| world.violation(format!("{id} (gateway {}): {what}", entry.id));
    if payment.charged() == Charged::No && entry.amount_captured > 0 && !by_others("succeed") && !by_others("capture") {
        say(format!("called uncharged, and {} was taken", entry.amount_captured));
    }
    evidence::holds(world, payment, entry, &say);
    let is_taken = entry.amount_captured > 0 && !entry.captures.is_empty() && !by_others("capture");
    if is_taken && !did(payment, OperationKind::Capture) {
        say("captured without an operation".to_owned());
    }
    if entry
        .captures
        .iter()
        .filter(|capture| capture.status != FAILED && capture.split.is_none())
        .count()
        > 1
    {
        say("captured twice".to_owned());
    }
    for refund in entry.refunds.iter().filter(|refund| refund.status != FAILED) {
        let same = |one: &&Operation| one.reference.as_str() == refund.reference;
        let operation = payment.operations.iter().find(same);
        let times = entry
            .refunds
            .iter()
            .filter(|other| other.status != FAILED && other.reference == refund.reference);
        if !refund.reference.starts_with("dashboard") && times.count() > 1 {
            say(format!("refund {} was made twice", refund.reference));
        }
        let is_denied = |one: &Operation| matches!(one.state, OperationState::Refused | OperationState::NotSent);
        match operation {
            None if refund.reference.starts_with("dashboard") => {}
            None => say(format!("refund {} is nobody's", refund.reference)),
            Some(one) if is_denied(one) => say(format!(
                "operation {} is {}, and its refund {} is there",
                one.number,
                one.state.as_str(),
                refund.id
            )),
            Some(_) => {}
        }
    }
}

/// Whether something of this kind was asked, and not said to have come to nothing.
fn did(payment: &Payment, kind: OperationKind) -> bool {
    let denied = |one: &Operation| matches!(one.state, OperationState::Refused | OperationState::NotSent);
    payment.operations.iter().any(|one| one.kind() == kind && !denied(one))
}

/// Nothing is open, and what we believe is what the gateway's books say; or a named difference holds it.
fn at_rest(world: &World, payment: &Payment, entries: &[PaymentEntry]) {
    let id = payment.id;
    let say = |what: String| {
        let (phase, order, history) = (payment.phase.as_str(), &payment.sale.order, history(payment));
        world.violation(format!("at the end, {id} ({order}, {phase}): {what}; {history}"));
    };
    evidence::at_rest(world, payment, &say);
    if payment.is_held() {
        return;
    }
    let mut waits = false;
    for one in payment.operations.iter().filter(|one| !one.state.is_settled()) {
        let may_wait = matches!(one.kind(), OperationKind::Refund | OperationKind::AddSplits);
        if one.state == OperationState::NeedsAttention && may_wait && !world.resends_refunds {
            waits = true;
        } else {
            let (number, kind, state) = (one.number, one.kind().as_str(), one.state.as_str());
            say(format!("operation {number} ({kind}) is {state}: {:?}", one.note));
        }
    }
    let Some(entry) = entries.first() else {
        if payment.charged() != Charged::No {
            say(format!(
                "nothing is at the gateway, and charged is {}",
                payment.charged().as_str()
            ));
        }
        return;
    };
    let differs = |what: &str, ours: i64, theirs: u64| {
        if u64::try_from(ours).ok() != Some(theirs) {
            say(format!("{what} is {ours} here and {theirs} at the gateway"));
        }
    };
    let status = belief::status(entry.status);
    let is_unpaid = |status: &str| matches!(status, "cancelled" | "failed" | "expired");
    if payment.phase.as_str() != status && is_unpaid(status) && is_unpaid(payment.phase.as_str()) {
        world
            .tally()
            .reached("ended unpaid, under another word than the gateway's");
    } else if payment.phase.as_str() != status {
        say(format!("it is {status} at the gateway"));
    }
    if (payment.charged() == Charged::No) != (entry.amount_captured == 0) {
        say(format!(
            "charged is {}, and {} was taken",
            payment.charged().as_str(),
            entry.amount_captured
        ));
    }
    if !payment.amount_suspense.is_zero() {
        say(format!(
            "{} is in suspense, and nothing holds it",
            payment.amount_suspense
        ));
    }
    if entry.splits.len() != payment.splits.len() {
        let (ours, theirs) = (payment.splits.len(), entry.splits.len());
        say(format!("{ours} splits here and {theirs} at the gateway"));
        return;
    }
    differs("captured", payment.amount_captured().get(), entry.amount_captured);
    if waits {
        return;
    }
    if entry
        .refunds
        .iter()
        .any(|refund| refund.split.is_none() && refund.status != FAILED)
    {
        // It names no split, so ours carry it in parts that the gateway does not know.
        differs("refunded", payment.amount_refunded().get(), entry.amount_refunded);
        return;
    }
    for (ours, theirs) in payment.splits.iter().zip(&entry.splits) {
        let name = |what: &str| format!("split {} {what}", ours.number);
        differs(&name("amount"), ours.amount.get(), theirs.amount);
        differs(&name("captured"), ours.amount_captured.get(), theirs.amount_captured);
        differs(&name("refunding"), ours.amount_refunding.get(), theirs.amount_refunding);
        differs(&name("refunded"), ours.amount_refunded.get(), theirs.amount_refunded);
    }
}

/// What was asked, and what was found, in short.
fn history(payment: &Payment) -> String {
    let asked = payment.operations.iter().map(|one| {
        let (kind, state) = (one.kind().as_str(), one.state.as_str());
        format!(
            "{} {kind} {state} x{} {:?} {:?}",
            one.number,
            one.attempts(),
            one.note,
            one.refusal
        )
    });
    let found = payment.discrepancies.iter();
    let found = found.map(|one| format!("{} {:?}: {}", one.kind.as_str(), one.state, one.detail));
    asked.chain(found).collect::<Vec<_>>().join(" | ")
}

/// How it ended, and what was found on the way.
fn count(world: &World, payment: &Payment) {
    let mut tally = world.tally();
    tally.reached(&format!("ended: {}", payment.phase.as_str()));
    if payment.is_held() {
        tally.reached("ended: held");
    }
    for one in &payment.discrepancies {
        tally.reached(&format!(
            "difference: {}{}",
            one.kind.as_str(),
            if one.is_holding() { ", holds" } else { "" }
        ));
    }
    for one in &payment.operations {
        if one.attempts() > 1 {
            tally.reached(&format!("sent more than once: {}", one.kind().as_str()));
        }
        if one.state == OperationState::NeedsAttention {
            tally.reached(&format!("needs attention: {}", one.kind().as_str()));
        }
    }
}
