//! Clients that never stop: each looks after one order at a time, and repeats under the same key whatever was not
//! answered.

use crate::dice::Dice;
use crate::gateway::Gateway;
use crate::point::Point;
use crate::promise::Promises;
use crate::trigger::Trigger;
use crate::wire::{self, Wire};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tests::carts;
use tests::world::Keys;
use tokio::sync::RwLock;

/// How long one call may take.
const CALL_MAX: Duration = Duration::from_secs(6);
/// How long a client repeats before the campaign has failed.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long all servers may be away.
const AWAY_MAX: Duration = Duration::from_secs(30);
/// A method that is paid in one step, and one that authorizes first.
const METHODS: [u64; 2] = [9, 75];

/// Where clients shop.
pub struct Street {
    /// The servers; any of them will do.
    pub servers: Vec<SocketAddr>,
    /// Everybody's keys.
    pub keys: Keys,
    /// The other side.
    pub gateway: Arc<Gateway>,
    /// Who may kill a server when a client does something.
    pub trigger: Arc<Trigger>,
    /// What was acknowledged.
    pub promises: Promises,
    /// Read while a client waits for an answer; who writes has them all stand still.
    pub open: RwLock<()>,
    /// Chance.
    pub dice: Arc<Dice>,
    /// What a client saw that must not be.
    pub wrong: Mutex<Vec<String>>,
    /// Milliseconds that a client thinks between two steps, at most.
    pub thinks_ms: u64,
    /// Whether what was acknowledged may be unknown later: a client then goes on with the next order.
    pub forgives: bool,
    surprised: AtomicU64,
    orders: AtomicU64,
    answers: AtomicU64,
    repeats: AtomicU64,
}

/// An answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null if it is no JSON.
    pub json: Value,
}

/// Somebody with a connection of their own.
struct Shopper {
    street: Arc<Street>,
    wire: Option<(usize, Wire)>,
}

impl Street {
    /// An empty one.
    pub fn new(
        servers: Vec<SocketAddr>,
        keys: Keys,
        gateway: Arc<Gateway>,
        trigger: Arc<Trigger>,
        dice: Arc<Dice>,
        thinks_ms: u64,
    ) -> Self {
        Self {
            servers,
            keys,
            gateway,
            trigger,
            promises: Promises::default(),
            open: RwLock::new(()),
            dice,
            wrong: Mutex::default(),
            thinks_ms,
            forgives: false,
            surprised: AtomicU64::new(0),
            orders: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            repeats: AtomicU64::new(0),
        }
    }

    /// Somebody shops here, order after order.
    pub async fn shop(self: Arc<Self>) {
        let mut shopper = Shopper {
            street: self,
            wire: None,
        };
        loop {
            let number = shopper.street.orders.fetch_add(1, Ordering::Relaxed);
            if let Err(error) = shopper.looks_after(number).await {
                if shopper.street.forgives {
                    shopper.street.surprised.fetch_add(1, Ordering::Relaxed);
                } else {
                    shopper.street.complains(format!("order-{number}: {error:#}"));
                }
            }
        }
    }

    /// Orders begun, answers to clients, and requests that were repeated.
    pub fn counts(&self) -> [u64; 3] {
        [&self.orders, &self.answers, &self.repeats].map(|count| count.load(Ordering::Relaxed))
    }

    /// How often a client found less than had been acknowledged, and went on.
    pub fn surprises(&self) -> u64 {
        self.surprised.load(Ordering::Relaxed)
    }

    /// One call outside of the load, to any server.
    pub async fn asks(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let server = self.dice.place(self.servers.len());
        let mut wire = Wire::connect(self.servers[server]).await?;
        let request = self.request(method, path, &self.keys.ops, "", body);
        let call = async {
            wire.send(&request).await?;
            Answer::of(&wire.receive().await?)
        };
        tokio::time::timeout(CALL_MAX, call).await?
    }

