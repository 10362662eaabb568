//! All figures of one run, and what they must at least be.

use crate::bells::Bells;
use crate::load::Rate;
use crate::process::Memory;
use serde::Serialize;

/// What the slow gateway takes for every answer, in milliseconds.
pub const SLOW_GATEWAY_MS: u64 = 50;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// What it was measured on.
    pub machine: Machine,
    /// What can be reached without a product.
    pub floors: Floors,
    /// The product on an SQLite file.
    pub sqlite: Backend,
    /// The product on PostgreSQL.
    pub postgres: Backend,
}

/// The machine.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Its processors, as far as we may use them.
    pub cores: usize,
    /// Their name.
    pub processor: String,
    /// How busy it was with other things just before, by its one-minute load.
    pub load_before: f64,
    /// Requests at one time.
    pub connections: usize,
}

/// What can be reached without a product.
#[derive(Debug, Serialize)]
pub struct Floors {
    /// The same server, same bodies, a constant as its answer.
    pub constant: Rate,
    /// The same server, which asks the gateway and remembers nothing.
    pub proxy: Rate,
    /// The same over the slow gateway.
    pub proxy_slow: Rate,
    /// Appends of 4 KiB made to last, one after the other, per second.
    pub fdatasync_per_second: f64,
    /// pgbench's TPC-B at 8 clients, per second.
    pub tpcb_per_second: f64,
}

/// The product on one database.
#[derive(Debug, Serialize)]
pub struct Backend {
    /// Payments created over a gateway that answers at once.
    pub created: Rate,
    /// Payments created over the slow gateway.
    pub created_slow: Rate,
    /// Notifications.
    pub notifications: Bells,
    /// Balances read.
    pub balances: Rate,
    /// Before the first request.
    pub memory_idle: Memory,
    /// At the end of the last load.
    pub memory_loaded: Memory,
    /// From the start of the process to its first answer, with an empty database, in milliseconds.
    pub first_start_ms: f64,
    /// The same with a database that is there: the median of several.
    pub start_ms: f64,
}

/// A line that this product must not fall below.
#[derive(Debug, Serialize)]
pub struct Limit {
    /// What is compared.
    pub what: String,
    /// What was measured.
    pub measured: f64,
    /// What it must at least, or at most, be.
    pub limit: f64,
    /// Whether the limit is one from above.
    pub at_most: bool,
    /// The unit of both.
    pub unit: &'static str,
    /// Whether it holds.
    pub holds: bool,
}

impl Backend {
    /// What the product adds to the slow gateway's own time: the median and the 99th percentile, in milliseconds.
    pub fn added_ms(&self) -> (f64, f64) {
        let gateway = SLOW_GATEWAY_MS as f64;
        (self.created_slow.p50_ms - gateway, self.created_slow.p99_ms - gateway)
    }
}

impl Figures {
    /// Every limit with what was measured.
    pub fn limits(&self) -> Vec<Limit> {
        let Self {
            floors,
            sqlite,
            postgres,
            ..
        } = self;
        let of_proxy = 100.0 * sqlite.created.per_second / floors.proxy.per_second;
        let of_tpcb = 100.0 * postgres.created.per_second / floors.tpcb_per_second;
        let mut lines = vec![
            at_least("SQLite: payments created, of the proxy floor", of_proxy, 10.0, "%"),
            at_most(
                "SQLite: our processor time for each",
                sqlite.created.cpu_us,
                350.0,
                "µs",
            ),
            at_least("PostgreSQL: payments created, of pgbench's TPC-B", of_tpcb, 40.0, "%"),
        ];
        for (name, backend) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
            let (p50, p99) = backend.added_ms();
            let settled = backend.notifications.settled_per_second;
            lines.extend([
                at_least(
                    format!("{name}: notifications stored, confirmed by asking, posted"),
                    settled,
                    1000.0,
                    "/s",
                ),
                at_most(
                    format!("{name}: added to a gateway of {SLOW_GATEWAY_MS} ms, p50"),
                    p50,
                    4.0,
                    "ms",
                ),
                at_most(
                    format!("{name}: added to a gateway of {SLOW_GATEWAY_MS} ms, p99"),
                    p99,
                    20.0,
                    "ms",
                ),
                at_most(
                    format!("{name}: most memory ever resident"),
                    backend.memory_loaded.peak_mib,
                    64.0,
                    "MiB",
                ),
                at_most(format!("{name}: start to first answer"), backend.start_ms, 100.0, "ms"),
            ]);
        }
        lines
    }
}

fn at_least(what: impl Into<String>, measured: f64, limit: f64, unit: &'static str) -> Limit {
    Limit {
        what: what.into(),
        measured,
        limit,
        at_most: false,
        unit,
        holds: measured >= limit,
    }
}

fn at_most(what: impl Into<String>, measured: f64, limit: f64, unit: &'static str) -> Limit {
    Limit {
        what: what.into(),
        measured,
        limit,
        at_most: true,
        unit,
        holds: measured <= limit,
    }
}
