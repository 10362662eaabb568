//! What a person makes of what the gateway shows: settled by the next answer to a question, and posted from it alone.

use domain::capture_plan::CaptureAsk;
use domain::command::Command;
use domain::discrepancy::{DiscrepancyKind, DiscrepancyState, Resolution};
use domain::finding::What;
use domain::ledger::Book;
use domain::operation::OperationState;
use domain::payment::{Phase, Refunded};
use domain::refund::Ask;
use domain::refusal::Refusal;
use domain::sight::{RefundStanding, Sight, Standing};

use super::desk::Desk;
use super::sample::{amount, by_hand, capture, crooked, in_part, refund, refund_of, sale, sight};
use super::states::{answered_refund, one_part, silent};

pub fn resolve(discrepancy: u16, resolution: Resolution) -> Command {
    Command::Resolve {
        discrepancy,
        resolution,
        note: "confirmed by support".to_owned(),
    }
}

pub fn resend(operation: u16) -> Command {
    Command::Resend {
        operation,
        note: "not on the dashboard".to_owned(),
    }
}

pub fn give_up(operation: u16) -> Command {
    Command::GiveUp {
        operation,
        note: "not on the dashboard".to_owned(),
    }
}

fn shown(desk: &mut Desk, sight: Sight) {
    let _ = desk.asked(What::Shown(Box::new(sight)));
}

/// As asked in all, and three euros of the second split are the first one's.
fn moved(desk: &Desk, standing: Standing) -> Sight {
    let mut sight = sight(&desk.payment, standing);
    for (at, by) in [(0, 300), (1, -300)] {
        let split = &mut sight.splits[at];
        split.amount = amount(split.amount.get() + by);
    }
    sight
}

/// Held because the gateway divides it otherwise.
fn divided_otherwise() -> Desk {
    let mut desk = Desk::shown(sale(), Standing::Open);
    let sight = moved(&desk, Standing::Captured);
    shown(&mut desk, sight);
    assert!(desk.payment.is_held() && !desk.payment.amount_suspense.is_zero());
    desk
}

#[test]
fn what_is_accepted_is_posted_to_those_whom_the_gateway_paid() {
    let mut desk = divided_otherwise();
    let asked: Vec<i64> = desk.payment.splits.iter().map(|split| split.amount.get()).collect();
    let wish = desk.command(&resolve(1, Resolution::AcceptGateway)).unwrap();
    assert_eq!(desk.state(wish), OperationState::Unknown);
    let sight = moved(&desk, Standing::Captured);
    shown(&mut desk, sight.clone());
    assert_eq!(
        (desk.state(wish), desk.phase()),
        (OperationState::Done, Phase::Captured)
    );
    let captured: Vec<i64> = desk
        .payment
        .splits
        .iter()
        .map(|split| split.amount_captured.get())
        .collect();
    assert_eq!((captured[0], captured[1]), (asked[0] + 300, asked[1] - 300));
    let closed = &desk.payment.discrepancies[0];
    assert_eq!(
        (closed.state, closed.note.as_deref()),
        (DiscrepancyState::Closed, Some("confirmed by support"))
    );
    assert_eq!(desk.payment.closed_by(closed).map(|one| one.number), Some(wish));

    // The same again is nothing new, and everything can go back.
    shown(&mut desk, sight);
    assert!(!desk.payment.is_held());
    let first = desk.command(&refund(Ask::Everything)).unwrap();
    let mut part = first;
    while let Some(one) = desk.payment.operation(part).map(|one| one.number) {
        if desk.state(one) == OperationState::Ready {
            assert_eq!(desk.attempt(one), Ok(true));
        }
        desk = answered_refund(desk, one, 9000 + u64::from(one), RefundStanding::Done);
        part += 1;
    }
    assert_eq!(desk.payment.refunded(), Refunded::Fully);
    assert_eq!(desk.paid(), 0);
    for split in desk.payment.splits.clone() {
        assert_eq!(desk.on(&split.party, Book::Payable), 0, "{}", split.party);
    }
}

