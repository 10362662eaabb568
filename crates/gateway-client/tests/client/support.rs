//! A payment to ask for, and a gateway that does exactly what it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::allocation::{SellerTerms, Terms, allocate};
use domain::capture_plan::Unanswered;
use domain::cart::{Cart, CartDraft};
use domain::command::Command;
use domain::ids::{GatewayId, PaymentId, SiteId};
use domain::operation::{Asked, Attempt, Operation, Work};
use domain::payment::{Asking, Payment, Seen};
use domain::sale::{BillingAddress, CaptureMode, Customer, Sale, SplitMode, Steps};
use domain::seller::SellerStatus;
use domain::sight::{GatewayRef, GatewayStatus, Host, Sight, Standing};
use domain::time::Timestamp;
use gateway_client::{Call, Client, GatewayError, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use uuid::Uuid;

/// The test's own key: whoever finds it in a log has found a leak.
pub const KEY: &str = "key-that-nobody-may-see";
pub const REQUEST_ID: Uuid = Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef);

/// What the gateway does with one connection, after it has read the request unless it says otherwise.
#[derive(Clone)]
pub enum Act {
    /// Writes these bytes and closes.
    Write(Vec<u8>),
    /// Writes these bytes and says nothing more, without closing.
    WriteAndStall(Vec<u8>),
    /// Reads one byte and drops the rest, which resets the connection.
    Reset,
    /// Never reads.
    Ignore,
    /// Answers with a body that never ends.
    Endless(u16),
    /// Answers and keeps the connection; on its next request, closes without a word.
    AnswerOnceThenClose(Vec<u8>),
}

/// A gateway that plays its acts, one per connection, and the last of them again and again.
pub struct Gateway {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    pub async fn playing(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut acts = acts.into_iter().peekable();
            let mut act = acts.next().expect("an act");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(play(stream, act.clone(), Arc::clone(&seen)));
                act = acts.next().unwrap_or(act);
            }
        });
        Self { address, requests }
    }

    /// A gateway that always answers so.
    pub async fn answering(http_status: u16, body: &str) -> Self {
        Self::playing(vec![Act::Write(answer(http_status, body))]).await
    }

    pub fn client(&self) -> Client {
        client(&format!("http://{}", self.address), Duration::from_secs(20))
    }

    /// A client that does not wait long.
    pub fn hasty_client(&self) -> Client {
        client(&format!("http://{}", self.address), Duration::from_millis(300))
    }

    /// Every request that arrived, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("not poisoned").clone()
    }
}

