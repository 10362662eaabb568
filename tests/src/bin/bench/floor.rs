//! The floor: the same server without a product in it. It answers a constant, or asks the gateway and remembers nothing.

use actix_web::web::{self, Bytes, Data, Json, JsonConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use gateway_client::wire::{Amount, Id, Payment, PaymentEnvelope, PaymentRequest, SplitRequest};
use reqwest::Client;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// The API's own limits.
const BODY_MAX: usize = 256 * 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// The gateway client's own limit.
const IDLE_MAX: usize = 64;
/// Sites of sellers count from here.
const SITE: u64 = 40_000;

/// What the floor is told.
#[derive(Args)]
pub struct Options {
    /// Where it listens.
    #[arg(long)]
    listen: SocketAddr,
    /// The gateway's base URL.
    #[arg(long)]
    gateway: String,
    /// `site:key` at the gateway.
    #[arg(long)]
    credentials: String,
    /// The one key it accepts.
    #[arg(long)]
    key: String,
    /// How long its answers are: as long as the API's, in bytes.
    #[arg(long)]
    answer_bytes: usize,
}

struct Floor {
    bearer: String,
    gateway: Client,
    payments: String,
    basic: String,
    answer: Bytes,
}

/// The body that the API is sent, as far as the gateway must be told of it.
#[derive(Deserialize)]
struct Order {
    order: String,
    cart: Cart,
    method_id: u32,
    return_url: String,
    description: String,
}

#[derive(Deserialize)]
struct Cart {
    currency: String,
    lines: Vec<Line>,
    shipping: Vec<Shipping>,
}

#[derive(Deserialize)]
struct Line {
    seller: String,
    quantity: u64,
    unit_price: u64,
}

#[derive(Deserialize)]
struct Shipping {
    seller: String,
    amount: u64,
}

/// Serves until it is killed.
pub async fn serve(options: Options) -> Result<()> {
    // Another client of this process may have installed it already, and the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let gateway = Client::builder()
        .http1_only()
        .tcp_nodelay(true)
        .pool_max_idle_per_host(IDLE_MAX)
        .timeout(Duration::from_secs(10))
        .no_proxy()
        .tls_certs_only([])
        .build()?;
    let floor = Data::new(Floor {
        bearer: format!("Bearer {}", options.key),
        gateway,
        payments: format!("{}/v1/payments", options.gateway),
        basic: format!("Basic {}", STANDARD.encode(&options.credentials)),
        answer: format!(
            "{{\"floor\":\"{}\"}}",
            "x".repeat(options.answer_bytes.saturating_sub(12))
        )
        .into(),
    });
    let app = move || {
        App::new()
            .app_data(floor.clone())
            .app_data(JsonConfig::default().limit(BODY_MAX))
            .route("/livez", web::get().to(|| async { HttpResponse::Ok().finish() }))
            .route("/constant", web::post().to(constant))
            .route("/proxy", web::post().to(proxy))
    };
    let server = HttpServer::new(app)
        .workers(std::thread::available_parallelism()?.get())
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .disable_signals()
        .bind(options.listen)?;
    Ok(server.run().await?)
}

async fn constant(floor: Data<Floor>, request: HttpRequest, order: Json<Order>) -> HttpResponse {
    if !floor.admits(&request) {
        return HttpResponse::Unauthorized().finish();
    }
    if order.cart.lines.is_empty() {
        return HttpResponse::BadRequest().finish();
    }
    floor.answer()
}

async fn proxy(floor: Data<Floor>, request: HttpRequest, order: Json<Order>) -> HttpResponse {
    if !floor.admits(&request) {
        return HttpResponse::Unauthorized().finish();
    }
    match floor.create(&order).await {
        Ok(()) => floor.answer(),
        Err(error) => HttpResponse::BadGateway().body(error.to_string()),
    }
}

impl Floor {
    fn admits(&self, request: &HttpRequest) -> bool {
        request
            .headers()
            .get("authorization")
            .is_some_and(|value| value.as_bytes() == self.bearer.as_bytes())
    }

    fn answer(&self) -> HttpResponse {
        HttpResponse::Created()
            .content_type("application/json")
            .body(self.answer.clone())
    }

    /// One payment at the gateway, a split for each seller, and the answer read.
    async fn create(&self, order: &Order) -> Result<()> {
        let payment = request(order)?;
        let body = serde_json::to_vec(&PaymentEnvelope { payment })?;
        let answer = self
            .gateway
            .post(&self.payments)
            .header("authorization", &self.basic)
            .header("requestid", &order.order)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        let PaymentEnvelope::<Payment> { payment } = serde_json::from_slice(&body)?;
        if status.as_u16() != 201 || payment.redirect_url.is_none() {
            bail!("the gateway answered {status}");
        }
        Ok(())
    }
}

fn request(order: &Order) -> Result<PaymentRequest> {
    let lines = order
        .cart
        .lines
        .iter()
        .map(|line| (&line.seller, line.quantity * line.unit_price));
    let shipping = order
        .cart
        .shipping
        .iter()
        .map(|shipping| (&shipping.seller, shipping.amount));
    let mut owed = BTreeMap::new();
    for (seller, amount) in lines.chain(shipping) {
        *owed.entry(seller).or_insert(0) += amount;
    }
    let total: u64 = owed.values().sum();
    let split = |(number, (seller, amount)): (usize, (&&String, &u64))| -> Result<SplitRequest> {
        let reference = format!("{}-{number}", order.order);
        Ok(SplitRequest {
            site_id: Id(SITE + seller.trim_start_matches('s').parse::<u64>()?),
            amount: Amount(*amount),
            merchant_transaction_id: Some(reference.clone()),
            originator_transaction_id: Some(reference),
        })
    };
    let splits = owed.iter().enumerate().map(split).collect::<Result<_>>()?;
    Ok(PaymentRequest {
        method_id: Some(order.method_id),
        originator_transaction_id: Some(order.order.clone()),
        return_url: Some(order.return_url.clone()),
        description: Some(order.description.clone()),
        splits: Some(splits),
        ..PaymentRequest::of(&order.order, Amount(total), &order.cart.currency)
    })
}
