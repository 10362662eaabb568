//! What storefronts, sellers and operators send: bodies, queries and headers.

use super::{Target, payment::terms, texts};
use crate::carts;
use api::config::{Config, Sources};
use api::outside::{self, Refused, Registration, Wish};
use domain::allocation::{Allocation, allocate};
use domain::cart::{Cart, CartDraft};
use domain::money::{Amount, LIMIT};
use domain::time::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Carts.
pub const QUOTE: Target = Target {
    name: "quote_body",
    read: quoted,
    seeds: || {
        let carts = [carts::three_sellers(), carts::one_lamp(), carts::worked_example()];
        carts.map(|cart| json!({"cart": cart}).to_string().into_bytes()).into()
    },
    weight: 25,
};

/// Wishes for a payment.
pub const PAYMENT: Target = Target {
    name: "payment_body",
    read: asked,
    seeds: || {
        let mut by_card = carts::payment("order-2", &carts::worked_example());
        by_card["card"] = json!({"id": "card_01j00000000000000000000000", "security_code": "9137"});
        by_card["capture"] = "manual".into();
        by_card["capture_by"] = "2031-01-31T12:00:00Z".into();
        by_card["metadata"] = json!({"a": "b"});
        let plain = carts::payment("order-1", &carts::three_sellers());
        [plain, by_card].map(|body| body.to_string().into_bytes()).into()
    },
    weight: 25,
};

/// The other wishes for money; the first byte says which.
pub const WISH: Target = Target {
    name: "wish_body",
    read: wished,
    seeds: || {
        let bodies = [
            r#"0{"splits":[{"seller":"s1","amount":100,"reference":"r-1"},{"seller":"s2","amount":5}],"rest":"commission"}"#,
            r#"0{}"#,
            r#"1{"sellers":[{"seller":"s1","lines":[{"id":"l1","quantity":1}]},{"seller":"s2","amount":500}],"accept_stranded":true}"#,
            r#"1{"splits":[{"split":"spl_00000000000000000000000000_1","amount":100}]}"#,
            r#"2{"amount":100,"accept_stranded":false}"#,
            r#"3{"seller":"s1","amount":0}"#,
            r#"3{"seller":"s1","lines":[{"id":"l1","quantity":2}]}"#,
            r#"4{"lines":[{"id":"l1","quantity":1}],"shipping":["s1"],"commission":"keep","reason":"broken","reference":"r-1","metadata":{"a":"b"}}"#,
            r#"4{"seller":"s1","amount":100}"#,
            r#"5{"seller":"s1","currency":"EUR","amount":100,"reference":"r-1","settled_on":"2030-01-31"}"#,
        ];
        texts(&bodies)
    },
    weight: 25,
};

/// What has no money in it; the first byte says which.
pub const REGISTRATION: Target = Target {
    name: "registration_body",
    read: registered,
    seeds: || {
        let bodies = [
            r#"0{"rules":[{"match":{"categories":["home"],"unit_price_from":100},"percent_bp":1500,"fixed":{"EUR":25},"min":{"EUR":1},"applies_to":"items"},{"percent_bp":1,"applies_to":"items_and_shipping"}],"commission_on_refund":"keep"}"#,
            r#"1{"name":"Lamps","site_id":33512,"fee_plan":"standard","status":"active","metadata":{"a":"b"}}"#,
            r#"2{"role":"seller","principal":"dashboard","seller":"s1"}"#,
        ];
        texts(&bodies)
    },
    weight: 25,
};

/// Filters of lists.
pub const QUERY: Target = Target {
    name: "query",
    read: filtered,
    seeds: || {
        texts(&[
            "status=captured&seller=s1&order=order-1&customer=c&held=true&refunded=partly&limit=100",
            "expiring_before=2030-01-31T12%3A00%3A00Z&created_from=2030-01-31T12:00:00.000Z&cursor=pay_00000000000000000000000000",
            "limit=1&limit=2",
            "nothing=1",
        ])
    },
    weight: 30,
};

/// Credentials of our callers.
pub const BEARER: Target = Target {
    name: "bearer_header",
    read: called,
    seeds: || {
        texts(&[
            "Bearer ap_test_0000",
            "bearer  ap_live_1 ",
            "Basic c2hvcDprZXk=",
            "Bearer",
        ])
    },
    weight: 60,
};

/// Card numbers in texts.
pub const CARD_NUMBER: Target = Target {
    name: "card_number",
    read: hidden,
    seeds: || {
        texts(&[
            "4111 1111 1111 1111",
            "my card is 5555-5555-5555-4444, thanks",
            "378282246310005",
            r#"{"order":"4111111111111111","description":"4111111111111111"}"#,
            "01234567890123456789",
            "6e4111111111111111ab",
        ])
    },
    weight: 50,
};

static SETTINGS: LazyLock<engine::Settings> = LazyLock::new(|| {
    let nothing: [(&str, &str); 0] = [];
    outside::settings(&Config::load(&Sources::isolated(nothing)).expect("the defaults are a configuration"))
});

fn quoted(body: &[u8]) {
    match outside::quote(body) {
        Ok(draft) => divided(draft),
        Err(refused) => told(&refused),
    }
}

fn asked(body: &[u8]) {
    let (request, written) = match outside::payment(body) {
        Ok(read) => read,
        Err(refused) => return told(&refused),
    };
    let faults = engine::outside::faults(&request, &SETTINGS, Timestamp::MIN);
    assert!(faults.iter().all(|fault| fault.pointer.starts_with('/')));
    if let Some(card) = &request.card {
        let code = card.security_code.expose_secret();
        assert!(
            !String::from_utf8_lossy(&written).contains("security_code"),
            "the code {code} is digested"
        );
    } else {
        let (_, again) = outside::payment(&written).expect("what was written can be read");
        assert_eq!(written, again, "the same wish, another fingerprint");
    }
    divided(request.cart);
}

