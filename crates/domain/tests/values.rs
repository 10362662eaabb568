//! Money, time, names, faults' pointers and sellers: what is accepted, what is refused, how it reads.

#![cfg(test)]

use std::time::Duration;

use domain::card::Sealed;
use domain::date::Date;
use domain::ids::{
    GatewayId, IdempotencyKey, LineId, OperationId, PaymentId, Principal, Reference, SellerId, SiteId, SplitId,
};
use domain::metadata;
use domain::money::{Amount, Currency, LIMIT, Money, MoneyError};
use domain::seller::{Party, Seller, SellerDraft, SellerStatus};
use domain::time::Timestamp;
use proptest::prelude::*;

fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn money(minor_units: i64, code: &str) -> Money {
    Money::new(Amount::try_new(minor_units).unwrap(), currency(code))
}

#[test]
fn money_reads_as_people_write_it() {
    assert_eq!(money(3_687, "EUR").to_string(), "36.87 EUR");
    assert_eq!(money(5, "EUR").to_string(), "0.05 EUR");
    assert_eq!(money(1_050, "JPY").to_string(), "1050 JPY");
    assert_eq!(money(1_050, "KWD").to_string(), "1.050 KWD");
}

#[test]
fn the_gateway_counts_in_hundredths_whatever_the_currency() {
    assert_eq!(money(1_154, "EUR").to_hundredths(), Ok(1_154));
    assert_eq!(money(100, "JPY").to_hundredths(), Ok(10_000));
    assert_eq!(money(1_050, "KWD").to_hundredths(), Ok(105));
    let nearest = MoneyError::NotRepresentable {
        currency: currency("KWD"),
        below: 1_050,
        above: 1_060,
    };
    assert_eq!(money(1_055, "KWD").to_hundredths(), Err(nearest));
    assert_eq!(Money::new(LIMIT, currency("JPY")).to_hundredths(), Ok(999_999_999_900));
    assert_eq!(
        Money::new(Amount::MAX, currency("JPY")).to_hundredths(),
        Err(MoneyError::TooLarge)
    );

    assert_eq!(Money::from_hundredths(currency("JPY"), 10_000), Ok(money(100, "JPY")));
    assert_eq!(Money::from_hundredths(currency("KWD"), 105), Ok(money(1_050, "KWD")));
    let half_a_yen = Money::from_hundredths(currency("JPY"), 150);
    assert_eq!(
        half_a_yen,
        Err(MoneyError::NotRepresentable {
            currency: currency("JPY"),
            below: 100,
            above: 200
        })
    );
    assert_eq!(
        Money::from_hundredths(currency("EUR"), u64::MAX),
        Err(MoneyError::TooLarge)
    );
}

#[test]
fn currencies_without_a_minor_unit_are_not_currencies_here() {
    for code in ["XXX", "XAU", "XTS", "eur", "EU", "EURO", "", "ABC"] {
        assert_eq!(code.parse::<Currency>(), Err(MoneyError::CurrencyUnknown), "{code}");
    }
    let quanta = ["EUR", "JPY", "KWD"].map(|code| (currency(code).exponent(), currency(code).quantum()));
    assert_eq!(quanta, [(2, 1), (0, 1), (3, 10)]);
}

#[test]
fn amounts_are_whole_and_not_negative() {
    assert_eq!(Amount::try_new(-1), Err(MoneyError::Negative));
    for json in ["-1", "1.0", "1.5", "\"1\"", "1e2", "null", "9223372036854775808"] {
        assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
    }
    assert_eq!(serde_json::from_str::<Amount>("1050").unwrap().get(), 1_050);
    let (five, three) = (Amount::try_new(5).unwrap(), Amount::try_new(3).unwrap());
    assert_eq!(five.checked_sub(three).map(Amount::get), Some(2));
    assert_eq!(three.checked_sub(five), None);
    assert_eq!(three.saturating_sub(five), Amount::ZERO);
    assert_eq!(Amount::MAX.checked_add(three), None);
    assert_eq!(Amount::sum([Amount::MAX, five]), Err(MoneyError::TooLarge));
    assert_eq!(Amount::sum([three, five]).map(Amount::get), Ok(8));
}

