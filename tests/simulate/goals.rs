//! What a long run must have reached: situations that come sometimes, and everything that goes wrong on purpose.

use crate::tally::Tally;

/// From so many payments on, every goal is wanted, and every fault once.
const ALL_FROM: u64 = 20_000;
/// From so many payments on, the few goals are wanted.
const FEW_FROM: u64 = 3_000;
/// How many payments there are for each time that a fault must have come.
const PAYMENTS_EACH: u64 = 1_000;

/// What was not reached, and should have been in a run of this length.
pub fn missed(tally: &Tally) -> Vec<String> {
    let mut missed = Vec::new();
    if tally.payments < FEW_FROM {
        return missed;
    }
    let more = if tally.payments < ALL_FROM { &[] } else { MORE };
    let goals = FEW.iter().chain(more);
    let unreached = goals.filter(|goal| !tally.sometimes.contains_key(**goal));
    missed.extend(unreached.map(|goal| (*goal).to_owned()));
    let least = tally.payments / PAYMENTS_EACH;
    for fault in FAULTS.iter().filter(|_| tally.payments >= ALL_FROM) {
        let times = tally.faults.get(*fault).copied().unwrap_or_default();
        if times < least {
            missed.push(format!("{fault}: {times} times, and {least} wanted"));
        }
    }
    missed
}

/// Whether a long run must have reached it.
#[cfg(feature = "planted")]
pub fn wanted(situation: &str) -> bool {
    FEW.contains(&situation) || MORE.contains(&situation)
}

/// What also a short run reaches.
const FEW: &[&str] = &[
    "late arrival, taken",
    "repeated arrival, taken",
    "repeated arrival, refused",
    "notification before answer",
    "crash between call and record",
    "crash between question and record",
    "a commit lost a race",
    "asked again, same key",
    "the same request twice at once",
    "two tabs: two creates at once",
    "two refunds at once",
    "what was not sent is sent under the same key",
    "a notification that could not be stored was not answered",
    "a key used for another request",
    "an answer with another amount",
    "an answer with an unknown status",
    "an answer without one of its splits",
    "sent again: authorize",
    "sent again: capture",
    "difference: answer_differs",
    "difference: splits_missing",
    "difference: unknown_status",
    "difference: notification_differs",
    "difference: external_refund",
    "ended: captured",
    "ended: partially_captured",
    "ended: cancelled",
    "ended: expired",
    "ended: failed",
    "create: answered",
    "create: the database failed",
    "capture: answered",
    "capture of a part: answered",
    "ready: answered",
    "cancel: answered",
    "add splits later: answered",
    "refund by amount: answered",
    "refund of lines: answered",
    "refund of everything: answered",
    "a kept card pays",
];

/// What only a long run is sure to reach.
const MORE: &[&str] = &[
    "late arrival, refused",
    "late arrival after resend, taken",
    "late arrival after resend, refused",
    "repeated arrival after resend, taken",
    "two keys at once for one thing",
    "sent again: cancel",
    "sent again: refund",
    "sent again: add_splits",
    "refused: authorize",
    "refused: capture",
    "refused: cancel",
    "refused: refund",
    "refused: add_splits",
    "difference: external_capture",
    "difference: duplicate_at_gateway",
    "difference: disputed",
    "difference: late_success",
    "difference: order_paid_twice",
    "difference: status_contradicts, holds",
    "difference: refund_differs, holds",
    "difference: cancel_too_late",
    "difference: capture_given_up",
    "ended: disputed",
    "ended: charged_back",
    "ended: held",
    "needs attention: refund",
    "needs attention: add_splits",
    "needs attention: authorize",
    "capture of one split: answered",
    "capture: not sent",
    "capture: the database failed",
    "capture: refused by the gateway",
    "cancel: refused by the gateway",
    "create: not sent",
    "create: refused by the gateway",
    "create: refused by a rule",
    "refund by amount: the database failed",
    "add splits by amount: answered",
    "retry refund: answered",
    "abandon refund: answered",
    "buyer: failed",
    "buyer: cancelled",
    "buyer: expired",
    "a create whose reference is taken",
    "the other of two is paid",
    "accepted, and not done yet: capturing",
    "accepted, and not done yet: cancelling",
    "a later attempt is refused",
    "compared: updated",
    "compared: differs",
];

/// Everything that goes wrong on purpose.
const FAULTS: &[&str] = &[
    "GET not connected",
    "GET request lost",
    "GET request late",
    "GET request delivered twice",
    "GET answer lost",
    "GET answer slow",
    "GET answer too slow",
    "GET 500, acted",
    "GET 503, not acted",
    "GET 429",
    "GET 401",
    "GET HTML, acted",
    "GET body cut, acted",
    "GET contradictory echo",
    "GET missing split",
    "GET unknown status",
    "GET crash: recorded, not sent",
    "GET crash: acted, not answered",
    "GET crash: answered, not recorded",
    "POST not connected",
    "POST request lost",
    "POST request late",
    "POST request delivered twice",
    "POST answer lost",
    "POST answer slow",
    "POST answer too slow",
    "POST 500, acted",
    "POST 503, not acted",
    "POST 429",
    "POST 401",
    "POST HTML, acted",
    "POST body cut, acted",
    "POST contradictory echo",
    "POST missing split",
    "POST unknown status",
    "POST asked before, by a database that is lost",
    "POST crash: recorded, not sent",
    "POST crash: acted, not answered",
    "POST crash: answered, not recorded",
    "commit: database slow",
    "commit: database busy",
    "commit: disk full",
    "commit: outcome unknown, written",
    "commit: outcome unknown, not written",
    "look: database busy",
    "look: database gone",
    "crash: recorded, not sent",
    "crash: acted, not answered",
    "crash: answered, not recorded",
    "crash: at any moment",
    "crash: before a create is recorded",
    "crash: before an attempt is recorded",
    "crash: before money is booked",
    "crash: before a finding is recorded",
    "crash: before a notification is stored",
    "crash: before a notification is settled",
    "crash: before a notification is put off",
    "crash: create recorded, not sent",
    "crash: attempt recorded, not sent",
    "crash: money booked, nobody told",
    "crash: finding recorded, nobody told",
    "crash: notification stored, not answered",
    "crash: notification settled",
    "crash: notification put off",
    "clock set back",
    "clock set ahead",
    "notification never sent",
    "notification lost, tried again",
    "notification doubled",
    "notification overtaken",
    "notification's answer lost",
    "notification forged, wrong key",
    "notification forged, right key",
    "gateway by itself: expire",
    "gateway by itself: fail",
    "gateway by itself: succeed",
    "gateway by itself: lapse",
    "gateway by itself: capture",
    "gateway by itself: refund",
    "gateway by itself: reverse",
    "gateway by itself: cancel",
    "gateway by itself: charge back",
    "gateway by itself: shows an end",
    "gateway by itself: dispute opened",
    "gateway by itself: dispute won",
    "gateway by itself: dispute lost",
];
