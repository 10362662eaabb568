//! Cancels: the rules one by one.

use domain::capture_plan::{CaptureAsk, Unanswered};
use domain::command::Command;
use domain::discrepancy::DiscrepancyKind;
use domain::finding::What;
use domain::ids::GatewayId;
use domain::operation::{OperationState, Work};
use domain::payment::Phase;
use domain::refusal::Refusal;
use domain::sale::{CaptureMode, Sale};
use domain::sight::Standing;

use super::desk::Desk;
use super::gateway::refused;
use super::sample::{at, by_hand, capture, sale, sight};
use super::states::{after, proved_absent, silent};

fn automatic() -> Sale {
    Sale {
        capture: CaptureMode::Automatic,
        ..by_hand()
    }
}

#[test]
fn a_cancel_is_refused_once_money_was_taken_or_nothing_is_left() {
    for (standing, code) in [
        (Standing::Captured, "cancel_after_capture"),
        (Standing::Disputed, "cancel_after_capture"),
        (Standing::Capturing, "cancel_after_capture"),
        (Standing::Failed, "payment_over"),
        (Standing::Expired, "payment_over"),
    ] {
        let mut desk = Desk::shown(sale(), standing);
        assert_eq!(desk.command(&Command::Cancel).unwrap_err().code(), code, "{standing:?}");
    }
}

#[test]
fn a_refused_cancel_is_followed_by_a_question_and_excludes_nothing() {
    let mut desk = after(Desk::shown(by_hand(), Standing::Authorized), &Command::Cancel);
    let everything = capture(CaptureAsk::Everything, None, false);
    assert_eq!(
        desk.command(&everything),
        Err(Refusal::OperationInProgress { operation: 2 })
    );
    desk.answer(2, refused("122"));
    assert_eq!(
        (desk.state(2), desk.payment.due_at),
        (OperationState::Refused, Some(at(desk.now)))
    );
    assert!(desk.command(&everything).is_ok());
}

#[test]
fn at_the_deadline_nothing_from_nobody_cancels() {
    let sale = Sale {
        capture_unanswered: Unanswered::None,
        ..by_hand()
    };
    let mut desk = Desk::shown(sale, Standing::Authorized);
    desk.now = 6 * 86_400;
    desk.asked_shows(Standing::Authorized);
    let number = desk.send().unwrap();
    assert_eq!(desk.operation(number).work, Work::Cancel);
    desk.answer_shows(number, Standing::Cancelled);
    assert_eq!((desk.phase(), desk.payment.planned_capture()), (Phase::Cancelled, None));
}

#[test]
fn a_create_that_is_cancelled_is_never_sent_again() {
    // Waiting to be resent when the cancel comes.
    let mut desk = proved_absent(Desk::new(by_hand()), 1, Standing::Unknown);
    desk.command(&Command::Cancel).unwrap();
    assert_eq!(desk.payment.sendable(), None);
    assert_eq!(desk.attempt(1), Ok(false));
    desk.now += 60;
    let lesson = desk.asked(What::Absent);
    assert_eq!((desk.phase(), desk.state(2)), (Phase::Cancelled, OperationState::Done));
    assert_eq!(lesson.claims_released.len(), 1);

    // On its way, and it never left: not even the same key creates it now.
    let mut desk = after(Desk::new(by_hand()), &Command::Cancel);
    desk.answer(1, What::NotSent("no connection".to_owned()));
    assert_eq!(desk.phase(), Phase::Cancelled);
    assert_eq!(desk.attempt(1), Ok(false));
}

#[test]
fn what_turns_up_after_a_cancel_is_cancelled_or_reported() {
    for standing in [Standing::Open, Standing::Authorized] {
        let mut desk = after(silent(Desk::new(automatic()), 1), &Command::Cancel);
        desk.asked_shows(standing);
        assert_eq!(desk.send(), Some(2), "the cancel, and not the automatic capture");
        desk.answer_shows(2, Standing::Cancelled);
        assert_eq!(desk.phase(), Phase::Cancelled);
        // It comes to life again: nobody captures it without being asked.
        desk.asked_shows(Standing::Authorized);
        assert_eq!((desk.phase(), desk.payment.sendable()), (Phase::Authorized, None));
    }
    let mut desk = after(silent(Desk::new(by_hand()), 1), &Command::Cancel);
    desk.asked_shows(Standing::Captured);
    assert_eq!(
        (desk.phase(), desk.state(2)),
        (Phase::Captured, OperationState::Refused)
    );
    assert!(desk.filed().contains(&DiscrepancyKind::CancelTooLate));
}

/// What a hold keeps from being sent was asked about at every sweep once, and told each time.
#[test]
fn what_waits_behind_a_hold_is_asked_about_with_patience_and_told_once() {
    let mut desk = silent(after(Desk::shown(by_hand(), Standing::Authorized), &Command::Cancel), 2);
    let mut other = sight(&desk.payment, Standing::Authorized);
    other.at.id = GatewayId::new(other.at.id.get() + 1);
    let shown = What::ShownMany(vec![sight(&desk.payment, Standing::Authorized), other]);
    desk.now += 1_000;
    let (mut told, mut waits) = (0, Vec::new());
    for _ in 0..40 {
        let lesson = desk.asked(shown.clone());
        told += lesson.events.iter().filter(|event| event.kind == "absent").count();
        let due = desk.payment.due_at.expect("what is held is looked at again");
        assert!(due > at(desk.now), "it is due again at once");
        waits.push(due.since(at(desk.now)).as_secs());
        desk.now += i64::try_from(waits[waits.len() - 1]).unwrap() + 1;
    }
    assert!(desk.payment.is_held());
    assert_eq!((desk.state(2), desk.payment.sendable()), (OperationState::Ready, None));
    assert_eq!(told, 1);
    assert!(waits[waits.len() - 1] >= 1_800, "{waits:?}");
}
