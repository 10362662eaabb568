//! Captures: the rules one by one.

use domain::capture_plan::{CaptureAsk, Unanswered};
use domain::command::Command;
use domain::discrepancy::DiscrepancyKind;
use domain::finding::What;
use domain::ids::Principal;
use domain::money::Amount;
use domain::operation::{Operation, OperationKind, OperationState, Work};
use domain::payment::{Charged, Phase};
use domain::refusal::Refusal;
use domain::sale::{CaptureMode, Sale};
use domain::sight::Standing;

use super::desk::Desk;
use super::gateway::refused;
use super::sample::{at, by_hand, capture, capture_exactly, in_part, refund_of, sight, take};
use super::states::{after, later, one_split, partly_captured, proved_absent, silent};

const DAY: i64 = 86_400;

fn automatic() -> Sale {
    Sale {
        capture: CaptureMode::Automatic,
        ..by_hand()
    }
}

fn authorized() -> Desk {
    Desk::shown(by_hand(), Standing::Authorized)
}

fn everything() -> Command {
    capture(CaptureAsk::Everything, None, false)
}

fn last(desk: &Desk) -> &Operation {
    desk.payment.operations.last().unwrap()
}

/// Exactly what is, or was, asked of each split.
fn amounts(desk: &Desk) -> Vec<i64> {
    match &last(desk).work {
        Work::Capture { plan, .. } => plan.splits.iter().map(|split| split.amount.get()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn an_automatic_capture_is_opened_by_the_commit_that_confirms_the_authorization() {
    let mut desk = Desk::new(automatic());
    desk.answer_shows(1, Standing::Authorized);
    let own = last(&desk);
    assert_eq!((own.kind(), own.state), (OperationKind::Capture, OperationState::Ready));
    assert_eq!(own.asked.principal, Principal::ourselves());
    assert_eq!(desk.payment.due_at, Some(at(0)), "and is sent at once");
    assert_eq!(desk.send(), Some(2));
    desk.answer_shows(2, Standing::Capturing);
    assert_eq!(
        (desk.phase(), desk.state(2)),
        (Phase::Capturing, OperationState::Pending)
    );
    assert_eq!(desk.payment.amount_captured(), Amount::ZERO, "13 is not money yet");
    assert_eq!(desk.payment.charged(), Charged::Unknown);
    desk.asked_shows(Standing::Captured);
    assert_eq!((desk.phase(), desk.state(2)), (Phase::Captured, OperationState::Done));
    assert!(desk.payment.discrepancies.is_empty());
}

#[test]
fn our_own_capture_is_tried_again_later_and_not_for_ever() {
    let mut desk = Desk::shown(automatic(), Standing::Authorized);
    let mut tries = Vec::new();
    while let Some(number) = desk.send() {
        tries.push(desk.now);
        desk.answer(number, refused("157"));
        assert_eq!(desk.phase(), Phase::Authorized, "157 leaves it capturable");
        desk.asked_shows(Standing::Authorized);
        let Some(due) = desk.payment.due_at else { break };
        desk.now += i64::try_from(due.since(at(desk.now)).as_micros().div_ceil(1_000_000)).unwrap();
        if desk.now < 6 * DAY {
            desk.asked_shows(Standing::Authorized);
        }
    }
    assert_eq!(tries, [0, 60, 300, 1260, 5100, 20_460, 81_900, 327_660]);
    let told = desk
        .filed()
        .into_iter()
        .filter(|kind| *kind == DiscrepancyKind::CaptureGivenUp);
    assert_eq!(told.count(), 1, "a person is told, once");
    assert!(!desk.payment.is_held(), "and can capture it");
}

#[test]
fn a_new_capture_passes_after_157() {
    let mut desk = after(authorized(), &everything());
    desk.answer(2, refused("157"));
    let mut desk = after(desk, &everything());
    desk.answer_shows(3, Standing::Captured);
    assert_eq!(desk.phase(), Phase::Captured);
    assert_eq!(desk.state(3), OperationState::Done);
    assert!(!desk.filed().contains(&DiscrepancyKind::ExternalCapture));
}

/// A capture that was on its way, and then the gateway showed the payment as before.
fn came_back() -> Desk {
    let mut desk = after(authorized(), &everything());
    desk.answer_shows(2, Standing::Capturing);
    for wait in [60, 700] {
        desk.now += wait;
        desk.asked_shows(Standing::Authorized);
    }
    assert_eq!(desk.state(2), OperationState::Refused);
    desk
}

#[test]
fn a_capture_on_its_way_that_comes_back_has_failed_and_is_not_resent_under_the_same_name() {
    assert!(came_back().command(&everything()).is_ok());
}

#[test]
fn a_capture_that_arrives_after_it_was_called_refused_is_named() {
    let mut desk = came_back();
    desk.asked_shows(Standing::Captured);
    let found = &desk.payment.discrepancies[0];
    assert_eq!(found.kind, DiscrepancyKind::ExternalCapture);
    assert!(found.detail.contains("our capture 2"), "{}", found.detail);
}

#[test]
fn less_than_everything_would_strand_and_names_how_much() {
    let mut desk = authorized();
    let ask = CaptureAsk::Sellers(vec![take("s1", 1000)]);
    let refusal = desk.command(&capture(ask.clone(), None, false)).unwrap_err();
    assert!(matches!(&refusal, Refusal::WouldStrand { amount, splits } if amount.get() == 14_998 && splits.len() == 2));
    desk.command(&capture(ask, None, true)).unwrap();
    assert_eq!(amounts(&desk), [1000, 0, 99], "its goods, and the fees");
    assert_eq!(
        desk.command(&everything()),
        Err(Refusal::OperationInProgress { operation: 2 })
    );
}

#[test]
fn the_gateway_takes_one_capture() {
    let mut desk = partly_captured();
    assert_eq!(desk.command(&everything()), Err(Refusal::AlreadyCaptured));
    assert!(matches!(
        desk.command(&Command::Cancel),
        Err(Refusal::CancelAfterCapture { .. })
    ));
    assert_eq!(desk.payment.amount_captured().get(), 1000);
    assert!(
        desk.payment
            .splits
            .iter()
            .all(|split| split.amount_authorized == split.amount),
        "the rest is stranded"
    );
}

#[test]
fn the_call_for_one_split_is_not_used_for_several() {
    let desk = after(authorized(), &capture_exactly(&[(1, 1000), (2, 5)], Some(1)));
    assert!(matches!(last(&desk).work, Work::Capture { only: None, .. }));
    assert!(matches!(last(&one_split()).work, Work::Capture { only: Some(1), .. }));
}

#[test]
fn the_answer_to_a_capture_of_one_split_lists_that_split_alone() {
    let desk = partly_captured();
    assert_eq!(
        (desk.phase(), desk.state(2)),
        (Phase::PartiallyCaptured, OperationState::Done)
    );
    assert!(desk.payment.discrepancies.is_empty());
    assert!(
        desk.payment.due_at.is_some_and(|due| due > at(6 * DAY)),
        "until the rest lapses"
    );
}

#[test]
fn the_stranded_rest_lapses_whatever_the_gateway_answers_then() {
    for status in [Standing::PartiallyCaptured, Standing::Captured] {
        let mut desk = partly_captured();
        desk.now = 7 * DAY;
        desk.asked(What::Unknown("no answer in time".to_owned()));
        let due = desk.payment.due_at.unwrap();
        assert!(due < at(8 * DAY), "an unanswered question is asked again");
        desk.now += 60;
        desk.asked_shows(status);
        assert_eq!(desk.payment.amount_authorized().get(), 1000);
        assert_eq!(desk.payment.due_at, None);
    }
}

#[test]
fn an_authorization_that_should_have_lapsed_is_asked_about() {
    let mut desk = authorized();
    // Nobody was ready, and our own captures failed: only the end of the authorization is left.
    desk.payment.readiness = None;
    desk.now = 7 * DAY + 1;
    desk.asked_shows(Standing::Authorized);
    assert!(desk.payment.due_at.is_some());
    desk.asked_shows(Standing::Expired);
    assert_eq!(desk.payment.due_at, None);
}

#[test]
fn a_capture_in_part_that_differs_is_held_and_only_what_was_captured_waits_in_suspense() {
    let mut desk = one_split();
    let crooked = in_part(&desk.payment, &[(1, 999)], true);
    desk.answer(2, What::Shown(Box::new(crooked)));
    assert!(desk.payment.is_held() && desk.filed().contains(&DiscrepancyKind::AnswerDiffers));
    assert_eq!(desk.payment.amount_suspense.get(), 999);
    assert_eq!(
        desk.state(2),
        OperationState::Unknown,
        "it was answered, and nothing is on its way"
    );
    let straight = in_part(&desk.payment, &[(1, 1000)], false);
    desk.asked(What::Shown(Box::new(straight)));
    assert_eq!(
        (desk.phase(), desk.state(2)),
        (Phase::PartiallyCaptured, OperationState::Done)
    );
    assert_eq!(desk.payment.amount_suspense, Amount::ZERO);
    assert!(!desk.payment.is_held());
}

#[test]
fn a_capture_in_part_is_confirmed_by_the_splits_it_lists() {
    let mut desk = silent(one_split(), 2);
    let mut vague = in_part(&desk.payment, &[(1, 1000)], false);
    vague.splits.clear();
    desk.asked(What::Shown(Box::new(vague)));
    assert!(desk.filed().contains(&DiscrepancyKind::SplitsMissing) && desk.payment.is_held());
    assert_eq!(desk.payment.amount_captured(), Amount::ZERO);
    let mut silent = in_part(&desk.payment, &[(1, 1000)], false);
    silent.splits[0].captured = None;
    desk.asked(What::Shown(Box::new(silent)));
    assert_eq!(
        desk.payment.amount_captured(),
        Amount::ZERO,
        "a split that does not say how much is no proof"
    );
}

#[test]
fn all_of_it_that_is_shown_as_captured_in_part_is_all_of_it() {
    let mut desk = after(authorized(), &everything());
    let mut all = in_part(&desk.payment, &[(1, 3998), (2, 12_000), (3, 99)], false);
    desk.answer(2, What::Shown(Box::new(all.clone())));
    assert_eq!(desk.phase(), Phase::Captured);
    // And what is shown as captured, of which it says less, is not.
    let mut desk = after(authorized(), &everything());
    all.status = sight(&desk.payment, Standing::Captured).status;
    all.captured = Some(super::sample::amount(16_000));
    desk.answer(2, What::Shown(Box::new(all)));
    assert!(desk.payment.is_held());
}

#[test]
fn a_dispute_may_be_the_first_that_is_seen_of_a_capture_in_part() {
    let mut desk = silent(one_split(), 2);
    desk.asked_shows(Standing::Disputed);
    assert_eq!(desk.payment.amount_captured().get(), 1000, "no more than was asked for");

    // Where it says how much was taken, and that is not what was asked for, nothing is booked as captured.
    let mut desk = silent(one_split(), 2);
    let mut all = sight(&desk.payment, Standing::Disputed);
    all.captured = Some(desk.payment.amount());
    desk.asked(What::Shown(Box::new(all)));
    assert!(desk.payment.is_held());
    assert_eq!(desk.payment.amount_captured(), Amount::ZERO);
    assert_eq!(desk.payment.amount_suspense, desk.payment.amount());
}

#[test]
fn a_lost_answer_is_settled_by_asking() {
    let mut desk = silent(after(authorized(), &everything()), 2);
    desk.asked_shows(Standing::Captured);
    assert_eq!((desk.phase(), desk.state(2)), (Phase::Captured, OperationState::Done));

    let mut desk = proved_absent(after(authorized(), &everything()), 2, Standing::Authorized);
    let id = desk.operation(2).request_id.clone();
    assert_eq!(desk.send(), Some(2));
    assert_eq!((desk.operation(2).attempts(), &desk.operation(2).request_id), (2, &id));
    desk.answer(2, refused("17"));
    assert_eq!(
        desk.state(2),
        OperationState::Unknown,
        "a refusal of a resend means: ask"
    );
    desk.asked_shows(Standing::Captured);
    assert_eq!(desk.state(2), OperationState::Done);
}

#[test]
fn an_answer_that_was_overtaken_is_asked_about_and_not_applied() {
    let mut desk = after(authorized(), &everything());
    desk.asked_shows(Standing::Captured);
    desk.asked_shows(Standing::Disputed);
    let lesson = desk.answer_shows(2, Standing::Captured);
    assert!(
        lesson.postings.is_empty(),
        "the dispute was not won by an answer that was late"
    );
    assert_eq!(
        (desk.phase(), desk.payment.due_at),
        (Phase::Disputed, Some(at(desk.now)))
    );
}

#[test]
fn when_everybody_is_ready_exactly_these_amounts_are_captured() {
    let mut desk = after(authorized(), &Command::Ready(take("s1", 1999)));
    assert_eq!(desk.payment.unready().len(), 1);
    desk.command(&Command::Ready(take("s2", 12_000))).unwrap();
    assert_eq!(amounts(&desk), [1999, 12_000, 99]);
    let number = desk.send().unwrap();
    assert!(matches!(
        desk.command(&Command::Ready(take("s1", 0))),
        Err(Refusal::OperationInProgress { .. })
    ));
    let shown = in_part(&desk.payment, &[(1, 1999), (2, 12_000), (3, 99)], false);
    desk.answer(number, What::Shown(Box::new(shown)));
    assert_eq!(desk.phase(), Phase::PartiallyCaptured);
    assert_eq!(
        desk.command(&Command::Ready(take("s1", 0))),
        Err(Refusal::AlreadyCaptured),
        "too late"
    );
    // What was let go cannot come back.
    assert!(desk.command(&refund_of("s1", 2000)).is_err());
    assert!(desk.command(&refund_of("s1", 1999)).is_ok());
}

#[test]
fn at_the_deadline_silence_counts_as_agreed() {
    let full = after(authorized(), &Command::Ready(take("s1", 1000)));
    let mut none = Desk::shown(
        Sale {
            capture_unanswered: Unanswered::None,
            ..by_hand()
        },
        Standing::Authorized,
    );
    none.command(&Command::Ready(take("s1", 1000))).unwrap();
    for (mut desk, captured) in [(full, [1000, 12_000, 99]), (none, [1000, 0, 99])] {
        assert_eq!(desk.payment.due_at, Some(at(6 * DAY)));
        desk.now = 6 * DAY;
        // Whether or not the question that is due then is answered.
        desk.asked(What::Unknown("no answer in time".to_owned()));
        assert_eq!(amounts(&desk), captured);
        let number = desk.send().unwrap();
        desk.answer(number, refused("157"));
        desk.asked_shows(Standing::Authorized);
        assert_eq!(desk.payment.due_at, Some(at(6 * DAY + 60)), "tried again later");
    }
}

#[test]
fn nothing_from_everybody_cancels() {
    let mut desk = after(authorized(), &Command::Ready(take("s1", 0)));
    desk.command(&Command::Ready(take("s2", 0))).unwrap();
    assert_eq!(last(&desk).work, Work::Cancel);
    let number = desk.send().unwrap();
    let lesson = desk.answer_shows(number, Standing::Cancelled);
    assert_eq!(desk.phase(), Phase::Cancelled);
    assert_eq!(lesson.claims_released.len(), 1);
    assert_eq!(desk.payment.charged(), Charged::No);
}

#[test]
fn what_never_left_is_released_and_the_same_key_may_try_again() {
    for command in [everything(), Command::Cancel, capture_exactly(&[(1, 5)], Some(1))] {
        let mut desk = after(authorized(), &command);
        desk.answer(2, What::NotSent("no connection".to_owned()));
        assert_eq!(desk.state(2), OperationState::NotSent);
        assert_eq!(desk.payment.sendable(), None, "nobody else sends it");
        assert_eq!(desk.attempt(2), Ok(true));
        desk.answer(2, What::NotSent("no connection".to_owned()));
        assert_eq!(desk.state(2), OperationState::NotSent, "nothing ever left");
        assert_eq!(desk.attempt(2), Ok(true));
        desk.answer(2, What::Unknown("no answer in time".to_owned()));
        assert_eq!(desk.state(2), OperationState::Unknown);
    }
    // Once something may have arrived, a later attempt that does not leave proves nothing.
    let mut desk = Desk::new(automatic());
    desk.answer(1, What::Unknown("no answer in time".to_owned()));
    for wait in [30, 900] {
        desk.now += wait;
        desk.asked(What::Absent);
    }
    assert_eq!(desk.send(), Some(1));
    desk.answer(1, What::NotSent("no connection".to_owned()));
    assert_eq!(desk.state(1), OperationState::Unknown);
    let mut desk = after(authorized(), &everything());
    desk.answer(2, What::NotSent("no connection".to_owned()));
    desk.command(&everything()).unwrap();
    desk.answer_shows(3, Standing::Captured);
    assert_eq!(desk.attempt(2), Err(Refusal::AlreadyCaptured));
}

#[test]
fn without_splits_it_is_captured_as_a_whole() {
    let two_steps = Sale {
        steps: domain::sale::Steps::Two,
        capture: CaptureMode::Manual,
        ..later()
    };
    let mut desk = Desk::shown(two_steps, Standing::Authorized);
    assert!(matches!(
        desk.command(&Command::Ready(take("s1", 0))),
        Err(Refusal::MethodCannot { .. })
    ));
    desk.command(&everything()).unwrap();
    desk.answer_shows(2, Standing::Captured);
    assert_eq!(desk.payment.amount_unallocated, desk.payment.amount());
    assert!(desk.payment.discrepancies.is_empty());
}

#[test]
fn what_is_held_is_not_sent() {
    let mut desk = Desk::shown(automatic(), Standing::Authorized);
    let crooked = super::sample::crooked(&desk.payment, Standing::Authorized);
    desk.asked(What::Shown(Box::new(crooked)));
    assert_eq!((desk.state(2), desk.payment.sendable()), (OperationState::Ready, None));
    desk.asked_shows(Standing::Authorized);
    assert_eq!(desk.send(), Some(2));
}

#[test]
fn a_capture_of_ours_that_never_left_did_not_arrive() {
    let mut desk = Desk::shown(automatic(), Standing::Authorized);
    let crooked = super::sample::crooked(&desk.payment, Standing::Authorized);
    desk.asked(What::Shown(Box::new(crooked)));
    desk.asked_shows(Standing::Capturing);
    assert_eq!(desk.state(2), OperationState::Refused);
    desk.asked_shows(Standing::Captured);
    let external = |one: &&domain::discrepancy::Discrepancy| one.kind == DiscrepancyKind::ExternalCapture;
    let found = desk.payment.discrepancies.iter().find(external).unwrap();
    assert_eq!(found.detail, "captured at the gateway, and not by us");
}
