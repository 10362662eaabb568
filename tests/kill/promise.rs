//! What the server has acknowledged: what a client was told with a status of 2xx holds from then on, whatever happens.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Every order's.
#[derive(Default)]
pub struct Promises(Mutex<BTreeMap<String, Promise>>);

/// What a client was told of one order.
#[derive(Clone, Debug, Default)]
pub struct Promise {
    /// The order's payment; empty until there is one.
    pub payment: String,
    /// How the payment was asked for: to be asked again.
    pub request: Value,
    /// The most that was said to be captured.
    pub captured: i64,
    /// The most that was said to be back with the buyer.
    pub refunded: i64,
    /// The last status from which there is no way back.
    pub ended: Option<String>,
    /// Refunds that were accepted, and what they come to.
    pub refunds: BTreeMap<String, i64>,
}

impl Promises {
    /// A client was shown a payment.
    pub fn shown(&self, order: &str, payment: &Value) {
        let number = |name: &str| payment[name].as_i64().unwrap_or(0);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let promise = all.entry(order.to_owned()).or_default();
        if promise.payment.is_empty() {
            payment["id"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut promise.payment);
        }
        promise.captured = promise.captured.max(number("amount_captured"));
        promise.refunded = promise.refunded.max(number("amount_refunded"));
        let status = payment["status"].as_str().unwrap_or_default();
        if matches!(status, "captured" | "cancelled" | "failed" | "expired") {
            promise.ended = Some(status.to_owned());
        }
    }

    /// A client was told that a refund was accepted.
    pub fn refunding(&self, order: &str, refund: &Value) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let promise = all.entry(order.to_owned()).or_default();
        let id = refund["id"].as_str().unwrap_or_default().to_owned();
        promise.refunds.insert(id, refund["amount"].as_i64().unwrap_or(0));
    }

    /// Everything so far.
    pub fn all(&self) -> BTreeMap<String, Promise> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A client begins to ask for a payment.
    pub fn asked(&self, order: &str, request: &Value) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(order.to_owned()).or_default().request = request.clone();
    }

    /// A payment that was forgotten is known again, under another id.
    pub fn found_again(&self, order: &str, payment: &Value) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let promise = all.entry(order.to_owned()).or_default();
        payment["id"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut promise.payment);
    }
}
