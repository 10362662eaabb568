//! Kept cards: used, shown, given up; and what nobody gets to see.

use super::world::{World, by_card};
use sandbox::core::Reply;
use serde_json::{Value, json};

/// Keeps a card by paying and gives its token.
fn keep(world: &mut World) -> String {
    let (_, answer) = world.call("POST", "/v1/payments", by_card("keeps", 100));
    answer["Payment"]["CreditCardToken"]["Value"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn one_click(reference: &str, token: &str) -> Value {
    json!({"Payment": {"MerchantTransactionID": reference, "Amount": 2000, "Currency": "EUR", "ReturnURL": "http://x.y",
        "Capture": true, "CreditCardToken": {"Value": token, "SecurityCode": "487"}}})
}

#[test]
fn a_kept_card_pays_until_it_is_given_up() {
    let mut world = World::new();
    let token = keep(&mut world);
    let (status, answer) = world.call("POST", "/v1/payments", one_click("a", &token));
    assert_eq!((status, &answer["Payment"]["Status"]["ID"]), (201, &json!(11)));
    assert_eq!(answer["Payment"]["Card"]["HolderName"], "John Doe");
    let mut wrong = one_click("b", &token);
    for (code, refused) in [(json!("12"), "1204"), (json!("abc"), "1204"), (Value::Null, "1204")] {
        wrong["Payment"]["CreditCardToken"]["SecurityCode"] = code;
        assert_eq!(world.refusal("POST", "/v1/payments", &wrong), refused);
    }
    wrong["Payment"]["CreditCardToken"]["RequireSecurityCode"] = json!(false);
    assert_eq!(
        world.call("POST", "/v1/payments", &wrong).0,
        201,
        "the merchant pays without the buyer"
    );
    let mut other = one_click("c", &token);
    other["Payment"]["Card"] = json!({"Number": "4548812049400004"});
    assert_eq!(world.refusal("POST", "/v1/payments", &other), "2403");

    let (status, shown) = world.call("GET", &format!("/v1/card/token/{token}"), "");
    assert_eq!(
        (status, &shown["CardAuthentication"]["Card"]["Number"]),
        (200, &json!("Ends with 1111"))
    );
    assert_eq!(shown["CardAuthentication"]["CreditCardToken"]["Value"], token);
    let (status, gone) = world.call("POST", &format!("/v1/card/token/{token}/cancel/"), "");
    assert_eq!((status, &gone["CardAuthentication"]["Status"]["ID"]), (200, &json!(3)));
    assert_eq!(
        world.refusal("POST", &format!("/v1/card/token/{token}/cancel"), ""),
        "2401"
    );
    assert_eq!(world.refusal("POST", "/v1/payments", one_click("d", &token)), "2401");
    assert_eq!(world.refusal("GET", "/v1/card/token/nonsense", ""), "2400");
    assert_eq!(world.refusal("POST", "/v1/card/token/nonsense/cancel", ""), "2400");
    assert_eq!(world.call("DELETE", &format!("/v1/card/token/{token}"), "").0, 405);
}

#[test]
fn a_card_is_kept_without_paying() {
    let mut world = World::new();
    let card = by_card("x", 1)["Payment"]["Card"].clone();
    let (status, kept) = world.call(
        "POST",
        "/v1/card/authenticate",
        json!({"CardAuthentication": {"Card": card}}),
    );
    assert_eq!(
        (status, &kept["CardAuthentication"]["Status"]["Info"]),
        (201, &json!("Success"))
    );
    let token = kept["CardAuthentication"]["CreditCardToken"]["Value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(world.call("POST", "/v1/payments", one_click("a", &token)).0, 201);
    assert_eq!(
        world.refusal("POST", "/v1/card/authenticate", json!({"CardAuthentication": {}})),
        "1206"
    );
    let bad = json!({"CardAuthentication": {"Card": {"HolderName": "J", "Number": "1", "ExpirationMonth": "1",
        "ExpirationYear": "2028", "SecurityCode": "1234"}}});
    assert_eq!(world.refusal("POST", "/v1/card/authenticate", bad), "1201");
}

#[test]
fn a_card_is_not_kept_unless_asked_for() {
    let mut world = World::new();
    let mut request = by_card("a", 100);
    request["Payment"]["GenerateCreditCardToken"] = json!(false);
    let (_, answer) = world.call("POST", "/v1/payments", request);
    assert_eq!(answer["Payment"]["CreditCardToken"], Value::Null);
    let (_, books) = world.call("GET", "/_sandbox/books?cards=true", "");
    assert_eq!(books["cards"], json!([]));
}

#[test]
fn neither_numbers_nor_tokens_nor_codes_are_in_the_books_or_in_debug() {
    let mut world = World::new();
    let token = keep(&mut world);
    world.call("POST", "/v1/payments", one_click("a", &token));
    world.call("POST", "/v1/payments", one_click("a", &token));
    world.call(
        "POST",
        "/v1/payments",
        one_click("b", "0123456789ABCDEF0123456789ABCDEF"),
    );
    world.call("GET", &format!("/v1/card/token/{token}"), "");
    world.call("POST", &format!("/v1/card/token/{token}/cancel"), "");
    world.call(
        "POST",
        "/v1/payments",
        format!("{{\"Card\": \"4111111111111111\", \"SecurityCode\": 487, {token}"),
    );
    let Reply::Answer(books) = world.handle("GET", "/_sandbox/books?cards=true", "").reply else {
        panic!()
    };
    let books = String::from_utf8(books.body).unwrap();
    let debug = format!("{:?}", world.core);
    for (name, text) in [("books", &books), ("debug", &debug)] {
        for secret in [
            token.as_str(),
            "4111111111111111",
            "0123456789ABCDEF",
            "SecurityCode\":\"312",
            "SecurityCode\":\"487",
        ] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
    }
    // Nor as the numbers of its bytes.
    let bytes = format!("{:?}", &token.as_bytes()[..28]);
    assert!(!debug.contains(bytes.trim_matches(['[', ']'])));
    let last4 = &token[28..];
    let books: Value = serde_json::from_str(&books).unwrap();
    assert_eq!(
        books["cards"][0],
        json!({"token_last4": last4, "last4": "1111", "expiry_month": 2, "expiry_year": 2028, "cancelled": true})
    );
    assert_eq!(books["payments"][0]["card"]["token_last4"], last4);
    let first = &books["requests"][0]["body"]["Payment"];
    assert_eq!(
        (&first["Card"]["Number"], &first["Card"]["SecurityCode"]),
        (&json!("…1111"), &json!("***"))
    );
    assert_eq!(books["requests"][4]["path"], format!("/v1/card/token/…{last4}"));
}
