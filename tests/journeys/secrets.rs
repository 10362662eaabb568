//! A token and a security code pass through, and stay nowhere: not in the database, not in a log, not in an answer.

use crate::cards::{CARD_KEYS, CODE, by_card, keeping};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;
use tests::http::{self, Answer, Asked};
use tests::process::Process;
use tests::stage::{API_KEY, SITE, Scene, furnish, point_notifications};
use tests::world::Keys;
use tests::{Stage, both, carts};

both!(nothing_of_a_card_is_kept);

/// Everybody who talks to the server, and everything that was answered.
struct Shop {
    client: Client,
    api: String,
    gateway: String,
    keys: Keys,
    answers: String,
}

impl Shop {
    async fn calls(&mut self, asked: &Asked) -> Answer {
        let answer = http::call(&self.client, &self.api, Some(&self.keys.storefront), asked)
            .await
            .expect("the API answers");
        self.answers += &answer.text;
        answer
    }

    async fn pays(&mut self, key: &str, body: &Value) -> Answer {
        self.calls(&Asked::with_body("POST", "/v1/payments", body).header("Idempotency-Key", key))
            .await
    }

    async fn waits_until(&mut self, payment: &str, status: &str) {
        let asked = Asked::get(format!("/v1/payments/{payment}"));
        for _ in 0..200 {
            if self.calls(&asked).await["status"] == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{payment} is never {status}");
    }

    /// The token as the gateway tells it to the marketplace.
    async fn token(&self, payment: &Value) -> String {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{SITE}:{API_KEY}")));
        let path = format!("/v1/payments/{}", payment["gateway"]["payment_id"]);
        let shown = http::call(&self.client, &self.gateway, Some(&basic), &Asked::get(path))
            .await
            .expect("it answers");
        let token = shown["Payment"]["CreditCardToken"]["Value"].as_str();
        token.unwrap_or_else(|| panic!("no token in {}", shown.text)).to_owned()
    }
}

async fn nothing_of_a_card_is_kept(stage: Stage) {
    let stage = stage.with("cards.keys", CARD_KEYS).with("log.level", "trace").curious();
    let scene = stage.built().await;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let log = folder.path().join("log");
    let mut server = Process::new(env!("CARGO_BIN_EXE_apportion-under-test"), &scene.settings).logging_to(log.clone());
    server.carries_out(&["migrate"]);
    let client = http::client();
    server.starts(&client).await;
    point_notifications(&scene.sandbox, &server.url);
    let keys = furnish(&client, &server.url).await;
    let (api, gateway, answers) = (server.url.clone(), scene.sandbox.url.clone(), String::new());
    let mut shop = Shop {
        client,
        api,
        gateway,
        keys,
        answers,
    };

    let token = everything_is_done(&mut shop, &scene).await;
    let contents = scene.contents().await;
    server.is_killed();
    let logged = std::fs::read(&log).expect("it has logged");

    // What would be found, if it were there, is found where it should be.
    assert!(
        holds(&contents, "order-2") && holds(&contents, "customer-7"),
        "the database is searched"
    );
    assert!(
        holds(&logged, "order-2") || holds(&logged, "pay_"),
        "the log is searched"
    );
    assert!(holds(shop.answers.as_bytes(), "card_"), "the answers are searched");
    for (place, bytes) in [
        ("database", contents.as_slice()),
        ("log", &logged),
        ("answers", shop.answers.as_bytes()),
    ] {
        for (what, secret) in secrets(&token) {
            assert!(!holds(bytes, &secret), "the {place} has the {what}");
        }
    }
    let world = scene.inhabited(Some(shop.keys)).await;
    world.says(
        "A card was kept, paid with, declined and forgotten: nothing of it is in the database, the log or an answer.",
    );
    world.close().await;
}

/// Keeps a card, pays with it well and badly, loses an answer, and forgets it. The token that it had.
async fn everything_is_done(shop: &mut Shop, scene: &Scene) -> String {
    let first = shop.pays("order-1", &keeping("order-1")).await.expect(201);
    let page = first.text_at("redirect_url");
    let page = page
        .strip_prefix(&shop.gateway)
        .expect("it is the gateway's")
        .to_owned();
    let mut press = Asked::get(page).header("Content-Type", "application/x-www-form-urlencoded");
    (press.method, press.body) = ("POST", Some("outcome=success".to_owned()));
    let _ = http::call(&shop.client, &shop.gateway, None, &press)
        .await
        .expect("it answers")
        .expect(303);
    shop.waits_until(&first.id(), "captured").await;
    let token = shop.token(&first.json).await;

    let cards = shop
        .calls(&Asked::get("/v1/customers/customer-7/cards"))
        .await
        .expect(200);
    let card = cards["data"][0]["id"].as_str().expect("an id").to_owned();
    let _ = shop
        .pays("order-2", &by_card("order-2", &carts::three_sellers(), &card))
        .await
        .expect(201);
    let mut dear = carts::one_lamp();
    dear["lines"][0]["unit_price"] = json!(10_001);
    let _ = shop
        .pays("order-3", &by_card("order-3", &dear, &card))
        .await
        .expect(402);
    let mut wrong = by_card("order-4", &carts::one_lamp(), &card);
    wrong["cart"]["curency"] = json!("EUR");
    let _ = shop.pays("order-4", &wrong).await.expect(400);
    let lost =
        json!([{"when": {"method": "POST", "path_regex": "^/v1/payments$"}, "times": 1, "do": "cut_at", "bytes": 900}]);
    let asked = Asked::with_body("POST", "/_sandbox/faults", &lost);
    let _ = http::call(&shop.client, &scene.sandbox.url, None, &asked)
        .await
        .expect("it answers")
        .expect(201);
    let unknown = shop
        .pays("order-5", &by_card("order-5", &carts::one_lamp(), &card))
        .await;
    shop.waits_until(&unknown.id(), "captured").await;
    let path = format!("/v1/customers/customer-7/cards/{card}");
    let _ = shop
        .calls(&Asked {
            method: "DELETE",
            ..Asked::get(path)
        })
        .await
        .expect(204);
    token
}

/// The token in every form, and the code where it could not stand by chance.
fn secrets(token: &str) -> Vec<(&'static str, String)> {
    let base64 = |text: String| BASE64_STANDARD.encode(text).trim_end_matches('=').to_owned();
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let quoted = format!("\"{CODE}\"");
    vec![
        ("token", token.to_owned()),
        ("token in lower case", token.to_lowercase()),
        ("token in base64", base64(token.to_owned())),
        ("quoted token in base64", base64(format!("\"{token}\""))),
        ("token in hexadecimal digits", hex(token)),
        ("security code as JSON", quoted.clone()),
        ("security code as escaped JSON", format!("\\\"{CODE}\\\"")),
        ("security code in a form", format!("={CODE}")),
        ("security code as debugged", format!("({CODE})")),
        ("security code in base64", base64(quoted.clone())),
        ("security code in hexadecimal digits", hex(&quoted)),
    ]
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