/// An HTTP answer that closes its connection.
pub fn answer(http_status: u16, body: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 {http_status} Whatever\r\nContent-Type: application/json\r\nConnection: close\r\n");
    format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn play(mut stream: TcpStream, act: Act, seen: Arc<Mutex<Vec<String>>>) {
    match act {
        Act::Reset => {
            let _ = stream.read_u8().await;
            return;
        }
        Act::Ignore => return std::future::pending().await,
        _ => {}
    }
    record(&mut stream, &seen).await;
    match act {
        Act::Write(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
        Act::WriteAndStall(bytes) => {
            stream.write_all(&bytes).await.unwrap_or_default();
            std::future::pending::<()>().await;
        }
        Act::Endless(http_status) => {
            let head = format!("HTTP/1.1 {http_status} Whatever\r\nTransfer-Encoding: chunked\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap_or_default();
            let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
        }
        Act::AnswerOnceThenClose(bytes) => {
            stream.write_all(&bytes).await.unwrap_or_default();
            record(&mut stream, &seen).await;
        }
        Act::Reset | Act::Ignore => {}
    }
}

/// Reads one whole request.
async fn record(stream: &mut TcpStream, seen: &Mutex<Vec<String>>) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return seen.lock().expect("not poisoned").push(text);
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

pub fn client(url: &str, timeout: Duration) -> Client {
    Client::try_new(Settings {
        base_url: url.to_owned(),
        cards_base_url: url.to_owned(),
        site_id: SiteId::try_new(30201).expect("a site"),
        api_key: KEY.into(),
        timeout,
        connect_timeout: timeout,
    })
    .expect("settings")
}

/// What was concluded, in a word.
pub fn name<T>(answer: &Result<T, GatewayError>) -> &'static str {
    match answer {
        Ok(_) => "answer",
        Err(GatewayError::NotSent { .. }) => "not sent",
        Err(GatewayError::Refused(_)) => "refused",
        Err(GatewayError::AlreadyThere(_)) => "already there",
        Err(GatewayError::Missing) => "missing",
        Err(GatewayError::Unknown { .. }) => "unknown",
        Err(GatewayError::Garbled { .. }) => "garbled",
    }
}

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

pub fn call() -> Call {
    Call {
        request_id: REQUEST_ID,
        not_after: soon(),
    }
}

pub fn at(host: Host, id: u64) -> GatewayRef {
    GatewayRef {
        host,
        id: GatewayId::new(id),
    }
}

/// Asks for the documents' payment.
pub async fn create(client: &Client, host: Host) -> Result<Sight, GatewayError> {
    let (payment, operation) = payment("EUR", 1);
    let shown = client.create(host, &payment, &operation, None, soon()).await?;
    Ok(shown.sight)
}

/// The documents' one-step payment, `times` over: 60, 20 and 20 for three sellers, nothing for the marketplace.
pub fn payment(currency: &str, times: i64) -> (Payment, Operation) {
    let sellers = [(33513, 60 * times), (33512, 20 * times), (33511, 20 * times)];
    decided(sale(currency, &sellers))
}

/// The payment of this sale, and the operation that asks for it.
pub fn decided(sale: Sale) -> (Payment, Operation) {
    let asking = Asking {
        now: Timestamp::MIN,
        payment: PaymentId::from_u128(1),
        asked: Asked {
            principal: "storefront".parse().expect("a principal"),
            key: "key".parse().expect("a key"),
            part: 0,
            fingerprint: String::new(),
        },
        reference: "s2ptest_split1".parse().expect("a reference"),
        attempt: Attempt {
            number: 1,
            owner: "me".to_owned(),
            send_before: Timestamp::MIN,
            over_at: Timestamp::MIN,
            nothing_before: false,
        },
    };
    let command = Command::Authorize(Arc::new(sale));
    let payment = Payment::decide(None, &command, asking).expect("a payment").next;
    let mut operation = payment.operations[0].clone();
    operation.request_id = REQUEST_ID.to_string();
    (payment, operation)
}

/// A payment that the gateway has shown under this id, with its splits under these.
pub fn shown(id: u64, splits: &[(u64, u32, i64)]) -> Payment {
    let sellers: Vec<(u32, i64)> = splits.iter().map(|(_, site, amount)| (*site, *amount)).collect();
    let (mut payment, _) = decided(sale("EUR", &sellers));
    for (split, (id, _, _)) in payment.splits.iter_mut().zip(splits) {
        split.gateway_id = Some(GatewayId::new(*id));
    }
    payment.seen = Some(seen(at(Host::Pay, id)));
    payment
}

pub fn seen(at: GatewayRef) -> Seen {
    let status = GatewayStatus {
        id: 9,
        info: "Authorized".to_owned(),
        reasons: Vec::new(),
        standing: Standing::Authorized,
    };
    Seen {
        at,
        status,
        redirect_url: None,
    }
}

/// What this payment is asked for next.
pub fn operation(payment: &Payment, reference: &str, work: Work) -> Operation {
    Operation {
        number: 2,
        work,
        reference: reference.parse().expect("a reference"),
        request_id: REQUEST_ID.to_string(),
        ..payment.operations[0].clone()
    }
}

/// A sale of these amounts for the sellers with these sites, `A`, `B` and so on.
pub fn sale(currency: &str, sellers: &[(u32, i64)]) -> Sale {
    let sellers: Vec<(String, u32, i64)> = ('A'..)
        .zip(sellers)
        .map(|(seller, (site, amount))| (seller.to_string(), *site, *amount))
        .collect();
    let lines = sellers.iter().map(|(seller, _, price)| {
        serde_json::json!({"id": seller, "seller": seller, "name": "thing", "quantity": 1, "unit_price": price})
    });
    let lines: Vec<serde_json::Value> = lines.collect();
    let draft: CartDraft =
        serde_json::from_value(serde_json::json!({"currency": currency, "lines": lines})).expect("a draft");
    let cart = Cart::try_new(draft).expect("a cart");
    let site = |number| SiteId::try_new(number).expect("a site");
    let terms = |number| SellerTerms {
        site: site(number),
        status: SellerStatus::Active,
        fee_plan: None,
    };
    let sellers = sellers
        .iter()
        .map(|(seller, number, _)| (seller.parse().expect("a seller"), terms(*number)));
    let terms = Terms {
        sellers: sellers.collect(),
        commission_site: site(30201),
    };
    Sale {
        live: false,
        order: "4324322".parse().expect("an order"),
        originator: "4324322".parse().expect("a reference"),
        allocation: allocate(&cart, &terms).expect("an allocation"),
        cart,
        fee_plans: Vec::new(),
        method: 9,
        steps: Steps::One,
        capture: CaptureMode::Automatic,
        authorization_days: 7,
        capture_by: None,
        capture_unanswered: Unanswered::Full,
        split: SplitMode::Now,
        card: None,
        save_card: false,
        return_url: "http://demo.smart2pay.com/redirect.php".to_owned(),
        description: None,
        statement_descriptor: None,
        customer: Some(Customer {
            id: Some("not.a-gateway.name".parse().expect("a customer")),
            email: Some("youremail@email.com".to_owned()),
            first_name: Some("test".to_owned()),
            last_name: Some("demo".to_owned()),
            phone: None,
        }),
        billing_address: Some(BillingAddress {
            country: "RO".to_owned(),
            city: None,
            zip: None,
            state: None,
            street: None,
            street_number: None,
        }),
        language: None,
        token_lifetime_minutes: Some(10),
        allow_another: false,
        metadata: BTreeMap::new(),
    }
}

/// The request's body.
pub fn body(request: &str) -> serde_json::Value {
    let (_, body) = request.split_once("\r\n\r\n").expect("a head");
    serde_json::from_str(body).expect("JSON")
}