#[test]
fn nothing_is_accepted_that_does_not_add_up_or_was_not_taken() {
    let mut desk = Desk::shown(sale(), Standing::Open);
    let wrong = crooked(&desk.payment, Standing::Captured);
    shown(&mut desk, wrong.clone());
    let wish = desk.command(&resolve(1, Resolution::AcceptGateway)).unwrap();
    shown(&mut desk, wrong);
    assert_eq!(desk.state(wish), OperationState::Refused);
    assert!(desk.payment.is_held() && desk.payment.amount_captured().is_zero());

    let mut desk = Desk::shown(by_hand(), Standing::Open);
    let early = moved(&desk, Standing::Authorized);
    shown(&mut desk, early.clone());
    let wish = desk.command(&resolve(1, Resolution::AcceptGateway)).unwrap();
    shown(&mut desk, early);
    assert_eq!(desk.state(wish), OperationState::Refused);
    assert!(
        desk.operation(wish)
            .note
            .as_deref()
            .is_some_and(|note| note.contains("once the money is taken"))
    );
}

#[test]
fn a_wish_is_not_settled_by_the_answer_to_something_else_and_stands_until_the_gateway_speaks() {
    let mut desk = divided_otherwise();
    let wish = desk.command(&resolve(1, Resolution::AcceptGateway)).unwrap();
    let _ = desk.asked(What::Unknown("no answer".to_owned()));
    assert_eq!(desk.state(wish), OperationState::Unknown);
    assert!(desk.payment.due_at.is_some(), "somebody asks again");
    let late = moved(&desk, Standing::Captured);
    let _ = desk.answer(1, What::Shown(Box::new(late)));
    assert!(
        desk.payment.is_held(),
        "only the answer to a question is what it was accepted for"
    );
    let another = desk.command(&resolve(1, Resolution::Dismiss));
    assert_eq!(another, Err(Refusal::OperationInProgress { operation: wish }));
    desk.now += 90_000;
    let _ = desk.asked(What::Unknown("no answer".to_owned()));
    assert_eq!(desk.state(wish), OperationState::Refused);
}

#[test]
fn amounts_are_not_dismissed_and_words_are() {
    let mut desk = divided_otherwise();
    let wish = desk.command(&resolve(1, Resolution::Dismiss)).unwrap();
    let sight = moved(&desk, Standing::Captured);
    shown(&mut desk, sight);
    assert_eq!(desk.state(wish), OperationState::Refused);
    assert!(desk.payment.is_held());

    let mut desk = Desk::shown(sale(), Standing::Captured);
    let _ = desk.asked_shows(Standing::Unknown);
    assert!(desk.payment.is_held());
    let wish = desk.command(&resolve(1, Resolution::Dismiss)).unwrap();
    let _ = desk.asked_shows(Standing::Unknown);
    assert_eq!(desk.state(wish), OperationState::Done);
    let _ = desk.asked_shows(Standing::Unknown);
    assert!(!desk.payment.is_held(), "what was dismissed is not filed again");
    assert_eq!(
        desk.command(&resolve(1, Resolution::Dismiss)),
        Err(Refusal::DiscrepancyClosed { discrepancy: 1 })
    );
}

#[test]
fn a_capture_in_part_that_was_not_asked_is_accepted_with_what_it_left() {
    let mut desk = Desk::shown(by_hand(), Standing::Authorized);
    let taking = desk.command(&capture(CaptureAsk::Everything, None, false)).unwrap();
    let mut desk = silent(desk, taking);
    let first = desk.payment.splits[0].number;
    let part = in_part(&desk.payment, &[(first, 1000)], false);
    shown(&mut desk, part.clone());
    assert!(desk.payment.is_held());
    let wish = desk.command(&resolve(1, Resolution::AcceptGateway)).unwrap();
    shown(&mut desk, part);
    assert_eq!(
        (desk.state(wish), desk.state(taking), desk.phase()),
        (OperationState::Done, OperationState::Done, Phase::PartiallyCaptured)
    );
    assert_eq!(desk.payment.amount_captured(), amount(1000));
}

