//! One order on its way: created, paid, captured, and given back where that is wanted.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::order::Order;
use super::paid::{Paid, Payment, Refunded, Returned, Times};
use super::refund::Refund;
use super::stage::Stage;
use crate::client::{CallError, Reply};

/// How often a call is made again under the same key before it is given up.
pub(super) const ATTEMPTS_MAX: u32 = 6;
/// Before the second attempt; twice as long before each further one.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(100);
/// Before something is first looked at; twice as long before each further look, up to `LOOK_SELDOM`.
const LOOK_AFTER: Duration = Duration::from_millis(2);
const LOOK_SELDOM: Duration = Duration::from_millis(100);
/// How long a payment or a refund may take to be confirmed: longer than a lost request takes to be sent again, which is
/// its time limit and the quiet period (`gateway.timeout_ms`, `recovery.quiet_period_ms`).
const PATIENCE: Duration = Duration::from_secs(240);

/// One order on its way.
pub(super) struct Sale<'a> {
    pub stage: &'a Stage,
    pub order: &'a Order,
    pub method: u32,
    /// Whether an operator captures what the buyer has authorized.
    pub two_step: bool,
    /// What is to go back.
    pub refund: Option<Refund>,
    /// Why calls were made again.
    pub retried: Vec<String>,
    /// Where the buyer paid, if any buyer had to.
    pub gateway: Option<String>,
}

/// How long there is between two looks, and how long all looks may take.
struct Looks {
    since: Instant,
    pause: Duration,
}

