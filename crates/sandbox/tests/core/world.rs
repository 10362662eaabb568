//! A marketplace that talks to a core without sockets.

use sandbox::core::{Config, Core, Delivery, Handled, Reply, Request};
use serde_json::{Value, json};

/// 2020-12-02 12:29:51 UTC, the second in which the documents' one-step example was created.
pub const START: u64 = 1_606_912_191_000_000;
/// A second, in microseconds.
pub const SECOND: u64 = 1_000_000;
/// `30201:secret`.
pub const AUTHORIZATION: &str = "Basic MzAyMDE6c2VjcmV0";

/// The document's one-step example.
pub const ONE_STEP: &str = include_str!("../../../gateway-client/tests/golden/one-step-create.request.json");

/// A core and the time.
pub struct World {
    pub core: Core,
    pub now: u64,
}

impl World {
    pub fn new() -> Self {
        let mut config = Config::new(30201, "secret".to_owned().into());
        config.notification_url = Some("http://127.0.0.1:1/gateway/notifications".to_owned());
        config.public_url = "https://apitest.smart2pay.com".to_owned();
        Self {
            core: Core::new(config, 7),
            now: START,
        }
    }

    pub fn handle(&mut self, method: &str, target: &str, body: &str) -> Handled {
        let request = Request::new(method, target)
            .with_body(body)
            .with_authorization(AUTHORIZATION);
        self.core.handle(self.now, request)
    }

    /// Status and JSON of an answer that must come at once and whole.
    pub fn call(&mut self, method: &str, target: &str, body: impl ToString) -> (u16, Value) {
        match self.handle(method, target, &body.to_string()) {
            Handled {
                reply: Reply::Answer(response),
                ..
            } => (
                response.status,
                serde_json::from_slice(&response.body).unwrap_or(Value::Null),
            ),
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Creates a payment of 100 as 60, 20, 20 and gives its number.
    pub fn create(&mut self, reference: &str) -> u64 {
        let (status, body) = self.call("POST", "/v1/payments", asked(reference));
        assert_eq!(status, 201, "{body}");
        body["Payment"]["ID"].as_u64().unwrap()
    }

    /// The buyer acts on the payment's page; gives the answer's status and where it leads.
    pub fn play(&mut self, id: u64, outcome: &str) -> (u16, Option<String>) {
        let url = self.core.payment(id).unwrap().pay_url;
        let target = url.strip_prefix("https://apitest.smart2pay.com").unwrap().to_owned();
        match self.handle("POST", &target, &format!("outcome={outcome}")).reply {
            Reply::Answer(response) => (response.status, response.location),
            other => panic!("no answer: {other:?}"),
        }
    }

    pub fn faults(&mut self, faults: Value) {
        let (status, body) = self.call("POST", "/_sandbox/faults", faults);
        assert_eq!(status, 201, "{body}");
    }

    pub fn config(&mut self, patch: Value) {
        let (status, body) = self.call("POST", "/_sandbox/config", patch);
        assert_eq!(status, 200, "{body}");
    }

    pub fn status(&self, id: u64) -> u8 {
        self.core.payment(id).unwrap().status
    }

    /// The bodies of the notifications that are due now, each acknowledged.
    pub fn notified(&mut self) -> Vec<Value> {
        let due = self.core.take_due(self.now, 100);
        due.iter()
            .for_each(|delivery| self.core.delivered(self.now, delivery.id, Some(204)));
        due.iter().map(body).collect()
    }
}

pub fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

/// The documents' one-step request under another reference.
pub fn asked(reference: &str) -> Value {
    let mut asked: Value = serde_json::from_str(ONE_STEP).unwrap();
    asked["Payment"]["MerchantTransactionID"] = json!(reference);
    asked
}