#[test]
fn times_are_rfc_3339_utc() {
    let time: Timestamp = "2020-12-02T14:03:11.5+02:00".parse().unwrap();
    assert_eq!(time.to_string(), "2020-12-02T12:03:11.500Z");
    assert_eq!(serde_json::to_string(&time).unwrap(), "1606910591500000");
    assert_eq!(Timestamp::MIN.to_string(), "1970-01-01T00:00:00.000Z");
    assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999Z");
    assert_eq!(Timestamp::MAX.plus(Duration::MAX), Timestamp::MAX);
    let later = time.plus(Duration::from_millis(1_500));
    assert_eq!(
        (later.since(time), time.since(later)),
        (Duration::from_millis(1_500), Duration::ZERO)
    );
    for text in [
        "2020-12-02",
        "2020-12-02T14:03:11",
        "20201202140311",
        "2020-13-02T14:03:11Z",
        "",
    ] {
        assert!(text.parse::<Timestamp>().is_err(), "{text}");
    }
}

#[test]
fn dates_are_written_in_one_way() {
    for text in ["2027-01-31", "2028-02-29", "0001-01-01", "9999-12-31"] {
        let date: Date = text.parse().unwrap();
        assert_eq!(date.to_string(), text);
        assert_eq!(serde_json::to_string(&date).unwrap(), format!("\"{text}\""));
    }
    let (early, late): (Date, Date) = ("2027-01-31".parse().unwrap(), "2027-02-01".parse().unwrap());
    assert!(early < late);
    for text in [
        "2027-02-29",
        "20270131",
        "2027-031",
        "2027-W05-1",
        "2027-1-31",
        "+002027-01-31",
        "2027-01-31T00:00:00Z",
        "",
    ] {
        assert!(text.parse::<Date>().is_err(), "{text}");
    }
}

#[test]
fn what_is_sealed_is_not_shown() {
    let token = Sealed {
        key: "k1".to_owned(),
        text: "c2VhbGVk".to_owned(),
    };
    let shown = format!("{token:?}");
    assert!(shown.contains("k1") && !shown.contains("c2VhbGVk"), "{shown}");
}