/// A cart that is accepted is divided to the last cent, or refused whole.
fn divided(draft: CartDraft) {
    let Ok(cart) = Cart::try_new(draft) else { return };
    let buyer_pays = paid_without_discounts(&cart);
    match allocate(&cart, &terms()) {
        Ok(allocation) => balanced(&cart, &allocation, buyer_pays),
        Err(faults) => assert!(!faults.is_empty()),
    }
}

fn paid_without_discounts(cart: &Cart) -> i128 {
    let lines = cart
        .lines()
        .iter()
        .map(|line| i128::from(line.quantity()) * i128::from(line.unit_price()));
    let shipping = cart.shipping().iter().map(|shipping| i128::from(shipping.amount()));
    let fees = cart.fees().iter().map(|fee| i128::from(fee.amount()));
    lines.chain(shipping).chain(fees).sum()
}

fn balanced(cart: &Cart, allocation: &Allocation, before_discounts: i128) {
    let total = i128::from(allocation.total());
    assert!(allocation.total() > Amount::ZERO && allocation.total() <= LIMIT);
    assert!(total <= before_discounts, "the buyer pays more than was agreed");
    assert!(
        !cart.discounts().is_empty() || total == before_discounts,
        "a discount that nobody gave"
    );
    let splits: i128 = allocation.splits().iter().map(|split| i128::from(split.amount)).sum();
    assert_eq!(splits, total, "the splits are not what the buyer pays");
    assert!(allocation.splits().iter().all(|split| split.amount > Amount::ZERO));
    for share in allocation.parties() {
        let parts = i128::from(share.gross)
            + i128::from(share.discounts)
            + i128::from(share.shipping)
            + i128::from(share.commission)
            + i128::from(share.fees);
        assert_eq!(parts, i128::from(share.net), "a share that does not add up");
    }
    assert_eq!(allocation.currency(), cart.currency());
}

fn wished(input: &[u8]) {
    let Some((first, body)) = input.split_first() else {
        return;
    };
    let wish = match first % 6 {
        0 => Wish::Splits,
        1 => Wish::Capture,
        2 => Wish::SplitCapture,
        3 => Wish::Ready,
        4 => Wish::Refund,
        _ => Wish::Settlement,
    };
    match outside::wish(wish, body) {
        Ok(written) => {
            assert_eq!(
                outside::wish(wish, &written).as_ref(),
                Ok(&written),
                "the same wish, another fingerprint"
            );
            let json: Value = serde_json::from_slice(&written).expect("JSON");
            amounts_are_possible(&json);
        }
        Err(refused) => told(&refused),
    }
}

fn amounts_are_possible(json: &Value) {
    match json {
        Value::Object(fields) => {
            if let Some(amount) = fields.get("amount").and_then(Value::as_i64) {
                assert!((0..=LIMIT.get()).contains(&amount), "{amount} is wished for");
            }
            fields.values().for_each(amounts_are_possible);
        }
        Value::Array(items) => items.iter().for_each(amounts_are_possible),
        _ => {}
    }
}

fn registered(input: &[u8]) {
    let Some((first, body)) = input.split_first() else {
        return;
    };
    let what = match first % 3 {
        0 => Registration::FeePlan,
        1 => Registration::Seller,
        _ => Registration::ApiKey,
    };
    if let Err(refused) = outside::registration(what, body) {
        told(&refused);
    }
}

/// A refusal is a problem, blames the caller, and repeats no card number.
fn told(refused: &Refused) {
    let Refused { status, text } = refused;
    assert!((400..500).contains(status), "{status} for what a caller sent");
    let problem: Value = serde_json::from_str(text).expect("a problem is JSON");
    let said = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(said("charged"), "no");
    assert!(!said("code").is_empty() && !said("detail").is_empty());
    let pointers = problem["errors"].as_array().into_iter().flatten();
    let pointers = pointers.filter_map(|place| place["pointer"].as_str().map(str::to_owned));
    for words in pointers.chain([said("detail")]) {
        assert!(!api::cards::in_text(&words), "a card number is repeated: {words}");
    }
}

fn filtered(input: &[u8]) {
    let Ok(query) = std::str::from_utf8(input) else { return };
    match outside::payments(query) {
        Ok(read) => assert!((1..=100).contains(&read.limit)),
        Err(refused) => {
            let problem: Value = serde_json::from_str(&refused.text).expect("a problem is JSON");
            assert_eq!(refused.status, 400);
            assert!(
                problem["errors"][0]["pointer"]
                    .as_str()
                    .is_some_and(|at| at.starts_with('?'))
            );
        }
    }
}

fn called(input: &[u8]) {
    let Ok(header) = std::str::from_utf8(input) else { return };
    if let Some(token) = outside::bearer(header) {
        assert_eq!(token, token.trim());
        assert!(header.len() >= "Bearer ".len() && header[..6].eq_ignore_ascii_case("bearer"));
        assert!(header.ends_with(token) || header.trim_end().ends_with(token));
    }
}

/// A text is judged the same whatever surrounds it, and a body in which a number stands is refused.
fn hidden(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        let _ = api::cards::find(input);
        return;
    };
    let is_card = api::cards::in_text(text);
    assert_eq!(is_card, api::cards::in_text(&format!("«{text}»")), "quotes hide it");
    if is_card {
        let body = json!({"description": text}).to_string();
        assert_eq!(api::cards::find(body.as_bytes()).as_deref(), Some("/description"));
        let order = json!({"order": text}).to_string();
        assert_eq!(api::cards::find(order.as_bytes()), None, "an order's own number");
    }
    let _ = api::cards::find(input);
}
