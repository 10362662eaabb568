//! Divisions worked out by hand.

use domain::allocation::{Allocation, Share};
use serde_json::{Value, json};

use crate::carts::{cart, divided, fifteen_percent, line, plan, terms};

fn worked() -> Value {
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

/// Each line's price, commission and marketplace discount.
fn lines(allocation: &Allocation) -> Vec<(String, i64, i64, i64)> {
    let figures = allocation.lines().iter().map(|line| {
        (
            line.line.to_string(),
            line.price.get(),
            line.commission.get(),
            line.marketplace_discount.get(),
        )
    });
    figures.collect()
}

fn net(allocation: &Allocation) -> Vec<(String, i64)> {
    allocation
        .parties()
        .iter()
        .map(|Share { party, net, .. }| (party.to_string(), net.get()))
        .collect()
}

fn split_amounts(allocation: &Allocation) -> Vec<(String, u32, i64)> {
    let plans = allocation.splits();
    plans
        .iter()
        .map(|split| (split.party.to_string(), split.site.get(), split.amount.get()))
        .collect()
}

#[test]
fn the_worked_example_comes_out_to_the_cent_with_its_reasons() {
    let allocation = divided(worked(), &fifteen_percent());
    let expected = json!({
        "currency": "EUR",
        "total": 3687,
        "parties": [
            {"party": "s1", "site_id": 101, "gross": 3998, "discounts": -400, "shipping": 490, "commission": -540,
             "fees": 0, "net": 3548, "reasons": [
                {"for": "line:l1", "rule": null, "base": 1999, "exact": "3998.00", "amount": 3998,
                 "note": "2 × 19.99 EUR"},
                {"for": "discount:d2", "rule": null, "base": 3998, "exact": "-399.80", "amount": -400,
                 "note": "10.00 % of 39.98 EUR"},
                {"for": "shipping", "rule": null, "base": 490, "exact": "490.00", "amount": 490, "note": "4.90 EUR"},
                {"for": "commission:l1", "rule": "standard@3#0", "base": 3598, "exact": "-539.70", "amount": -540,
                 "note": "15.00 % of 35.98 EUR"},
            ]},
            {"party": "marketplace", "site_id": 100, "gross": 0, "discounts": -500, "shipping": 0, "commission": 540,
             "fees": 99, "net": 139, "reasons": [
                {"for": "commission:l1", "rule": "standard@3#0", "base": 3598, "exact": "539.70", "amount": 540,
                 "note": "15.00 % of 35.98 EUR"},
                {"for": "fee:service", "rule": null, "base": 99, "exact": "99.00", "amount": 99, "note": "0.99 EUR"},
                {"for": "discount:d1", "rule": null, "base": 3998, "exact": "-500.00", "amount": -500,
                 "note": "5.00 EUR, funded by the marketplace"},
            ]},
        ],
        "lines": [
            {"line": "line:l1", "party": "s1", "price": 3598, "commission": 540, "marketplace_discount": 500,
             "quantity": 2},
            {"line": "shipping:s1", "party": "s1", "price": 490, "commission": 0, "marketplace_discount": 0,
             "quantity": 1},
            {"line": "fee:service", "party": "marketplace", "price": 99, "commission": 0, "marketplace_discount": 0,
             "quantity": 1},
        ],
    });
    assert_eq!(serde_json::to_value(&allocation).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Allocation>(expected).unwrap(), allocation);
    assert_eq!(
        split_amounts(&allocation),
        [("s1".into(), 101, 3548), ("marketplace".into(), 100, 139)]
    );
    let canonical = "allocation 1\nEUR 3687\ns1 101 3998 -400 490 -540 0 3548\nmarketplace 100 0 -500 0 540 99 139\n\
                     line:l1 s1 3598 540 500 2\nshipping:s1 s1 490 0 0 1\nfee:service marketplace 99 0 0 1\n";
    assert_eq!(allocation.canonical(), canonical);
}

#[test]
fn a_stored_allocation_that_does_not_add_up_is_not_read_back() {
    let stored = serde_json::to_value(divided(worked(), &fifteen_percent())).unwrap();
    for (pointer, value) in [
        ("/total", json!(3688)),
        ("/parties/0/net", json!(3549)),
        ("/parties/0/reasons/1/amount", json!(-401)),
        ("/parties/1/site_id", json!(101)),
        ("/parties/1/party", json!("s1")),
        ("/lines/0/commission", json!(541)),
        ("/lines/0/marketplace_discount", json!(499)),
        ("/lines/1/party", json!("marketplace")),
        ("/lines/2/price", json!(-99)),
    ] {
        let mut changed = stored.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(serde_json::from_value::<Allocation>(changed).is_err(), "{pointer}");
    }
}

#[test]
fn a_cart_discount_is_spread_over_sellers_first_and_then_over_their_lines() {
    // 100 over s1 (2 × 100) and s2 (100): 67 and 33; then 34 and 33 by line id.
    let cart = json!({
        "currency": "EUR",
        "lines": [line("c", "s2", 1, 100), line("b", "s1", 1, 100), line("a", "s1", 1, 100)],
        "discounts": [{"id": "d", "amount": 100, "applies_to": {"cart": true}, "funded_by": "seller"}],
    });
    let allocation = divided(cart, &terms(vec![None, None]));
    let expected = [("line:a", 66, 0, 0), ("line:b", 67, 0, 0), ("line:c", 67, 0, 0)];
    assert_eq!(
        lines(&allocation),
        expected.map(|(line, n, c, d)| (line.to_owned(), n, c, d))
    );
    assert_eq!(
        net(&allocation),
        [("s1".into(), 133), ("s2".into(), 67), ("marketplace".into(), 0)]
    );
    assert_eq!(allocation.splits().len(), 2, "who is owed nothing has no split");
    let reason = &allocation.parties()[0].reasons[2];
    assert_eq!((reason.exact.as_str(), reason.amount), ("-66.6667", -67));
    assert_eq!(reason.note, "1.00 EUR: its share by price");
}

#[test]
fn what_a_line_has_no_room_for_goes_to_the_sellers_other_lines_and_then_to_other_sellers() {
    let cart = |amount: i64| {
        json!({
            "currency": "EUR",
            "lines": [line("a", "s1", 1, 100), line("b", "s1", 1, 100), line("c", "s2", 1, 200)],
            "discounts": [
                {"id": "d1", "amount": 90, "applies_to": {"line": "a"}, "funded_by": "seller"},
                {"id": "d2", "amount": amount, "applies_to": {"cart": true}, "funded_by": "seller"},
            ],
        })
    };
    let off = |amount| {
        lines(&divided(cart(amount), &terms(vec![None, None])))
            .into_iter()
            .map(|(_, n, _, _)| n)
    };
    // 50 each; of s1's, 10 fit on a, 40 go to b.
    assert_eq!(off(100).collect::<Vec<_>>(), [0, 60, 150]);
    // 120 each; of s1's only 110 fit, s2 bears 130.
    assert_eq!(off(240).collect::<Vec<_>>(), [0, 0, 70]);
    let notes: Vec<String> = divided(cart(240), &terms(vec![None, None]))
        .parties()
        .iter()
        .flat_map(|share| share.reasons.iter())
        .filter(|reason| reason.subject.to_string() == "discount:d2")
        .map(|reason| format!("{} {} {}", reason.exact, reason.amount, reason.note))
        .collect();
    let expected = [
        "-120.00 -110 2.40 EUR: its share by price, as far as its lines had anything left",
        "-120.00 -130 2.40 EUR: its share by price, and more because others had too little left",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn discounts_apply_in_order_each_on_the_original_price() {
    let discount = |id: &str, percent: i64| json!({"id": id, "percent_bp": percent, "applies_to": {"cart": true}, "funded_by": "seller"});
    let cart = json!({"currency": "EUR", "lines": [line("a", "s1", 1, 1_000)],
        "discounts": [discount("d1", 6_000), discount("d2", 3_000), discount("d3", 3_000)],
        "fees": [{"id": "f", "amount": 1}]});
    let allocation = divided(cart, &terms(vec![None]));
    let reasons = allocation.parties()[0]
        .reasons
        .iter()
        .map(|reason| (reason.exact.as_str(), reason.amount));
    let expected = [
        ("1000.00", 1_000),
        ("-600.00", -600),
        ("-300.00", -300),
        ("-300.00", -100),
    ];
    assert_eq!(reasons.collect::<Vec<_>>(), expected, "the last takes what is left");
    assert_eq!(net(&allocation), [("s1".into(), 0), ("marketplace".into(), 1)]);
}

#[test]
fn commission_is_rounded_bounded_and_never_more_than_what_it_is_taken_from() {
    let of = |rule: Value, unit_price: i64| {
        let terms = terms(vec![Some(plan(json!([rule])))]);
        let cart = json!({"currency": "EUR", "lines": [line("a", "s1", 1, unit_price), line("b", "s1", 1, 10_000)]});
        let allocation = divided(cart, &terms);
        let reason = allocation.parties()[0].reasons[2].clone();
        assert_eq!(reason.subject.to_string(), "commission:a");
        (reason.exact, reason.amount, reason.note)
    };
    let rule = |extra: Value| {
        let mut rule = json!({"percent_bp": 1_000, "applies_to": "items"});
        rule.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        rule
    };
    let cases = [
        (rule(json!({})), 25, "-2.50", -2, "10.00 % of 0.25 EUR"),
        (rule(json!({})), 35, "-3.50", -4, "10.00 % of 0.35 EUR"),
        (
            rule(json!({"fixed": {"EUR": 25, "USD": 900}})),
            1_000,
            "-125.00",
            -125,
            "10.00 % of 10.00 EUR + 0.25 EUR",
        ),
        (
            rule(json!({"fixed": {"USD": 900}})),
            1_000,
            "-100.00",
            -100,
            "10.00 % of 10.00 EUR",
        ),
        (
            rule(json!({"min": {"EUR": 50}})),
            100,
            "-50.00",
            -50,
            "10.00 % of 1.00 EUR, raised to the minimum",
        ),
        (
            rule(json!({"max": {"EUR": 50}})),
            1_000,
            "-50.00",
            -50,
            "10.00 % of 10.00 EUR, lowered to the maximum",
        ),
        (
            rule(json!({"fixed": {"EUR": 25}})),
            20,
            "-27.00",
            -20,
            "10.00 % of 0.20 EUR + 0.25 EUR, capped at what it is taken from",
        ),
        (
            rule(json!({"fixed": {"EUR": 25}})),
            0,
            "-25.00",
            0,
            "10.00 % of 0.00 EUR + 0.25 EUR, capped at what it is taken from",
        ),
    ];
    for (rule, unit_price, exact, amount, note) in cases {
        assert_eq!(of(rule, unit_price), (exact.to_owned(), amount, note.to_owned()));
    }
}

#[test]
fn commission_on_shipping_is_shared_by_price_and_the_line_wins_ties() {
    let terms = terms(vec![Some(plan(json!([
        {"match": {"categories": ["books"]}, "percent_bp": 5_000, "applies_to": "items"},
        {"percent_bp": 500, "applies_to": "items_and_shipping"},
    ])))]);
    let shipped = |price: i64, shipping: i64| {
        json!({"currency": "EUR", "lines": [line("a", "s1", 1, price)],
               "shipping": [{"seller": "s1", "amount": shipping}]})
    };
    // 5 % of 20 is 1: half of it is the line's, half the shipping's.
    let expected = [("line:a".into(), 10, 1, 0), ("shipping:s1".into(), 10, 0, 0)];
    assert_eq!(lines(&divided(shipped(10, 10), &terms)), expected);
    // Lines without a price share shipping equally.
    let expected = [("line:a".into(), 0, 0, 0), ("shipping:s1".into(), 100, 5, 0)];
    assert_eq!(lines(&divided(shipped(0, 100), &terms)), expected);

    // The book's rule leaves its part of the shipping alone: 300 × 1/3.
    let mut cart = json!({"currency": "EUR", "lines": [line("a", "s1", 1, 1_000), line("b", "s1", 1, 2_000)],
        "shipping": [{"seller": "s1", "amount": 300}]});
    cart["lines"][0]["category"] = json!("books");
    let expected = [
        ("line:a".into(), 1_000, 500, 0),
        ("line:b".into(), 2_000, 100, 0),
        ("shipping:s1".into(), 300, 10, 0),
    ];
    assert_eq!(lines(&divided(cart, &terms)), expected);
}

#[test]
fn seller_funded_discounts_lower_the_base_of_commission_and_the_marketplaces_do_not() {
    let cart = |funder: &str| {
        json!({"currency": "EUR", "lines": [line("a", "s1", 1, 10_000)],
               "discounts": [{"id": "d", "amount": 1_000, "applies_to": {"line": "a"}, "funded_by": funder}]})
    };
    let terms = fifteen_percent();
    assert_eq!(
        net(&divided(cart("seller"), &terms)),
        [("s1".into(), 7_650), ("marketplace".into(), 1_350)]
    );
    assert_eq!(
        net(&divided(cart("marketplace"), &terms)),
        [("s1".into(), 8_500), ("marketplace".into(), 500)]
    );
}

#[test]
fn three_decimals_are_divided_in_tens_and_none_in_ones() {
    let cart = |code: &str| {
        json!({"currency": code, "lines": [line("a", "s1", 1, 1_000), line("b", "s2", 1, 1_000), line("c", "s3", 1, 1_000)],
               "discounts": [{"id": "d", "amount": 100, "applies_to": {"cart": true}, "funded_by": "seller"}]})
    };
    let terms = fifteen_percent();
    // 15 % of 960 is 144, of 970 145.5: to tens, half-even.
    let dinars = divided(cart("KWD"), &terms);
    let expected = [("s1", 820), ("s2", 820), ("s3", 820), ("marketplace", 440)];
    assert_eq!(net(&dinars), expected.map(|(party, net)| (party.to_owned(), net)));
    let yen = divided(cart("JPY"), &terms);
    let expected = [("s1", 821), ("s2", 822), ("s3", 822), ("marketplace", 435)];
    assert_eq!(net(&yen), expected.map(|(party, net)| (party.to_owned(), net)));
}

#[test]
fn the_largest_cart_is_divided_in_a_moment() {
    let lines: Vec<Value> = (0..500)
        .map(|n| line(&format!("l{n}"), &format!("s{}", n % 4 + 1), 1_000, 19_999))
        .collect();
    let discounts: Vec<Value> = (0..100)
        .map(|n| json!({"id": format!("d{n}"), "percent_bp": 70, "applies_to": {"cart": true}, "funded_by": "seller"}))
        .collect();
    let largest = cart(json!({"currency": "EUR", "lines": lines, "discounts": discounts}));
    assert!(largest.lines().len() == 500);
    let allocation = domain::allocation::allocate(&largest, &fifteen_percent()).unwrap();
    assert_eq!(allocation.total().get(), 500 * 1_000 * 19_999 * 3 / 10);
}
