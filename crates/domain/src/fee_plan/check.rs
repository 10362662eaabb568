//! What a fee plan may say.

use std::collections::BTreeMap;

use super::{Match, MatchDraft, PerCurrency, Rule, RuleDraft};
use crate::amounts;
use crate::fault::{Fault, Faults, escaped};
use crate::money::{Amount, Currency};

/// How many rules a plan may have.
pub const RULES_MAX: usize = 100;
/// How many categories a rule may name.
pub const CATEGORIES_MAX: usize = 100;
/// How many characters a category may have.
pub(crate) const CATEGORY_CHARACTERS_MAX: usize = 64;

/// The codes [`super::FeePlan::try_new`] uses besides those of [`crate::amounts::CODES`], each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("rules_missing", "A fee plan has no rules."),
    ("too_many_rules", "A fee plan has more rules than are kept."),
    (
        "last_rule_not_general",
        "The last rule of a fee plan does not match every line.",
    ),
    (
        "categories_invalid",
        "A rule names no category, too many, or one that is empty or too long.",
    ),
    (
        "unit_price_range_empty",
        "A rule's unit_price_from is not less than its unit_price_below.",
    ),
    ("min_above_max", "A rule's min is more than its max."),
];

/// Checks every rule and answers everything that is wrong.
pub(super) fn rules(drafts: Vec<RuleDraft>) -> Result<Vec<Rule>, Faults> {
    if drafts.is_empty() {
        return Err(vec![Fault::new("/rules", "rules_missing", "at least one rule")]);
    }
    if drafts.len() > RULES_MAX {
        return Err(vec![Fault::new(
            "/rules",
            "too_many_rules",
            format!("at most {RULES_MAX} rules"),
        )]);
    }
    let mut faults = Faults::new();
    let last = drafts.len() - 1;
    if drafts.last().is_some_and(|rule| rule.matches != MatchDraft::default()) {
        let detail = "the last rule has no match, so that every line has a rule";
        faults.push(Fault::new(
            format!("/rules/{last}/match"),
            "last_rule_not_general",
            detail,
        ));
    }
    let rules: Vec<Rule> = drafts
        .into_iter()
        .enumerate()
        .filter_map(|(n, draft)| rule(draft, &format!("/rules/{n}"), &mut faults))
        .collect();
    if faults.is_empty() { Ok(rules) } else { Err(faults) }
}

fn rule(draft: RuleDraft, at: &str, faults: &mut Faults) -> Option<Rule> {
    let percent_bp = amounts::percent(draft.percent_bp, &format!("{at}/percent_bp"), faults);
    let fixed = per_currency(&draft.fixed, &format!("{at}/fixed"), faults);
    let min = per_currency(&draft.min, &format!("{at}/min"), faults);
    let max = per_currency(&draft.max, &format!("{at}/max"), faults);
    for (currency, least) in &min {
        if max.get(currency).is_some_and(|most| least > most) {
            let detail = format!("min is at most max, for {currency} too");
            faults.push(Fault::new(format!("{at}/min/{currency}"), "min_above_max", detail));
        }
    }
    let matches = which_lines(draft.matches, &format!("{at}/match"), faults);
    Some(Rule {
        matches,
        percent_bp: percent_bp?,
        fixed,
        min,
        max,
        applies_to: draft.applies_to,
    })
}

fn per_currency(draft: &BTreeMap<String, i64>, at: &str, faults: &mut Faults) -> PerCurrency {
    let mut amounts = PerCurrency::new();
    for (code, minor_units) in draft {
        let at = format!("{at}/{}", escaped(code));
        match code.parse::<Currency>() {
            Ok(currency) => {
                let amount = amounts::amount(*minor_units, &at, faults);
                let amount = amount.and_then(|amount| amounts::representable(amount, currency, &at, faults));
                amounts.extend(amount.map(|amount| (currency, amount)));
            }
            Err(error) => faults.push(Fault::new(at, "currency_unknown", error.to_string())),
        }
    }
    amounts
}

fn which_lines(draft: MatchDraft, at: &str, faults: &mut Faults) -> Match {
    if let Some(categories) = &draft.categories {
        let well_sized = |category: &String| (1..=CATEGORY_CHARACTERS_MAX).contains(&category.chars().count());
        if !(1..=CATEGORIES_MAX).contains(&categories.len()) || !categories.iter().all(well_sized) {
            let detail = format!("1 to {CATEGORIES_MAX} categories of 1 to {CATEGORY_CHARACTERS_MAX} characters");
            faults.push(Fault::new(format!("{at}/categories"), "categories_invalid", detail));
        }
    }
    let mut bound = |minor_units: Option<i64>, name: &str| -> Option<Amount> {
        minor_units.and_then(|minor_units| amounts::amount(minor_units, &format!("{at}/{name}"), faults))
    };
    let unit_price_from = bound(draft.unit_price_from, "unit_price_from");
    let unit_price_below = bound(draft.unit_price_below, "unit_price_below");
    if unit_price_from
        .zip(unit_price_below)
        .is_some_and(|(from, below)| from >= below)
    {
        let detail = "unit_price_from is less than unit_price_below";
        faults.push(Fault::new(
            format!("{at}/unit_price_from"),
            "unit_price_range_empty",
            detail,
        ));
    }
    Match {
        categories: draft.categories,
        unit_price_from,
        unit_price_below,
    }
}
