//! Whatever is asked in whatever order, the books stay possible.

use super::world::{World, by_card};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sandbox::core::PaymentEntry;
use serde_json::{Value, json};

/// Sequences of calls that are tried, and calls in each.
const SEQUENCES: u64 = 150;
const CALLS: usize = 25;

fn possible(entry: &PaymentEntry) {
    assert!(entry.amount_captured <= entry.amount, "{entry:?}");
    assert!(
        entry.amount_refunded + entry.amount_refunding <= entry.amount_captured,
        "{entry:?}"
    );
    let of_splits: u64 = entry.splits.iter().map(|split| split.amount_captured).sum();
    assert!(
        entry.splits.is_empty() || of_splits <= entry.amount_captured,
        "{entry:?}"
    );
    for split in &entry.splits {
        assert!(split.amount_captured <= split.amount, "{entry:?}");
        assert!(
            split.amount_refunded + split.amount_refunding <= split.amount_captured,
            "{entry:?}"
        );
    }
    let is_paid = matches!(entry.status, 2 | 11 | 19 | 21..=24 | 26 | 35);
    assert_eq!(entry.amount_captured > 0, is_paid, "{entry:?}");
    let asked: u64 = entry
        .captures
        .iter()
        .filter(|it| matches!(it.status, 2 | 11))
        .map(|it| it.amount)
        .sum();
    assert!(entry.captures.is_empty() || asked == entry.amount_captured, "{entry:?}");
}

fn call(world: &mut World, rng: &mut StdRng, id: u64) {
    let splits = world.splits(id);
    let split = if splits.is_empty() {
        0
    } else {
        splits[rng.random_range(0..splits.len())]
    };
    let amount = rng.random_range(1..=60_u64);
    let of = |path: &str| format!("/v1/payments/{id}/{path}");
    let refund = json!({"Refund": {"MerchantTransactionID": "r", "Amount": amount}});
    let part = json!({"Payment": {"Splits": [{"ID": split, "Amount": amount}]}});
    let (target, body) = match rng.random_range(0..14) {
        0 => (of("capture"), Value::Null),
        1 => (of(&format!("capture?amount={amount}")), Value::Null),
        2 => (of("capture"), part),
        3 => (of(&format!("splits/{split}/capture?amount={amount}")), Value::Null),
        4 => (of("cancel"), Value::Null),
        5 => (of("splits"), json!({"Splits": [{"SiteID": 5, "Amount": amount}]})),
        6 | 7 => (of("refunds"), refund),
        8 | 9 => (of(&format!("splits/{split}/refunds")), refund),
        10 => (format!("/_sandbox/payments/{id}/act"), json!({"do": "succeed"})),
        11 => {
            let act = [
                "fail",
                "expire",
                "cancel",
                "reverse",
                "lapse",
                "capture",
                "dispute_opened",
                "dispute_won",
                "charged_back",
            ];
            (
                format!("/_sandbox/payments/{id}/act"),
                json!({"do": act[rng.random_range(0..act.len())]}),
            )
        }
        12 => (
            "/_sandbox/clock".to_owned(),
            json!({"advance_ms": rng.random_range(0..200_000_000_u64)}),
        ),
        _ => ("/_sandbox/clock".to_owned(), json!({"advance_ms": 500})),
    };
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let (status, answer) = world.call("POST", &target, &body);
    assert!(matches!(status, 200 | 201 | 400 | 404), "{target} {status} {answer}");
}

#[test]
fn the_books_stay_possible() {
    let mut captured = 0;
    for seed in 0..SEQUENCES {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = World::new();
        let mut one_of = |names: [&'static str; 3]| names[rng.random_range(0..3)];
        let settles = ["success", "failed", "never"];
        let (capture_settles_as, refund_settles_as) = (one_of(settles), one_of(settles));
        let refunded_status = one_of(["never", "cards", "always"]);
        world.config(json!({
            "split_sum": "at_most",
            "accept_second_capture": rng.random_bool(0.5),
            "whole_parts_are_whole": rng.random_bool(0.5),
            "lapse_releases_splits": rng.random_bool(0.5),
            "refund_payment_with_splits": rng.random_bool(0.5),
            "excess_refund_fails_later": false,
            "capture_settles_as": capture_settles_as,
            "refund_settles_as": refund_settles_as,
            "refunded_status": refunded_status,
        }));
        let splits = [&[60, 40][..], &[50, 30, 10], &[]][rng.random_range(0..3)];
        let id = match rng.random_range(0..4) {
            0 => world.create_by("a", 9, 100, splits),
            1 => world.create_by("a", 94, 100, splits),
            2 => world.create_by("a", 1130, 100, splits),
            _ => {
                let mut request = by_card("a", [100, 10_002, 10_003, 10_006][rng.random_range(0..4)]);
                request["Payment"]["Capture"] = json!(rng.random_bool(0.3));
                world.call("POST", "/v1/payments", request).1["Payment"]["ID"]
                    .as_u64()
                    .unwrap()
            }
        };
        if rng.random_bool(0.8) {
            world.play(id, "success");
        }
        for _ in 0..CALLS {
            call(&mut world, &mut rng, id);
            let entry = world.core.payment(id).unwrap();
            possible(&entry);
            let (_, shown) = world.call("GET", &format!("/v1/payments/{id}"), "");
            assert_eq!(shown["Payment"]["Status"]["ID"], entry.status);
        }
        captured += world.core.payment(id).unwrap().amount_captured;
    }
    assert!(captured > 0, "some of it must have worked");
}
