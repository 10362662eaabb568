//! Everything at rest, compared: what was acknowledged, what the API shows, what the database holds, and what the
//! gateway's books say.

use crate::promise::Promise;
use crate::server::Server;
use crate::shopper::Street;
use anyhow::{Result, bail};
use domain::ids::PaymentId;
use domain::time::Timestamp;
use sandbox::core::{BooksQuery, PaymentEntry};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::Store;
use tests::belief;

/// How long everything may take to come to rest once nothing goes wrong any more.
const REST_WITHIN: Duration = Duration::from_secs(60);
/// The gateway's number of what failed.
const FAILED: u8 = 4;
/// The states in which nobody knows yet.
pub const UNDECIDED: [&str; 3] = ["ready", "sending", "unknown"];

/// What an inspection has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Payments that were compared.
    pub payments: usize,
    /// What clients were told of, and was there.
    pub promises: usize,
    /// Refunds of which the gateway has nothing, which nobody may ask for again without a person.
    pub lost_refunds: usize,
    /// Operations that an operator had to ask about.
    pub inquired: usize,
    /// Notifications that were answered with 204, and were there.
    pub bells: u64,
}

/// One look at everything.
pub struct Look<'a> {
    street: &'a Street,
    /// What the API shows, by id.
    pub payments: BTreeMap<String, Value>,
    /// What the gateway's books have, by number.
    pub entries: BTreeMap<u64, PaymentEntry>,
    /// What is not as it must be.
    pub wrong: Vec<String>,
    /// Payments of which both sides believe something else.
    pub differing: BTreeSet<String>,
    /// Orders and refunds that are more than once in the gateway's books.
    pub doubled: Vec<String>,
    /// How often an operator had to ask.
    inquired: usize,
    /// By payment: how many of its refunds the gateway has nothing of.
    lost: BTreeMap<String, usize>,
    /// What no payment here names as its own.
    strangers: BTreeSet<u64>,
}

/// Waits until everything is at rest, and compares what was made since then; the clients must stand still.
pub async fn inspect(street: &Street, server: &Arc<Server>, store: &Store, since: Option<u64>) -> Result<Seen> {
    let begun = Instant::now();
    let mut seen = Seen::default();
    let look = loop {
        let mut look = Look::take(street, since).await?;
        seen.inquired += look.inquired;
        look.wrong.append(&mut look.doubled);
        if look.wrong.is_empty() {
            break look;
        }
        if begun.elapsed() > REST_WITHIN {
            let total = look.wrong.len();
            let some: Vec<_> = look.wrong.into_iter().take(20).collect();
            bail!(
                "{total} things are not as they must be, such as:\n  {}",
                some.join("\n  ")
            );
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    };
    seen.payments = look.payments.len();
    seen.lost_refunds = look.lost.values().sum();
    seen.promises = look.keeps_promises(since.is_none()).await?;
    seen.bells = look.kept_bells(store).await?;
    let broken = violations(server).await?;
    if !broken.is_empty() {
        bail!("verify: {}", broken.join("\n  "));
    }
    Ok(seen)
}

/// What `apportion verify` finds, beside the servers.
pub async fn violations(server: &Arc<Server>) -> Result<Vec<String>> {
    let server = Arc::clone(server);
    let report = tokio::task::spawn_blocking(move || server.verifies()).await??;
    let checks = report["checks"].as_array().into_iter().flatten();
    let mut found = Vec::new();
    for check in checks.filter(|check| check["ok"] != true) {
        let violations = check["violations"].as_array().into_iter().flatten();
        found.extend(violations.map(|one| format!("{}: {}", check["name"], one.as_str().unwrap_or_default())));
    }
    if found.is_empty() && report["ok"] != true {
        bail!("verify reports {report}");
    }
    Ok(found)
}

/// Operations in one state, all of them.
pub async fn operations(street: &Street, state: &str) -> Result<Vec<Value>> {
    pages(street, &format!("/v1/operations?state={state}&limit=100")).await
}

/// Whether this is a refund of which the gateway has nothing: only a person, or a day, lets it be asked for again.
pub fn is_lost_refund(street: &Street, operation: &Value) -> bool {
    if operation["kind"] != "refund" {
        return false;
    }
    let reference = operation["reference"].as_str().unwrap_or_default();
    !street.gateway.knows_refund(reference)
}

async fn pages(street: &Street, path: &str) -> Result<Vec<Value>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = street.looks(&format!("{path}{cursor}")).await?;
        all.extend(page.json["data"].as_array().into_iter().flatten().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(all),
        }
    }
}

