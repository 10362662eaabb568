//! What may be believed, and what may be asked: never more than the gateway's books bear out, nor than somebody wanted.

use domain::capture_plan::CapturePlan;
use domain::discrepancy::DiscrepancyKind;
use domain::notification::{Notification, NotificationState};
use domain::operation::{Operation, OperationKind, OperationState, Work};
use domain::payment::{Payment, Phase};
use domain::refund::{PartState, Refund};
use domain::sale::{CaptureMode, Steps};
use sandbox::core::{PaymentEntry, RefundEntry};
use tests::belief;

use crate::books::FAILED;
use crate::world::World;

/// What holds of one payment at every moment.
pub fn holds(world: &World, payment: &Payment, entry: &PaymentEntry, say: &impl Fn(String)) {
    one_at_a_time(payment, say);
    payment.refunds.iter().for_each(|refund| is_whole(refund, say));
    for refund in entry.refunds.iter().filter(|refund| refund.status != FAILED) {
        is_as_asked(payment, entry, refund, say);
    }
    let ours = payment.seen.as_ref().map(|seen| seen.at.id.get()) == Some(entry.id);
    if !ours {
        return;
    }
    let captured = payment.amount_captured().get() + payment.amount_suspense.get();
    for (what, here, there) in [
        ("captured", captured, entry.amount_captured),
        ("refunded", payment.amount_refunded().get(), entry.amount_refunded),
    ] {
        if u64::try_from(here).is_ok_and(|here| here > there) {
            say(format!("{here} is booked as {what}, and the gateway has {there}"));
        }
    }
    if world.is_touched(Some(entry.id)) {
        return;
    }
    let status = belief::status(entry.status);
    if payment.phase.is_over() && !matches!(status, "cancelled" | "failed" | "expired") {
        say(format!("called {}, and it is {status}", payment.phase.as_str()));
    }
    let plans: Vec<&CapturePlan> = payment.operations.iter().filter_map(plan).collect();
    let most = plans.iter().map(|plan| plan.amount).max();
    if let Some(most) = most.and_then(|most| u64::try_from(most.get()).ok())
        && entry.amount_captured > most
    {
        say(format!("{} was taken, and {most} was asked for", entry.amount_captured));
    }
}

/// What holds when everything has come to rest, and nobody else acted on the payment.
pub fn at_rest(world: &World, payment: &Payment, say: &impl Fn(String)) {
    let found = |kind| payment.discrepancies.iter().any(|one| one.kind == kind);
    let late = |one: &&Operation| {
        let note = one.note.as_deref().unwrap_or_default();
        one.work == Work::Cancel && one.state == OperationState::Refused && note.starts_with("the gateway shows")
    };
    if let Some(cancel) = payment.operations.iter().find(late)
        && !found(DiscrepancyKind::CancelTooLate)
    {
        say(format!("cancel {} came too late, and nobody was told", cancel.number));
    }
    let over = |at: domain::time::Timestamp| at.micros() < i64::try_from(world.time.micros()).unwrap_or(i64::MAX);
    let lapsed = payment.authorized_until.is_some_and(over);
    let stranded = payment.phase == Phase::PartiallyCaptured && payment.amount_authorized() > payment.amount_captured();
    if lapsed && stranded && !payment.is_held() {
        say("what is authorized has lapsed, and is not released".to_owned());
    }
    let number = payment.seen.as_ref().map(|seen| seen.at.id.get());
    let planned = match payment.sale.capture {
        CaptureMode::Automatic => payment.sale.steps == Steps::Two,
        CaptureMode::Manual => payment.readiness.is_some(),
    };
    let ended = |one: &Operation| matches!(one.kind(), OperationKind::Capture | OperationKind::Cancel);
    let forgotten = lapsed && planned && !payment.operations.iter().any(ended);
    if forgotten && payment.discrepancies.is_empty() && !world.is_touched(number) {
        say("it was authorized, and nobody took or released it".to_owned());
    }
}

