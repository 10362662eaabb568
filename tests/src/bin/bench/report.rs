//! The figures as a table for people, each beside its floor.

use crate::figures::{Backend, Figures, SLOW_GATEWAY_MS};
use crate::load::Rate;
use std::fmt::{Display, Formatter, Result};

/// The whole report.
pub struct Report<'a>(pub &'a Figures);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Figures {
            machine,
            floors,
            sqlite,
            postgres,
        } = self.0;
        writeln!(
            f,
            "{} cores, {}; load before the run {:.2}",
            machine.cores, machine.processor, machine.load_before
        )?;
        writeln!(
            f,
            "{} connections, each sending its next request when it has the answer to its last",
            machine.connections
        )?;

        writeln!(
            f,
            "\nFLOORS: the same server without a product in it, same bodies, answers of the same length"
        )?;
        heading(f)?;
        rate(f, "answers a constant", &floors.constant, "")?;
        rate(f, "asks the gateway, remembers nothing", &floors.proxy, "")?;
        rate(
            f,
            &format!("the same, the gateway takes {SLOW_GATEWAY_MS} ms"),
            &floors.proxy_slow,
            "",
        )?;
        writeln!(
            f,
            "  {:<36}{:>9.0}",
            "disk: append 4 KiB + fdatasync", floors.fdatasync_per_second
        )?;
        writeln!(
            f,
            "  {:<36}{:>9.0}",
            "pgbench: TPC-B, 8 clients", floors.tpcb_per_second
        )?;

        backend(f, "SQLITE", sqlite, self.0)?;
        backend(f, "POSTGRESQL", postgres, self.0)?;

        writeln!(f, "\nLIMITS")?;
        for line in self.0.limits() {
            let (word, sign) = (
                if line.holds { "pass" } else { "FAIL" },
                if line.at_most { "≤" } else { "≥" },
            );
            let (measured, limit) = (
                format!("{:.1} {}", line.measured, line.unit),
                format!("{} {}", line.limit, line.unit),
            );
            writeln!(f, "  {word}  {:<60}{measured:>14}  {sign} {limit}", line.what)?;
        }
        Ok(())
    }
}

fn backend(f: &mut Formatter<'_>, name: &str, backend: &Backend, figures: &Figures) -> Result {
    let floors = &figures.floors;
    writeln!(f, "\n{name}")?;
    heading(f)?;
    let created = backend.created.per_second;
    let of = |floor: f64| created / floor;
    let ratios = format!(
        "{:.2} × proxy  {:.2} × constant  {:.2} × fdatasync  {:.2} × TPC-B",
        of(floors.proxy.per_second),
        of(floors.constant.per_second),
        of(floors.fdatasync_per_second),
        of(floors.tpcb_per_second)
    );
    rate(f, "payments created", &backend.created, &ratios)?;
    let (p50, p99) = backend.added_ms();
    let slow = &floors.proxy_slow;
    let added = format!(
        "added {p50:.1} / {p99:.1} ms; over the proxy {:.1} / {:.1} ms",
        backend.created_slow.p50_ms - slow.p50_ms,
        backend.created_slow.p99_ms - slow.p99_ms
    );
    rate(
        f,
        &format!("the same, the gateway takes {SLOW_GATEWAY_MS} ms"),
        &backend.created_slow,
        &added,
    )?;
    let bells = &backend.notifications;
    let ratio = format!(
        "{:.2} × proxy (taken, 204)",
        bells.stored.per_second / floors.proxy.per_second
    );
    rate(f, "notifications stored", &bells.stored, &ratio)?;
    let settled = bells.settled_per_second;
    writeln!(
        f,
        "  {:<36}{settled:>9.0}{:>10}{:>10}{:>10.0}  {:.2} × proxy  {:.2} × fdatasync",
        "… confirmed by asking, and posted",
        "",
        "",
        bells.cpu_us,
        settled / floors.proxy.per_second,
        settled / floors.fdatasync_per_second
    )?;
    let ratio = format!(
        "{:.2} × constant",
        backend.balances.per_second / floors.constant.per_second
    );
    rate(f, "balances read", &backend.balances, &ratio)?;
    let (idle, loaded) = (backend.memory_idle, backend.memory_loaded);
    writeln!(
        f,
        "  memory: {:.1} MiB idle, {:.1} MiB after the load, {:.1} MiB at most",
        idle.rss_mib, loaded.rss_mib, loaded.peak_mib
    )?;
    writeln!(
        f,
        "  start to first answer: {:.0} ms; {:.0} ms with an empty database",
        backend.start_ms, backend.first_start_ms
    )
}

fn heading(f: &mut Formatter<'_>) -> Result {
    writeln!(
        f,
        "  {:<36}{:>9}{:>10}{:>10}{:>10}",
        "", "/s", "p50 ms", "p99 ms", "CPU µs"
    )
}

fn rate(f: &mut Formatter<'_>, what: &str, rate: &Rate, note: &str) -> Result {
    let Rate {
        per_second,
        p50_ms,
        p99_ms,
        cpu_us,
        ..
    } = rate;
    let line = format!("  {what:<36}{per_second:>9.0}{p50_ms:>10.2}{p99_ms:>10.2}{cpu_us:>10.0}  {note}");
    writeln!(f, "{}", line.trim_end())
}
