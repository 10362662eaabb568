//! Splits that are added later: the rules one by one.

use domain::command::{Addition, Command, NewSplit};
use domain::finding::What;
use domain::ledger::Book;
use domain::money::Amount;
use domain::operation::OperationState;
use domain::payment::Phase;
use domain::refund::Ask;
use domain::refusal::Refusal;
use domain::seller::Party;
use domain::sight::{RefundStanding, Standing};

use super::desk::Desk;
use super::gateway::{refund_sight, refused};
use super::sample::{add, added, amount, refund, refund_of, refusal, sale, sight};
use super::states::{after, answered_refund, later, silent};

fn unsplit() -> Desk {
    Desk::shown(later(), Standing::Captured)
}

/// Asked for, and shown by the gateway under these ids.
fn adding(mut desk: Desk, command: &Command) -> Desk {
    let number = desk.command(command).unwrap();
    let known = u64::try_from(desk.payment.splits.len()).unwrap();
    let mut shown = added(&desk.payment);
    for split in &mut shown {
        split.id = domain::ids::GatewayId::new(split.id.get() - 19 + known);
    }
    desk.answer(number, What::Added(shown));
    assert_eq!(desk.state(number), OperationState::Done);
    desk
}

/// The payment's own cart.
fn own_cart(desk: &Desk) -> Command {
    let allocation = &desk.payment.sale.allocation;
    let own = |plan: domain::allocation::SplitPlan| NewSplit {
        party: plan.party,
        site: plan.site,
        amount: plan.amount,
        reference: None,
    };
    Command::AddSplits(Addition {
        splits: allocation.splits().into_iter().map(own).collect(),
        lines: allocation.lines().to_vec(),
        rest: None,
    })
}

#[test]
fn splits_take_from_what_has_no_owner_until_nothing_is_left() {
    let desk = adding(unsplit(), &add(5000, false));
    assert_eq!(desk.payment.amount_unallocated.get(), 11_097);
    assert_eq!(desk.payment.headroom().get(), 11_097);
    let mut desk = adding(desk, &add(6000, true));
    assert_eq!(desk.payment.splits.len(), 3, "and the rest is the marketplace's");
    assert_eq!(desk.on(&Party::Marketplace, Book::Payable), 5097);
    assert_eq!(desk.payment.amount_unallocated, Amount::ZERO);
    assert!(matches!(
        desk.command(&add(1, false)),
        Err(Refusal::SplitExceedsPayment { .. })
    ));
    assert!(desk.payment.discrepancies.is_empty());
    // What was added can go back.
    desk.command(&refund(Ask::Everything)).unwrap();
    assert_eq!(desk.payment.refund(1).unwrap().amount(), desk.payment.amount());
}

#[test]
fn its_own_cart_gives_everybody_theirs() {
    let command = own_cart(&unsplit());
    let mut desk = adding(unsplit(), &command);
    assert_eq!(desk.payment.lines().len(), 3);
    assert!(desk.command(&refund_of("s1", 1999)).is_ok());
    assert_eq!(
        desk.command(&command).unwrap_err(),
        Refusal::OperationInProgress { operation: 3 }
    );
    let mut twice = adding(unsplit(), &add(16_000, false));
    assert!(matches!(
        twice.command(&command),
        Err(Refusal::SplitExceedsPayment { .. })
    ));
}

#[test]
fn splits_are_added_once_the_payment_has_ended() {
    for standing in [
        Standing::Open,
        Standing::Pending,
        Standing::Cancelled,
        Standing::Disputed,
    ] {
        let mut desk = Desk::shown(later(), standing);
        assert_eq!(
            desk.command(&add(1, false)).unwrap_err().code(),
            "splits_too_early",
            "{standing:?}"
        );
    }
    let desk = adding(Desk::shown(later(), Standing::Failed), &add(5000, false));
    assert_eq!(
        (desk.phase(), desk.payment.amount_captured()),
        (Phase::Failed, Amount::ZERO)
    );
    assert_eq!(
        desk.payment.splits[0].amount_authorized,
        Amount::ZERO,
        "it takes the payment's state"
    );
    // The gateway never had it.
    let mut refused = Desk::new(later());
    refused.answer(1, What::Refused(refusal()));
    assert!(matches!(
        refused.command(&add(1, false)),
        Err(Refusal::AlreadyOver { .. })
    ));
    let mut split = Desk::shown(sale(), Standing::Captured);
    assert!(matches!(
        split.command(&add(1, false)),
        Err(Refusal::SplitExceedsPayment { .. })
    ));
}

