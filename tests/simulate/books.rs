//! What must be so at every moment.

use domain::ids::PaymentId;
use domain::operation::{Operation, OperationKind, OperationState};
use domain::payment::{Charged, Payment};
use domain::sale::{CARDS_METHOD, CaptureMode};
use engine::Engine;
use sandbox::core::{BooksQuery, PaymentEntry};
use std::sync::Arc;

use crate::evidence;
use crate::promises;
use crate::world::World;

/// The gateway's number of a refund that failed.
pub const FAILED: u8 = 4;

/// A payment as it is stored.
pub async fn load(world: &World, id: PaymentId) -> Option<Arc<Payment>> {
    world.look(move |tx| tx.payment(id)).await.flatten()
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
    let looking = world.looking();
    let verified = engine.verify(|_| ()).await;
    drop(looking);
    match verified {
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
        let id = payment.id;
        if load(world, id).await.is_some_and(|remembered| *remembered != payment) {
            world.violation(format!("{id}: what is remembered of it is not what is stored"));
        }
        touched(world, id).await;
    }
}

/// Every payment there is, as it is stored.
pub async fn all(world: &World) -> Vec<Payment> {
    let load = |tx: &mut store::Tx<'_>| {
        let ids = tx.payment_ids(None, 10_000)?;
        ids.into_iter()
            .map(|id| tx.payment_as_stored(id))
            .collect::<Result<Vec<_>, _>>()
    };
    let found = world.look(load).await.unwrap_or_default();
    found.into_iter().flatten().collect()
}

/// The gateway's payments under the reference of this one.
pub fn entries(world: &World, payment: &Payment) -> Vec<PaymentEntry> {
    let Some(create) = payment.authorize() else {
        return Vec::new();
    };
    let query = BooksQuery {
        reference: Some(create.reference.to_string()),
        requests: Some(0),
        ..BooksQuery::default()
    };
    let books = world.core.lock().unwrap().books(world.time.micros(), &query);
    books.payments
}

fn at_every_moment(world: &World, payment: &Payment, entry: &PaymentEntry) {
    let id = payment.id;
    let say = |what: String| world.violation(format!("{id} (gateway {}): {what}", entry.id));
    if payment.charged() == Charged::No
        && entry.amount_captured > 0
        && !world.by_others(entry.id, "succeed")
        && !world.by_others(entry.id, "capture")
    {
        say(format!("called uncharged, and {} was taken", entry.amount_captured));
    }
    promises::are_kept(world, payment, entry);
    evidence::holds(world, payment, entry, &say);
    // A card takes the money as it is told when it pays; the gateway's books call that a capture too.
    let at_once = payment.sale.method == CARDS_METHOD && payment.sale.capture == CaptureMode::Automatic;
    // What others ended had ended our capture too: where they let it live again, ours may arrive after all.
    let by_others = world.by_others(entry.id, "capture") || world.by_others(entry.id, "succeed");
    let is_taken = !at_once && entry.amount_captured > 0 && !entry.captures.is_empty() && !by_others;
    if is_taken && !did(payment, OperationKind::Capture) {
        say("captured without an operation".to_owned());
    }
    // What came back to life after a capture that took nothing is captured anew.
    let captures = entry.captures.iter();
    let captures = captures.filter(|capture| capture.status != FAILED && capture.split.is_none());
    if captures.count() > 1 && !world.by_others(entry.id, "succeed") {
        say("captured twice".to_owned());
    }
    for refund in entry.refunds.iter().filter(|refund| refund.status != FAILED) {
        let same = |one: &&Operation| one.reference.as_str() == refund.reference;
        let operation = payment.operations.iter().find(same);
        let times = entry
            .refunds
            .iter()
            .filter(|other| other.status != FAILED && other.reference == refund.reference);
        let is_ours = !refund.reference.starts_with("dashboard");
        if is_ours && times.count() > 1 && !world.is_repeated(&refund.reference) {
            say(format!("refund {} was made twice", refund.reference));
        }
        let is_denied = |one: &Operation| matches!(one.state, OperationState::Refused | OperationState::NotSent);
        match operation {
            None if refund.reference.starts_with("dashboard") => {}
            None => say(format!("refund {} is nobody's", refund.reference)),
            // The network delivered it twice, and one of the two failed: the other is told of, and compared in the end.
            Some(_) if world.is_repeated(&refund.reference) => {}
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

/// Whether something of this kind was asked, and not said to have come to nothing before it could have arrived.
fn did(payment: &Payment, kind: OperationKind) -> bool {
    let denied = |one: &Operation| {
        matches!(one.state, OperationState::Refused | OperationState::NotSent) && !promises::is_overdue(one)
    };
    payment.operations.iter().any(|one| one.kind() == kind && !denied(one))
}
