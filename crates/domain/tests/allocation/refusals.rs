//! Carts that are not divided, and what is said about them.

use domain::allocation::{CODES, Terms};
use domain::fault::Fault;
use domain::ids::SiteId;
use domain::seller::SellerStatus;
use serde_json::{Value, json};

use crate::carts::{divided, fifteen_percent, line, plan, refused, terms};

fn told(cart: Value, terms: &Terms) -> Vec<(String, &'static str)> {
    let faults = refused(cart, terms);
    assert!(
        faults
            .iter()
            .all(|fault| CODES.iter().any(|(code, _)| *code == fault.code))
    );
    faults
        .into_iter()
        .map(|Fault { pointer, code, .. }| (pointer, code))
        .collect()
}

#[test]
fn sellers_that_may_not_sell_are_named_on_each_of_their_lines() {
    let mut terms = fifteen_percent();
    terms.sellers.get_mut("s2".parse().as_ref().unwrap()).unwrap().status = SellerStatus::Suspended;
    let cart = json!({"currency": "EUR", "lines": [line("a", "s1", 1, 1), line("b", "s2", 1, 1), line("c", "s9", 1, 1),
        line("d", "s2", 1, 1)]});
    let expected = [
        ("/lines/1/seller".to_owned(), "seller_suspended"),
        ("/lines/2/seller".to_owned(), "seller_unknown"),
        ("/lines/3/seller".to_owned(), "seller_suspended"),
    ];
    assert_eq!(told(cart, &terms), expected);
}

#[test]
fn two_parties_are_not_paid_to_one_site() {
    let mut terms = fifteen_percent();
    terms.sellers.get_mut("s2".parse().as_ref().unwrap()).unwrap().site = SiteId::try_new(101).unwrap();
    terms.sellers.get_mut("s3".parse().as_ref().unwrap()).unwrap().site = terms.commission_site;
    let cart =
        json!({"currency": "EUR", "lines": [line("a", "s1", 1, 1), line("b", "s2", 1, 1), line("c", "s3", 1, 1)]});
    let expected = [
        ("/lines/1/seller".to_owned(), "site_taken"),
        ("/lines/2/seller".to_owned(), "site_taken"),
    ];
    assert_eq!(told(cart, &terms), expected);
    // A seller that this cart does not name is no concern of it.
    divided(json!({"currency": "EUR", "lines": [line("b", "s2", 1, 1)]}), &terms);
}

#[test]
fn an_amount_larger_than_what_is_left_is_refused_and_a_percentage_takes_what_is_left() {
    let cart = |second: Value| {
        let mut second = second;
        second["id"] = json!("d2");
        second["applies_to"] = json!({"seller": "s1"});
        second["funded_by"] = json!("seller");
        json!({"currency": "EUR", "lines": [line("a", "s1", 1, 100), line("b", "s2", 1, 100)], "discounts": [
            {"id": "d1", "amount": 70, "applies_to": {"line": "a"}, "funded_by": "seller"}, second]})
    };
    let terms = terms(vec![None, None]);
    let faults = refused(cart(json!({"amount": 31})), &terms);
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        ("/discounts/1/amount", "discount_too_large")
    );
    assert!(faults[0].detail.contains("30 minor units"), "{}", faults[0].detail);
    assert_eq!(divided(cart(json!({"amount": 30})), &terms).total().get(), 100);
    assert_eq!(divided(cart(json!({"percent_bp": 10_000})), &terms).total().get(), 100);
}

#[test]
fn a_total_of_nothing_is_not_a_payment() {
    let free = json!({"currency": "EUR", "lines": [line("a", "s1", 1, 0)]});
    assert_eq!(told(free, &fifteen_percent()), [(String::new(), "nothing_to_pay")]);
    let given = json!({"currency": "EUR", "lines": [line("a", "s1", 1, 5)], "discounts": [
        {"id": "d", "percent_bp": 10_000, "applies_to": {"cart": true}, "funded_by": "seller"}]});
    assert_eq!(told(given, &fifteen_percent()), [(String::new(), "nothing_to_pay")]);
}

#[test]
fn the_marketplace_gives_a_sellers_buyers_no_more_than_its_commission_there() {
    let cart = |second: i64| {
        json!({
            "currency": "EUR",
            "lines": [line("a", "s1", 1, 10_000), line("b", "s2", 1, 10_000)],
            "shipping": [{"seller": "s2", "amount": 1_000}],
            "discounts": [
                {"id": "d1", "amount": 1_000, "applies_to": {"seller": "s2"}, "funded_by": "marketplace"},
                {"id": "d2", "amount": second, "applies_to": {"line": "b"}, "funded_by": "marketplace"},
            ],
            "fees": [{"id": "f", "amount": 5_000}],
        })
    };
    let rules = json!([{"percent_bp": 1_500, "applies_to": "items_and_shipping"}]);
    let terms = terms(vec![Some(plan(rules)); 2]);
    // 15 % of 110.00 is 16.50, its shipping's included; neither fees nor the other seller's commission help.
    assert_eq!(divided(cart(650), &terms).total().get(), 24_350);
    let faults = refused(cart(651), &terms);
    assert_eq!(faults.len(), 1);
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        ("/discounts/1", "marketplace_share_negative")
    );
    let detail = "the marketplace's discounts on the goods of s2 are at most its commission on them, 16.50 EUR (1650 \
                  minor units); they are 16.51 EUR";
    assert_eq!(faults[0].detail, detail);
}