#[test]
fn a_refund_closes_the_door() {
    assert_eq!(
        unsplit().command(&refund(Ask::Everything)),
        Err(Refusal::RefundNeedsSplits)
    );
    let begun = || after(adding(unsplit(), &add(5000, false)), &refund_of("s1", 100));
    for standing in [RefundStanding::Open, RefundStanding::Done, RefundStanding::Failed] {
        let mut desk = answered_refund(begun(), 3, 9001, standing);
        let refusal = desk.command(&add(1, false)).unwrap_err();
        let closed = matches!(
            refusal,
            Refusal::SplitsClosedByRefund | Refusal::OperationInProgress { .. }
        );
        assert!(closed, "{standing:?}: {refusal}");
    }
    let mut desk = begun();
    desk.answer(3, refused("18"));
    assert!(desk.command(&add(1, false)).is_ok(), "the gateway made no refund of it");
    let mut desk = unsplit();
    desk.asked_shows_refunds(vec![refund_sight(9100, None, None, amount(100), RefundStanding::Done)]);
    assert!(
        desk.command(&add(1, false)).is_err(),
        "nor after a refund that others made"
    );
}

#[test]
fn a_lost_answer_is_settled_by_asking_and_never_sent_twice() {
    let begun = || silent(after(unsplit(), &add(5000, false)), 2);
    let mut desk = begun();
    let mut shown = sight(&desk.payment, Standing::Captured);
    shown.splits = added(&desk.payment);
    desk.asked(What::Shown(Box::new(shown)));
    assert_eq!(
        (desk.state(2), desk.payment.amount_unallocated.get()),
        (OperationState::Done, 11_097)
    );

    let mut desk = begun();
    for wait in [60, 700, 40_000] {
        desk.now += wait;
        desk.asked_shows(Standing::Captured);
        assert_eq!(desk.state(2), OperationState::Unknown);
    }
}

#[test]
fn what_was_not_sent_or_refused_leaves_the_money_without_an_owner() {
    let mut desk = after(unsplit(), &add(5000, false));
    desk.answer(2, What::NotSent("no connection".to_owned()));
    assert_eq!(desk.payment.amount_unallocated.get(), 16_097);
    assert_eq!(desk.attempt(2), Ok(true));
    let mut desk = after(unsplit(), &add(5000, false));
    desk.answer(2, refused("17"));
    assert_eq!(
        (desk.state(2), desk.payment.headroom().get()),
        (OperationState::Refused, 16_097)
    );
    desk.command(&add(16_097, false)).unwrap();
    assert_eq!(desk.attempt(2), Ok(false));
}

#[test]
fn all_of_them_are_shown_as_asked_or_none_counts() {
    let mut desk = after(unsplit(), &add(5000, true));
    let mut shown = added(&desk.payment);
    shown.pop();
    desk.answer(2, What::Added(shown));
    assert!(desk.payment.is_held() && desk.payment.splits.is_empty());
}

#[test]
fn splits_added_to_disputed_money_are_disputed_and_to_lost_money_not_counted() {
    let begun = || after(unsplit(), &add(5000, false));
    let mut desk = begun();
    desk.asked_shows(Standing::Disputed);
    let shown = added(&desk.payment);
    desk.answer(2, What::Added(shown.clone()));
    assert_eq!(desk.on(&Party::Seller("s1".parse().unwrap()), Book::Disputed), 5000);
    let mut desk = begun();
    desk.asked_shows(Standing::ChargedBack);
    desk.answer(2, What::Added(shown));
    assert!(desk.payment.is_held() && desk.payment.splits.is_empty());
}
