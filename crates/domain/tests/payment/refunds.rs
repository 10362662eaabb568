//! Refunds: the rules one by one.

use domain::command::Command;
use domain::discrepancy::DiscrepancyKind;
use domain::finding::What;
use domain::ledger::Book;
use domain::money::Amount;
use domain::operation::OperationState;
use domain::refund::{Ask, PartState, RefundStatus};
use domain::refusal::Refusal;
use domain::seller::Party;
use domain::sight::{RefundStanding, Standing};

use super::desk::Desk;
use super::gateway::{refund_sight, refused};
use super::sample::{amount, asking, at, refund, refund_of, sale, sold};
use super::states::{after, answered_refund, half_failed, one_part, silent, two_parts};

fn captured() -> Desk {
    Desk::shown(sale(), Standing::Captured)
}

fn status(desk: &Desk) -> RefundStatus {
    desk.payment.refund(1).unwrap().status()
}

fn states(desk: &Desk) -> Vec<PartState> {
    desk.payment
        .refund(1)
        .unwrap()
        .parts
        .iter()
        .map(|part| part.state)
        .collect()
}

fn split(desk: &Desk) -> [i64; 2] {
    let split = &desk.payment.splits[0];
    [split.amount_refunding.get(), split.amount_refunded.get()]
}

/// What is left to the buyer of all lines.
fn left(desk: &Desk) -> i64 {
    desk.payment.lines().iter().map(domain::returns::Line::left).sum()
}

#[test]
fn an_accepted_part_reserves_and_a_done_one_pays() {
    let mut desk = one_part();
    assert_eq!(
        (split(&desk), left(&desk)),
        ([0, 0], 15_097),
        "claimed, and not in the books"
    );
    desk = answered_refund(desk, 2, 9001, RefundStanding::Open);
    assert_eq!((split(&desk), status(&desk)), ([1000, 0], RefundStatus::Open));
    assert!(desk.payment.asks_for_refunds() && desk.payment.due_at.is_some());
    let done = desk.refund_answer(2, 9001, RefundStanding::Done);
    desk.asked_shows_refunds(vec![done]);
    assert_eq!((split(&desk), status(&desk)), ([0, 1000], RefundStatus::Succeeded));
    assert_eq!(desk.payment.due_at, None);
}

#[test]
fn a_failed_refund_of_one_part_releases_everything() {
    for standing in [RefundStanding::Open, RefundStanding::Failed] {
        let mut desk = answered_refund(one_part(), 2, 9001, standing);
        let failed = desk.refund_answer(2, 9001, RefundStanding::Failed);
        desk.asked_shows_refunds(vec![failed]);
        assert_eq!(
            (split(&desk), left(&desk), status(&desk)),
            ([0, 0], 16_097, RefundStatus::Failed)
        );
        assert_eq!(
            desk.command(&Command::Retry { refund: 1 }),
            Err(Refusal::NothingFailed { refund: 1 })
        );
        assert!(desk.command(&refund_of("s1", 3998)).is_ok());
    }
}

#[test]
fn a_failed_part_of_several_keeps_its_claim_until_it_is_retried() {
    let mut desk = half_failed();
    assert_eq!(status(&desk), RefundStatus::PartlySucceeded);
    assert!(desk.command(&refund_of("s2", 1)).is_err(), "all of it is claimed");
    assert!(desk.payment.refund(1).unwrap().settled_at.is_some());
    desk.command(&Command::Retry { refund: 1 }).unwrap();
    assert_eq!(status(&desk), RefundStatus::Processing);
    assert_eq!(desk.payment.refund(1).unwrap().settled_at, None);
    // The gateway still lists the try that failed, under its own name.
    let old = refund_sight(
        9002,
        None,
        Some(desk.operation(3).reference.clone()),
        amount(12_000),
        RefundStanding::Failed,
    );
    let first = desk.refund_answer(2, 9001, RefundStanding::Done);
    desk.asked_shows_refunds(vec![first.clone(), old.clone()]);
    assert_eq!(status(&desk), RefundStatus::Processing);
    let new = desk.refund_answer(4, 9003, RefundStanding::Done);
    desk.asked_shows_refunds(vec![first, old, new]);
    assert_eq!((status(&desk), desk.filed()), (RefundStatus::Succeeded, Vec::new()));
    assert_eq!(desk.payment.amount_refunded().get(), 13_999);
}

