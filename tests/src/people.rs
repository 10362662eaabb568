//! The people of a story. What they do is told: each call and its answer stand in the transcript.

use crate::carts;
use crate::http::{Answer, Asked};
use crate::world::World;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sandbox::core::{Books, BooksQuery, PaymentEntry, SeenRequest};
use serde_json::{Value, json};

/// The shop that sells for everybody.
pub struct Storefront<'w>(pub(crate) &'w World);

/// Who pays.
pub struct Buyer<'w>(pub(crate) &'w World);

/// Who is owed.
pub struct Seller<'w>(pub(crate) &'w World, pub(crate) &'static str);

/// Who operates.
pub struct Ops<'w>(pub(crate) &'w World);

/// Who registers.
pub struct Admin<'w>(pub(crate) &'w World);

/// The other side, and what goes wrong there.
pub struct Gateway<'w>(pub(crate) &'w World);

impl Storefront<'_> {
    /// Asks how a cart would be divided.
    pub async fn asks_for_a_quote(&self, cart: &Value) -> Answer {
        self.0.says("The storefront asks how the cart would be divided.");
        self.0
            .told(
                Some(&self.0.keys.storefront),
                Asked::with_body("POST", "/v1/quotes", &json!({ "cart": cart })),
            )
            .await
    }

    /// Asks for a payment of this cart; the order's name is the key.
    pub async fn checks_out(&self, order: &str, cart: &Value) -> Answer {
        self.asks(order, &carts::payment(order, cart)).await
    }

    /// Asks for a payment under a key.
    pub async fn asks(&self, key: &str, body: &Value) -> Answer {
        let order = body["order"].as_str().unwrap_or_default();
        self.0.says(&format!("The storefront checks out {order}."));
        self.0.told(Some(&self.0.keys.storefront), create(key, body)).await
    }

    /// The same, not told: for many at one time.
    pub async fn asks_quietly(&self, key: &str, body: &Value) -> Answer {
        self.0.untold(Some(&self.0.keys.storefront), &create(key, body)).await
    }

    /// Reads a payment.
    pub async fn reads(&self, payment: &str) -> Answer {
        self.0.says("The storefront reads the payment.");
        self.0
            .told(
                Some(&self.0.keys.storefront),
                Asked::get(format!("/v1/payments/{payment}")),
            )
            .await
    }

    /// Waits until a payment is in this status, and reads it.
    pub async fn waits_until(&self, payment: &str, status: &str) -> Answer {
        let asked = Asked::get(format!("/v1/payments/{payment}"));
        let look = async || {
            let seen = self.0.untold(Some(&self.0.keys.storefront), &asked).await;
            if seen["status"] == status {
                Ok(())
            } else {
                Err(seen.text)
            }
        };
        self.0.until(&format!("{payment} is {status}"), look).await;
        self.reads(payment).await
    }
}

fn create(key: &str, body: &Value) -> Asked {
    Asked::with_body("POST", "/v1/payments", body).header("Idempotency-Key", key)
}

impl Buyer<'_> {
    /// Follows the redirect and pays.
    pub async fn pays(&self, payment: &Answer) {
        self.0.says("The buyer follows the redirect and pays.");
        self.acts(payment, "success", 303).await;
    }

    /// Tries to pay and fails.
    pub async fn fails(&self, payment: &Answer) {
        self.0.says("The buyer tries to pay and fails.");
        self.acts(payment, "failed", 303).await;
    }

    /// Changes their mind.
    pub async fn cancels(&self, payment: &Answer) {
        self.0.says("The buyer cancels.");
        self.acts(payment, "cancelled", 303).await;
    }

    /// Lets the page expire.
    pub async fn walks_away(&self, payment: &Answer) {
        self.0.says("The buyer walks away, and the page expires.");
        self.acts(payment, "expired", 303).await;
    }

    async fn acts(&self, payment: &Answer, outcome: &str, status: u16) {
        let url = payment.text_at("redirect_url");
        let path = url
            .strip_prefix(&self.0.sandbox.url)
            .unwrap_or_else(|| panic!("{url} is not the gateway's"));
        let asked = Asked {
            method: "POST",
            path: path.to_owned(),
            headers: Vec::new(),
            body: Some(format!("outcome={outcome}")),
        };
        let asked = asked.header("Content-Type", "application/x-www-form-urlencoded");
        let _ = self.0.told_to_gateway(asked).await.expect(status);
    }

    /// Pays by the gateway's number: for a payment whose answer was lost.
    pub async fn pays_at_the_gateway(&self, entry: &PaymentEntry) {
        self.0.says("The buyer pays.");
        let url = json!({ "redirect_url": entry.pay_url });
        let page = Answer {
            status: 200,
            headers: Vec::new(),
            text: String::new(),
            json: url,
        };
        self.acts(&page, "success", 303).await;
    }
}

