//! Rounding and dividing whole minor units: the only two places where a cent can be moved by arithmetic.

/// `numerator / denominator` rounded to the nearest multiple of `quantum` minor units; halves go to the even multiple.
///
/// # Panics
/// If the denominator or the quantum is not positive, or the result cannot be counted in minor units: both are
/// mistakes of ours, not of a caller's.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "amounts are limited so that no quotient of ours leaves i64"
)]
pub fn rounded(numerator: i128, denominator: i128, quantum: i64) -> i64 {
    let quanta = half_even(numerator, denominator * i128::from(quantum));
    i64::try_from(quanta * i128::from(quantum)).expect("a rounded amount fits minor units")
}

/// `total` divided in proportion to `weights` by largest remainder: each part is a multiple of `quantum` less than one
/// quantum from its exact share, and the parts add up. Among equal remainders the earlier is served first, so callers
/// sort by id. If all weights are 0, all are equal.
///
/// # Panics
/// If `total` or a weight is negative, `total` is not a multiple of `quantum`, or there is something to divide and
/// nothing to divide it over: mistakes of ours.
#[must_use]
pub fn spread(total: i64, weights: &[i64], quantum: i64) -> Vec<i64> {
    assert!(
        total >= 0 && total % quantum == 0,
        "only whole, non-negative quanta are spread"
    );
    assert!(weights.iter().all(|weight| *weight >= 0), "weights are not negative");
    assert!(total == 0 || !weights.is_empty(), "something is spread over nothing");
    let quanta = total / quantum;
    let all_zero = weights.iter().all(|weight| *weight == 0);
    let weights: Vec<i128> = weights
        .iter()
        .map(|weight| if all_zero { 1 } else { i128::from(*weight) })
        .collect();
    let whole: i128 = weights.iter().sum::<i128>().max(1);

    let exact = weights.iter().map(|weight| i128::from(quanta) * weight);
    let mut parts: Vec<i64> = exact.clone().map(|share| rounded_down(share, whole)).collect();
    let remainders: Vec<i128> = exact.map(|share| share % whole).collect();
    let mut by_remainder: Vec<(&i128, &mut i64)> = remainders.iter().zip(parts.iter_mut()).collect();
    // The sort is stable: equal remainders stay in the caller's order.
    by_remainder.sort_by(|(one, _), (other, _)| other.cmp(one));
    let given: i64 = by_remainder.iter().map(|(_, part)| **part).sum();
    let missing = usize::try_from(quanta - given).unwrap_or(0);
    by_remainder.into_iter().take(missing).for_each(|(_, part)| *part += 1);

    parts.iter_mut().for_each(|part| *part *= quantum);
    assert_eq!(parts.iter().sum::<i64>(), total, "what is spread adds up");
    parts
}

/// Like [`spread`], but no part is larger than its entry in `most`: what is over is spread again over the others, so
/// that every part that is not at its limit keeps to its share of what the others leave.
///
/// # Panics
/// As [`spread`], and if `most` is not as long as `weights`, is not made of whole quanta, or all of it together is
/// less than `total`.
#[must_use]
pub fn spread_within(total: i64, weights: &[i64], most: &[i64], quantum: i64) -> Vec<i64> {
    assert_eq!(weights.len(), most.len(), "every part has a limit");
    assert!(total <= most.iter().sum(), "the limits leave room for the whole");
    assert!(most.iter().all(|limit| limit % quantum == 0), "limits are whole quanta");
    let mut parts: Vec<Option<i64>> = most.iter().map(|limit| (*limit == 0).then_some(0)).collect();
    loop {
        let open: Vec<i64> = parts
            .iter()
            .zip(weights)
            .filter(|(part, _)| part.is_none())
            .map(|(_, weight)| *weight)
            .collect();
        let rest = total - parts.iter().flatten().sum::<i64>();
        let mut shares = spread(rest, &open, quantum).into_iter();
        let shares: Vec<i64> = parts
            .iter()
            .map(|part| part.unwrap_or_else(|| shares.next().unwrap_or_default()))
            .collect();
        if shares.iter().zip(most).all(|(share, limit)| share <= limit) {
            assert_eq!(shares.iter().sum::<i64>(), total, "what is spread adds up");
            return shares;
        }
        for ((part, share), limit) in parts.iter_mut().zip(shares).zip(most) {
            if share > *limit {
                *part = Some(*limit);
            }
        }
    }
}

/// `numerator / denominator` as a decimal of two to four places, for people: the fourth is rounded half-even.
#[must_use]
pub fn decimal(numerator: i128, denominator: i128) -> String {
    let scaled = half_even(numerator * 10_000, denominator);
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, part) = (scaled.unsigned_abs() / 10_000, scaled.unsigned_abs() % 10_000);
    match (part % 100, part % 10) {
        (0, _) => format!("{sign}{whole}.{:02}", part / 100),
        (_, 0) => format!("{sign}{whole}.{:03}", part / 10),
        _ => format!("{sign}{whole}.{part:04}"),
    }
}

fn half_even(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0, "only divided by what is positive");
    let (below, rest) = (numerator.div_euclid(denominator), numerator.rem_euclid(denominator));
    match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => below,
        std::cmp::Ordering::Equal => below + below.rem_euclid(2),
        std::cmp::Ordering::Greater => below + 1,
    }
}

#[expect(
    clippy::expect_used,
    reason = "a share is not larger than the total, which is an i64"
)]
fn rounded_down(share: i128, whole: i128) -> i64 {
    i64::try_from(share / whole).expect("a share is not larger than the total")
}