#[test]
fn an_abandoned_part_gives_back_its_claim_and_stays_abandoned() {
    let mut desk = after(half_failed(), &Command::Abandon { refund: 1 });
    assert_eq!(
        (status(&desk), left(&desk)),
        (RefundStatus::PartlySucceeded, 16_097 - 1999)
    );
    assert_eq!(
        desk.command(&Command::Abandon { refund: 1 }),
        Err(Refusal::NothingFailed { refund: 1 })
    );
    desk.command(&refund_of("s2", 12_000)).unwrap();
    // It was done after all: nobody expected that.
    let done = desk.refund_answer(3, 9002, RefundStanding::Done);
    desk.asked_shows_refunds(vec![desk.refund_answer(2, 9001, RefundStanding::Done), done]);
    assert!(desk.payment.is_held());
    assert_eq!(desk.payment.amount_refunded().get(), 1999);
}

#[test]
fn a_part_that_never_left_is_not_sent_after_somebody_took_its_place() {
    let unsent = || {
        let mut desk = answered_refund(two_parts(), 2, 9001, RefundStanding::Done);
        desk.send();
        desk.answer(3, What::NotSent("no connection".to_owned()));
        desk
    };
    let mut desk = unsent();
    assert_eq!(desk.attempt(3), Ok(true), "the same key again");
    assert_eq!(states(&desk), [PartState::Succeeded, PartState::Processing]);

    let mut desk = after(unsent(), &Command::Retry { refund: 1 });
    assert_eq!(desk.attempt(3), Ok(false), "it was retried under another name");
    desk = answered_refund(desk, 4, 9002, RefundStanding::Done);
    assert_eq!(desk.attempt(3), Ok(false));

    let mut desk = after(unsent(), &Command::Abandon { refund: 1 });
    assert_eq!(desk.attempt(3), Ok(false), "it was abandoned");
    assert_eq!(status(&desk), RefundStatus::PartlySucceeded);
}

#[test]
fn a_refund_that_never_left_is_claimed_again_if_it_still_fits() {
    let mut desk = one_part();
    desk.answer(2, What::NotSent("no connection".to_owned()));
    assert_eq!((left(&desk), desk.payment.sendable()), (16_097, None));
    assert_eq!(desk.attempt(2), Ok(true));
    assert_eq!(left(&desk), 15_097);

    let mut desk = one_part();
    desk.answer(2, What::NotSent("no connection".to_owned()));
    desk.command(&refund_of("s1", 3998)).unwrap();
    assert!(desk.attempt(2).is_err(), "somebody else's by now");
}

#[test]
fn two_refunds_that_fit_only_once_do_not_both_fit() {
    let mut desk = after(captured(), &refund_of("s1", 3000));
    assert!(desk.command(&refund_of("s1", 999)).is_err());
    let second = desk.command(&refund_of("s1", 998)).unwrap();
    assert_eq!(desk.state(second), OperationState::Ready, "one after another");
    desk = answered_refund(desk, 2, 9001, RefundStanding::Open);
    assert_eq!(desk.send(), Some(second));
}

#[test]
fn a_lost_refund_is_not_sent_twice() {
    let mut desk = silent(one_part(), 2);
    for wait in [60, 700, 40_000] {
        desk.now += wait;
        desk.asked_shows_refunds(Vec::new());
        assert_eq!(
            desk.state(2),
            OperationState::Unknown,
            "absence is not proof enough to pay twice"
        );
    }
    desk.now += 86_400;
    desk.asked_shows_refunds(Vec::new());
    assert_eq!(desk.state(2), OperationState::NeedsAttention);

    // Where it is sent again by itself after a day, nobody is bothered with it in the moment before.
    let mut desk = silent(one_part(), 2);
    desk.pace.resend_refund_after = Some(desk.pace.patience);
    for (wait, state) in [(86_405, OperationState::Unknown), (3_600, OperationState::Ready)] {
        desk.now += wait;
        desk.asked_shows_refunds(Vec::new());
        assert_eq!(desk.state(2), state);
    }

    // What was accepted does not become unsent because a list leaves it out.
    let mut desk = answered_refund(one_part(), 2, 9001, RefundStanding::Open);
    desk.pace.resend_refund_after = Some(std::time::Duration::from_secs(60));
    for _ in 0..4 {
        desk.now += 700;
        desk.asked_shows_refunds(Vec::new());
    }
    assert_eq!((desk.state(2), split(&desk)), (OperationState::Pending, [1000, 0]));
}

#[test]
fn a_second_refund_under_our_name_is_held() {
    let mut desk = answered_refund(one_part(), 2, 9001, RefundStanding::Done);
    let twice = [9001, 9002].map(|id| desk.refund_answer(2, id, RefundStanding::Done));
    desk.asked_shows_refunds(twice.into());
    assert_eq!(desk.filed(), [DiscrepancyKind::RefundDiffers]);
    assert!(desk.payment.is_held());
    assert_eq!(
        desk.payment.amount_refunded().get(),
        1000,
        "nothing is booked that nobody asked for"
    );
}

