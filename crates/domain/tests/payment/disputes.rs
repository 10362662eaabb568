//! What others do with the buyer's money: captures and refunds at the gateway, disputes.

use domain::command::Command;
use domain::discrepancy::DiscrepancyKind;
use domain::finding::What;
use domain::ledger::Book;
use domain::operation::OperationState;
use domain::payment::Phase;
use domain::refund::Ask;
use domain::refusal::Refusal;
use domain::seller::Party;
use domain::sight::{RefundStanding, Standing};

use super::desk::Desk;
use super::gateway::refund_sight;
use super::sample::{amount, by_hand, in_part, refund, refund_of, sale, sight};
use super::states::{answered_refund, later, one_part, silent, two_parts};

#[test]
fn refunds_that_others_made_are_booked_on_their_split_or_on_all() {
    let mut desk = Desk::shown(sale(), Standing::Captured);
    let named = refund_sight(
        9100,
        desk.payment.splits[0].gateway_id,
        None,
        amount(600),
        RefundStanding::Open,
    );
    desk.asked_shows_refunds(vec![named.clone()]);
    assert_eq!(
        (desk.payment.splits[0].amount_refunding.get(), desk.filed()),
        (600, vec![DiscrepancyKind::ExternalRefund])
    );
    assert!(!desk.payment.is_held());
    let done = [named.id.get(), 9101].map(|id| {
        let split = (id == 9100).then_some(desk.payment.splits[0].gateway_id).flatten();
        refund_sight(id, split, None, amount(600), RefundStanding::Done)
    });
    desk.asked_shows_refunds(done.clone().into());
    assert_eq!(desk.payment.amount_refunded().get(), 1200);
    let lesson = desk.asked_shows_refunds(done.into());
    assert!(lesson.postings.is_empty());
    assert_eq!(desk.payment.refunds.len(), 2);
    // What is left can still go back, and not more.
    desk.command(&refund(Ask::Everything)).unwrap();
    assert_eq!(desk.payment.refund(3).unwrap().amount().get(), 16_097 - 1200);
}

#[test]
fn a_refund_that_others_made_of_what_no_split_holds_is_told_once() {
    let mut desk = Desk::shown(later(), Standing::Captured);
    for _ in 0..3 {
        desk.now += 60;
        let whole = refund_sight(9100, None, None, amount(16_097), RefundStanding::Done);
        let failed = refund_sight(9099, None, None, amount(16_097), RefundStanding::Failed);
        desk.asked_shows_refunds(vec![failed, whole]);
    }
    assert_eq!(desk.filed(), [DiscrepancyKind::RefundDiffers]);
    assert!(desk.payment.refunds.is_empty() && desk.payment.is_held());
}

#[test]
fn partly_refunded_and_refunded_at_the_gateway_are_asked_about() {
    for id in [21, 22] {
        let mut desk = Desk::shown(sale(), Standing::Captured);
        let mut shown = sight(&desk.payment, Standing::Captured);
        shown.status.id = id;
        desk.asked(What::Shown(Box::new(shown)));
        assert_eq!(desk.phase(), Phase::Captured);
        assert!(desk.payment.asks_for_refunds());
    }
    assert!(!Desk::shown(sale(), Standing::Captured).payment.asks_for_refunds());
}

#[test]
fn what_is_disputed_follows_the_refunds_that_end_meanwhile() {
    for (then, won, lost) in [(RefundStanding::Done, 2998, 2998), (RefundStanding::Failed, 3998, 3998)] {
        let mut desk = answered_refund(one_part(), 2, 9001, RefundStanding::Open);
        desk.asked_shows(Standing::Disputed);
        assert_eq!(desk.command(&refund_of("s1", 1)), Err(Refusal::PaymentDisputed));
        let ended = desk.refund_answer(2, 9001, then);
        desk.asked_shows_refunds(vec![ended]);
        let seller = Party::Seller("s1".parse().unwrap());
        assert_eq!(desk.on(&seller, Book::Disputed), won);
        let mut other = desk.clone();
        desk.asked_shows(Standing::Captured);
        assert_eq!(desk.on(&seller, Book::Payable), won);
        assert!(
            desk.payment.discrepancies.iter().all(|one| one.closed_at.is_some()),
            "the dispute is over"
        );
        other.asked_shows(Standing::ChargedBack);
        assert_eq!(other.payment.splits[0].amount_charged_back.get(), lost);
        assert_eq!(other.on(&seller, Book::Payable), 0);
    }
}

