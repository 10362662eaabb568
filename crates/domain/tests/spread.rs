//! Rounding and spreading, which every figure rests on.

#![cfg(test)]

use domain::spread::{decimal, rounded, spread, spread_within};
use proptest::prelude::*;

#[test]
fn halves_go_to_the_even_side() {
    let cases = [
        (5, 2, 1, 2),
        (7, 2, 1, 4),
        (-5, 2, 1, -2),
        (-7, 2, 1, -4),
        (5_397, 1_000, 1, 5),
        (3_998, 10, 1, 400),
    ];
    for (numerator, denominator, quantum, expected) in cases {
        assert_eq!(
            rounded(numerator, denominator, quantum),
            expected,
            "{numerator}/{denominator}"
        );
    }
    assert_eq!(
        [rounded(25, 1, 10), rounded(35, 1, 10), rounded(36, 1, 10)],
        [20, 40, 40]
    );
}

#[test]
fn decimals_are_for_people() {
    let cases = [
        (53_970, 100, "539.70"),
        (-3_998, 10, "-399.80"),
        (1, 3, "0.3333"),
        (2, 3, "0.6667"),
        (7, 1, "7.00"),
    ];
    for (numerator, denominator, expected) in cases {
        assert_eq!(decimal(numerator, denominator), expected);
    }
    assert_eq!(
        [decimal(1, 8), decimal(-1, 100_000), decimal(1, 16)],
        ["0.125", "0.00", "0.0625"]
    );
}

#[test]
fn equal_remainders_are_served_in_order_and_no_weights_mean_equal_parts() {
    assert_eq!(spread(100, &[1, 1, 1], 1), [34, 33, 33]);
    assert_eq!(spread(5, &[0, 0, 0], 1), [2, 2, 1]);
    assert_eq!(spread(50, &[1, 1, 1], 10), [20, 20, 10]);
    assert_eq!(spread(0, &[], 1), [0_i64; 0]);
    assert_eq!(spread_within(10, &[1, 1, 1], &[2, 10, 10], 1), [2, 4, 4]);
    assert_eq!(spread_within(10, &[9, 1, 0], &[1, 2, 30], 1), [1, 2, 7]);
}

proptest! {
    #[test]
    fn what_is_spread_adds_up_and_stays_within_a_quantum_of_its_share(
        quanta in 0_i64..1_000_000_000,
        weights in prop::collection::vec(0_i64..=9_999_999_999, 1..20),
        quantum in prop::sample::select(vec![1_i64, 10]),
    ) {
        let total = quanta * quantum;
        let parts = spread(total, &weights, quantum);
        prop_assert_eq!(parts.iter().sum::<i64>(), total);
        let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert_eq!(part % quantum, 0);
            if whole > 0 {
                let off = i128::from(*part) * whole - i128::from(total) * i128::from(*weight);
                prop_assert!(off.abs() < i128::from(quantum) * whole);
            }
        }
    }

    #[test]
    fn no_part_passes_its_limit_and_the_others_keep_their_proportion(
        entries in prop::collection::vec((0_i64..10_000, 0_i64..10_000), 1..12),
        asked in 0_i64..=10_000,
        quantum in prop::sample::select(vec![1_i64, 10]),
    ) {
        let (weights, most): (Vec<_>, Vec<_>) = entries.iter().map(|(weight, most)| (*weight, most * quantum)).unzip();
        let total = most.iter().sum::<i64>() / quantum * asked / 10_000 * quantum;
        let parts = spread_within(total, &weights, &most, quantum);
        prop_assert_eq!(parts.iter().sum::<i64>(), total);
        prop_assert!(parts.iter().zip(&most).all(|(part, most)| part <= most && *part >= 0));
        // Among those below their limit, nobody has more than a quantum beyond what its weight gives it.
        let open: Vec<(i64, i64)> = parts.iter().zip(&most).zip(&weights)
            .filter(|((part, most), _)| part < most).map(|((part, _), weight)| (*part, *weight)).collect();
        for (one, weight) in &open {
            for (other, others_weight) in &open {
                if *weight > 0 && *others_weight > 0 {
                    let off = i128::from(*one) * i128::from(*others_weight) - i128::from(*other) * i128::from(*weight);
                    prop_assert!(off.abs() < i128::from(quantum) * i128::from(weight + others_weight));
                }
            }
        }
    }

    #[test]
    fn rounding_is_to_the_nearest(numerator in -1_000_000_i128..1_000_000, denominator in 1_i128..1_000) {
        let nearest = i128::from(rounded(numerator, denominator, 10));
        prop_assert_eq!(nearest % 10, 0);
        prop_assert!((nearest * denominator - numerator).abs() * 2 <= 10 * denominator);
    }
}