#[test]
fn an_answer_that_is_not_ours_or_says_something_else_is_held() {
    let mut other = one_part();
    let mut shown = other.refund_answer(2, 9001, RefundStanding::Done);
    shown.reference = Some("another".parse().unwrap());
    other.answer(2, What::Refund(Box::new(shown)));
    let mut less = one_part();
    let mut shown = less.refund_answer(2, 9001, RefundStanding::Done);
    shown.amount = amount(999);
    less.answer(2, What::Refund(Box::new(shown)));
    let unknown = answered_refund(one_part(), 2, 9001, RefundStanding::Unknown);
    for desk in [other, less, unknown] {
        assert!(desk.payment.is_held());
        assert_eq!(desk.payment.amount_refunded(), Amount::ZERO);
    }
}

#[test]
fn an_undocumented_status_is_filed_once() {
    let mut desk = answered_refund(one_part(), 2, 9001, RefundStanding::Unknown);
    for _ in 0..3 {
        desk.now += 60;
        let shown = desk.refund_answer(2, 9001, RefundStanding::Unknown);
        desk.asked_shows_refunds(vec![shown]);
    }
    assert_eq!(desk.filed(), [DiscrepancyKind::RefundDiffers]);
}

/// One seller under a commission, and a discount of the marketplace's: its split gives less than it owes.
#[test]
fn adjustments_are_posted_once_and_when_a_refund_is_complete() {
    let cart = r#"{"currency": "EUR", "lines": [
        {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 1, "unit_price": 1000},
        {"id": "l2", "seller": "s2", "name": "Rug", "quantity": 1, "unit_price": 1000}],
        "discounts": [{"id": "d", "amount": 300, "applies_to": {"seller": "s1"}, "funded_by": "marketplace"}]}"#;
    let mut desk = Desk::shown(sold(cart, 3000).unwrap(), Standing::Captured);
    let keeps = ["s1".parse().unwrap()].into();
    let ask = Ask::Everything;
    desk.command(&super::wishes::refund(ask, keeps)).unwrap();
    let adjusted = |lesson: &domain::payment::Lesson| {
        let moves = lesson.postings.iter().map(|one| (one.debit.name(), one.credit.name()));
        moves.filter(|one| *one == ("payable", "payable")).count()
    };
    let numbers: Vec<u16> = desk.payment.operations.iter().map(|one| one.number).skip(1).collect();
    assert!(numbers.len() > 1);
    let mut posted = Vec::new();
    for number in numbers {
        let shown = desk.refund_answer(number, 9000 + u64::from(number), RefundStanding::Done);
        posted.push(adjusted(&desk.answer(number, What::Refund(Box::new(shown)))));
        desk.send();
    }
    let (last, before) = posted.split_last().unwrap();
    assert!(*last > 0 && before.iter().all(|count| *count == 0), "{posted:?}");
    assert_eq!(
        desk.on(&Party::Marketplace, Book::Payable),
        300,
        "what was kept of the first seller's"
    );
}

#[test]
fn a_full_refund_releases_the_order() {
    let mut desk = after(captured(), &refund(Ask::Everything));
    let mut released = 0;
    for number in 2..=4 {
        let shown = desk.refund_answer(number, 9000 + u64::from(number), RefundStanding::Done);
        let lesson = desk.answer(number, What::Refund(Box::new(shown)));
        released += lesson.claims_released.len();
        assert_eq!(released, usize::from(number == 4));
        desk.send();
    }
    assert!(desk.payment.is_fully_refunded() && !desk.payment.is_live());
    assert!(desk.command(&refund(Ask::Everything)).is_err());
}

#[test]
fn a_refused_refund_that_is_there_after_all_is_held() {
    let mut desk = one_part();
    desk.answer(2, refused("18"));
    assert_eq!(status(&desk), RefundStatus::Failed);
    let open = desk.refund_answer(2, 9001, RefundStanding::Open);
    desk.asked_shows_refunds(vec![open]);
    assert!(desk.payment.is_held());
}

#[test]
fn the_preview_is_the_refund() {
    let desk = captured();
    let Command::Refund(ask) = refund_of("s1", 1000) else {
        unreachable!()
    };
    let plan = desk.payment.plan_refund(&ask).unwrap();
    let decision = domain::payment::Payment::decide(Some(&desk.payment), &Command::Refund(ask), asking(9, 5)).unwrap();
    assert_eq!(decision.next.refund(1).unwrap().plan.as_ref(), Some(&plan));
    assert_eq!(decision.next.due_at, Some(at(17)), "until its attempt is over");
}
