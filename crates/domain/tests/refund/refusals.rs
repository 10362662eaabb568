//! Refunds that are not made, and what is said about them.

use domain::fault::Fault;
use domain::fee_plan::CommissionOnRefund::Return;
use domain::refund::{Ask, CODES, plan};

use crate::examples::{amount, cents, lines, worked};
use crate::sales::{Sale, share};

fn told(sale: &Sale, ask: &Ask) -> Vec<(String, &'static str)> {
    let faults = plan(&sale.goods(), ask, &|_| Return).unwrap_err();
    for fault in &faults {
        let mut listed = CODES.iter().chain(domain::amounts::CODES).chain(domain::cart::CODES);
        assert!(listed.any(|(code, _)| *code == fault.code), "{}", fault.code);
        assert!(!fault.detail.is_empty());
    }
    faults
        .into_iter()
        .map(|Fault { pointer, code, .. }| (pointer, code))
        .collect()
}

#[test]
fn what_the_payment_does_not_have_is_named() {
    let sale = worked();
    assert_eq!(
        told(&sale, &amount("s9", 1)),
        [("/seller".into(), "seller_not_in_payment")]
    );
    assert_eq!(
        told(&sale, &lines(&[("l9", 1), ("l1", 1), ("service", 1)], &["s1", "s9"])),
        [
            ("/lines/0/id".into(), "line_not_in_payment"),
            // A fee is not a line of the cart.
            ("/lines/2/id".into(), "line_not_in_payment"),
            ("/shipping/1".into(), "shipping_not_in_payment"),
        ]
    );
}

#[test]
fn amounts_and_quantities_have_limits() {
    let sale = worked();
    assert_eq!(told(&sale, &amount("s1", 0)), [("/amount".into(), "nothing_to_refund")]);
    assert_eq!(
        told(&sale, &amount("s1", 3589)),
        [("/amount".into(), "refund_exceeds_captured")]
    );
    assert_eq!(
        told(&sale, &lines(&[("l1", 3)], &[])),
        [("/lines/0/quantity".into(), "refund_exceeds_captured")]
    );
    assert_eq!(
        told(&sale, &lines(&[("l1", 0)], &[])),
        [("/lines/0/quantity".into(), "quantity_out_of_range")]
    );
    assert_eq!(
        told(&sale, &lines(&[("l1", 1), ("l1", 1)], &["s1", "s1"])),
        [
            ("/lines/1/id".into(), "duplicate_line"),
            ("/shipping/1".into(), "duplicate_shipping")
        ]
    );
    assert_eq!(told(&sale, &lines(&[], &[])), [(String::new(), "nothing_to_refund")]);
    let mut some = worked();
    let one = plan(&some.goods(), &lines(&[("l1", 1)], &[]), &|_| Return).unwrap();
    domain::returns::apply(&mut some.lines, &one.lines);
    let faults = plan(&some.goods(), &lines(&[("l1", 2)], &[]), &|_| Return).unwrap_err();
    assert_eq!(faults[0].detail, "at most 1: that many have not come back");
    let kwd = Sale::new("KWD", vec![share("line:a", "s1", [1000, 0, 0], 1)]);
    assert_eq!(
        told(&kwd, &amount("s1", 125)),
        [("/amount".into(), "amount_not_representable")]
    );
    let faults = plan(&kwd.goods(), &amount("s1", 125), &|_| Return).unwrap_err();
    assert!(faults[0].detail.contains("120 or 130"), "{}", faults[0].detail);
}

#[test]
fn what_moves_nothing_is_refused() {
    // Free, and all commission: nobody has anything to give.
    let sale = Sale::new(
        "EUR",
        vec![
            share("line:free", "s1", [0, 0, 0], 3),
            share("line:gift", "s1", [50, 50, 50], 1),
            share("line:a", "s1", [100, 0, 0], 1),
        ],
    );
    for ask in [lines(&[("free", 1)], &[]), lines(&[("gift", 1)], &[])] {
        assert_eq!(told(&sale, &ask), [(String::new(), "nothing_to_refund")]);
    }
    // Beside a line that moves something they come back.
    let plan = plan(
        &sale.goods(),
        &lines(&[("free", 2), ("gift", 1), ("a", 1)], &[]),
        &|_| Return,
    )
    .unwrap();
    let units: Vec<u32> = plan.lines.iter().map(|piece| piece.units).collect();
    assert_eq!((plan.amount.get(), units), (100, vec![2, 1, 1]));
}

#[test]
fn what_the_splits_do_not_hold_is_not_asked_of_them() {
    // The bank took all but 10 from s1's split; the commission split holds 20.
    let mut sale = Sale::new("EUR", vec![share("line:a", "s1", [100, 20, 0], 1)]);
    sale.funds[0].available = cents(10);
    for ask in [amount("s1", 31), lines(&[("a", 1)], &[])] {
        let faults = plan(&sale.goods(), &ask, &|_| Return).unwrap_err();
        assert_eq!(faults[0].code, "refund_exceeds_captured");
        assert!(
            faults[0].detail.contains("at most") && faults[0].detail.contains("0.30 EUR"),
            "{}",
            faults[0].detail
        );
    }
    let plan = plan(&sale.goods(), &amount("s1", 30), &|_| Return).unwrap();
    assert_eq!(
        plan.calls.iter().map(|call| call.amount.get()).collect::<Vec<i64>>(),
        [10, 20]
    );
    // s1 owes 24 (n 30, commission 6) and gives 10.
    assert_eq!(plan.adjustments[0].amount.get(), 14);
}