#[test]
fn minted_names_are_canonical() {
    let most = PaymentId::from_u128(u128::MAX);
    assert_eq!(most.to_string(), "pay_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    assert_eq!(PaymentId::from_u128(0).to_string(), "pay_00000000000000000000000000");
    assert_eq!(PaymentId::from_u128(33).to_string(), "pay_00000000000000000000000011");
    for text in [
        "pay_8zzzzzzzzzzzzzzzzzzzzzzzzz",
        "pay_7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "pay_7zzzzzzzzzzzzzzzzzzzzzzzz",
        "pay_7zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "pay_0000000000000000000000000o",
        "pay_0000000000000000000000000é",
        "evt_00000000000000000000000000",
        "00000000000000000000000000",
        "",
    ] {
        assert!(text.parse::<PaymentId>().is_err(), "{text}");
    }
    let split = SplitId::new(most, 2);
    assert_eq!(split.to_string(), "spl_7zzzzzzzzzzzzzzzzzzzzzzzzz_2");
    for tail in ["_02", "_+2", "_65536", "_", "", "_2_2", "_-1"] {
        assert!(
            format!("spl_7zzzzzzzzzzzzzzzzzzzzzzzzz{tail}")
                .parse::<SplitId>()
                .is_err(),
            "{tail}"
        );
    }
    assert_eq!(
        serde_json::to_string(&split).unwrap(),
        "\"spl_7zzzzzzzzzzzzzzzzzzzzzzzzz_2\""
    );
}

proptest! {
    #[test]
    fn minted_names_come_back_and_sort_as_their_bits(one: u128, other: u128, number: u16) {
        let (one, other) = (PaymentId::from_u128(one), PaymentId::from_u128(other));
        prop_assert_eq!(one.to_string().parse(), Ok(one));
        prop_assert_eq!(one.to_string().cmp(&other.to_string()), one.cmp(&other));
        let operation = OperationId::new(one, number);
        prop_assert_eq!(operation.to_string().parse(), Ok(operation));
    }

    #[test]
    fn hundredths_come_back(amount in 0_i64..=9_999_999_999, code in prop::sample::select(vec!["EUR", "JPY", "KWD"])) {
        let currency = currency(code);
        let amount = money(amount / currency.quantum() * currency.quantum(), code);
        let hundredths = amount.to_hundredths().unwrap();
        prop_assert_eq!(Money::from_hundredths(currency, hundredths), Ok(amount));
    }
}

#[test]
fn given_names_are_words() {
    let long = "a".repeat(65);
    for text in ["", "a b", "a/b", "é", "a\n", long.as_str()] {
        assert!(text.parse::<LineId>().is_err(), "{text}");
    }
    assert_eq!("Line-1._x".parse::<LineId>().unwrap().as_str(), "Line-1._x");
    assert!("marketplace".parse::<LineId>().is_ok());
    assert!(
        "marketplace".parse::<SellerId>().is_err(),
        "the marketplace's own name is not a seller's"
    );
    assert!("a.b".parse::<Reference>().is_err());
    assert!("a".repeat(51).parse::<Reference>().is_err());
    assert!("ops team".parse::<Principal>().is_ok());
    assert!("a\tb".parse::<IdempotencyKey>().is_err());
    assert!("a".repeat(256).parse::<IdempotencyKey>().is_err());
    assert!(serde_json::from_str::<SellerId>("\"a b\"").is_err());
    assert!(SiteId::try_new(0).is_err());
    assert!(serde_json::from_str::<SiteId>("0").is_err());
    assert_eq!(serde_json::to_string(&GatewayId::new(5_581_804)).unwrap(), "5581804");
}

#[test]
fn parties_are_written_as_words_and_the_marketplace_sorts_last() {
    let seller: Party = "z9".parse().unwrap();
    assert_eq!(
        serde_json::to_string(&[&seller, &Party::Marketplace]).unwrap(),
        r#"["z9","marketplace"]"#
    );
    assert_eq!(
        serde_json::from_str::<Party>("\"marketplace\"").unwrap(),
        Party::Marketplace
    );
    assert!(seller < Party::Marketplace);
    assert_eq!(seller.seller().map(SellerId::as_str), Some("z9"));
}

#[test]
fn a_seller_is_told_everything_that_is_wrong() {
    let draft = SellerDraft {
        name: String::new(),
        site_id: -4,
        fee_plan: Some("no such name".into()),
        status: SellerStatus::Active,
        metadata: [("a/b~c".repeat(9), "v".repeat(501))].into(),
    };
    let faults = Seller::try_new("s1".parse().unwrap(), draft, Timestamp::MIN, Timestamp::MIN).unwrap_err();
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code))
        .collect();
    let place = format!("/metadata/{}", "a~1b~0c".repeat(9));
    let expected = [
        (place.as_str(), "metadata_key_invalid"),
        (place.as_str(), "metadata_value_too_long"),
        ("/name", "seller_name_invalid"),
        ("/fee_plan", "fee_plan_id_invalid"),
        ("/site_id", "site_id_invalid"),
    ];
    assert_eq!(told, expected);

    let many = (0..51).map(|n| (n.to_string(), String::new())).collect();
    assert_eq!(metadata::faults(&many, "/metadata")[0].code, "metadata_too_many_keys");
    let enough = (0..50).map(|n| (n.to_string(), "é".repeat(500))).collect();
    assert_eq!(metadata::faults(&enough, "/metadata"), []);

    let json = r#"{"name": "Lamps", "site_id": 33513, "status": "active"}"#;
    let seller = Seller::try_new(
        "s1".parse().unwrap(),
        serde_json::from_str(json).unwrap(),
        Timestamp::MIN,
        Timestamp::MAX,
    );
    assert_eq!(seller.unwrap().site.get(), 33_513);
    assert!(serde_json::from_str::<SellerDraft>(r#"{"name": "L", "site_id": 1, "status": "active", "x": 1}"#).is_err());
}
