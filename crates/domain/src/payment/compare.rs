//! Every answer is compared to us, split by split, with what was asked (DESIGN law 6).

use super::Payment;
use crate::money::{Amount, Currency, Money};
use crate::planted::{Defect, planted};
use crate::sight::{Sight, SplitSight, Standing};
use crate::split::Split;

/// Each difference between what was asked of the gateway and what it shows, in words; empty when they agree.
///
/// A split that is not listed is no difference here: absence from a list is not deletion (DESIGN law 7).
pub fn differences(payment: &Payment, sight: &Sight) -> Vec<String> {
    let currency = payment.sale.cart.currency();
    let mut found = Vec::new();
    if sight.currency != currency {
        found.push(format!("currency asked {currency}, shown {}", sight.currency));
    }
    if sight.amount != payment.amount() {
        found.push(amounts("amount", payment.amount(), sight.amount, currency));
    }
    if let (Some(shown), Some(operation)) = (&sight.reference, payment.authorize())
        && *shown != operation.reference
    {
        found.push("the reference shown is not the one asked".to_owned());
    }
    let mut matched = vec![false; payment.splits.len()];
    for shown in &sight.splits {
        match find(&payment.splits, &matched, shown) {
            Some((index, split)) => {
                if let Some(seen) = matched.get_mut(index) {
                    *seen = true;
                }
                if split.amount != shown.amount && !planted(Defect::SplitsNotCompared) {
                    let what = format!("split {} to site {}", split.number, split.site);
                    found.push(amounts(&what, split.amount, shown.amount, currency));
                }
            }
            None => found.push(format!(
                "a split of {} to site {} is shown and was not asked",
                Money::new(shown.amount, currency),
                shown.site
            )),
        }
    }
    found.extend(captured(payment, sight));
    found
}

/// Splits of ours that the sight does not confirm and should: after a capture in part it may list those alone that
/// were captured, and says of each how much. A sight that lists none confirms only what they all mirror (DESIGN law 7).
pub(super) fn unlisted<'a>(payment: &'a Payment, sight: &Sight) -> Vec<&'a Split> {
    let standing = sight.status.standing;
    let in_part = matches!(standing, Standing::PartiallyCaptured | Standing::Capturing);
    let divides = standing == Standing::PartiallyCaptured && !payment.has_money();
    if sight.splits.is_empty() && !divides || planted(Defect::MissingSplitsAccepted) {
        return Vec::new();
    }
    let mut matched = vec![false; payment.splits.len()];
    for shown in &sight.splits {
        if let Some((index, _)) = find(&payment.splits, &matched, shown) {
            let confirmed = !divides || shown.captured.is_some();
            matched
                .iter_mut()
                .skip(index)
                .take(1)
                .for_each(|seen| *seen = confirmed);
        }
    }
    let missing = payment
        .splits
        .iter()
        .zip(matched)
        .filter(|(_, seen)| !seen)
        .map(|(split, _)| split);
    missing
        .filter(|split| !in_part || expected(payment, split).is_some_and(|amount| !amount.is_zero()))
        .collect()
}

/// What should be captured of a split, where we know: as the books say, or as it was asked.
fn expected(payment: &Payment, split: &Split) -> Option<Amount> {
    if payment.has_money() {
        return Some(split.amount_captured);
    }
    let (_, plan) = payment.capture()?;
    let planned = plan.splits.iter().find(|one| one.split == split.number);
    Some(planned.map_or(split.amount, |one| one.amount))
}

