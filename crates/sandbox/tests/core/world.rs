//! A marketplace that talks to a core without sockets.

use sandbox::core::{BooksQuery, Config, Core, Delivery, Handled, Reply, Request};
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

    /// Creates a payment by this method, in splits or whole, and gives its number.
    pub fn create_by(&mut self, reference: &str, method: u32, amount: u64, splits: &[u64]) -> u64 {
        let splits: Vec<Value> = splits
            .iter()
            .zip([33513, 33512, 33511])
            .zip(["A", "B", "C"])
            .map(|((amount, site), letter)| {
                json!({"SiteID": site, "Amount": amount, "MerchantTransactionID": "s2p_test1ad",
                    "OriginatorTransactionID": format!("4324322-{letter}")})
            })
            .collect();
        let request = json!({"Payment": {"MerchantTransactionID": reference, "OriginatorTransactionID": "4324322",
            "Amount": amount, "Currency": "EUR", "MethodID": method, "TokenLifetime": 10,
            "ReturnURL": "http://demo.smart2pay.com/redirect.php", "Splits": splits}});
        let (status, body) = self.call("POST", "/v1/payments", request);
        assert_eq!(status, 201, "{body}");
        body["Payment"]["ID"].as_u64().unwrap()
    }

    /// The same, and the buyer pays; what is notified of that is taken away.
    pub fn paid_by(&mut self, reference: &str, method: u32, amount: u64, splits: &[u64]) -> u64 {
        self.notified();
        let id = self.create_by(reference, method, amount, splits);
        assert_eq!(self.play(id, "success").0, 303);
        assert_eq!(self.notified().len(), 1);
        id
    }

    /// The numbers of a payment's splits.
    pub fn splits(&self, id: u64) -> Vec<u64> {
        self.core
            .payment(id)
            .unwrap()
            .splits
            .iter()
            .map(|split| split.id)
            .collect()
    }

    /// The statuses of a payment's splits.
    pub fn split_statuses(&self, id: u64) -> Vec<u8> {
        self.core
            .payment(id)
            .unwrap()
            .splits
            .iter()
            .map(|split| split.status)
            .collect()
    }

    /// The first return code of a call that must be refused before anything was recorded, and change nothing.
    pub fn refusal(&mut self, method: &str, target: &str, body: impl ToString) -> String {
        let pending = self.core.books(self.now, &BooksQuery::default()).notifications.pending;
        let (status, body) = self.call(method, target, body);
        assert_eq!(status, 400, "{target} {body}");
        let refused = body.as_object().unwrap().values().next().unwrap();
        assert!(refused["ID"].is_null() && refused["Status"]["ID"].is_null(), "{body}");
        assert!(refused["InvalidRequestID"].as_str().unwrap().starts_with('i'), "{body}");
        let after = self.core.books(self.now, &BooksQuery::default()).notifications.pending;
        assert_eq!(after, pending, "a refusal is not notified");
        refused["Status"]["Reasons"][0]["Code"].as_str().unwrap().to_owned()
    }

    /// Something happens at the gateway by itself; gives the payment's books.
    pub fn act(&mut self, id: u64, act: Value) -> Value {
        let (status, body) = self.call("POST", &format!("/_sandbox/payments/{id}/act"), &act);
        assert_eq!(status, 200, "{act} {body}");
        body
    }

    /// The same, refused; gives the reason.
    pub fn act_refused(&mut self, id: u64, act: Value) -> String {
        let before = self.core.payment(id);
        let (status, body) = self.call("POST", &format!("/_sandbox/payments/{id}/act"), &act);
        assert_eq!(status, 400, "{act} {body}");
        assert_eq!(self.core.payment(id), before, "a refusal changes nothing");
        body["error"].as_str().unwrap().to_owned()
    }

    /// Some time passes; gives what is notified meanwhile.
    pub fn wait(&mut self, seconds: u64) -> Vec<Value> {
        self.now += seconds * SECOND;
        self.notified()
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

/// A request to the card host, with a card of the documents' and a token asked for.
pub fn by_card(reference: &str, amount: u64) -> Value {
    json!({"Payment": {"MerchantTransactionID": reference, "Amount": amount, "Currency": "EUR",
        "ReturnURL": "http://demo.smart2pay.com/redirect.php", "Description": "payment product",
        "StatementDescriptor": "bank statement message", "Capture": true, "GenerateCreditCardToken": true,
        "Card": {"HolderName": "John Doe", "Number": "4111111111111111", "ExpirationMonth": "02",
            "ExpirationYear": "2028", "SecurityCode": "312"}}})
}
