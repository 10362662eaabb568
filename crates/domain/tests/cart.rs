//! What a cart may say: every fault at once, each at its place.

#![cfg(test)]

use domain::cart::{CODES, Cart, CartDraft};
use domain::money::Currency;
use serde_json::{Value, json};

fn example() -> Value {
    json!({
        "currency": "EUR",
        "lines": [{"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999, "category": "home",
                   "sku": "L-1"}],
        "shipping": [{"seller": "s1", "amount": 490}],
        "discounts": [{"id": "d1", "amount": 500, "applies_to": {"cart": true}, "funded_by": "marketplace"},
                      {"id": "d2", "percent_bp": 1000, "applies_to": {"seller": "s1"}, "funded_by": "seller"}],
        "fees": [{"id": "service", "amount": 99}],
    })
}

fn line(id: &str, quantity: i64, unit_price: i64) -> Value {
    json!({"id": id, "seller": "s1", "name": "n", "quantity": quantity, "unit_price": unit_price})
}

fn told(cart: Value) -> Vec<(String, &'static str)> {
    let faults = Cart::try_new(serde_json::from_value(cart).unwrap()).unwrap_err();
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn owned(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    expected
        .iter()
        .map(|(pointer, code)| ((*pointer).to_owned(), *code))
        .collect()
}

#[test]
fn the_contracts_example_is_a_cart_and_is_stored_as_it_was_sent() {
    let cart = Cart::try_new(serde_json::from_value(example()).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&cart).unwrap(), example());
    assert_eq!(serde_json::from_value::<Cart>(example()).unwrap(), cart);
    let mut changed = example();
    changed["lines"][0]["quantity"] = json!(0);
    let error = serde_json::from_value::<Cart>(changed).unwrap_err().to_string();
    assert!(error.contains("/lines/0/quantity"), "{error}");
}

#[test]
fn typing_mistakes_in_money_do_not_pass() {
    for (pointer, value) in [
        (
            "/lines/0",
            json!({"id": "l1", "seller": "s1", "name": "n", "quantity": 1, "unit_price": 1.5}),
        ),
        (
            "/lines/0",
            json!({"id": "l1", "seller": "s1", "name": "n", "quantity": 1, "unit_price": 1.0}),
        ),
        (
            "/lines/0",
            json!({"id": "l1", "seller": "s1", "name": "n", "quantity": 1, "unit_price": "1"}),
        ),
        (
            "/lines/0",
            json!({"id": "l1", "seller": "s1", "name": "n", "quantity": 1, "price": 1, "unit_price": 1}),
        ),
        ("/fees/0", json!({"id": "service", "amount": 1, "currency": "USD"})),
        ("/discounts/0/funded_by", json!("nobody")),
    ] {
        let mut cart = example();
        *cart.pointer_mut(pointer).unwrap() = value;
        assert!(serde_json::from_value::<CartDraft>(cart).is_err(), "{pointer}");
    }
}

