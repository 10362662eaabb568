//! A storefront and its buyers: every order is created, paid and seen to be captured, so many at a time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use super::Args;
use super::order::Order;
use super::sheet::Sheet;
use super::stage::Stage;
use crate::client::CallError;

/// How often a call is made again under the same key before it is given up.
pub(super) const ATTEMPTS_MAX: u32 = 6;
/// Before the second attempt; twice as long before each further one.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(100);
/// Before a payment is first looked at; twice as long before each further look, up to `LOOK_SELDOM`.
const LOOK_AFTER: Duration = Duration::from_millis(2);
const LOOK_SELDOM: Duration = Duration::from_millis(100);
/// How long a payment may take to be confirmed: longer than a lost request takes to be sent again, which is its time
/// limit and the quiet period (`gateway.timeout_ms`, `recovery.quiet_period_ms`).
const PATIENCE: Duration = Duration::from_secs(240);

/// What became of the orders.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub payments: Vec<Paid>,
    pub failed: Vec<Failed>,
    /// Why calls were made again, and how often.
    pub retried: BTreeMap<String, u64>,
    /// Where buyers paid: the sandbox's address, if any buyer had to.
    pub gateway: Option<String>,
}

/// An order that was paid.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    /// What the payment was made for, in minor units.
    pub amount: i64,
    /// What it has captured, in minor units.
    pub captured: i64,
    /// The payment's number at the gateway.
    pub gateway_id: Option<u64>,
    pub splits: Vec<PaidSplit>,
    /// Whether the API had seen the order before.
    pub replayed: bool,
    /// Whether the money was there before this run.
    pub already: bool,
    /// How long the create took.
    pub create: Duration,
    /// From the buyer's payment to its confirmation.
    pub confirm: Option<Duration>,
}

/// What a party has of a payment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaidSplit {
    /// The seller; the marketplace if none.
    pub seller: Option<String>,
    pub site_id: u64,
    pub amount_captured: i64,
}

/// An order that was not, or not wholly, paid.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Failed {
    pub order: String,
    pub reason: String,
}

/// A payment, as far as a storefront needs it.
#[derive(Deserialize)]
struct Payment {
    id: String,
    status: String,
    amount: i64,
    amount_captured: i64,
    held: bool,
    redirect_url: Option<String>,
    splits: Vec<PaidSplit>,
    gateway: Option<Gateway>,
}

#[derive(Deserialize)]
struct Gateway {
    payment_id: u64,
}

/// One order on its way.
struct Sale<'a> {
    stage: &'a Stage,
    order: &'a Order,
    method: u32,
    retried: Vec<String>,
    gateway: Option<String>,
}

