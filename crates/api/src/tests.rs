//! The door against a database of its own and a gateway that is not there: what is refused before anything is asked.

mod access;
mod bad_input;
mod cards;
mod codes;
mod config;
mod documents;
mod strictness;

use actix_web::body::to_bytes;
use actix_web::dev::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::web::Data;
use engine::keys::KeyDraft;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::config::{Config, Sources};
use crate::door::{Door, Draining};
use crate::wiring::{self, Access};

/// An address that nobody listens on: whatever is sent there was not sent.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A door with two sellers, a fee plan and a key of each role.
struct World {
    door: Data<Door>,
    admin: String,
    ops: String,
    storefront: String,
    seller: String,
    _directory: TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    body: Value,
    headers: Vec<(String, String)>,
}

impl World {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", directory.path().join("door.db").display());
        let config = Config::load(&Sources::isolated([("database.url", url.as_str())])).unwrap();
        let engine = wiring::open(&config, Some(NOWHERE), Access::Write).unwrap();
        engine.migrate().unwrap();
        engine.claim_database().await.unwrap();
        let key = async |role: &str, seller: Option<&str>| {
            let principal = format!("{role}-tests");
            let draft = KeyDraft {
                role: role.to_owned(),
                principal,
                seller: seller.map(str::to_owned),
                live: false,
            };
            engine.create_key(draft).await.unwrap().1.expose_secret().to_owned()
        };
        let admin = key("admin", None).await;
        let ops = key("ops", None).await;
        let storefront = key("storefront", None).await;
        let max_body_bytes = config.server.max_body_bytes;
        let door = Door {
            engine: engine.clone(),
            max_body_bytes,
            production: false,
            draining: Draining::default(),
        };
        let mut world = Self {
            door: Data::new(door),
            admin,
            ops,
            storefront,
            seller: String::new(),
            _directory: directory,
        };
        world.furnish().await;
        world.seller = engine
            .create_key(KeyDraft {
                role: "seller".to_owned(),
                principal: "s1-dashboard".to_owned(),
                seller: Some("s1".to_owned()),
                live: false,
            })
            .await
            .unwrap()
            .1
            .expose_secret()
            .to_owned();
        world
    }

    async fn furnish(&self) {
        let plan = json!({"rules": [{"percent_bp": 1500, "applies_to": "items"}]});
        assert_eq!(
            self.put("/v1/fee_plans/standard", plan).await.status,
            StatusCode::CREATED
        );
        for (name, site, status) in [
            ("s1", 33512, "active"),
            ("s2", 33513, "active"),
            ("s3", 33514, "suspended"),
        ] {
            let seller = json!({"name": name, "site_id": site, "fee_plan": "standard", "status": status});
            assert_eq!(
                self.put(&format!("/v1/sellers/{name}"), seller).await.status,
                StatusCode::CREATED
            );
        }
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        let request = TestRequest::put().uri(path).set_json(body);
        self.send(request.insert_header(bearer(&self.admin))).await
    }

    /// As the storefront, with a key of its own for each request.
    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_bytes(path, &body.to_string()).await
    }

    async fn post_bytes(&self, path: &str, body: &str) -> Answer {
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("content-type", "application/json"));
        let request = request.insert_header(("idempotency-key", uuid::Uuid::from_u128(rand()).to_string()));
        self.send(
            request
                .insert_header(bearer(&self.storefront))
                .set_payload(body.to_owned()),
        )
        .await
    }

    async fn get(&self, path: &str, key: &str) -> Answer {
        self.send(TestRequest::get().uri(path).insert_header(bearer(key))).await
    }

    async fn send(&self, request: TestRequest) -> Answer {
        let app = init_service(crate::server::listeners::app(self.door.clone())).await;
        let (status, headers, bytes) = match app.call(request.to_request()).await {
            Ok(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                (status, headers, read_body(response).await)
            }
            Err(error) => {
                // The server renders what middleware refuses.
                let response = error.error_response();
                let (status, headers) = (response.status(), response.headers().clone());
                (status, headers, to_bytes(response.into_body()).await.ok().unwrap())
            }
        };
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        Answer {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
        }
    }

    /// No request that is refused leaves a trace.
    async fn holds_nothing(&self) {
        let list = self.get("/v1/payments", &self.ops).await;
        assert_eq!(list.body["data"], json!([]), "something was written");
    }
}

impl Answer {
    /// The first place that is wrong, if the answer is a complete problem with this status and code.
    fn problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["code"], code, "{}", self.body);
        assert_eq!(self.body["type"], format!("https://apportion.dev/problems/{code}"));
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
        for field in ["title", "detail", "charged", "retry", "request_id"] {
            assert!(
                self.body[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field} in {}",
                self.body
            );
        }
        self.body["errors"][0]["pointer"].as_str().unwrap_or("").to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

fn bearer(key: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {key}"))
}

/// A number that no other request of this process has.
fn rand() -> u128 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The cart of the worked example.
fn cart() -> Value {
    json!({
        "currency": "EUR",
        "lines": [{"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999, "category": "home", "sku": "L-1"}],
        "shipping": [{"seller": "s1", "amount": 490}],
        "discounts": [{"id": "d1", "amount": 500, "applies_to": {"cart": true}, "funded_by": "marketplace"},
                      {"id": "d2", "percent_bp": 1000, "applies_to": {"seller": "s1"}, "funded_by": "seller"}],
        "fees": [{"id": "service", "amount": 99}]
    })
}

fn payment() -> Value {
    json!({"order": "order-1", "cart": cart(), "method_id": 9, "return_url": "https://shop.example/thanks"})
}

/// The same document with one place changed; a change to null takes the place out.
fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => drop(fields.remove(key)),
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} is not a place"),
    }
    document
}
