//! Commission: per line, by the first rule that matches, never more than what it is taken from.

use super::sheet::{LineSheet, SellerSheet, in_words};
use super::{Reason, Subject};
use crate::fee_plan::{AppliesTo, Rule};
use crate::money::Currency;
use crate::spread::{decimal, rounded, spread};

/// What is taken of a line, in minor units.
#[derive(Default)]
pub(super) struct Commission {
    /// Of the line itself.
    pub(super) of_line: i64,
    /// Of its part of the seller's shipping.
    pub(super) of_shipping: i64,
    /// How it came about, as the seller sees it; the marketplace sees the opposite sign. None without a plan.
    pub(super) reason: Option<Reason>,
}

/// The commission on each of a seller's lines, in their order.
pub(super) fn of_seller(sheet: &SellerSheet<'_>, currency: Currency) -> Vec<Commission> {
    let prices: Vec<i64> = sheet.lines.iter().map(|line| line.price).collect();
    let shipping = spread(sheet.shipping.unwrap_or_default(), &prices, currency.quantum());
    let taken = |(line, shipping): (&LineSheet<'_>, i64)| {
        let plan = sheet.terms.fee_plan.as_ref();
        let rule = plan.and_then(|plan| plan.rule_for(line.item));
        rule.map_or_else(Commission::default, |(rule, name)| {
            of_line(line, shipping, rule, name, currency)
        })
    };
    sheet.lines.iter().zip(shipping).map(taken).collect()
}

fn of_line(line: &LineSheet<'_>, shipping: i64, rule: &Rule, name: String, currency: Currency) -> Commission {
    let shipping = match rule.applies_to {
        AppliesTo::Items => 0,
        AppliesTo::ItemsAndShipping => shipping,
    };
    let base = line.after_seller() + shipping;
    let fixed = rule.fixed.get(&currency).map_or(0, |fixed| fixed.get());
    let min = rule.min.get(&currency).map(|min| min.get());
    let max = rule.max.get(&currency).map(|max| max.get());

    // In ten-thousandths of a minor unit, exactly.
    let bounded = |figure: i128| {
        let at_least = min.map_or(figure, |min| figure.max(i128::from(min) * 10_000));
        max.map_or(at_least, |max| at_least.min(i128::from(max) * 10_000))
    };
    let percentage = i128::from(rule.percent_bp) * i128::from(base);
    let exact = bounded(percentage + i128::from(fixed) * 10_000);
    let uncapped = rounded(exact, 10_000, currency.quantum());
    let amount = uncapped.min(base);

    let mut note = format!(
        "{} % of {}",
        decimal(rule.percent_bp.into(), 100),
        in_words(base, currency)
    );
    if fixed > 0 {
        note.push_str(&format!(" + {}", in_words(fixed, currency)));
    }
    if shipping > 0 {
        note.push_str(", shipping included");
    }
    let unbounded = percentage + i128::from(fixed) * 10_000;
    match exact.cmp(&unbounded) {
        std::cmp::Ordering::Greater => note.push_str(", raised to the minimum"),
        std::cmp::Ordering::Less => note.push_str(", lowered to the maximum"),
        std::cmp::Ordering::Equal => {}
    }
    if uncapped > base {
        note.push_str(", capped at what it is taken from");
    }
    let [of_line, of_shipping] = between(amount, [line.after_seller(), shipping], currency.quantum());
    let reason = Reason {
        subject: Subject::Commission(line.item.id().clone()),
        rule: Some(name),
        base,
        exact: decimal(-exact, 10_000),
        amount: -amount,
        note,
    };
    Commission {
        of_line,
        of_shipping,
        reason: Some(reason),
    }
}

/// Divides a line's commission between the line and its shipping by what each is of the base; the line wins ties.
fn between(amount: i64, bases: [i64; 2], quantum: i64) -> [i64; 2] {
    let of_line = spread(amount, &bases, quantum).first().copied().unwrap_or(amount);
    [of_line, amount - of_line]
}