/// Plays every order.
pub(super) async fn all(stage: &Stage, sheet: &Sheet, args: &Args) -> Played {
    let bar = bar(sheet.orders.len());
    let mut played = Played::default();
    let mut sales = stream::iter(&sheet.orders)
        .map(|order| async move {
            let mut sale = Sale {
                stage,
                order,
                method: args.method,
                retried: Vec::new(),
                gateway: None,
            };
            let outcome = sale.play().await;
            (order, outcome, sale)
        })
        .buffer_unordered(args.concurrency.into());
    while let Some((order, outcome, sale)) = sales.next().await {
        for reason in sale.retried {
            let times = played.retried.entry(reason).or_default();
            *times = times.saturating_add(1);
        }
        match outcome {
            Ok(paid) => played.payments.push(paid),
            Err(reason) => played.failed.push(Failed {
                order: order.id.to_string(),
                reason,
            }),
        }
        if played.gateway.is_none() {
            played.gateway = sale.gateway;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    played
}

/// Shows how far it is, on a terminal and nowhere else.
fn bar(orders: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(orders).unwrap_or(u64::MAX));
    let shape = "  {bar:40.cyan/dim} {human_pos} of {human_len} orders · {per_sec:.0} · {eta} left";
    bar.set_style(ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

impl Sale<'_> {
    async fn play(&mut self) -> Result<Paid, String> {
        let (mut payment, replayed, create) = self.create().await.map_err(|error| format!("create: {error}"))?;
        let already = payment.status == "captured";
        let mut paid_at = None;
        let since = Instant::now();
        let mut pause = LOOK_AFTER;
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
                "processing" | "open" | "pending" | "authorized" | "capturing" => {}
                ended => return Err(format!("{} is {ended}", payment.id)),
            }
            if since.elapsed() > PATIENCE {
                return Err(format!(
                    "{} is still {} after {} s",
                    payment.id,
                    payment.status,
                    PATIENCE.as_secs()
                ));
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(LOOK_SELDOM);
            payment = self
                .look(&payment.id)
                .await
                .map_err(|error| format!("{}: {error}", payment.id))?;
        }
        Ok(Paid {
            amount: payment.amount,
            captured: payment.amount_captured,
            gateway_id: payment.gateway.map(|gateway| gateway.payment_id),
            splits: payment.splits,
            replayed,
            already,
            create,
            confirm: paid_at.map(|at| at.elapsed()),
        })
    }

    /// Asks for the payment. A lost answer is no reason to fear: the same key never charges twice.
    async fn create(&mut self) -> Result<(Payment, bool, Duration), CallError> {
        let key = self.order.key();
        let body = json!({
            "order": self.order.id,
            "cart": self.order.cart,
            "method_id": self.method,
            "return_url": "https://shop.example/thanks",
        });
        let mut pause = RETRY_AFTER;
        loop {
            let started = Instant::now();
            let asked = self.stage.shop.post_once("/v1/payments", &key, &body).await;
            let took = started.elapsed();
            match asked.and_then(|reply| reply.expect(&[200, 201, 202])) {
                Ok(reply) => return Ok((reply.json()?, reply.replayed, took)),
                Err(error) => self.again(error, &mut pause).await?,
            }
        }
    }

    async fn look(&mut self, id: &str) -> Result<Payment, CallError> {
        let path = format!("/v1/payments/{id}");
        let mut pause = RETRY_AFTER;
        loop {
            let asked = self.stage.shop.get(&path).await;
            match asked.and_then(|reply| reply.expect(&[200])) {
                Ok(reply) => return reply.json(),
                Err(error) => self.again(error, &mut pause).await?,
            }
        }
    }

    /// The buyer presses the button. Pressing it twice is harmless.
    async fn pay(&mut self, page: &str) -> Result<(), String> {
        let host = page
            .split_once("://")
            .map_or(page, |(_, rest)| rest)
            .split('/')
            .next()
            .unwrap_or_default();
        let scheme = page.split_once("://").map_or("http", |(scheme, _)| scheme);
        self.gateway = Some(format!("{scheme}://{host}"));
        let mut pause = RETRY_AFTER;
        loop {
            let pressed = self.stage.http.press(page, "outcome=success").await;
            match pressed.and_then(|reply| reply.expect(&[200, 302, 303])) {
                Ok(_) => return Ok(()),
                Err(error) => self.again(error, &mut pause).await.map_err(|error| {
                    format!(
                        "the buyer cannot pay at {host} ({error}); is that a sandbox, and the one it was created at?"
                    )
                })?,
            }
        }
    }

    /// Waits before the next attempt, or gives the error back if there is none.
    async fn again(&mut self, error: CallError, pause: &mut Duration) -> Result<(), CallError> {
        let longest = RETRY_AFTER.saturating_mul(2_u32.saturating_pow(ATTEMPTS_MAX.saturating_sub(1)));
        if !error.is_passing() || *pause >= longest {
            return Err(error);
        }
        self.retried.push(error.to_string());
        sleep(*pause).await;
        *pause = pause.saturating_mul(2);
        Ok(())
    }
}
