//! Paying with a kept card, keeping one, and what of it may be seen.

use domain::ids::CardId;
use domain::sale::{Sale, SplitMode};
use domain::sight::Host;
use gateway_client::{CardSecret, GatewayError, Shown};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::deeds::TOKEN;
use crate::support::{Gateway, at, body, call, decided, name, sale, soon};

const ONE_CLICK: &str = include_str!("../golden/one-click.response.json");

/// The documents' kept card.
pub fn secret() -> CardSecret {
    CardSecret {
        token: TOKEN.into(),
        security_code: Some("312".into()),
    }
}

fn card_sale() -> Sale {
    let mut sale = sale("EUR", &[(33513, 2000)]);
    (sale.method, sale.split) = (6, SplitMode::Later);
    sale
}

async fn pay(gateway: &Gateway, host: Host, sale: Sale, card: Option<&CardSecret>) -> Result<Shown, GatewayError> {
    let (payment, operation) = decided(sale);
    gateway.client().create(host, &payment, &operation, card, soon()).await
}

#[tokio::test]
async fn only_what_is_asked_for_is_said_of_cards() {
    let gateway = Gateway::answering(201, ONE_CLICK).await;
    pay(&gateway, Host::Cards, card_sale(), None).await.expect("a payment");
    let request = &body(&gateway.requests()[0])["Payment"];
    for key in ["MethodID", "CreditCardToken", "GenerateCreditCardToken"] {
        assert_eq!(request[key], Value::Null, "{key}");
    }

    let mut card = secret();
    card.security_code = None;
    pay(&gateway, Host::Cards, card_sale(), Some(&card))
        .await
        .expect("a payment");
    let request = &body(&gateway.requests()[1])["Payment"];
    assert_eq!(request["CreditCardToken"], json!({"Value": TOKEN}));

    let mut saved = card_sale();
    saved.save_card = true;
    pay(&gateway, Host::Cards, saved, None).await.expect("a payment");
    let request = &body(&gateway.requests()[2])["Payment"];
    assert_eq!(request["GenerateCreditCardToken"], json!(true));
}

#[tokio::test]
async fn a_card_in_the_wrong_place_is_not_sent() {
    let gateway = Gateway::answering(201, ONE_CLICK).await;
    let at_the_method_host = pay(&gateway, Host::Pay, sale("EUR", &[(33513, 2000)]), Some(&secret())).await;
    assert_eq!(name(&at_the_method_host), "not sent");
    let mut kept = card_sale();
    kept.card = Some(CardId::from_u128(1));
    assert_eq!(name(&pay(&gateway, Host::Cards, kept, None).await), "not sent");
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn the_card_that_is_kept_comes_beside_the_sight() {
    let gateway = Gateway::answering(201, ONE_CLICK).await;
    let created = pay(&gateway, Host::Cards, card_sale(), None).await.expect("a payment");
    let asked = gateway.client().get(at(Host::Cards, 202_587), call()).await;
    for shown in [created, asked.expect("a payment")] {
        let kept = shown.card.as_ref().expect("a card");
        assert_eq!(kept.token.expose_secret(), TOKEN);
        assert_eq!(
            (
                kept.last4.as_str(),
                kept.expiry_month,
                kept.expiry_year,
                kept.holder.as_deref()
            ),
            ("1111", 2, 2018, Some("John Doe"))
        );
        let told = format!("{shown:?}");
        for hidden in [TOKEN, "1111", "John"] {
            assert!(!told.contains(hidden), "{hidden} is in {told}");
        }
        let sight = serde_json::to_string(&shown.sight).expect("a sight");
        assert!(!sight.contains(TOKEN), "{sight}");
    }
}

#[tokio::test]
async fn what_cannot_be_offered_again_is_not_kept() {
    for (pointer, value) in [
        ("/Payment/CreditCardToken", json!(null)),
        ("/Payment/CreditCardToken/Value", json!("")),
        ("/Payment/Card", json!(null)),
        ("/Payment/Card/Number", json!("Ends with")),
        ("/Payment/Card/Number", json!("11")),
        ("/Payment/Card/ExpirationMonth", json!("13")),
        ("/Payment/Card/ExpirationYear", json!(null)),
    ] {
        let mut answer: Value = serde_json::from_str(ONE_CLICK).expect("a document");
        *answer.pointer_mut(pointer).expect(pointer) = value;
        let gateway = Gateway::answering(201, &answer.to_string()).await;
        let shown = pay(&gateway, Host::Cards, card_sale(), None)
            .await
            .expect("a payment all the same");
        assert!(shown.card.is_none(), "{pointer}");
    }
    let mut answer: Value = serde_json::from_str(ONE_CLICK).expect("a document");
    answer["Payment"]["Card"] =
        json!({"Number": 4_548_812_049_400_004_u64, "ExpirationMonth": 2, "ExpirationYear": "18"});
    let gateway = Gateway::answering(201, &answer.to_string()).await;
    let shown = pay(&gateway, Host::Cards, card_sale(), None).await.expect("a payment");
    let kept = shown.card.expect("a card");
    assert_eq!(
        (kept.last4.as_str(), kept.expiry_month, kept.expiry_year, kept.holder),
        ("0004", 2, 2018, None),
        "no more of a number than its last four digits, however much is told"
    );
}

/// A refusal that says back what it was sent, as a whole and cut in the middle.
fn quoting(status: &str, id: &str) -> String {
    let long = format!("{}{TOKEN}", "x".repeat(190));
    let reasons = json!([
        {"Code": "2400", "Info": format!("invalid token {}", TOKEN.to_lowercase())},
        {"Code": "1204", "Info": "CVV 312 is wrong"},
        {"Code": "312", "Info": "declined"},
        {"Code": TOKEN, "Info": long},
    ]);
    let refused = json!({"ID": id, "InvalidRequestID": TOKEN, "Amount": 2000, "Currency": "EUR",
        "Status": {"ID": status, "Reasons": reasons}});
    json!({"Payment": refused, "Message": format!("no route for /v1/card/token/{TOKEN}/cancel")}).to_string()
}

#[tokio::test]
async fn what_the_gateway_quotes_of_a_card_is_blotted_out() {
    let refusing = Gateway::answering(400, &quoting("", "")).await;
    let refused = pay(&refusing, Host::Cards, card_sale(), Some(&secret())).await;
    let Err(GatewayError::Refused(refusal)) = &refused else {
        panic!("{refused:?}")
    };
    let codes: Vec<&str> = refusal.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["2400", "1204", "312", "", ""], "what is decided by stays");
    assert_eq!(refusal.reasons[2].info, "declined");

    let failing = Gateway::answering(402, &quoting("4", "7")).await;
    let failed = pay(&failing, Host::Cards, card_sale(), Some(&secret())).await;
    let shown = &failed.as_ref().expect("a payment that failed").sight;
    assert_eq!(shown.status.reasons[2].info, "declined");

    let given_up = refusing.client().forget_card(&TOKEN.into(), call()).await;
    assert_eq!(name(&given_up), "refused");
    let paid = format!("{refused:?}{failed:?}");
    assert!(!paid.contains("CVV 312"), "{paid}");
    let error = given_up.as_ref().expect_err("refused");
    let told = format!("{paid}{given_up:?}{error}").to_uppercase();
    assert!(!told.contains(&TOKEN[..8]), "{told}");
    assert!(!format!("{:?}", secret()).contains(TOKEN));
}
