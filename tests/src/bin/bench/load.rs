//! Load: 32 connections, each sending its next request as soon as it has the answer to the last.

use crate::http::Connection;
use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Connections, and so requests at one time.
pub const CONNECTIONS: usize = 32;
/// The longest latency that is told apart, in microseconds: a minute.
const LATENCY_MAX: u64 = 60_000_000;

/// Writes the request of this number.
pub type Make = dyn Fn(u64, &mut Vec<u8>) + Send + Sync;
/// Is shown the body of the answer of this number.
pub type Keep = dyn Fn(u64, &[u8]) + Send + Sync;

/// What is sent where.
#[derive(Clone)]
pub struct Load {
    address: SocketAddr,
    expected: u16,
    make: Arc<Make>,
    /// Counts on from one run to the next, so that no request is ever sent twice.
    next: Arc<AtomicU64>,
}

/// When a run ends.
#[derive(Clone, Copy)]
pub enum Until {
    /// After this time; what is under way is finished.
    Passed(Duration),
    /// After so many requests.
    Sent(u64),
}

/// What a run has shown.
pub struct Run {
    /// Answered requests.
    pub requests: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Latencies, in microseconds.
    latencies: Histogram<u64>,
}

/// The figures of one kind of request.
#[derive(Clone, Debug, Serialize)]
pub struct Rate {
    /// Requests that were measured.
    pub requests: u64,
    /// Answered per second.
    pub per_second: f64,
    /// Half were answered within this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 were answered within this, in milliseconds.
    pub p99_ms: f64,
    /// The server's own time on a processor, user and system, in microseconds per request.
    pub cpu_us: f64,
}

impl Load {
    /// A load whose requests are numbered from 0; `expected` is the only status that is right.
    pub fn new(address: SocketAddr, expected: u16, make: impl Fn(u64, &mut Vec<u8>) + Send + Sync + 'static) -> Self {
        Self {
            address,
            expected,
            make: Arc::new(make),
            next: Arc::default(),
        }
    }

    /// Sends until it is time, on connections of its own.
    pub async fn run(&self, until: Until) -> Result<Run> {
        self.run_keeping(until, Arc::new(|_, _: &[u8]| {})).await
    }

    /// The same, showing every answer to `keep`.
    pub async fn run_keeping(&self, until: Until, keep: Arc<Keep>) -> Result<Run> {
        let mut connections = Vec::with_capacity(CONNECTIONS);
        for _ in 0..CONNECTIONS {
            connections.push(
                Connection::open(self.address)
                    .await
                    .context("the server takes no connection")?,
            );
        }
        let started = Instant::now();
        let limit = match until {
            Until::Passed(_) => u64::MAX,
            Until::Sent(number) => self.next.load(Ordering::Relaxed) + number,
        };
        let deadline = match until {
            Until::Passed(time) => Some(started + time),
            Until::Sent(_) => None,
        };
        let mut senders = JoinSet::new();
        for connection in connections {
            senders.spawn(self.clone().send(connection, limit, deadline, Arc::clone(&keep)));
        }
        let mut latencies = histogram()?;
        while let Some(sender) = senders.join_next().await {
            latencies.add(sender??)?;
        }
        // A limit was passed by each sender that found nothing left to send.
        self.next.fetch_min(limit, Ordering::Relaxed);
        Ok(Run {
            requests: latencies.len(),
            elapsed: started.elapsed(),
            latencies,
        })
    }

    async fn send(
        self,
        mut connection: Connection,
        limit: u64,
        deadline: Option<Instant>,
        keep: Arc<Keep>,
    ) -> Result<Histogram<u64>> {
        let mut latencies = histogram()?;
        let mut request = Vec::with_capacity(4096);
        while deadline.is_none_or(|deadline| Instant::now() < deadline) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= limit {
                break;
            }
            request.clear();
            (self.make)(number, &mut request);
            let asked = Instant::now();
            let answer = connection.exchange(&request).await.context("a connection broke")?;
            let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(LATENCY_MAX);
            if answer.status != self.expected {
                let body = String::from_utf8_lossy(answer.body);
                bail!("{} instead of {}: {body}", answer.status, self.expected);
            }
            latencies.saturating_record(micros);
            keep(number, answer.body);
        }
        Ok(latencies)
    }
}

impl Run {
    /// The figures, given the time that the server spent on a processor meanwhile.
    pub fn rate(&self, cpu: Duration) -> Rate {
        let requests = self.requests.max(1) as f64;
        let quantile = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1_000.0;
        Rate {
            requests: self.requests,
            per_second: self.requests as f64 / self.elapsed.as_secs_f64(),
            p50_ms: quantile(0.5),
            p99_ms: quantile(0.99),
            cpu_us: cpu.as_secs_f64() * 1e6 / requests,
        }
    }
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LATENCY_MAX, 3)?)
}