#[test]
fn what_had_not_left_before_a_dispute_is_not_sent() {
    let mut desk = answered_refund(two_parts(), 2, 9001, RefundStanding::Done);
    desk.asked_shows(Standing::Disputed);
    assert_eq!(
        (desk.state(3), desk.payment.sendable()),
        (OperationState::NotSent, None)
    );
    assert_eq!(desk.attempt(3), Err(Refusal::PaymentDisputed));
    assert_eq!(
        desk.command(&Command::Retry { refund: 1 }),
        Err(Refusal::PaymentDisputed)
    );
    let mut lost = desk.clone();
    desk.asked_shows(Standing::Captured);
    assert!(desk.command(&Command::Retry { refund: 1 }).is_ok());
    lost.asked_shows(Standing::ChargedBack);
    assert_eq!(lost.command(&Command::Retry { refund: 1 }), Err(Refusal::RefundChanged));
}

#[test]
fn a_lost_dispute_is_not_paid_twice() {
    let mut desk = Desk::shown(later(), Standing::ChargedBack);
    for standing in [
        Standing::Captured,
        Standing::Captured,
        Standing::ChargedBack,
        Standing::Disputed,
    ] {
        let lesson = desk.asked_shows(standing);
        assert!(lesson.postings.is_empty(), "{standing:?}: {:?}", lesson.postings);
        assert_eq!(desk.phase(), Phase::ChargedBack);
    }
}

#[test]
fn what_went_back_before_a_chargeback_is_not_the_banks() {
    let mut desk = silent(one_part(), 2);
    let mut shown = sight(&desk.payment, Standing::ChargedBack);
    shown.refunds = Some(vec![desk.refund_answer(2, 9001, RefundStanding::Done)]);
    desk.asked(What::Shown(Box::new(shown)));
    let split = &desk.payment.splits[0];
    assert_eq!(
        (split.amount_refunded.get(), split.amount_charged_back.get()),
        (1000, 2998)
    );
    assert!(!desk.payment.is_held());
}

#[test]
fn a_refund_of_which_nothing_came_is_not_resent_while_the_payment_is_disputed() {
    let mut desk = silent(one_part(), 2);
    desk.pace.resend_refund_after = Some(std::time::Duration::from_secs(60));
    let dispute = |desk: &mut Desk| {
        desk.now += 400;
        let mut shown = sight(&desk.payment, Standing::Disputed);
        shown.refunds = Some(Vec::new());
        desk.asked(What::Shown(Box::new(shown)));
    };
    dispute(&mut desk);
    dispute(&mut desk);
    assert_eq!(
        (desk.state(2), desk.payment.sendable()),
        (OperationState::Refused, None)
    );
    assert_eq!(desk.payment.due_at, None);
}

#[test]
fn a_capture_in_part_that_others_made_is_what_can_go_back() {
    let mut desk = Desk::shown(by_hand(), Standing::Authorized);
    let shown = in_part(&desk.payment, &[(1, 1000), (3, 50)], false);
    desk.asked(What::Shown(Box::new(shown)));
    assert_eq!(desk.phase(), Phase::PartiallyCaptured);
    assert_eq!(desk.filed(), [DiscrepancyKind::ExternalCapture]);
    desk.command(&refund(Ask::Everything)).unwrap();
    assert_eq!(desk.payment.refund(1).unwrap().amount().get(), 1050);
    for number in [2, 3] {
        desk = answered_refund(desk, number, 9000 + u64::from(number), RefundStanding::Done);
        desk.send();
    }
    assert_eq!(desk.paid(), 0);
    assert!(desk.payment.is_fully_refunded());
}

#[test]
fn a_capture_that_was_made_elsewhere_is_reported() {
    let mut desk = Desk::shown(by_hand(), Standing::Authorized);
    desk.asked_shows(Standing::Captured);
    assert_eq!(desk.phase(), Phase::Captured);
    assert!(desk.filed().contains(&DiscrepancyKind::ExternalCapture) && !desk.payment.is_held());
}