impl<'a> Look<'a> {
    /// Looks at what was made since then, or at everything.
    pub async fn take(street: &'a Street, since: Option<u64>) -> Result<Self> {
        let from = since.map(|since| {
            let at = Timestamp::from_micros(i64::try_from(since).unwrap_or(i64::MAX));
            format!("&created_from={at}")
        });
        let path = format!("/v1/payments?limit=100{}", from.unwrap_or_default());
        let payments = pages(street, &path).await?;
        let id = |payment: &Value| payment["id"].as_str().unwrap_or_default().to_owned();
        let payments: BTreeMap<String, Value> = payments.into_iter().map(|payment| (id(&payment), payment)).collect();
        let query = BooksQuery {
            limit: Some(payments.len() + 1_000),
            requests: Some(0),
            ..BooksQuery::default()
        };
        let books = street.gateway.with(|core, now| core.books(now, &query));
        let recent = |entry: &PaymentEntry| since.is_none_or(|since| entry.created_micros >= since);
        let entries = books.payments.into_iter().filter(recent).map(|entry| (entry.id, entry));
        let mut look = Self {
            street,
            payments,
            entries: entries.collect(),
            wrong: Vec::new(),
            differing: BTreeSet::new(),
            doubled: Vec::new(),
            inquired: 0,
            lost: BTreeMap::new(),
            strangers: BTreeSet::new(),
        };
        look.nothing_is_open().await?;
        if books.notifications.pending > 0 {
            let pending = books.notifications.pending;
            look.wrong.push(format!("{pending} notifications are not answered"));
        }
        look.both_sides_agree();
        look.nobody_is_a_stranger().await?;
        look.nothing_happened_twice();
        Ok(look)
    }

    async fn nothing_is_open(&mut self) -> Result<()> {
        for state in ["ready", "sending", "unknown", "pending", "needs_attention"] {
            for operation in operations(self.street, state).await? {
                let payment = operation["payment"].as_str().unwrap_or_default();
                if state != "pending" && is_lost_refund(self.street, &operation) {
                    *self.lost.entry(payment.to_owned()).or_default() += 1;
                    continue;
                }
                if state == "needs_attention" {
                    // What an operator does with it.
                    let id = operation["id"].as_str().unwrap_or_default();
                    self.street
                        .asks("POST", &format!("/v1/operations/{id}/inquire"), None)
                        .await?;
                    self.inquired += 1;
                }
                self.wrong.push(format!("an operation is {state}: {operation}"));
            }
        }
        Ok(())
    }

    fn both_sides_agree(&mut self) {
        let mut strangers: BTreeSet<u64> = self.entries.keys().copied().collect();
        for (id, payment) in &self.payments {
            let number = payment["gateway"]["payment_id"].as_u64();
            let entry = number.and_then(|number| self.street.gateway.payment(number));
            if let Some(number) = number {
                strangers.remove(&number);
            }
            if payment["held"] == true {
                if !self.street.forgives {
                    self.wrong.push(format!("{id} is held: {}", payment["discrepancies"]));
                }
                // What the gateway shows of it is not believed until a person says so.
                continue;
            }
            let before = self.wrong.len();
            let mut payment = payment.clone();
            if let Some(entry) = &entry {
                if self.lost.contains_key(id) {
                    without_lost_refunds(&mut payment, entry);
                }
                same_word(&mut payment, entry);
            }
            belief::compare(&payment, entry.as_ref(), &mut self.wrong);
            if self.wrong.len() > before {
                self.differing.insert(id.clone());
            }
        }
        self.strangers = strangers;
    }

    /// A payment at the gateway is somebody's here; it may have been begun here before what is looked at now.
    async fn nobody_is_a_stranger(&mut self) -> Result<()> {
        for number in std::mem::take(&mut self.strangers) {
            let entry = &self.entries[&number];
            let order = entry.originator_reference.as_deref().unwrap_or_default();
            let found = self.street.looks(&format!("/v1/payments?order={order}")).await?;
            let same = |payment: &Value| payment["gateway"]["payment_id"] == number;
            if !found.json["data"].as_array().into_iter().flatten().any(same) {
                self.wrong
                    .push(format!("payment {number} of the gateway is nobody's here: {entry:?}"));
            }
        }
        Ok(())
    }

