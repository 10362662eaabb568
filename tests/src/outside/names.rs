//! Names, places in lists, days, times, currencies and amounts.

use super::{Target, texts};
use domain::date::Date;
use domain::ids::{
    CardId, CustomerId, DiscrepancyId, FeePlanId, IdempotencyKey, KeyId, LineId, NotificationId, OperationId, OrderId,
    PaymentId, Principal, Reference, RefundId, SellerId, SettlementId, SplitId,
};
use domain::money::{Amount, Currency, LIMIT, Money, MoneyError};
use domain::time::Timestamp;
use gateway_client::wire;
use serde_json::Value;
use std::fmt::{Debug, Display};
use std::str::FromStr;

macro_rules! target {
    ($name:ident, $called:literal, $read:expr, $weight:literal, $seeds:expr) => {
        /// Names of one kind.
        pub const $name: Target = Target {
            name: $called,
            read: |input| {
                if let Ok(text) = std::str::from_utf8(input) {
                    $read(text);
                }
            },
            seeds: || texts(&$seeds),
            weight: $weight,
        };
    };
}

target!(
    IDS,
    "ids",
    ids,
    90,
    [
        "pay_01j00000000000000000000000",
        "key_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "evt_01j00000000000000000000000",
        "card_01j0000000000000000000000g",
        "set_01j00000000000000000000000",
        "spl_01j00000000000000000000000_2",
        "op_01j00000000000000000000000_65535",
        "ref_01j00000000000000000000000_0",
        "dis_01j00000000000000000000000_17",
    ]
);
target!(
    WORDS,
    "names_and_keys",
    words,
    70,
    [
        "s1",
        "marketplace",
        "order-1001",
        "customer_7.x",
        "standard",
        "8e0b9d7e-8d3c-4c8f-9d3b-0d3f6b0e7a11",
        "a b",
        "é",
    ]
);
target!(
    CURSORS,
    "cursors",
    cursors,
    60,
    [
        "1893456000000000-pay_01j00000000000000000000000-3-1",
        "0-set_01j00000000000000000000000-0-0",
        "253402300799999999-pay_01j00000000000000000000000-18446744073709551615-65535",
    ]
);
target!(
    TIMES,
    "times",
    times,
    80,
    [
        "2030-01-31T12:00:00.000Z",
        "1969-12-31T23:59:59+23:59",
        "9999-12-31T23:59:59.999999999-00:01",
        "2024-02-29t00:00:60z",
        "0000-01-01T00:00:00Z",
    ]
);
target!(
    DAYS,
    "days",
    days,
    80,
    [
        "2030-01-31",
        "2024-02-29",
        "2030-W05-4",
        "2030-031",
        "+02030-01-31",
        "20300131"
    ]
);
target!(
    CURRENCIES,
    "currencies",
    currencies,
    60,
    ["EUR", "JPY", "KWD", "XAU", "eur", "EURO", "CLF"]
);
target!(
    AMOUNTS,
    "amounts",
    amounts,
    100,
    [
        "EUR1050",
        "JPY9999999999",
        "KWD10",
        "KWD11",
        "EUR-1",
        "EUR9223372036854775807",
        "CLF10000",
        "UYW1",
    ]
);
target!(
    WIRE_AMOUNTS,
    "wire_amounts",
    wire_amounts,
    70,
    [
        "EUR\"1154\"",
        "JPY10000",
        "JPY10001",
        "KWD\"007\"",
        "EUR18446744073709551615",
        "EUR\"\"",
        "EUR1.0",
        "EURnull",
    ]
);

/// What is read is written as it was: there is one way to write a name.
fn same<T: FromStr + Display + PartialEq + Debug>(text: &str) -> bool {
    let Ok(read) = text.parse::<T>() else { return false };
    assert_eq!(read.to_string(), text);
    true
}

fn ids(text: &str) {
    let kinds = [
        same::<PaymentId>(text),
        same::<KeyId>(text),
        same::<NotificationId>(text),
        same::<CardId>(text),
        same::<SettlementId>(text),
        same::<SplitId>(text),
        same::<OperationId>(text),
        same::<RefundId>(text),
        same::<DiscrepancyId>(text),
    ];
    assert!(
        kinds.iter().filter(|is_one| **is_one).count() <= 1,
        "a name of two kinds"
    );
}

