//! What people do to a payment that exists, and what happens to it at the gateway.

use crate::http::{Answer, Asked};
use crate::people::{Gateway, Ops, Seller, Storefront};
use sandbox::core::{Act, PaymentEntry, SeenRequest};
use serde_json::{Value, json};

/// A call under a key of the caller's own.
fn keyed(path: &str, key: &str, body: &Value) -> Asked {
    Asked::with_body("POST", path, body).header("Idempotency-Key", key)
}

impl Ops<'_> {
    /// Does something to a payment, or to something else that exists: `path` is below `/v1`, and the key is made of it.
    pub async fn does(&self, sentence: &str, path: &str, body: Value) -> Answer {
        let key = path.rsplit('/').next().unwrap_or(path);
        self.does_as(key, sentence, path, body).await
    }

    /// The same under a key of its own: for what is done twice.
    pub async fn does_as(&self, key: &str, sentence: &str, path: &str, body: Value) -> Answer {
        self.0.says(sentence);
        let asked = keyed(&format!("/v1/{path}"), key, &body);
        self.0.told(Some(&self.0.keys.ops), asked).await
    }

    /// The same, not told: for many at one time.
    pub async fn does_quietly(&self, key: &str, path: &str, body: Value) -> Answer {
        let asked = keyed(&format!("/v1/{path}"), key, &body);
        self.0.untold(Some(&self.0.keys.ops), &asked).await
    }

    /// Asks what something would do.
    pub async fn previews(&self, sentence: &str, path: &str, body: Value) -> Answer {
        self.0.says(sentence);
        let asked = Asked::with_body("POST", format!("/v1/{path}"), &body);
        self.0.told(Some(&self.0.keys.ops), asked).await
    }

    /// Waits until a payment looks so to operations, and reads it.
    pub async fn awaits(&self, payment: &str, what: &str, so: impl Fn(&Value) -> bool) -> Answer {
        self.waits_for(payment, what, so).await;
        self.reads(&format!("/v1/payments/{payment}")).await.expect(200)
    }

    /// Waits until a refund has this status, and reads it.
    pub async fn awaits_refund(&self, refund: &str, status: &str) -> Answer {
        let path = format!("/v1/refunds/{refund}");
        let look = async || {
            let seen = self.glances(&path).await;
            if seen["status"] == status {
                Ok(())
            } else {
                Err(seen.text)
            }
        };
        self.0.until(&format!("{refund} is {status}"), look).await;
        self.reads(&path).await.expect(200)
    }
}

impl Storefront<'_> {
    /// Does something to a payment.
    pub async fn does(&self, sentence: &str, path: &str, body: Value) -> Answer {
        self.0.says(sentence);
        let key = path.rsplit('/').next().unwrap_or(path);
        let asked = keyed(&format!("/v1/{path}"), key, &body);
        self.0.told(Some(&self.0.keys.storefront), asked).await
    }

    /// The same, not told.
    pub async fn does_quietly(&self, key: &str, path: &str, body: Value) -> Answer {
        let asked = keyed(&format!("/v1/{path}"), key, &body);
        self.0.untold(Some(&self.0.keys.storefront), &asked).await
    }

    /// Calls without a body.
    pub async fn calls(&self, sentence: &str, asked: Asked) -> Answer {
        self.0.says(sentence);
        self.0.told(Some(&self.0.keys.storefront), asked).await
    }

    /// Checks out, has the buyer pay, and waits until the payment is in this status.
    pub async fn sells(&self, order: &str, body: &Value, status: &str) -> Answer {
        let payment = self.asks(order, body).await.expect(201);
        self.0.buyer().pays(&payment).await;
        self.waits_until(&payment.id(), status).await
    }
}

impl Seller<'_> {
    /// Does something with the seller's own key.
    pub async fn does(&self, sentence: &str, path: &str, body: Value) -> Answer {
        self.0.says(sentence);
        let key = format!("{}-{}", path.rsplit('/').next().unwrap_or(path), self.1);
        let asked = keyed(&format!("/v1/{path}"), &key, &body);
        self.0.told(Some(&self.0.keys.sellers[self.1]), asked).await
    }
}

impl Gateway<'_> {
    /// Something happens to the only payment by itself, or at the dashboard: the body of `POST …/act`.
    pub async fn acts(&self, sentence: &str, act: Value) {
        let id = self.only_payment().id;
        self.acts_on(sentence, id, act).await;
    }

    /// The same to one of several.
    pub async fn acts_on(&self, sentence: &str, id: u64, act: Value) {
        let mut alone = act.clone();
        // Whether anybody is told of it is no part of the act.
        alone.as_object_mut().map(|fields| fields.remove("quiet"));
        let _: Act = serde_json::from_value(alone).expect("it is an act of the sandbox");
        self.0.says(sentence);
        self.0
            .transcript
            .notes(&format!("POST /_sandbox/payments/{id}/act\n\n{act}"));
        let asked = Asked::with_body("POST", format!("/_sandbox/payments/{id}/act"), &act);
        let answer = self.0.untold_to_gateway(&asked).await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    /// Somebody else who uses the same account asks it for something.
    pub async fn is_asked(&self, sentence: &str, asked: Asked) -> Answer {
        self.0.says(sentence);
        self.0.untold_to_gateway(&asked).await
    }

    /// The buyer of a payment pays, which is not told.
    pub async fn is_paid(&self, entry: &PaymentEntry) {
        let path = entry
            .pay_url
            .strip_prefix(&self.0.sandbox.url)
            .expect("it is the gateway's page");
        let mut asked = Asked::get(path).header("Content-Type", "application/x-www-form-urlencoded");
        (asked.method, asked.body) = ("POST", Some("outcome=success".to_owned()));
        let _ = self.0.untold_to_gateway(&asked).await.expect(303);
    }

    /// Time passes there, and only there.
    pub async fn time_passes(&self, sentence: &str, milliseconds: u64) {
        self.0.says(sentence);
        let body = json!({"advance_ms": milliseconds});
        self.0.transcript.notes(&format!("POST /_sandbox/clock\n\n{body}"));
        let asked = Asked::with_body("POST", "/_sandbox/clock", &body);
        let answer = self.0.untold_to_gateway(&asked).await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    /// Every request that it saw with this method and an end of the path, oldest first.
    pub fn saw(&self, method: &str, ending: &str) -> Vec<SeenRequest> {
        let seen = self.books().requests.into_iter();
        seen.filter(|one| one.method == method && one.path.trim_end_matches('/').ends_with(ending))
            .collect()
    }

    /// Waits until the only payment looks so in its books.
    pub async fn waits_for(&self, what: &str, so: impl Fn(&PaymentEntry) -> bool) -> PaymentEntry {
        let look = async || {
            let entry = self.only_payment();
            if so(&entry) {
                Ok(entry)
            } else {
                Err(format!("{entry:?}"))
            }
        };
        self.0.until(what, look).await
    }
}