    /// In the gateway's books alone: whatever we believe, this must never be.
    fn nothing_happened_twice(&mut self) {
        let mut orders: BTreeMap<&str, u64> = BTreeMap::new();
        let mut refunds: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in self.entries.values() {
            let order = entry.originator_reference.as_deref().unwrap_or_default();
            *orders.entry(order).or_default() += 1;
            let captures = entry.captures.iter().filter(|capture| capture.status != FAILED);
            if captures.count() > 1 || entry.amount_captured > entry.amount {
                self.wrong.push(format!("charged more than once: {entry:?}"));
            }
            let done = entry.refunds.iter().filter(|refund| refund.status != FAILED);
            let mut back = 0;
            for refund in done {
                *refunds.entry(&refund.reference).or_default() += 1;
                back += refund.amount;
            }
            if back > entry.amount_captured {
                self.wrong.push(format!("given back more than once: {entry:?}"));
            }
        }
        for (name, times) in orders.into_iter().chain(refunds).filter(|(_, times)| *times > 1) {
            self.doubled
                .push(format!("{name} is {times} times in the gateway's books"));
        }
    }

    /// Every acknowledged payment is there, with at least what was acknowledged of it.
    async fn keeps_promises(&self, all: bool) -> Result<usize> {
        let mut kept = 0;
        let mut broken = Vec::new();
        for (order, promise) in self.street.promises.all() {
            if promise.payment.is_empty() {
                continue;
            }
            match self.payments.get(&promise.payment) {
                Some(payment) => {
                    kept += 1;
                    self.keeps(&order, &promise, payment, &mut broken);
                    for (refund, amount) in &promise.refunds {
                        let found = self.street.asks("GET", &format!("/v1/refunds/{refund}"), None).await?;
                        if found.status != 200 || found.json["amount"] != *amount {
                            broken.push(format!("{order}: {refund} of {amount} is now {}", found.json));
                        }
                    }
                }
                // Made before what is looked at now, and looked at then.
                None if !all => {}
                None => broken.push(format!("{order}: {promise:?} is not there")),
            }
        }
        if broken.is_empty() {
            Ok(kept)
        } else {
            bail!("acknowledged, and not kept:\n  {}", broken.join("\n  "));
        }
    }

    /// Whether the payment is, at least, what was said of it.
    pub fn keeps(&self, order: &str, promise: &Promise, payment: &Value, broken: &mut Vec<String>) {
        let number = |name: &str| payment[name].as_i64().unwrap_or(0);
        let ended = match promise.ended.as_deref() {
            Some("captured") => number("amount_captured") > 0,
            Some(_) => number("amount_captured") == 0,
            None => true,
        };
        if !ended || number("amount_captured") < promise.captured || number("amount_refunded") < promise.refunded {
            broken.push(format!("{order}: {promise:?} is now {payment}"));
        }
    }

    /// Every notification that was answered with 204 is stored.
    async fn kept_bells(&self, store: &Store) -> Result<u64> {
        let rung = self.street.gateway.rung();
        let mut kept = 0;
        for (id, payment) in &self.payments {
            let number = payment["gateway"]["payment_id"].as_u64();
            let Some(rung) = number.and_then(|number| rung.get(&number)) else {
                continue;
            };
            let payment: PaymentId = id.parse()?;
            let count = move |tx: &mut store::Tx<'_>| {
                // What a dead server had stored and not answered yet waits for the sweep, and is nobody's until then.
                let waiting = match tx.payment(payment)?.and_then(|payment| payment.seen.clone()) {
                    Some(seen) => tx.unplaced_notifications(seen.at)?.len(),
                    None => 0,
                };
                Ok(waiting + tx.notifications_of(payment)?.len())
            };
            let stored = store.read(count).await?;
            if u64::try_from(stored)? < *rung {
                bail!("{id}: {rung} notifications were answered with 204, and {stored} are stored");
            }
            kept += rung;
        }
        Ok(kept)
    }
}

/// A refund of which the gateway has nothing keeps its amount reserved until a person decides.
fn without_lost_refunds(payment: &mut Value, entry: &PaymentEntry) {
    if payment["amount_refunding"].as_u64() >= Some(entry.amount_refunding) {
        payment["amount_refunding"] = entry.amount_refunding.into();
    }
    let splits = payment["splits"].as_array_mut().into_iter().flatten();
    for (ours, theirs) in splits.zip(&entry.splits) {
        if ours["amount_refunding"].as_u64() >= Some(theirs.amount_refunding) {
            ours["amount_refunding"] = theirs.amount_refunding.into();
        }
    }
}

/// What ended unpaid may have ended under another word than the gateway's.
fn same_word(payment: &mut Value, entry: &PaymentEntry) {
    let unpaid = |status: &str| matches!(status, "cancelled" | "failed" | "expired");
    let theirs = belief::status(entry.status);
    if payment["status"].as_str().is_some_and(unpaid) && unpaid(theirs) {
        payment["status"] = theirs.into();
    }
}