impl Seller<'_> {
    fn key(&self) -> &str {
        &self.0.keys.sellers[self.1]
    }

    /// Calls with the seller's own key.
    pub async fn gets(&self, path: &str) -> Answer {
        self.0.says(&format!("Seller {} looks.", self.1));
        self.0.told(Some(self.key()), Asked::get(path)).await
    }

    /// Reads the balance.
    pub async fn reads_the_balance(&self) -> Answer {
        self.gets(&format!("/v1/sellers/{}/balance", self.1)).await
    }

    /// Reads the statement as a file for spreadsheets.
    pub async fn downloads_the_statement(&self) -> Answer {
        self.0.says(&format!("Seller {} downloads the statement.", self.1));
        let asked = Asked::get(format!("/v1/sellers/{}/entries", self.1)).header("Accept", "text/csv");
        self.0.told(Some(self.key()), asked).await
    }

    /// Calls with the seller's own key and a body.
    pub async fn posts(&self, path: &str, body: &Value) -> Answer {
        self.0.says(&format!("Seller {} tries.", self.1));
        let asked = Asked::with_body("POST", path, body).header("Idempotency-Key", "a-key-of-the-seller");
        self.0.told(Some(self.key()), asked).await
    }
}

impl Ops<'_> {
    /// Reads something.
    pub async fn reads(&self, path: &str) -> Answer {
        self.0.says("Operations looks.");
        self.0.told(Some(&self.0.keys.ops), Asked::get(path)).await
    }

    /// Reads something that is not told.
    pub async fn glances(&self, path: &str) -> Answer {
        self.0.untold(Some(&self.0.keys.ops), &Asked::get(path)).await
    }

    /// Every payment there is, as operations sees it.
    pub async fn all_payments(&self) -> Vec<Value> {
        let mut payments = Vec::new();
        let mut path = "/v1/payments?limit=100".to_owned();
        loop {
            let page = self.glances(&path).await.expect(200);
            payments.extend(page["data"].as_array().expect("a list").iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else {
                return payments;
            };
            path = format!("/v1/payments?limit=100&cursor={cursor}");
        }
    }

    /// Waits until a payment looks like this to operations.
    pub async fn waits_for(&self, payment: &str, what: &str, so: impl Fn(&Value) -> bool) {
        let path = format!("/v1/payments/{payment}");
        let look = async || {
            let seen = self.glances(&path).await;
            if so(&seen.json) { Ok(()) } else { Err(seen.text) }
        };
        self.0.until(what, look).await;
    }
}

impl Admin<'_> {
    /// Writes something.
    pub async fn puts(&self, path: &str, body: &Value) -> Answer {
        self.0.says("The administrator writes.");
        self.0
            .told(Some(&self.0.keys.admin), Asked::with_body("PUT", path, body))
            .await
    }

    /// Makes any call.
    pub async fn calls(&self, asked: Asked) -> Answer {
        self.0.says("The administrator calls.");
        self.0.told(Some(&self.0.keys.admin), asked).await
    }
}

impl Gateway<'_> {
    /// Sets faults from now on: the body of `POST /_sandbox/faults`.
    pub async fn will(&self, sentence: &str, faults: Value) {
        self.0.says(sentence);
        self.0.transcript.notes(&format!("POST /_sandbox/faults\n\n{faults}"));
        let asked = Asked::with_body("POST", "/_sandbox/faults", &faults);
        let _ = self.0.untold_to_gateway(&asked).await.expect(201);
    }

    /// Clears every fault.
    pub async fn recovers(&self) {
        self.0.says("The gateway works again.");
        self.0.sandbox.with_core(|core, _| core.clear_faults());
    }

    /// Changes how it behaves.
    pub async fn behaves(&self, sentence: &str, patch: Value) {
        self.0.says(sentence);
        let patch = serde_json::from_value(patch).expect("it is part of the sandbox's configuration");
        self.0
            .sandbox
            .with_core(|core, _| core.configure(patch))
            .expect("the sandbox can be configured");
    }

    /// Somebody rings the doorbell with these credentials and this body; the status that they are told.
    pub async fn rings(&self, sentence: &str, user: &str, password: &str, body: &Value) -> Answer {
        self.0.says(sentence);
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        self.0
            .told(Some(&basic), Asked::with_body("POST", "/gateway/notifications", body))
            .await
    }

    /// Its books.
    pub fn books(&self) -> Books {
        let query = BooksQuery {
            limit: Some(usize::MAX),
            requests: Some(usize::MAX),
            ..BooksQuery::default()
        };
        self.0.sandbox.with_core(|core, now| core.books(now, &query))
    }

    /// The only payment in its books.
    pub fn only_payment(&self) -> PaymentEntry {
        let books = self.books();
        assert_eq!(
            books.payments.len(),
            1,
            "one payment at the gateway: {:?}",
            books.payments
        );
        books.payments[0].clone()
    }

    /// Every request to create a payment that it saw, oldest first.
    pub fn creates(&self) -> Vec<SeenRequest> {
        let seen = self.books().requests.into_iter();
        seen.filter(|one| one.method == "POST" && one.path.trim_end_matches('/') == "/v1/payments")
            .collect()
    }

    /// Waits until every notification was acknowledged.
    pub async fn is_heard(&self) {
        let look = async || {
            let counts = self.books().notifications;
            if counts.pending == 0 {
                Ok(())
            } else {
                Err(format!("{counts:?}"))
            }
        };
        self.0.until("every notification is acknowledged", look).await;
    }
}