    /// A look outside of the load that must succeed; servers may be away for a while.
    pub async fn looks(&self, path: &str) -> Result<Answer> {
        let begun = Instant::now();
        loop {
            match self.asks("GET", path, None).await {
                Ok(answer) if answer.status == 200 => return Ok(answer),
                Ok(answer) if answer.status < 500 || begun.elapsed() > AWAY_MAX => {
                    bail!("{path} was answered with {}: {}", answer.status, answer.json)
                }
                Err(error) if begun.elapsed() > AWAY_MAX => return Err(error),
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Asks again for what was acknowledged once, as a storefront would that is told "404" for its payment.
    pub async fn asks_again(&self, order: &str, request: &Value) -> Result<Answer> {
        let server = self.dice.place(self.servers.len());
        let mut wire = Wire::connect(self.servers[server]).await?;
        let request = self.request("POST", "/v1/payments", &self.keys.storefront, order, Some(request));
        let call = async {
            wire.send(&request).await?;
            Answer::of(&wire.receive().await?)
        };
        tokio::time::timeout(CALL_MAX, call).await?
    }

    fn request(&self, method: &str, path: &str, authorization: &str, key: &str, body: Option<&Value>) -> Vec<u8> {
        let mut headers = vec![("authorization", authorization), ("content-type", "application/json")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        wire::request(method, path, &headers, body.as_bytes())
    }

    fn complains(&self, what: String) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

impl Answer {
    fn of(message: &wire::Message) -> Result<Self> {
        Ok(Self {
            status: message.status(),
            json: serde_json::from_slice(&message.body).unwrap_or(Value::Null),
        })
    }
}

impl Shopper {
    /// From the cart to the refund, or as far as this buyer goes.
    async fn looks_after(&mut self, number: u64) -> Result<()> {
        let street = Arc::clone(&self.street);
        let dice = &street.dice;
        let order = format!("order-{number}");
        let two_steps = dice.happens(60);
        let mut body = carts::payment(&order, &self.cart());
        body["method_id"] = METHODS[usize::from(two_steps)].into();
        let by_hand = two_steps && dice.happens(80);
        if by_hand {
            body["capture"] = "manual".into();
        }
        street.promises.asked(&order, &body);
        let payment = self.creates(&order, &body).await?;
        let id = payment["id"].as_str().unwrap_or_default().to_owned();
        let Some(page) = payment["redirect_url"].as_str() else {
            return Ok(());
        };
        self.thinks().await;
        if dice.happens(5) {
            return self.cancels(&order, &id).await;
        }
        let outcome = match dice.between(1, 100) {
            1..=90 => "success",
            91..=95 => "failed",
            _ => return Ok(()),
        };
        street.gateway.buyer(page, outcome)?;
        let payment = self.awaits_the_outcome(&order, &id, by_hand).await?;
        let mut status = payment["status"].as_str().unwrap_or_default().to_owned();
        if status == "authorized" {
            self.thinks().await;
            if dice.happens(30) {
                return self.cancels(&order, &id).await;
            }
            status = self.captures(&order, &id).await?;
        }
        if status == "captured" {
            for time in 0..dice.between(0, 2) {
                self.thinks().await;
                self.refunds(&order, &id, time).await?;
            }
        }
        Ok(())
    }

    fn cart(&self) -> Value {
        match self.street.dice.place(3) {
            0 => carts::one_lamp(),
            1 => carts::three_sellers(),
            _ => carts::worked_example(),
        }
    }

    async fn creates(&mut self, order: &str, body: &Value) -> Result<Value> {
        let street = Arc::clone(&self.street);
        let known = |answer: &Answer| {
            // Whatever is not refused is acknowledged, known or not.
            if answer.status < 300 {
                street.promises.shown(order, &answer.json);
            }
            answer.json["status"] != "processing"
        };
        let answer = self.repeats("POST", "/v1/payments", order, Some(body), &known).await?;
        if answer.status != 201 && answer.status != 200 {
            bail!("a create was answered with {}: {}", answer.status, answer.json);
        }
        Ok(answer.json)
    }

    async fn awaits_the_outcome(&mut self, order: &str, id: &str, by_hand: bool) -> Result<Value> {
        let waits = |status: &str| match status {
            "open" | "pending" | "processing" | "capturing" => true,
            "authorized" => !by_hand,
            _ => false,
        };
        let known = |answer: &Answer| !answer.json["status"].as_str().is_some_and(waits);
        self.reads(order, id, &known).await
    }

    async fn reads(&mut self, order: &str, id: &str, known: &(dyn Fn(&Answer) -> bool + Sync)) -> Result<Value> {
        let path = format!("/v1/payments/{id}");
        let answer = self.repeats("GET", &path, "", None, known).await?;
        if answer.status != 200 {
            bail!("a look at {id} was answered with {}: {}", answer.status, answer.json);
        }
        self.street.promises.shown(order, &answer.json);
        Ok(answer.json)
    }

    async fn captures(&mut self, order: &str, id: &str) -> Result<String> {
        let path = format!("/v1/payments/{id}/capture");
        let key = format!("{order}-capture");
        let known = |answer: &Answer| answer.status != 202;
        let answer = self.repeats("POST", &path, &key, Some(&json!({})), &known).await?;
        if answer.status != 200 {
            bail!("a capture was answered with {}: {}", answer.status, answer.json);
        }
        self.street.promises.shown(order, &answer.json);
        Ok(answer.json["status"].as_str().unwrap_or_default().to_owned())
    }

    async fn cancels(&mut self, order: &str, id: &str) -> Result<()> {
        let path = format!("/v1/payments/{id}/cancel");
        let key = format!("{order}-cancel");
        let known = |answer: &Answer| answer.status != 202;
        let answer = self.repeats("POST", &path, &key, Some(&json!({})), &known).await?;
        if answer.status != 200 {
            bail!("a cancel was answered with {}: {}", answer.status, answer.json);
        }
        self.street.promises.shown(order, &answer.json);
        Ok(())
    }

    async fn refunds(&mut self, order: &str, id: &str, time: u64) -> Result<()> {
        let path = format!("/v1/payments/{id}/refunds");
        let key = format!("{order}-refund-{time}");
        let dice = Arc::clone(&self.street.dice);
        let wish = if time == 1 || dice.happens(30) {
            json!({})
        } else {
            json!({"seller": "s1", "amount": dice.between(1, 900)})
        };
        // 202 is an answer too: it was accepted, and is known by its id.
        let answer = self.repeats("POST", &path, &key, Some(&wish), &|_| true).await?;
        let nothing_left = matches!(
            answer.json["code"].as_str(),
            Some("nothing_to_refund" | "refund_exceeds_captured")
        );
        match answer.status {
            200..=202 => self.street.promises.refunding(order, &answer.json),
            422 if nothing_left => return Ok(()),
            _ => bail!("a refund was answered with {}: {}", answer.status, answer.json),
        }
        if dice.happens(50) {
            self.thinks().await;
            self.reads(order, id, &|_| true).await?;
        }
        Ok(())
    }

    /// The same request under the same key until there is an answer that says something.
    async fn repeats(
        &mut self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<&Value>,
        known: &(dyn Fn(&Answer) -> bool + Sync),
    ) -> Result<Answer> {
        let street = Arc::clone(&self.street);
        let authorization = if path == "/v1/payments" {
            &street.keys.storefront
        } else {
            &street.keys.ops
        };
        let request = street.request(method, path, authorization, key, body);
        let begun = Instant::now();
        let mut last = String::new();
        loop {
            {
                // Everybody stands still between two calls, and never within one.
                let _open = street.open.read().await;
                match tokio::time::timeout(CALL_MAX, self.calls(method, &request)).await {
                    Ok(Ok(answer)) => {
                        street.answers.fetch_add(1, Ordering::Relaxed);
                        // Busy, away, or under way elsewhere.
                        let later = matches!(answer.status, 408 | 409 | 425 | 429 | 500..);
                        if !later && (answer.status >= 400 || known(&answer)) {
                            return Ok(answer);
                        }
                        last = format!("{} {}", answer.status, answer.json);
                    }
                    Ok(Err(error)) => {
                        self.wire = None;
                        last = format!("{error:#}");
                    }
                    Err(_) => {
                        self.wire = None;
                        "no answer".clone_into(&mut last);
                    }
                }
            }
            if begun.elapsed() > PATIENCE {
                bail!("{method} {path} ({key}) came to nothing within {PATIENCE:?}; last: {last}");
            }
            street.repeats.fetch_add(1, Ordering::Relaxed);
            street.dice.pause(20, 70).await;
        }
    }

    async fn calls(&mut self, method: &str, request: &[u8]) -> Result<Answer> {
        let street = Arc::clone(&self.street);
        let (server, mut wire) = match self.wire.take() {
            Some(kept) => kept,
            None => {
                let server = street.dice.place(street.servers.len());
                (server, Wire::connect(street.servers[server]).await?)
            }
        };
        wire.send(request).await?;
        if method == "POST" {
            street.trigger.reached(Point::ClientAsked, server).await;
        }
        let message = wire.receive().await?;
        let answer = Answer::of(&message)?;
        if method == "POST" {
            street.trigger.reached(Point::ClientAnswered, server).await;
        }
        self.wire = Some((server, wire));
        Ok(answer)
    }

    async fn thinks(&self) {
        self.street.dice.pause(0, self.street.thinks_ms).await;
    }
}
