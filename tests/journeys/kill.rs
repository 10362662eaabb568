//! The server is killed again and again under load. In the end every payment is as the gateway's books say, and nobody
//! was charged twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::http::{self, Asked};
use tests::process::Process;
use tests::stage::{furnish, point_notifications};
use tests::world::World;
use tests::{Stage, both, carts};
use tokio::sync::{Mutex, Semaphore};

both!(killed);

/// Payments that are made meanwhile.
const PAYMENTS: usize = 200;
/// How many of them are under way at one time.
const AT_ONCE: usize = 32;
/// How often the server is killed.
const KILLS: usize = 8;
/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(240);

/// A buyer, a storefront and a gateway that go on while the server dies and comes back.
struct Street {
    client: reqwest::Client,
    url: String,
    storefront: String,
    gateway: String,
    until: Instant,
}

async fn killed(stage: Stage) {
    let scene = stage
        .curious()
        .with("gateway.timeout_ms", "1000")
        .with("log.level", "off")
        .built()
        .await;
    let client = http::client();
    let mut server = Process::new(env!("CARGO_BIN_EXE_apportion-under-test"), &scene.settings);
    server.carries_out(&["migrate"]);
    server.starts(&client).await;
    point_notifications(&scene.sandbox, &server.url);
    let keys = furnish(&client, &server.url).await;

    let street = Arc::new(Street {
        client: client.clone(),
        url: server.url.clone(),
        storefront: keys.storefront.clone(),
        gateway: scene.sandbox.url.clone(),
        until: Instant::now() + PATIENCE,
    });
    let server = Arc::new(Mutex::new(server));
    let killer = tokio::spawn(kills(Arc::clone(&server), client.clone()));
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut buyers = Vec::new();
    for number in 0..PAYMENTS {
        let (street, places) = (Arc::clone(&street), Arc::clone(&places));
        buyers.push(tokio::spawn(async move {
            let _place = places.acquire_owned().await.expect("the semaphore is open");
            street.one_buys(number).await;
        }));
    }
    for buyer in buyers {
        buyer.await.expect("every buyer pays");
    }
    killer.await.expect("the server comes back each time");
    street.all_are_captured().await;
    // Once more, at rest: what the last process knew is forgotten.
    server.lock().await.is_killed();

    let world = scene.inhabited(Some(keys)).await;
    world.says(&format!(
        "{PAYMENTS} payments were made, {AT_ONCE} at a time, while the server was killed {KILLS} times."
    ));
    charged_once(&world);
    world.close().await;
}

/// Kills and starts again, after pauses that never fall on the same point twice.
async fn kills(server: Arc<Mutex<Process>>, client: reqwest::Client) {
    for _ in 0..KILLS {
        let drawn = uuid::Uuid::new_v4().as_u128() % 500;
        tokio::time::sleep(Duration::from_millis(80 + u64::try_from(drawn).expect("less than 500"))).await;
        let mut server = server.lock().await;
        server.is_killed();
        server.starts(&client).await;
    }
}

impl Street {
    /// Asks until it is told where to pay, pays, and leaves. A storefront repeats under the same key.
    async fn one_buys(&self, number: usize) {
        let order = format!("order-{number}");
        let body = carts::payment(&order, &carts::three_sellers());
        let create = Asked::with_body("POST", "/v1/payments", &body).header("Idempotency-Key", order);
        let payment = loop {
            let answer = http::call(&self.client, &self.url, Some(&self.storefront), &create).await;
            match answer {
                Ok(answer) if answer["redirect_url"].is_string() => break answer,
                // Unknown yet, about to be known, or the server is away.
                Ok(answer) => assert!(matches!(answer.status, 201 | 202 | 409 | 500..), "{}", answer.text),
                Err(_) => {}
            }
            self.pause(&format!("order-{number} is open")).await;
        };
        let url = payment.text_at("redirect_url");
        let path = url.strip_prefix(&self.gateway).expect("the gateway's page").to_owned();
        let asked = Asked {
            method: "POST",
            path,
            headers: Vec::new(),
            body: Some("outcome=success".to_owned()),
        };
        let asked = asked.header("Content-Type", "application/x-www-form-urlencoded");
        let paid = http::call(&self.client, &self.gateway, None, &asked)
            .await
            .expect("the gateway stays");
        assert_eq!(paid.status, 303, "{}", paid.text);
    }

    async fn all_are_captured(&self) {
        loop {
            let open = Asked::get("/v1/payments?status=captured&limit=100");
            let mut captured = 0;
            let mut cursor = String::new();
            loop {
                let asked = Asked::get(format!("{}{cursor}", open.path));
                let Ok(page) = http::call(&self.client, &self.url, Some(&self.storefront), &asked).await else {
                    break;
                };
                captured += page["data"].as_array().map_or(0, Vec::len);
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            if captured == PAYMENTS {
                return;
            }
            self.pause(&format!("{captured} of {PAYMENTS} payments are captured; all of them"))
                .await;
        }
    }

    async fn pause(&self, what: &str) {
        assert!(Instant::now() < self.until, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// In the gateway's own books: one payment for each order, paid once.
fn charged_once(world: &World) {
    let mut paid: BTreeMap<String, usize> = BTreeMap::new();
    let books = world.gateway().books();
    for entry in &books.payments {
        assert_eq!(entry.status, 2, "{entry:?}");
        *paid
            .entry(entry.originator_reference.clone().unwrap_or_default())
            .or_default() += 1;
    }
    assert_eq!(paid.len(), PAYMENTS);
    let twice: Vec<_> = paid.iter().filter(|(_, times)| **times != 1).collect();
    assert!(twice.is_empty(), "charged twice: {twice:?}");
    let total: u64 = books.payments.iter().map(|entry| entry.amount).sum();
    assert_eq!(total, 10_000 * u64::try_from(PAYMENTS).expect("a small number"));
}
