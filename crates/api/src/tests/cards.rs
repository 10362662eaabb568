//! Card numbers are found wherever they stand, and nothing else is.

use crate::cards::{find, in_text};
use proptest::prelude::*;
use serde_json::json;

const CARDS: &[&str] = &[
    "4111111111111111",
    "4012888888881881",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "6759649826438453",
];

#[test]
fn every_issuers_numbers_are_found() {
    for card in CARDS {
        assert!(in_text(card), "{card}");
        let dashed: Vec<&str> = card
            .as_bytes()
            .chunks(4)
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect();
        assert!(in_text(&dashed.join("-")), "{card}");
        assert!(in_text(&format!("card {} exp 12/29", dashed.join(" "))), "{card}");
        assert!(in_text(&format!("{} 12 29", dashed.join(" "))), "{card}");
        assert!(in_text(&format!("PAN:{card};")), "{card}");
        assert!(in_text(&format!("PAN{card}X")), "{card}");
    }
}

#[test]
fn other_numbers_are_not_cards() {
    for text in [
        "",
        "4111111111111112",
        "1234567890123456",
        "411111111111111",
        "41111111111111111111",
        "+40 721 234 567",
        "2026-11-20T17:21:20.296Z",
        "1795195280495183",
        "3442f8959a84dea7ee197c632cb2df15",
        "a4111111111111111b",
        "order 41111111, item 11111111",
    ] {
        assert!(!in_text(text), "{text}");
    }
}

#[test]
fn the_place_is_named() {
    let card = CARDS[0];
    let body = |value: serde_json::Value| find(value.to_string().as_bytes());
    assert_eq!(body(json!({"metadata": {"note": card}})).unwrap(), "/metadata/note");
    assert_eq!(body(json!({"metadata": {card: "x"}})).unwrap(), "/metadata");
    assert_eq!(
        body(json!({"cart": {"lines": [{"name": card}]}})).unwrap(),
        "/cart/lines/0/name"
    );
    assert_eq!(body(json!({"amount": 4_111_111_111_111_111_u64})).unwrap(), "/amount");
    assert_eq!(body(json!({"customer": {"a/b": card}})).unwrap(), "/customer/a~1b");
    let escaped = br#"{"description": "\u0034111111111111111"}"#;
    assert_eq!(find(escaped).unwrap(), "/description");
}

#[test]
fn the_storefronts_own_numbers_are_its_own() {
    let card = CARDS[0];
    let body = json!({"order": card, "cart": {
        "lines": [{"id": card, "sku": card}],
        "discounts": [{"applies_to": {"line": card}}]}});
    assert_eq!(find(body.to_string().as_bytes()), None);
    let elsewhere = json!({"customer": {"id": card}});
    assert!(find(elsewhere.to_string().as_bytes()).is_some());
}

/// A number with a right check digit, of an issuer whose numbers have sixteen digits.
fn visa() -> impl Strategy<Value = String> {
    proptest::collection::vec(0_u32..10, 14).prop_map(|digits| {
        let mut number = vec![4];
        number.extend(digits);
        let sum: u32 = number
            .iter()
            .rev()
            .enumerate()
            .map(|(place, digit)| {
                if place % 2 == 0 {
                    digit * 2 / 10 + digit * 2 % 10
                } else {
                    *digit
                }
            })
            .sum();
        number.push((10 - sum % 10) % 10);
        number.iter().map(ToString::to_string).collect()
    })
}

#[actix_web::test]
async fn what_is_said_of_a_body_that_ends_too_early_quotes_no_card() {
    let world = super::World::new().await;
    for body in [
        r#"{"4111111111111111": 1"#,
        r#"{"\u0034111111111111111": 1"#,
        r#"{"order": 4111111111111111"#,
        r#"{"metadata": {"4111 1111 1111 1111": 1"#,
    ] {
        let answer = world.post_bytes("/v1/payments", body).await;
        answer.problem(400, "card_number_refused");
        assert!(!in_text(&answer.body["detail"].to_string()), "{}", answer.body);
        assert_eq!(answer.body["errors"][0]["pointer"], "", "{}", answer.body);
    }
}

proptest! {
    #[test]
    fn a_card_is_found_however_it_is_spaced(number in visa(), gaps in proptest::collection::vec(0_usize..3, 16)) {
        let spaced: String = number.chars().zip(gaps).map(|(digit, gap)| format!("{digit}{}", [" ", "-", ""][gap])).collect();
        prop_assert!(in_text(&spaced), "{}", spaced);
        let body = json!({"description": format!("my card: {spaced}.")}).to_string();
        prop_assert_eq!(find(body.as_bytes()), Some("/description".to_owned()));
    }

    #[test]
    fn a_wrong_check_digit_is_no_card(number in visa(), by in 1_u8..10) {
        let (rest, last) = number.split_at(15);
        let wrong = (last.parse::<u8>().unwrap() + by) % 10;
        let text = format!("{rest}{wrong}");
        prop_assert!(!in_text(&text), "{}", text);
    }

    #[test]
    fn no_text_and_no_bytes_panic(text in ".*", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = (in_text(&text), find(&bytes), find(text.as_bytes()));
    }
}