impl Sale<'_> {
    /// Plays it to its end.
    pub async fn play(&mut self) -> Result<Paid, String> {
        let (payment, replayed, create) = self.create().await.map_err(|error| format!("create: {error}"))?;
        let mut times = Times {
            create,
            ..Times::default()
        };
        let (had, already) = (payment.shares(), payment.status == "captured");
        let mut payment = self.until_captured(payment, &mut times).await?;
        let mut refund = None;
        if let Some(wish) = self.refund.clone() {
            let id = payment.id;
            refund = Some(self.give_back(&id, wish, &mut times).await?);
            payment = self.look(&id).await.map_err(|error| format!("{id}: {error}"))?;
        }
        Ok(Paid {
            payment,
            had,
            replayed,
            already,
            refund,
            times,
        })
    }

    async fn until_captured(&mut self, mut payment: Payment, times: &mut Times) -> Result<Payment, String> {
        let (mut paid_at, mut capture_at) = (None, None);
        let mut looks = Looks::begin();
        while payment.status != "captured" {
            if payment.held {
                return Err(format!(
                    "{} is held: the gateway's answers differ from what was asked",
                    payment.id
                ));
            }
            match payment.status.as_str() {
                "open" if paid_at.is_none() => {
                    let page = payment.redirect_url.as_deref().ok_or("there is no page to pay at")?;
                    self.pay(page).await?;
                    paid_at = Some(Instant::now());
                }
                "authorized" if self.two_step && capture_at.is_none() => {
                    times.confirm = paid_at.map(|at| at.elapsed());
                    capture_at = Some(Instant::now());
                    let captured = self.capture(&payment.id).await;
                    payment = captured.map_err(|error| format!("{}: capture: {error}", payment.id))?;
                    continue;
                }
                "processing" | "open" | "pending" | "authorized" | "capturing" => {}
                ended => return Err(format!("{} is {ended}", payment.id)),
            }
            looks.wait(&payment.id, &payment.status).await?;
            payment = self
                .look(&payment.id)
                .await
                .map_err(|error| format!("{}: {error}", payment.id))?;
        }
        times.confirm = times.confirm.or(paid_at.map(|at| at.elapsed()));
        times.capture = capture_at.map(|at| at.elapsed());
        Ok(payment)
    }

    /// Asks for the payment. A lost answer is no reason to fear: the same key never charges twice.
    async fn create(&mut self) -> Result<(Payment, bool, Duration), CallError> {
        let key = self.order.key();
        let body = json!({
            "order": self.order.id,
            "cart": self.order.cart,
            "method_id": self.method,
            "capture": if self.two_step { "manual" } else { "automatic" },
            "return_url": "https://shop.example/thanks",
        });
        let stage = self.stage;
        let asked = || stage.shop.post_once("/v1/payments", &key, &body);
        let (reply, took) = self.patiently(asked, &[200, 201, 202]).await?;
        Ok((reply.json()?, reply.replayed, took))
    }

    /// Takes what the buyer has authorized.
    async fn capture(&mut self, id: &str) -> Result<Payment, CallError> {
        let (path, key) = (
            format!("/v1/payments/{id}/capture"),
            format!("{}-capture", self.order.key()),
        );
        let (stage, everything) = (self.stage, json!({}));
        let asked = || stage.ops.post_once(&path, &key, &everything);
        self.patiently(asked, &[200, 202]).await?.0.json()
    }

    /// Gives back, and waits until the buyer has it.
    async fn give_back(&mut self, payment: &str, wish: Refund, times: &mut Times) -> Result<Returned, String> {
        let (path, key) = (
            format!("/v1/payments/{payment}/refunds"),
            format!("{}-refund", self.order.key()),
        );
        let stage = self.stage;
        let asked_at = Instant::now();
        let asked = || stage.ops.post_once(&path, &key, &wish.body);
        let failed = |error: CallError| format!("{payment}: refund: {error}");
        let (reply, took) = self.patiently(asked, &[200, 201, 202]).await.map_err(failed)?;
        let mut refund: Refunded = reply.json().map_err(failed)?;
        let mut looks = Looks::begin();
        while refund.status != "succeeded" {
            if !matches!(refund.status.as_str(), "processing" | "open") {
                return Err(format!("{} is {}", refund.id, refund.status));
            }
            looks.wait(&refund.id, &refund.status).await?;
            let path = format!("/v1/refunds/{}", refund.id);
            let looked = self.patiently(|| stage.ops.get(&path), &[200]).await;
            refund = looked.and_then(|(reply, _)| reply.json()).map_err(failed)?;
        }
        if !reply.replayed {
            times.refund = Some(took);
            times.returned = Some(asked_at.elapsed());
        }
        Ok(Returned {
            wish,
            replayed: reply.replayed,
            amount: refund.amount,
        })
    }

    async fn look(&mut self, id: &str) -> Result<Payment, CallError> {
        let (stage, path) = (self.stage, format!("/v1/payments/{id}"));
        self.patiently(|| stage.shop.get(&path), &[200]).await?.0.json()
    }

    /// The buyer presses the button. Pressing it twice is harmless.
    async fn pay(&mut self, page: &str) -> Result<(), String> {
        let (scheme, rest) = page.split_once("://").unwrap_or(("http", page));
        let host = rest.split('/').next().unwrap_or_default();
        self.gateway = Some(format!("{scheme}://{host}"));
        let stage = self.stage;
        let pressed = self.patiently(|| stage.http.press(page, "outcome=success"), &[200, 302, 303]);
        pressed.await.map(drop).map_err(|error| {
            format!("the buyer cannot pay at {host} ({error}); is that a sandbox, and the one it was created at?")
        })
    }

    /// Makes a call that may be repeated until there is an answer or none is to be hoped for; how long the answer took.
    async fn patiently<F>(&mut self, call: impl Fn() -> F, wanted: &[u16]) -> Result<(Reply, Duration), CallError>
    where
        F: Future<Output = Result<Reply, CallError>>,
    {
        let mut pause = RETRY_AFTER;
        let longest = RETRY_AFTER.saturating_mul(2_u32.saturating_pow(ATTEMPTS_MAX.saturating_sub(1)));
        loop {
            let started = Instant::now();
            let error = match call().await.and_then(|reply| reply.expect(wanted)) {
                Ok(reply) => return Ok((reply, started.elapsed())),
                Err(error) => error,
            };
            if !error.is_passing() || pause >= longest {
                return Err(error);
            }
            self.retried.push(error.to_string());
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    }
}

impl Looks {
    fn begin() -> Self {
        Self {
            since: Instant::now(),
            pause: LOOK_AFTER,
        }
    }

    async fn wait(&mut self, id: &str, status: &str) -> Result<(), String> {
        if self.since.elapsed() > PATIENCE {
            return Err(format!("{id} is still {status} after {} s", PATIENCE.as_secs()));
        }
        sleep(self.pause).await;
        self.pause = self.pause.saturating_mul(2).min(LOOK_SELDOM);
        Ok(())
    }
}
