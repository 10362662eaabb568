//! Who is ready to take what, and when the one capture is made.

use domain::capture_plan::{Next, Readiness, Take, Unanswered};
use domain::time::Timestamp;

use crate::examples::{cents, units};
use crate::sales::{Sale, share};

const BEFORE: i64 = 1_999;
const DEADLINE: i64 = 2_000;

/// s1 holds 90, s2 54 + 20, the marketplace 16 + 5.
fn sale() -> Sale {
    Sale::new(
        "EUR",
        vec![
            share("line:a", "s1", [100, 10, 0], 2),
            share("line:b", "s2", [60, 6, 0], 3),
            share("shipping:s2", "s2", [20, 0, 0], 1),
            share("fee:f", "marketplace", [5, 0, 0], 1),
        ],
    )
}

fn readiness(unanswered: Unanswered, answers: &[(&str, Take)]) -> Readiness {
    let mut readiness = Readiness::new(Timestamp::from_micros(DEADLINE), unanswered);
    for (seller, take) in answers {
        readiness
            .answer(&sale().goods(), seller.parse().unwrap(), take.clone())
            .unwrap();
    }
    readiness
}

/// What each split captures, or why nothing is.
fn next(readiness: &Readiness, now: i64) -> Result<Vec<i64>, String> {
    match readiness.next(&sale().goods(), Timestamp::from_micros(now)).unwrap() {
        Next::Wait(missing) => Err(format!(
            "wait for {}",
            missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        )),
        Next::Cancel => Err("cancel".into()),
        Next::Capture(plan) => Ok(plan.splits.iter().map(|split| split.amount.get()).collect()),
    }
}

#[test]
fn the_capture_is_made_when_all_have_answered() {
    let one = readiness(Unanswered::Full, &[("s1", Take::Amount(cents(50)))]);
    assert_eq!(next(&one, BEFORE), Err("wait for s2".into()));
    // s1: half. s2: two of three, 40 − 4, and its shipping; the marketplace 5 + 4 + 5.
    let both = [("s1", Take::Amount(cents(50))), ("s2", Take::Lines(units(&[("b", 2)])))];
    assert_eq!(next(&readiness(Unanswered::Full, &both), 0), Ok(vec![45, 56, 14]));
}

#[test]
fn at_the_deadline_silence_counts_as_configured() {
    let half = [("s1", Take::Amount(cents(50)))];
    assert_eq!(
        next(&readiness(Unanswered::Full, &half), DEADLINE),
        Ok(vec![45, 74, 16])
    );
    assert_eq!(next(&readiness(Unanswered::None, &half), DEADLINE), Ok(vec![45, 0, 10]));
    assert_eq!(next(&readiness(Unanswered::Full, &[]), DEADLINE), Ok(vec![90, 74, 21]));
    assert_eq!(
        next(&readiness(Unanswered::None, &[]), BEFORE),
        Err("wait for s1, s2".into())
    );
    assert_eq!(next(&readiness(Unanswered::None, &[]), DEADLINE), Err("cancel".into()));
}

#[test]
fn nothing_from_everybody_cancels() {
    let none = [("s1", Take::Amount(cents(0))), ("s2", Take::Lines(Vec::new()))];
    assert_eq!(next(&readiness(Unanswered::Full, &none), 0), Err("cancel".into()));
}

#[test]
fn a_later_answer_replaces_an_earlier_one() {
    let both = [
        ("s1", Take::Everything),
        ("s2", Take::Everything),
        ("s1", Take::Amount(cents(10))),
    ];
    assert_eq!(next(&readiness(Unanswered::Full, &both), 0), Ok(vec![9, 74, 12]));
}

#[test]
fn an_answer_that_could_not_be_captured_is_refused() {
    let sale = sale();
    let mut readiness = readiness(Unanswered::Full, &[]);
    let mut told = |seller: &str, take: Take| -> (String, &'static str) {
        let faults = readiness
            .answer(&sale.goods(), seller.parse().unwrap(), take)
            .unwrap_err();
        (faults[0].pointer.clone(), faults[0].code)
    };
    assert_eq!(
        told("s9", Take::Everything),
        ("/seller".into(), "seller_not_in_payment")
    );
    assert_eq!(
        told("s1", Take::Amount(cents(101))),
        ("/amount".into(), "capture_exceeds_authorized")
    );
    assert_eq!(
        told("s1", Take::Lines(units(&[("b", 1)]))),
        ("/lines/0/id".into(), "line_not_in_payment")
    );
    let over = Take::Lines(units(&[("a", 3)]));
    assert_eq!(
        told("s1", over),
        ("/lines/0/quantity".into(), "capture_exceeds_authorized")
    );
    assert_eq!(readiness.missing(&sale.goods()).len(), 2, "nothing was recorded");
}

#[test]
fn answers_are_kept_as_json() {
    let readiness = readiness(
        Unanswered::None,
        &[("s1", Take::Lines(units(&[("a", 1)]))), ("s2", Take::Everything)],
    );
    let stored = serde_json::to_value(&readiness).unwrap();
    let expected = serde_json::json!({
        "capture_by": DEADLINE,
        "unanswered": "none",
        "answers": {"s1": {"lines": [{"id": "a", "quantity": 1}]}, "s2": "everything"},
    });
    assert_eq!(stored, expected);
    assert_eq!(serde_json::from_value::<Readiness>(stored).unwrap(), readiness);
}
