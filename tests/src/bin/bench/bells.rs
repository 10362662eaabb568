//! Notifications: payments are made and paid while the gateway is silent; then we ring in its place, at full speed.

use crate::http;
use crate::load::{Load, Rate, Until};
use crate::market;
use crate::process::Server;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Notifications that are not counted, so that everything is warm.
const WARM: usize = 500;
/// Notifications that are counted.
const COUNTED: usize = 4000;
/// How often it is looked whether all are posted.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long they may take.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// What became of the notifications.
#[derive(Debug, Serialize)]
pub struct Bells {
    /// Taking them: stored and answered 204.
    pub stored: Rate,
    /// From the first one until the last one is stored, confirmed by asking the gateway, and posted.
    pub settled_per_second: f64,
    /// The server's time on a processor for all of that, in microseconds per notification.
    pub cpu_us: f64,
}

/// A payment that a buyer has paid, unknown to us.
struct Paid {
    /// The path of the gateway's page.
    page: String,
    /// The gateway's number.
    id: String,
    /// What the marketplace gets of it, in minor units.
    commission: u64,
    /// The notification.
    body: Vec<u8>,
}

/// Makes payments, pays them at the gateway and rings.
pub async fn measure(server: &Server, gateway: SocketAddr, key: &str, checkouts: &Load) -> Result<Bells> {
    let paid = paid(gateway, checkouts).await?;
    let (warm, counted) = paid.split_at(WARM.min(paid.len()));
    ring(server, key, warm).await?;
    ring(server, key, counted).await
}

async fn ring(server: &Server, key: &str, paid: &[Paid]) -> Result<Bells> {
    let commission: u64 = paid.iter().map(|paid| paid.commission).sum();
    let goal = market::captured(server.address, key).await? + commission;
    let bodies: Vec<Vec<u8>> = paid.iter().map(|paid| paid.body.clone()).collect();
    let (number, basic) = (bodies.len(), market::basic());
    let bells = Load::new(server.address, 204, move |number, request| {
        let headers = [("authorization", &*basic), ("content-type", "application/json")];
        http::write(
            request,
            "POST",
            "/gateway/notifications",
            &headers,
            &bodies[index(number)],
        );
    });
    let (cpu, started) = (server.cpu()?, Instant::now());
    let stored = bells.run(Until::Sent(u64::try_from(number)?)).await?;
    let stored = stored.rate(server.cpu()? - cpu);
    loop {
        let captured = market::captured(server.address, key).await?;
        if captured == goal {
            break;
        }
        if started.elapsed() > SETTLED_WITHIN || captured > goal {
            bail!(
                "notifications: {captured} of {goal} are captured after {:?}",
                started.elapsed()
            );
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let (elapsed, cpu) = (started.elapsed(), server.cpu()? - cpu);
    let number = number as f64;
    Ok(Bells {
        stored,
        settled_per_second: number / elapsed.as_secs_f64(),
        cpu_us: cpu.as_secs_f64() * 1e6 / number,
    })
}

/// Payments that were made, paid, and about which the gateway has said nothing yet.
async fn paid(gateway: SocketAddr, checkouts: &Load) -> Result<Vec<Paid>> {
    let number = u64::try_from(WARM + COUNTED)?;
    let kept: Arc<Mutex<Vec<Result<Paid>>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let keep = move |_, body: &[u8]| shown(&keep).push(read(body));
    checkouts.run_keeping(Until::Sent(number), Arc::new(keep)).await?;
    let kept = std::mem::take(&mut *shown(&kept));
    let paid = kept.into_iter().collect::<Result<Vec<_>>>()?;

    let pages: Vec<String> = paid.iter().map(|paid| paid.page.clone()).collect();
    let pay = Load::new(gateway, 303, move |number, request| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        http::write(request, "POST", &pages[index(number)], &headers, b"outcome=success");
    });
    pay.run(Until::Sent(number)).await?;

    // The gateway's notification of a payment is what it answers when it is asked about it.
    let ids: Vec<String> = paid.iter().map(|paid| paid.id.clone()).collect();
    let basic = market::basic();
    let ask = Load::new(gateway, 200, move |number, request| {
        let path = format!("/v1/payments/{}", ids[index(number)]);
        http::write(request, "GET", &path, &[("authorization", &basic)], b"");
    });
    let shared: Arc<Mutex<Vec<Paid>>> = Arc::new(Mutex::new(paid));
    let keep = Arc::clone(&shared);
    let keep = move |number, body: &[u8]| {
        shown(&keep)[index(number)].body = body.to_owned();
    };
    ask.run_keeping(Until::Sent(number), Arc::new(keep)).await?;
    Ok(std::mem::take(&mut *shown(&shared)))
}

fn shown<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().expect("no sender has panicked")
}

/// Reads a new payment's answer.
fn read(body: &[u8]) -> Result<Paid> {
    let payment: Value = serde_json::from_slice(body)?;
    let url = payment["redirect_url"]
        .as_str()
        .context("a new payment has a redirect_url")?;
    let page = url
        .find("/Home")
        .and_then(|start| url.get(start..))
        .context("the redirect leads to the page")?;
    let (_, id) = page
        .rsplit_once('.')
        .context("the token ends with the payment's number")?;
    let splits = payment["splits"].as_array().context("a payment has splits")?;
    let commission = splits
        .iter()
        .filter(|split| split["kind"] == "commission")
        .filter_map(|split| split["amount"].as_u64());
    Ok(Paid {
        page: page.to_owned(),
        id: id.to_owned(),
        commission: commission.sum(),
        body: Vec::new(),
    })
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