#[test]
fn everything_wrong_with_a_cart_is_said_at_once() {
    let faults = told(json!({
        "currency": "KWD",
        "lines": [
            line("l1", 0, 10), line("l1", 1, -1), line("l 3", 1_000_001, 10), line("l4", 1, 1_055),
            line("l5", 1, 10_000_000_000), line("l6", 2, 5_000_000_000),
            {"id": "l7", "seller": "marketplace", "name": "", "quantity": 2, "unit_price": 5, "category": "",
             "sku": "x".repeat(65)},
        ],
        "shipping": [{"seller": "s1", "amount": 15}, {"seller": "s1", "amount": 10}, {"seller": "s2", "amount": 0}],
        "discounts": [
            {"id": "d1", "applies_to": {"cart": true}, "funded_by": "seller"},
            {"id": "d1", "amount": 10, "percent_bp": 1, "applies_to": {"cart": true}, "funded_by": "seller"},
            {"id": "d3", "percent_bp": 10_001, "applies_to": {"cart": false}, "funded_by": "seller"},
            {"id": "d4", "amount": -10, "applies_to": {"line": "l9"}, "funded_by": "marketplace"},
            {"id": "d5", "amount": 0, "applies_to": {"seller": "s9"}, "funded_by": "marketplace"},
            {"id": "d6", "amount": 0, "applies_to": {"seller": "s1", "line": "l1"}, "funded_by": "marketplace"},
        ],
        "fees": [{"id": "f", "amount": 1}, {"id": "f", "amount": 10}],
    }));
    let expected = owned(&[
        ("/lines/1/id", "duplicate_line"),
        ("/shipping/1/seller", "duplicate_shipping"),
        ("/discounts/1/id", "duplicate_discount"),
        ("/fees/1/id", "duplicate_fee"),
        ("/lines/0/quantity", "quantity_out_of_range"),
        ("/lines/1/unit_price", "amount_negative"),
        ("/lines/2/id", "id_invalid"),
        ("/lines/2/quantity", "quantity_out_of_range"),
        ("/lines/3/unit_price", "amount_not_representable"),
        ("/lines/4/unit_price", "amount_too_large"),
        ("/lines/5/unit_price", "amount_too_large"),
        ("/lines/6/seller", "id_invalid"),
        ("/lines/6/name", "text_invalid"),
        ("/lines/6/category", "text_invalid"),
        ("/lines/6/sku", "text_invalid"),
        ("/shipping/0/amount", "amount_not_representable"),
        ("/shipping/2/seller", "shipping_without_line"),
        ("/discounts/0", "discount_size_unclear"),
        ("/discounts/1", "discount_size_unclear"),
        ("/discounts/2/percent_bp", "percent_out_of_range"),
        ("/discounts/2/applies_to", "discount_target_unclear"),
        ("/discounts/3/amount", "amount_negative"),
        ("/discounts/3/applies_to/line", "discount_target_unknown"),
        ("/discounts/4/applies_to/seller", "discount_target_unknown"),
        ("/discounts/5/applies_to", "discount_target_unclear"),
        ("/fees/0/amount", "amount_not_representable"),
    ]);
    assert_eq!(faults, expected);
    let listed: Vec<&str> = CODES
        .iter()
        .chain(domain::amounts::CODES)
        .map(|(code, _)| *code)
        .collect();
    assert!(faults.iter().all(|(_, code)| listed.contains(code)));
}

#[test]
fn a_fault_names_the_nearest_amounts() {
    let cart = json!({"currency": "KWD", "lines": [line("l1", 3, 5)]});
    let faults = Cart::try_new(serde_json::from_value(cart).unwrap()).unwrap_err();
    assert_eq!(
        faults[0].detail,
        "amounts of KWD are multiples of 10 minor units: instead of 15, 10 or 20"
    );
    assert_eq!(faults[0].clone().under("/cart").pointer, "/cart/lines/0/unit_price");
    // The total of the line counts, not the price of one.
    assert!(
        Cart::try_new(serde_json::from_value(json!({"currency": "KWD", "lines": [line("l1", 2, 5)]})).unwrap()).is_ok()
    );
}

#[test]
fn limits_are_told_alone() {
    let lines = |count: usize| (0..count).map(|n| line(&format!("l{n}"), 1, 1)).collect::<Vec<_>>();
    assert_eq!(
        told(json!({"currency": "EUR", "lines": []})),
        owned(&[("/lines", "cart_empty")])
    );
    assert_eq!(
        told(json!({"currency": "?", "lines": lines(501)})),
        owned(&[("/lines", "too_many_lines")])
    );
    assert!(Cart::try_new(serde_json::from_value(json!({"currency": "EUR", "lines": lines(500)})).unwrap()).is_ok());
    let fees = (0..101)
        .map(|n| json!({"id": format!("f{n}"), "amount": 0}))
        .collect::<Vec<_>>();
    let faults = told(json!({"currency": "EUR", "lines": lines(1), "fees": fees}));
    assert_eq!(faults, owned(&[("/fees", "too_many_fees")]));
    let faults =
        told(json!({"currency": "EUR", "lines": [line("a", 1, 9_999_999_999)], "fees": [{"id": "f", "amount": 1}]}));
    assert_eq!(faults, owned(&[("", "amount_too_large")]));
    assert_eq!(
        told(json!({"currency": "eur", "lines": lines(1)})),
        owned(&[("/currency", "currency_unknown")])
    );
}

#[test]
fn currencies_without_two_decimals_wait_for_confirmation() {
    let cart = |code: &str| {
        let cart = json!({"currency": code, "lines": [line("a", 1, 100)]});
        Cart::try_new(serde_json::from_value(cart).unwrap()).unwrap()
    };
    let yen: Currency = "JPY".parse().unwrap();
    assert!(cart("EUR").require_enabled(&[]).is_ok());
    assert!(cart("JPY").require_enabled(&[yen]).is_ok());
    for code in ["JPY", "KWD"] {
        let fault = cart(code).require_enabled(&[]).unwrap_err();
        assert_eq!(
            (fault.pointer.as_str(), fault.code),
            ("/currency", "currency_not_enabled")
        );
    }
    assert!(cart("KWD").require_enabled(&[yen]).is_err());
}
