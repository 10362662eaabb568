//! The market that the load is made of: sellers, a fee plan, and what buyers put into their carts.

use crate::http;
use crate::load::Load;
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The marketplace's site at the gateway.
pub const SITE: &str = "30201";
/// Its key there.
pub const GATEWAY_KEY: &str = "bench-gateway-key";
/// The site of its share.
pub const COMMISSION_SITE: &str = "33511";
/// The key that makes the other keys.
pub const ADMIN_KEY: &str = "ap_test_benchbenchbenchbenchbenchbenchbench0";

/// Sellers.
pub const SELLERS: u64 = 20;
/// Different carts; each is bought again and again.
const CARTS: u64 = 60;
/// Where a cart's JSON has the number of its order.
const ORDER: &str = "@order";

/// HTTP Basic at the gateway, and of its notifications.
pub fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("{SITE}:{GATEWAY_KEY}")))
}

/// Registers the plan and the sellers, and makes an operators' key; the key.
pub async fn open(address: SocketAddr) -> Result<String> {
    let plan = json!({"rules": [
        {"match": {"categories": ["books"]}, "percent_bp": 800, "applies_to": "items"},
        {"percent_bp": 1500, "fixed": {"EUR": 25}, "applies_to": "items_and_shipping"},
    ]});
    call(address, "PUT", "/v1/fee_plans/standard", ADMIN_KEY, &plan).await?;
    for number in 0..SELLERS {
        let seller = json!({"name": format!("Seller {number}"), "site_id": 40_000 + number, "fee_plan": "standard", "status": "active"});
        call(address, "PUT", &format!("/v1/sellers/s{number}"), ADMIN_KEY, &seller).await?;
    }
    let draft = json!({"role": "ops", "principal": "bench"});
    let key = call(address, "POST", "/v1/api_keys", ADMIN_KEY, &draft).await?;
    Ok(key["key"].as_str().context("the answer has the key")?.to_owned())
}

/// A load of new payments: every one an order of its own, under a key of its own.
pub fn checkouts(address: SocketAddr, path: &'static str, key: &str, series: &str) -> Load {
    let carts: Vec<String> = (0..CARTS).map(|number| checkout(number).to_string()).collect();
    let (series, bearer) = (series.to_owned(), format!("Bearer {key}"));
    Load::new(address, 201, move |number, request| {
        let order = format!("{series}-{number:010}");
        let cart = &carts[usize::try_from(number % CARTS).unwrap_or(0)];
        let body = cart.replace(ORDER, &order);
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json"),
            ("idempotency-key", &*order),
        ];
        http::write(request, "POST", path, &headers, body.as_bytes());
    })
}

/// A load of balances, seller by seller.
pub fn balances(address: SocketAddr, key: &str) -> Load {
    let bearer = format!("Bearer {key}");
    Load::new(address, 200, move |number, request| {
        let path = format!("/v1/sellers/s{}/balance", number % SELLERS);
        http::write(request, "GET", &path, &[("authorization", &bearer)], b"");
    })
}

/// What the marketplace has captured, in minor units.
pub async fn captured(address: SocketAddr, key: &str) -> Result<u64> {
    let balance = call(address, "GET", "/v1/marketplace/balance", key, &Value::Null).await?;
    Ok(balance["balances"][0]["captured"].as_u64().unwrap_or(0))
}

/// One call outside of any load; its JSON.
pub async fn call(address: SocketAddr, method: &str, path: &str, key: &str, body: &Value) -> Result<Value> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let bearer = format!("Bearer {key}");
    let mut request = Vec::new();
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    http::write(&mut request, method, path, &headers, body.as_bytes());
    let mut connection = http::Connection::open(address).await?;
    let answer = connection.exchange(&request).await?;
    if !(200..300).contains(&answer.status) {
        bail!(
            "{method} {path}: {} {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
    }
    Ok(serde_json::from_slice(answer.body)?)
}

/// Two or three sellers, three to five lines, shipping by one of them.
fn checkout(number: u64) -> Value {
    let sellers = 2 + number % 2;
    let seller = |line: u64| format!("s{}", (number * 3 + line % sellers) % SELLERS);
    let lines = (0..3 + number % 3).map(|line| {
        let category = if line == 0 { "books" } else { "home" };
        json!({"id": format!("l{line}"), "seller": seller(line), "name": "A thing that is sold", "quantity": 1 + line % 3,
            "unit_price": 499 + 137 * (number + line), "category": category, "sku": format!("sku-{number}-{line}")})
    });
    json!({
        "order": ORDER,
        "cart": {
            "currency": "EUR",
            "lines": lines.collect::<Vec<_>>(),
            "shipping": [{"seller": seller(0), "amount": 490}],
        },
        "method_id": 9,
        "return_url": "https://shop.example/thanks",
        "description": "Order at the bench",
        "customer": {"id": "customer-7", "email": "ana@example.org", "first_name": "Ana", "last_name": "Pop"},
        "billing_address": {"country": "RO", "city": "Cluj"},
    })
}
