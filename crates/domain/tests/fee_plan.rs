//! What a fee plan may say, and which rule a line falls under.

#![cfg(test)]

use domain::cart::{Cart, CartDraft};
use domain::fee_plan::{FeePlan, FeePlanDraft, FeePlanVersion};
use serde_json::{Value, json};

fn plan(version: u32, draft: Value) -> Result<FeePlan, Vec<(String, &'static str)>> {
    let draft: FeePlanDraft = serde_json::from_value(draft).unwrap();
    FeePlan::try_new("standard".parse().unwrap(), version, draft)
        .map_err(|faults| faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect())
}

fn told(draft: Value) -> Vec<(String, &'static str)> {
    plan(1, draft).unwrap_err()
}

#[test]
fn everything_wrong_with_a_plan_is_said_at_once() {
    let faults = told(json!({"rules": [
        {"percent_bp": 10_001, "fixed": {"EUR": -1, "KWD": 15, "XXX": 1}, "min": {"EUR": 3}, "max": {"EUR": 2},
         "applies_to": "items"},
        {"match": {"categories": [], "unit_price_from": 5, "unit_price_below": 5}, "percent_bp": -1,
         "applies_to": "items_and_shipping"},
    ]}));
    let expected = [
        ("/rules/1/match", "last_rule_not_general"),
        ("/rules/0/percent_bp", "percent_out_of_range"),
        ("/rules/0/fixed/EUR", "amount_negative"),
        ("/rules/0/fixed/KWD", "amount_not_representable"),
        ("/rules/0/fixed/XXX", "currency_unknown"),
        ("/rules/0/min/EUR", "min_above_max"),
        ("/rules/1/percent_bp", "percent_out_of_range"),
        ("/rules/1/match/categories", "categories_invalid"),
        ("/rules/1/match/unit_price_from", "unit_price_range_empty"),
    ];
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn a_plan_has_one_to_a_hundred_rules() {
    let rule = json!({"percent_bp": 1, "applies_to": "items"});
    assert_eq!(told(json!({"rules": []})), [("/rules".to_owned(), "rules_missing")]);
    assert_eq!(
        told(json!({"rules": vec![rule.clone(); 101]})),
        [("/rules".to_owned(), "too_many_rules")]
    );
    assert!(plan(1, json!({"rules": vec![rule; 100]})).is_ok());
    assert!(serde_json::from_value::<FeePlanDraft>(json!({"rules": [], "percent": 1})).is_err());
}

#[test]
fn the_first_rule_that_matches_is_used_and_named() {
    let draft = json!({"rules": [
        {"match": {"categories": ["books", "maps"]}, "percent_bp": 500, "applies_to": "items"},
        {"match": {"unit_price_from": 1_000, "unit_price_below": 2_000}, "percent_bp": 600, "applies_to": "items"},
        {"match": {}, "percent_bp": 700, "max": {"EUR": 5}, "applies_to": "items_and_shipping"},
    ], "commission_on_refund": "keep"});
    let plan = plan(3, draft.clone()).unwrap();
    let line = |id: &str, unit_price: i64, category: Value| {
        json!({"id": id, "seller": "s1", "name": "n", "quantity": 1,
        "unit_price": unit_price, "category": category})
    };
    let cart = json!({"currency": "EUR", "lines": [
        line("a", 1_500, json!("maps")), line("b", 1_000, json!(null)), line("c", 1_999, json!("home")),
        line("d", 2_000, json!(null)), line("e", 999, json!("Books")),
    ]});
    let cart = Cart::try_new(serde_json::from_value::<CartDraft>(cart).unwrap()).unwrap();
    let names: Vec<String> = cart.lines().iter().map(|line| plan.rule_for(line).unwrap().1).collect();
    assert_eq!(
        names,
        [
            "standard@3#0",
            "standard@3#1",
            "standard@3#1",
            "standard@3#2",
            "standard@3#2"
        ]
    );

    let stored = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<FeePlan>(&stored).unwrap(), plan);
    let next = self::plan(4, draft).unwrap();
    assert!(plan.says_the_same(&next) && plan != next);
    assert!("standard@03".parse::<FeePlanVersion>().is_err());
    assert_eq!("standard@3".parse::<FeePlanVersion>().unwrap(), plan.name());
}
