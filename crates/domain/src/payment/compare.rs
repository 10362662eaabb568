//! Every answer is compared to us, split by split, with what was asked (DESIGN law 6).

use super::Payment;
use crate::money::{Amount, Currency, Money};
use crate::sight::{Sight, SplitSight};
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
                if split.amount != shown.amount {
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
    found
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
