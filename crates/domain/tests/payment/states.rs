//! A payment in every state that the rules tell apart, by the shortest way there.

use domain::capture_plan::CaptureAsk;
use domain::command::Command;
use domain::finding::What;
use domain::operation::OperationState;
use domain::refund::{Ask, Units};
use domain::sale::{CaptureMode, Sale, SplitMode};
use domain::sight::{RefundStanding, Standing};

use super::desk::Desk;
use super::gateway::{refund_sight, refused};
use super::sample::{
    add, added, by_hand, capture, capture_exactly, crooked, in_part, refund, refund_of, refusal, sale, take,
};

type State = (&'static str, Desk);

pub fn states() -> Vec<State> {
    let mut all = created();
    all.extend(shown());
    all.extend(capturing());
    all.extend(cancelling());
    all.extend(captured_in_part());
    all.extend(adding());
    all.extend(refunding());
    all.extend(disputed());
    all
}

/// What is under way is not answered.
pub fn silent(mut desk: Desk, operation: u16) -> Desk {
    desk.answer(operation, What::Unknown("no answer in time".to_owned()));
    desk
}

/// This command is decided.
pub fn after(mut desk: Desk, command: &Command) -> Desk {
    desk.command(command).unwrap();
    desk
}

/// A part of a refund, answered so under this id.
pub fn answered_refund(mut desk: Desk, operation: u16, id: u64, standing: RefundStanding) -> Desk {
    let sight = desk.refund_answer(operation, id, standing);
    desk.answer(operation, What::Refund(Box::new(sight)));
    desk
}

/// Nobody answered, nothing is there, and it may be sent again.
pub fn proved_absent(desk: Desk, operation: u16, standing: Standing) -> Desk {
    let mut desk = silent(desk, operation);
    for wait in [30, 700] {
        desk.now += wait;
        match standing {
            Standing::Unknown => desk.asked(What::Absent),
            _ => desk.asked_shows(standing),
        };
    }
    assert_eq!(desk.state(operation), OperationState::Ready);
    desk
}

pub fn later() -> Sale {
    Sale {
        split: SplitMode::Later,
        ..sale()
    }
}

fn everything() -> Command {
    capture(CaptureAsk::Everything, None, false)
}

fn not_sent() -> What {
    What::NotSent("connection refused".to_owned())
}

fn created() -> Vec<State> {
    let answer = |what| {
        let mut desk = Desk::new(sale());
        desk.answer(1, what);
        desk
    };
    let resent = || {
        let mut desk = proved_absent(Desk::new(sale()), 1, Standing::Unknown);
        desk.send();
        desk
    };
    vec![
        ("processing, sending", Desk::new(sale())),
        ("processing, unknown", silent(Desk::new(sale()), 1)),
        (
            "processing, ready to resend",
            proved_absent(Desk::new(sale()), 1, Standing::Unknown),
        ),
        ("processing, sending again", resent()),
        (
            "processing, unknown, a cancel waits",
            after(silent(Desk::new(sale()), 1), &Command::Cancel),
        ),
        (
            "processing, ready to resend, a cancel waits",
            after(proved_absent(Desk::new(sale()), 1, Standing::Unknown), &Command::Cancel),
        ),
        ("failed, refused", answer(What::Refused(refusal()))),
        ("failed, not sent", answer(not_sent())),
    ]
}

fn shown() -> Vec<State> {
    let differs = |standing| {
        let mut desk = Desk::new(sale());
        let sight = crooked(&desk.payment, standing);
        desk.asked(What::Shown(Box::new(sight)));
        desk
    };
    let automatic = || Sale {
        capture: CaptureMode::Automatic,
        ..by_hand()
    };
    let refused_once = || {
        let mut desk = Desk::shown(automatic(), Standing::Authorized);
        desk.send();
        desk.answer(2, refused("157"));
        desk
    };
    vec![
        ("open", Desk::shown(sale(), Standing::Open)),
        ("open, held", differs(Standing::Open)),
        ("pending", Desk::shown(sale(), Standing::Pending)),
        ("pending, held, in suspense", differs(Standing::Captured)),
        ("authorized, by hand", Desk::shown(by_hand(), Standing::Authorized)),
        (
            "authorized, by hand, s1 is ready",
            after(
                Desk::shown(by_hand(), Standing::Authorized),
                &Command::Ready(take("s1", 1000)),
            ),
        ),
        (
            "authorized, captured at once: capture ready",
            Desk::shown(automatic(), Standing::Authorized),
        ),
        ("authorized, our own capture was refused", refused_once()),
        ("captured", Desk::shown(sale(), Standing::Captured)),
        ("captured, and not by us", Desk::shown(by_hand(), Standing::Captured)),
        ("cancelled", Desk::shown(sale(), Standing::Cancelled)),
        ("failed", Desk::shown(sale(), Standing::Failed)),
        ("expired", Desk::shown(sale(), Standing::Expired)),
    ]
}

fn capturing() -> Vec<State> {
    let sending = || after(Desk::shown(by_hand(), Standing::Authorized), &everything());
    let answered = |what| {
        let mut desk = sending();
        desk.answer(2, what);
        desk
    };
    let pending = || {
        let mut desk = sending();
        desk.answer_shows(2, Standing::Capturing);
        desk
    };
    let part_pending = || {
        let some = Desk::shown(by_hand(), Standing::Authorized);
        let mut desk = after(some, &capture_exactly(&[(1, 1000)], None));
        desk.answer_shows(2, Standing::Capturing);
        desk
    };
    vec![
        ("capture sending", sending()),
        ("capture unknown", silent(sending(), 2)),
        ("capture pending", pending()),
        ("capture of a part pending", part_pending()),
        ("capture not sent", answered(not_sent())),
        ("capture refused", answered(refused("157"))),
        (
            "capture ready to resend",
            proved_absent(sending(), 2, Standing::Authorized),
        ),
    ]
}

fn cancelling() -> Vec<State> {
    let sending = |standing| after(Desk::shown(by_hand(), standing), &Command::Cancel);
    let pending = || {
        let mut desk = sending(Standing::Authorized);
        desk.answer_shows(2, Standing::Cancelling);
        desk
    };
    let turned_up = || {
        let mut desk = after(silent(Desk::new(by_hand()), 1), &Command::Cancel);
        desk.asked_shows(Standing::Authorized);
        desk
    };
    vec![
        ("cancel of an open payment sending", sending(Standing::Open)),
        ("cancel sending", sending(Standing::Authorized)),
        ("cancel unknown", silent(sending(Standing::Authorized), 2)),
        ("cancel pending", pending()),
        ("authorized, the cancel that waited is ready", turned_up()),
        (
            "cancelling, and not by us",
            Desk::shown(by_hand(), Standing::Cancelling),
        ),
    ]
}

/// 10.00 of the first split is captured, by the call for this split.
pub fn one_split() -> Desk {
    after(
        Desk::shown(by_hand(), Standing::Authorized),
        &capture_exactly(&[(1, 1000)], Some(1)),
    )
}

pub fn partly_captured() -> Desk {
    let mut desk = one_split();
    let sight = in_part(&desk.payment, &[(1, 1000)], true);
    desk.answer(2, What::Shown(Box::new(sight)));
    desk
}

fn captured_in_part() -> Vec<State> {
    let differs = || {
        let mut desk = one_split();
        let sight = in_part(&desk.payment, &[(1, 999)], true);
        desk.answer(2, What::Shown(Box::new(sight)));
        desk
    };
    let lapsed = || {
        let mut desk = partly_captured();
        desk.now += 8 * 86_400;
        let sight = in_part(&desk.payment, &[(1, 1000)], false);
        desk.asked(What::Shown(Box::new(sight)));
        desk
    };
    vec![
        ("capture of one split sending", one_split()),
        ("capture of one split unknown", silent(one_split(), 2)),
        ("partially captured, the rest is stranded", partly_captured()),
        ("partially captured, the rest has lapsed", lapsed()),
        ("captured in part otherwise than asked", differs()),
    ]
}

fn adding() -> Vec<State> {
    let unsplit = || Desk::shown(later(), Standing::Captured);
    let adding = || after(unsplit(), &add(5000, false));
    let done = || {
        let mut desk = adding();
        let shown = added(&desk.payment);
        desk.answer(2, What::Added(shown));
        desk
    };
    vec![
        ("captured, no splits yet", unsplit()),
        ("captured, splits being added", adding()),
        ("captured, splits added or not: unknown", silent(adding(), 2)),
        ("captured, some of it has an owner", done()),
    ]
}

/// Both lines go back: two parts.
pub fn two_parts() -> Desk {
    let units = |id: &str| Units {
        id: id.parse().unwrap(),
        quantity: 1,
    };
    let lines = vec![units("l1"), units("l2")];
    let ask = Ask::Lines {
        lines,
        shipping: Vec::new(),
    };
    after(Desk::shown(sale(), Standing::Captured), &refund(ask))
}

pub fn one_part() -> Desk {
    after(Desk::shown(sale(), Standing::Captured), &refund_of("s1", 1000))
}

/// The first part succeeded, the second was refused.
pub fn half_failed() -> Desk {
    let mut desk = answered_refund(two_parts(), 2, 9001, RefundStanding::Done);
    desk.send();
    desk.answer(3, refused("18"));
    desk
}

fn all_back() -> Desk {
    let mut desk = after(Desk::shown(sale(), Standing::Captured), &refund(Ask::Everything));
    for number in 2..=4 {
        desk = answered_refund(desk, number, 9000 + u64::from(number), RefundStanding::Done);
        desk.send();
    }
    desk
}

fn refunding() -> Vec<State> {
    let answered = |what| {
        let mut desk = one_part();
        desk.answer(2, what);
        desk
    };
    let second = |standing| {
        let mut desk = answered_refund(two_parts(), 2, 9001, standing);
        desk.send();
        desk
    };
    let elsewhere = || {
        let mut desk = Desk::shown(sale(), Standing::Captured);
        desk.asked_shows_refunds(vec![refund_sight(
            9100,
            None,
            None,
            super::sample::amount(600),
            RefundStanding::Done,
        )]);
        desk
    };
    vec![
        ("refund sending", one_part()),
        ("refund unknown", silent(one_part(), 2)),
        (
            "refund open",
            answered_refund(one_part(), 2, 9001, RefundStanding::Open),
        ),
        (
            "refund done",
            answered_refund(one_part(), 2, 9001, RefundStanding::Done),
        ),
        (
            "refund failed",
            answered_refund(one_part(), 2, 9001, RefundStanding::Failed),
        ),
        ("refund refused", answered(refused("18"))),
        ("refund not sent", answered(not_sent())),
        ("refund of two parts, the first sending", two_parts()),
        (
            "refund of two parts, the first open, the second sending",
            second(RefundStanding::Open),
        ),
        (
            "refund of two parts, the first done, the second sending",
            second(RefundStanding::Done),
        ),
        ("refund of two parts, the second failed", half_failed()),
        (
            "refund of two parts, the second sending again",
            after(half_failed(), &Command::Retry { refund: 1 }),
        ),
        (
            "refund of two parts, the second abandoned",
            after(half_failed(), &Command::Abandon { refund: 1 }),
        ),
        (
            "refund of two parts, both done",
            answered_refund(second(RefundStanding::Done), 3, 9002, RefundStanding::Done),
        ),
        ("fully refunded", all_back()),
        ("refunded in part, and not by us", elsewhere()),
    ]
}

fn disputed() -> Vec<State> {
    let shown = |mut desk: Desk, standing| {
        desk.asked_shows(standing);
        desk
    };
    let refunded = |standing| answered_refund(one_part(), 2, 9001, standing);
    vec![
        ("disputed", Desk::shown(sale(), Standing::Disputed)),
        (
            "disputed, refunded in part",
            shown(refunded(RefundStanding::Done), Standing::Disputed),
        ),
        (
            "disputed, a refund is open",
            shown(refunded(RefundStanding::Open), Standing::Disputed),
        ),
        (
            "disputed, captured in part",
            shown(partly_captured(), Standing::Disputed),
        ),
        ("disputed, no splits", Desk::shown(later(), Standing::Disputed)),
        ("charged back", Desk::shown(sale(), Standing::ChargedBack)),
        (
            "charged back, refunded in part",
            shown(refunded(RefundStanding::Done), Standing::ChargedBack),
        ),
        ("charged back, no splits", Desk::shown(later(), Standing::ChargedBack)),
    ]
}
