//! What happens at the gateway without us: the buyer pays, somebody at the dashboard, the banks.

use domain::payment::{Payment, Phase};
use sandbox::core::{Act, BooksQuery, PaymentEntry, Request};

use crate::books;
use crate::world::World;

/// Lets somebody else act, sometimes; whether they did.
pub fn acts(world: &World, payment: &Payment) -> bool {
    let Some(seen) = &payment.seen else { return false };
    let number = seen.at.id.get();
    if pays_the_other(world, payment, number) {
        return true;
    }
    if payment.phase == Phase::Open
        && world.dice.happens(750)
        && let Some(url) = &seen.redirect_url
        && !payment.is_held()
    {
        buyer(world, url);
        return true;
    }
    let disputed = payment.phase == Phase::Disputed && world.dice.happens(600);
    if !disputed && !world.dice.happens(120) {
        return false;
    }
    let amount = world.dice.between(1, 900);
    let Some(entry) = entry(world, number) else {
        return false;
    };
    let what = if disputed {
        world.dice.one_of(&[(1, 8), (1, 11), (1, 12)])
    } else {
        world.dice.one_of(&[(7, world.dice.between(0, 13)), (5, 7)])
    };
    let (name, act) = match what {
        0 => ("expire", Act::Expire {}),
        1 => ("fail", Act::Fail {}),
        2 => ("succeed", Act::Succeed {}),
        3 => ("lapse", Act::Lapse {}),
        4 => (
            "capture",
            Act::Capture {
                amount: None,
                splits: None,
            },
        ),
        // Of money that was taken; what a refund of anything else would mean, nobody says.
        5 | 6 if !payment.amount_captured().is_zero() => {
            let split = payment.splits.first().and_then(|split| split.gateway_id);
            let act = Act::Refund {
                amount,
                split: split.map(domain::ids::GatewayId::get),
                reference: None,
            };
            ("refund", act)
        }
        // A payment is disputed once; what a second dispute would mean, nobody says.
        7 if entry.dispute.is_none() => ("dispute opened", Act::DisputeOpened { amount: None }),
        7 => return false,
        8 => ("dispute won", Act::DisputeWon {}),
        9 => ("reverse", Act::Reverse {}),
        10 => ("cancel", Act::Cancel {}),
        11 => ("charge back", Act::ChargedBack {}),
        // As if nothing had been taken: our books follow no such status.
        13 if !payment.amount_captured().is_zero() => ("shows an end", Act::Status { status: ENDED }),
        13 => return false,
        _ => ("dispute lost", Act::DisputeLost {}),
    };
    // What nobody tells of is found where we still ask, or where both books are compared.
    let asked = payment.phase == Phase::Open && entry.status == OPEN;
    let quiet = (asked || world.compares) && world.dice.happens(400);
    happen(world, number, name, act, quiet)
}

/// The buyer pays the other one of two under one reference.
fn pays_the_other(world: &World, payment: &Payment, number: u64) -> bool {
    let entries = books::entries(world, payment);
    let other = entries.iter().find(|entry| entry.id != number && entry.status == OPEN);
    let Some(other) = other.filter(|_| world.dice.happens(600)) else {
        return false;
    };
    world.tally().reached("the other of two is paid");
    happen(world, other.id, "succeed", Act::Succeed {}, false)
}

/// A payment that had ended succeeds after all, though its order has another by now; whether it did.
pub fn succeeds_late(world: &World, payment: &Payment) -> bool {
    let seen = payment.seen.as_ref().filter(|_| payment.phase.is_over());
    seen.is_some_and(|seen| happen(world, seen.at.id.get(), "succeed", Act::Succeed {}, false))
}

/// Lets it happen, if it can; whether it did.
fn happen(world: &World, number: u64, name: &'static str, act: Act, quiet: bool) -> bool {
    let now = world.time.micros();
    let happened = world.core.lock().unwrap().happen(now, number, act, quiet).is_ok();
    world.happened(&(name, number, happened));
    world.line(|| format!("at the gateway: {name} of {number}, {happened}"));
    if happened {
        world.tally().fault(&format!("gateway by itself: {name}"));
        world.outside.lock().unwrap().insert((number, name));
        world.bell.notify_one();
    }
    happened
}

/// The payment in the gateway's books.
fn entry(world: &World, number: u64) -> Option<PaymentEntry> {
    let query = BooksQuery {
        id: Some(number),
        requests: Some(0),
        ..BooksQuery::default()
    };
    let books = world.core.lock().unwrap().books(world.time.micros(), &query);
    books.payments.into_iter().next()
}

/// The buyer opens the page, and does something there.
fn buyer(world: &World, url: &str) {
    let Some((_, query)) = url.split_once('?') else {
        return;
    };
    let outcome = world.dice.one_of(&[
        (80, "success"),
        (6, "failed"),
        (6, "cancelled"),
        (3, "expired"),
        (5, ""),
    ]);
    let page = format!("/Home?{query}");
    world.handle(Request::new("GET", &page));
    if !outcome.is_empty() {
        world.line(|| format!("the buyer: {outcome}"));
        world.handle(Request::new("POST", &page).with_body(format!("outcome={outcome}")));
        world.tally().reached(&format!("buyer: {outcome}"));
    }
}

/// The gateway's number of a payment that waits for its buyer.
const OPEN: u8 = 1;
/// The gateway's number of a payment that was cancelled.
const ENDED: u8 = 3;