fn words(text: &str) {
    let is_word = same::<OrderId>(text);
    assert_eq!(is_word, same::<CustomerId>(text));
    assert_eq!(is_word, same::<FeePlanId>(text));
    assert_eq!(is_word, same::<LineId>(text));
    assert_eq!(is_word && text != "marketplace", same::<SellerId>(text));
    let is_key = same::<IdempotencyKey>(text);
    assert!(!is_key || (1..=255).contains(&text.len()) && text.is_ascii());
    assert!(!is_word || is_key, "a name that cannot be a key");
    assert!(!same::<Principal>(text) || text.len() <= 64);
    assert!(!same::<Reference>(text) || text.len() <= 50);
}

fn cursors(text: &str) {
    if let Some(again) = engine::outside::entry_cursor(text) {
        assert_eq!(again, text);
    }
}

/// Whatever is written means the same moment again, to the millisecond that is written.
fn times(text: &str) {
    let Ok(at) = text.parse::<Timestamp>() else { return };
    assert!((Timestamp::MIN..=Timestamp::MAX).contains(&at));
    let written = at.to_string();
    let again: Timestamp = written.parse().expect("what is written can be read");
    assert_eq!(again.micros(), at.micros() / 1000 * 1000);
    assert_eq!(again.to_string(), written);
}

fn days(text: &str) {
    same::<Date>(text);
}

fn currencies(text: &str) {
    if same::<Currency>(text) {
        let currency: Currency = text.parse().expect("it was read");
        assert!(currency.exponent() <= 4 && currency.quantum() >= 1);
    }
}

fn split(text: &str) -> Option<(Currency, &str)> {
    let (code, number) = text.split_at_checked(3)?;
    Some((code.parse().ok()?, number))
}

/// The gateway is sent exactly what is meant, or nothing.
fn amounts(text: &str) {
    let Some((currency, number)) = split(text) else { return };
    let Ok(minor_units) = number.parse::<i64>() else { return };
    let amount = match Amount::try_new(minor_units) {
        Ok(amount) => amount,
        Err(error) => return assert_eq!((error, minor_units < 0), (MoneyError::Negative, true)),
    };
    let money = Money::new(amount, currency);
    let _ = money.to_string();
    match money.to_hundredths() {
        Ok(hundredths) => {
            assert!(hundredths <= 999_999_999_999, "more than the gateway takes");
            let (sent, meant) = (i128::from(hundredths), i128::from(minor_units));
            let scale = 10_i128.pow(currency.exponent());
            assert_eq!(sent * scale, meant * 100, "another amount is sent");
            assert_eq!(Money::from_hundredths(currency, hundredths), Ok(money));
        }
        Err(MoneyError::NotRepresentable { below, above, .. }) => {
            assert!(below < minor_units && (minor_units < above || above == i64::MAX));
        }
        Err(error) => assert!(amount > LIMIT || currency.exponent() < 2, "{money}: {error}"),
    }
}

/// The gateway's number is read exactly, or not at all.
fn wire_amounts(text: &str) {
    let Some((currency, json)) = split(text) else { return };
    let Ok(amount) = serde_json::from_str::<wire::Amount>(json) else {
        return;
    };
    let number = match serde_json::from_str(json).expect("an amount was read in what is not JSON") {
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        Value::Number(number) => number.as_u64(),
        other => panic!("{other} was taken for an amount"),
    };
    let number: u64 = number.expect("it can be counted");
    assert_eq!(amount.0, number);
    let written = serde_json::to_string(&amount).expect("it can be written");
    let again: wire::Amount = serde_json::from_str(&written).expect("what is written can be read");
    assert_eq!(again, amount);
    if let Ok(money) = Money::from_hundredths(currency, number) {
        let (read, meant) = (i128::from(money.amount), i128::from(number));
        assert_eq!(
            read * 100,
            meant * 10_i128.pow(currency.exponent()),
            "another amount is read"
        );
    }
}