/// Each difference between what was to be captured and what the gateway shows as captured.
fn captured(payment: &Payment, sight: &Sight) -> Vec<String> {
    let currency = payment.sale.cart.currency();
    let expected_of = |split: &Split| expected(payment, split);
    let mut found = Vec::new();
    let total = if payment.has_money() {
        Some(payment.amount_captured())
    } else {
        payment.capture().map(|(_, plan)| plan.amount)
    };
    // What is disputed, or charged back, before we have heard of its capture was captured first; it need not say how much.
    let is_lost = matches!(sight.status.standing, Standing::Disputed | Standing::ChargedBack);
    let is_news = is_lost && !payment.has_money() && sight.captured.is_some();
    let in_full = sight.status.standing == Standing::Captured || is_news;
    let Some(total) = total.or(in_full.then_some(payment.amount())) else {
        return found;
    };
    if in_full {
        found.extend(captured_in_full(payment, sight, total));
    }
    if sight.status.standing != Standing::PartiallyCaptured {
        return found;
    }
    // A split captured in full may be shown as captured in part (gateway.md §10.9): the amount decides.
    if total == payment.amount() && sight.captured != Some(total) {
        found.push("captured in part, and in full was asked".to_owned());
    }
    if let Some(shown) = sight.captured.filter(|shown| *shown != total) {
        found.push(amounts("captured", total, shown, currency));
    }
    let mut matched = vec![false; payment.splits.len()];
    for shown in &sight.splits {
        let Some((index, split)) = find(&payment.splits, &matched, shown) else {
            continue;
        };
        matched.iter_mut().skip(index).take(1).for_each(|seen| *seen = true);
        let (Some(asked), Some(is)) = (expected_of(split), shown.captured) else {
            continue;
        };
        if asked != is {
            let what = format!("captured of split {}", split.number);
            found.push(amounts(&what, asked, is, currency));
        }
    }
    found
}

/// What is shown as captured is all there is, and may say how much that is; after refunds it may say less.
fn captured_in_full(payment: &Payment, sight: &Sight, expected: Amount) -> Option<String> {
    let shown = sight.captured.unwrap_or(payment.amount());
    let differs = if payment.has_money() {
        sight.captured.is_some() && shown > expected
    } else {
        shown != expected
    };
    differs.then(|| amounts("captured", expected, shown, payment.sale.cart.currency()))
}

/// Each difference between what a notification claimed and what the gateway then showed: evidence, never money.
pub fn contradictions(claims: &Sight, sight: &Sight) -> Vec<String> {
    let mut found = Vec::new();
    if claims.currency != sight.currency {
        found.push(format!(
            "currency claimed {}, shown {}",
            claims.currency, sight.currency
        ));
    }
    if claims.amount != sight.amount {
        found.push(format!(
            "amount claimed {}, shown {}",
            Money::new(claims.amount, claims.currency),
            Money::new(sight.amount, sight.currency)
        ));
    }
    if claims.reference.is_some() && claims.reference != sight.reference {
        found.push("the reference claimed is not the one shown".to_owned());
    }
    if claims.status.standing.is_money() && !sight.status.standing.is_money() {
        found.push(format!(
            "status claimed {} {}, shown {} {}",
            claims.status.id, claims.status.info, sight.status.id, sight.status.info
        ));
    }
    for claimed in &claims.splits {
        match sight.splits.iter().find(|shown| shown.id == claimed.id) {
            Some(shown) if shown.amount == claimed.amount && shown.site == claimed.site => {}
            Some(shown) => {
                let [claimed, shown] = [claimed, shown]
                    .map(|split| format!("{} to site {}", Money::new(split.amount, sight.currency), split.site));
                found.push(format!("split claimed {claimed}, shown {shown}"));
            }
            None if sight.splits.is_empty() => {}
            None => found.push(format!("split {} claimed, not shown", claimed.id)),
        }
    }
    found
}

/// Which of our splits a shown one is: by the gateway's id where it is known, else the next unmatched one of its site.
pub(super) fn find<'a>(splits: &'a [Split], matched: &[bool], shown: &SplitSight) -> Option<(usize, &'a Split)> {
    let free = || {
        splits
            .iter()
            .enumerate()
            .filter(|(index, _)| matched.get(*index) == Some(&false))
    };
    free()
        .find(|(_, split)| split.gateway_id == Some(shown.id))
        .or_else(|| free().find(|(_, split)| split.gateway_id.is_none() && split.site == shown.site))
}

fn amounts(what: &str, asked: Amount, shown: Amount, currency: Currency) -> String {
    format!(
        "{what} asked {}, shown {}",
        Money::new(asked, currency),
        Money::new(shown, currency)
    )
}