/// Of two payments under one reference, ours is the one that the buyer paid: unless what told of it cannot be read.
pub fn is_the_paid_one(world: &World, payment: &Payment, entries: &[PaymentEntry], say: &impl Fn(String)) {
    let number = payment.seen.as_ref().map(|seen| seen.at.id.get());
    let ours = entries.iter().find(|entry| Some(entry.id) == number);
    // Once the buyer has promised to pay ours, or has, it is no longer outdone.
    let unpaid = payment.authorized_until.is_none() && payment.amount_captured().is_zero();
    let Some(ours) = ours.filter(|ours| unpaid && ours.amount_captured == 0) else {
        return;
    };
    let (puzzling, questions) = (world.puzzling.lock().unwrap(), world.questions.lock().unwrap());
    // What was authorized on the other one lapsed before it was ours to take: nobody told of it, or somebody was told of both.
    let lapsed = |entry: &PaymentEntry| matches!(belief::status(entry.status), "cancelled" | "expired");
    let mut found = payment.discrepancies.iter();
    let told = found.any(|one| one.kind == DiscrepancyKind::DuplicateAtGateway);
    let is_over = |entry: &PaymentEntry| (world.compares || told) && lapsed(entry);
    let ignored = |entry: &&PaymentEntry| {
        let paid = entry.amount_captured > 0 || world.by_others(entry.id, "succeed") && !is_over(entry);
        paid && !puzzling.contains(&entry.id) && !questions.was_ours(entry.id)
    };
    if let Some(paid) = entries.iter().find(ignored) {
        say(format!("ours is payment {}, and the buyer paid {}", ours.id, paid.id));
    }
}

/// What holds of what was recorded, when everything has come to rest.
pub async fn recorded(world: &World, payment: &Payment) {
    let (id, at) = (payment.id, payment.seen.as_ref().map(|seen| seen.at));
    let look = move |tx: &mut store::Tx<'_>| {
        let bells = at.map_or(Ok(Vec::new()), |at| tx.unplaced_notifications(at))?;
        Ok((tx.events(id)?, bells))
    };
    let Some((events, bells)) = world.look(look).await else {
        return;
    };
    let forgotten = |one: &&Notification| one.state == NotificationState::Waiting && one.due_at.is_none();
    if let Some(bell) = bells.iter().find(forgotten) {
        world.violation(format!(
            "{id}: notification {} waits, and nobody will answer it",
            bell.id
        ));
    }
    let mut told = events.iter().map(|(_, _, event)| event);
    let cancelled = told.any(|event| event.kind == "decided" && event.detail.starts_with("cancel asked"));
    if cancelled && told.any(|event| event.kind == "attempt" && event.operation == Some(1)) {
        world.violation(format!("{id}: its create was sent after it had been cancelled"));
    }
}

/// What excludes each other is not under way together.
fn one_at_a_time(payment: &Payment, say: &impl Fn(String)) {
    let open: Vec<&Operation> = payment.operations.iter().filter(|one| one.is_open()).collect();
    for (place, one) in open.iter().enumerate() {
        for other in open.iter().skip(place + 1) {
            let together = matches!(
                (one.kind(), other.kind()),
                (OperationKind::Refund, OperationKind::Refund)
                    | (OperationKind::Authorize, OperationKind::Cancel)
                    | (OperationKind::Cancel, OperationKind::Authorize)
            );
            if !together {
                let (kinds, numbers) = ([one.kind(), other.kind()], [one.number, other.number]);
                say(format!("operations {numbers:?} are open together: {kinds:?}"));
            }
        }
    }
}

/// The parts of a refund give what the buyer is to get; what failed alone, or was given up, claims nothing any more.
fn is_whole(refund: &Refund, say: &impl Fn(String)) {
    let Some(plan) = &refund.plan else { return };
    let alone = refund.parts.len() == 1;
    let claims = |state| match state {
        PartState::Abandoned => false,
        PartState::Failed => !alone,
        PartState::Processing | PartState::Open | PartState::Succeeded => true,
    };
    let parts = refund.parts.iter().filter(|part| claims(part.state));
    let (parts, wanted): (i64, i64) = (
        parts.map(|part| part.amount.get()).sum(),
        plan.lines.iter().map(|piece| piece.buyer.get()).sum(),
    );
    if parts != wanted {
        say(format!(
            "refund {} claims {wanted}, and its parts give {parts}",
            refund.number
        ));
    }
}

/// A refund that the gateway made for us is the one that was asked for.
fn is_as_asked(payment: &Payment, entry: &PaymentEntry, made: &RefundEntry, say: &impl Fn(String)) {
    let same = |one: &&Operation| one.reference.as_str() == made.reference;
    let Some(Work::Refund {
        refund,
        split: Some(split),
    }) = payment.operations.iter().find(same).map(|one| &one.work)
    else {
        return;
    };
    let Some(part) = payment.refund(*refund).and_then(|refund| refund.part(*split)) else {
        return;
    };
    let giver = entry.splits.get(usize::from(*split) - 1).map(|split| split.id);
    if u64::try_from(part.amount.get()).ok() != Some(made.amount) || made.split != giver {
        let asked = (part.amount, giver);
        say(format!("refund {} is not what was asked for, {asked:?}", made.id));
    }
}

/// What a capture took, or may have.
fn plan(one: &Operation) -> Option<&CapturePlan> {
    match &one.work {
        Work::Capture { plan, .. } if one.attempt.is_some() => Some(plan),
        _ => None,
    }
}