#[test]
fn a_refund_of_another_amount_is_accepted_as_made_there() {
    let mut desk = one_part();
    let number = desk.payment.operations.last().unwrap().number;
    let mut other = desk.refund_answer(number, 9001, RefundStanding::Done);
    other.amount = amount(other.amount.get() - 100);
    let _ = desk.asked_shows_refunds(vec![other.clone()]);
    assert!(desk.payment.is_held());
    let filed = u16::try_from(desk.payment.discrepancies.len()).unwrap();
    let wish = desk.command(&resolve(filed, Resolution::AcceptGateway)).unwrap();
    let _ = desk.asked_shows_refunds(vec![other.clone()]);
    assert_eq!(
        (desk.state(wish), desk.state(number)),
        (OperationState::Done, OperationState::Refused)
    );
    assert_eq!(desk.payment.amount_refunded(), other.amount);
    let _ = desk.asked_shows_refunds(vec![other]);
    assert!(!desk.payment.is_held(), "it is in the books now");
    assert!(desk.filed().contains(&DiscrepancyKind::RefundDiffers));
}

#[test]
fn what_was_lost_is_sent_again_only_after_repeated_absence_and_the_quiet_period() {
    let desk = Desk::shown(sale(), Standing::Captured);
    let mut desk = desk;
    let lost = desk.command(&refund_of("s1", 500)).unwrap();
    let mut desk = silent(desk, lost);
    let wish = desk.command(&resend(lost)).unwrap();
    let _ = desk.asked_shows_refunds(Vec::new());
    assert_eq!(
        (desk.state(wish), desk.state(lost)),
        (OperationState::Refused, OperationState::Unknown)
    );
    assert!(
        desk.operation(wish)
            .note
            .as_deref()
            .is_some_and(|note| note.contains("quiet period"))
    );
    desk.now += 700;
    let wish = desk.command(&resend(lost)).unwrap();
    let _ = desk.asked_shows_refunds(Vec::new());
    assert_eq!(
        (desk.state(wish), desk.state(lost)),
        (OperationState::Done, OperationState::Ready)
    );
    assert_eq!(desk.send(), Some(lost));
    assert_eq!(
        desk.command(&give_up(lost)),
        Err(Refusal::OperationNotLost {
            operation: lost,
            state: OperationState::Sending
        })
    );
    let found = desk.refund_answer(lost, 9001, RefundStanding::Open);
    let _ = desk.answer(lost, What::Refund(Box::new(found)));
    assert_eq!(desk.state(lost), OperationState::Pending);
}

#[test]
fn what_was_lost_and_is_given_up_is_free_again_unless_the_gateway_has_it() {
    let mut desk = Desk::shown(sale(), Standing::Captured);
    let lost = desk.command(&refund_of("s1", 500)).unwrap();
    let desk = silent(desk, lost);
    let mut gone = desk.clone();
    gone.now += 700;
    let _ = gone.asked_shows_refunds(Vec::new());
    let wish = gone.command(&give_up(lost)).unwrap();
    let _ = gone.asked_shows_refunds(Vec::new());
    assert_eq!(
        (gone.state(wish), gone.state(lost)),
        (OperationState::Done, OperationState::Refused)
    );
    assert!(gone.command(&refund_of("s1", 3000)).is_ok(), "what it claimed is free");

    let mut found = desk;
    found.now += 700;
    let wish = found.command(&give_up(lost)).unwrap();
    let there = found.refund_answer(lost, 9001, RefundStanding::Done);
    let _ = found.asked_shows_refunds(vec![there]);
    assert_eq!(
        (found.state(wish), found.state(lost)),
        (OperationState::Refused, OperationState::Done)
    );
}
