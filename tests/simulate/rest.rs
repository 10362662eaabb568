//! What must be so when everything has come to rest.

use domain::operation::{OperationKind, OperationState};
use domain::payment::{Charged, Payment, Phase};
use engine::Engine;
use sandbox::core::{BooksQuery, PaymentEntry};
use tests::belief;

use crate::books::{FAILED, all, entries, now};
use crate::evidence;
use crate::life::ops;
use crate::world::World;

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
    world.tally().payments += u64::try_from(payments.len()).expect("few");
    for payment in &payments {
        let view = engine.payment(&ops(), payment.id).await;
        world.happened(&format!("{view:?}"));
        at_rest(world, payment, &entries(world, payment));
        evidence::recorded(world, payment).await;
        count(world, payment);
    }
}

/// Nothing is open, and what we believe is what the gateway's books say; or a named difference holds it.
fn at_rest(world: &World, payment: &Payment, entries: &[PaymentEntry]) {
    let id = payment.id;
    let say = |what: String| {
        let (phase, order, history) = (payment.phase.as_str(), &payment.sale.order, history(payment));
        world.violation(format!("at the end, {id} ({order}, {phase}): {what}; {history}"));
    };
    evidence::at_rest(world, payment, &say);
    evidence::is_the_paid_one(world, payment, entries, &say);
    if payment.is_held() {
        return held(payment, entries, &say);
    }
    let mut waits = false;
    for one in payment.operations.iter().filter(|one| !one.state.is_settled()) {
        let may_wait = matches!(one.kind(), OperationKind::Refund | OperationKind::AddSplits);
        let never_absent = world.filter_ignored && one.kind() == OperationKind::Authorize;
        // Where nothing of these is sent again, where nothing shows them, and where what was sent again a day later got
        // another answer than the first: the day in which it could be decided is over then.
        let undecided = !world.resends_refunds || world.splits_hidden || one.attempts() > 1;
        let may_wait = may_wait && undecided || never_absent;
        let behind = one.state == OperationState::Ready && waits;
        // A dispute came between: the gateway calls it open, too.
        let mut theirs = entries.iter().flat_map(|entry| &entry.refunds);
        let open = theirs.any(|refund| refund.status == OPEN && refund.reference == one.reference.as_str());
        if one.state == OperationState::Pending && open {
            world.tally().reached("a refund stays open at the gateway");
        } else if behind || one.state == OperationState::NeedsAttention && may_wait {
            waits = true;
        } else {
            let (number, kind, state) = (one.number, one.kind().as_str(), one.state.as_str());
            say(format!("operation {number} ({kind}) is {state}: {:?}", one.note));
        }
    }
    // Of two under one reference, the one that we took for ours.
    let seen = payment.seen.as_ref().map(|seen| seen.at.id.get());
    let ours = entries.iter().find(|entry| Some(entry.id) == seen);
    let Some(entry) = ours.or(entries.first()) else {
        if !waits && payment.charged() != Charged::No {
            say(format!(
                "nothing is at the gateway, and charged is {}",
                payment.charged().as_str()
            ));
        }
        return;
    };
    if waits && payment.seen.is_none() {
        return;
    }
    let differs = |what: &str, ours: i64, theirs: u64| {
        if u64::try_from(ours).ok() != Some(theirs) {
            say(format!("{what} is {ours} here and {theirs} at the gateway"));
        }
    };
    let status = match belief::status(entry.status) {
        // Refunded, or a dispute that was won: the number no longer says how much was taken.
        "captured" if entry.amount_captured < entry.amount && entry.amount_captured > 0 => "partially_captured",
        status => status,
    };
    let is_unpaid = |status: &str| matches!(status, "cancelled" | "failed" | "expired");
    let both_unpaid = is_unpaid(status) && is_unpaid(payment.phase.as_str());
    if payment.phase.as_str() != status && both_unpaid && payment.seen.is_none() && !world.compares {
        // Given up as absent, it arrived late, and ended there by itself before anybody heard of it.
        world.tally().reached("given up, and ended at the gateway by itself");
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
    let compared = world.compares && !world.splits_hidden;
    let twice = || !compared && world.is_repeated_at(&format!("/v1/payments/{}/splits", entry.id));
    if entry.splits.len() > payment.splits.len() && twice() {
        // Nothing tells of it, and nobody asks about a payment at rest: a comparison shows it, where any answer does.
        world.tally().reached("splits that the network added twice");
        return;
    }
    if entry.splits.len() != payment.splits.len() && !waits {
        let (ours, theirs) = (payment.splits.len(), entry.splits.len());
        say(format!("{ours} splits here and {theirs} at the gateway"));
        return;
    }
    // What was lost of what no split names was nobody's.
    let taken = if payment.phase == Phase::ChargedBack {
        entry.splits.iter().map(|split| split.amount_captured).sum()
    } else {
        entry.amount_captured
    };
    // Whether splits were added before it was lost is what is undecided: without them it was nobody's.
    if waits && payment.phase == Phase::ChargedBack {
        return;
    }
    differs("captured", payment.amount_captured().get(), taken);
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

/// The gateway's number of a refund that is under way.
const OPEN: u8 = 1;

/// What is held says why, and no more is booked of it than the gateway shows.
fn held(payment: &Payment, entries: &[PaymentEntry], say: &impl Fn(String)) {
    let named = payment.discrepancies.iter().find(|one| one.is_holding());
    if named.is_none_or(|one| one.detail.is_empty()) {
        say("it is held, and nothing says why".to_owned());
    }
    let theirs = |amount: fn(&PaymentEntry) -> u64| entries.iter().map(amount).sum::<u64>();
    let captured = payment.amount_captured().get() + payment.amount_suspense.get();
    for (what, ours, theirs) in [
        ("captured", captured, theirs(|entry| entry.amount_captured)),
        (
            "refunded",
            payment.amount_refunded().get(),
            theirs(|entry| entry.amount_refunded),
        ),
    ] {
        if u64::try_from(ours).is_ok_and(|ours| ours > theirs) {
            say(format!("it is held, and {ours} is booked as {what} of {theirs}"));
        }
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
