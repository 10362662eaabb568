//! The report as people read it.

use console::style;

use super::{Latency, LeftOut, Payments, Refunds, Report, Sums};
use crate::print::{Align, Table, figure, grouped, money, wrapped};

/// Rows and orders that are listed; the rest is counted.
const LISTED_MAX: usize = 20;

impl Report {
    /// For people.
    pub fn in_words(&self) -> String {
        let mut text = format!(
            "\n  {}\n\n{}",
            style(format!("Replay of {}", self.file)).bold(),
            self.figures()
        );
        if let Some(refunds) = &self.refunds {
            text.push_str(&format!("\n{}", self.given_back(refunds)));
        }
        if let Some(payments) = &self.payments {
            text.push_str(&format!("\n{}", latencies(payments, self.refunds.as_ref())));
        }
        text.push('\n');
        for check in &self.checks {
            let mark = if check.holds {
                style("✓").green()
            } else {
                style("✗").red()
            };
            text.push_str(&format!("  {mark} {:<54} {}\n", check.what, style(&check.detail).dim()));
        }
        for note in &self.notes {
            text.push_str(&format!("\n{}", wrapped(note)));
        }
        if !self.left_out.is_empty() {
            text.push_str(&format!(
                "\n  {}\n{}",
                style("Rows that were not sold").bold(),
                left_out(&self.left_out)
            ));
        }
        if !self.failed.is_empty() {
            text.push_str(&format!(
                "\n  {}\n{}",
                style("Orders that were not paid").bold(),
                self.failures()
            ));
        }
        let verdict = match (self.is_good(), self.mode) {
            (true, _) => style(format!(
                "Every cent of {} is accounted for.",
                money(self.amount, self.currency)
            ))
            .green(),
            (false, _) => style("Not every cent is accounted for: see ✗ and the orders above.".to_owned()).red(),
        };
        text.push_str(&format!("\n  {}\n\n", verdict.bold()));
        text
    }

    fn figures(&self) -> String {
        let whole = |amount: i64| money(amount, self.currency);
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        let of_rows = format!(
            "{} lines, {} sellers, {} rows read",
            grouped(self.lines),
            grouped(self.sellers),
            grouped(self.rows)
        );
        table.row(["Orders".to_owned(), grouped(self.orders), of_rows]);
        table.row([
            "Left out".to_owned(),
            grouped(super::count(self.left_out.len())),
            "rows".to_owned(),
        ]);
        table.row(["Buyers pay".to_owned(), whole(self.amount), String::new()]);
        table.rule();
        let has = if self.payments.is_some() {
            "captured, from their balances"
        } else {
            "would be owed"
        };
        table.row(["Sellers".to_owned(), whole(self.parties.sellers), has.to_owned()]);
        table.row([
            "Marketplace".to_owned(),
            whole(self.parties.marketplace),
            has.to_owned(),
        ]);
        table.total(["Together".to_owned(), whole(self.parties.total)]);
        table.rule();
        if let Some(payments) = &self.payments {
            let seen = format!("new; {} known before (Idempotent-Replayed)", grouped(payments.replayed));
            table.row(["Payments".to_owned(), grouped(payments.created), seen]);
            table.row(["Failed".to_owned(), grouped(payments.failed), "orders".to_owned()]);
        }
        let seconds = format!("{}.{:03} s", self.milliseconds / 1000, self.milliseconds % 1000);
        let pace = match self.payments {
            Some(_) => format!("{} payments/s, {} at one time", self.per_second, self.concurrency),
            None => format!("{} quotes/s", self.per_second),
        };
        table.row(["Time".to_owned(), seconds, pace]);
        if let Some(place) = &self.place {
            let database = place
                .database
                .as_deref()
                .map(|database| format!(", on {database}"))
                .unwrap_or_default();
            return format!("{table}\n{}", wrapped(&format!("API: {}{database}", place.api)));
        }
        table.to_string()
    }

    fn given_back(&self, refunds: &Refunds) -> String {
        let of = format!(
            "{} refunds of {}: {} of everything, {} by amount, {} by line; {} new, {} known before.",
            grouped(refunds.created.saturating_add(refunds.replayed)),
            money(refunds.amount, self.currency),
            grouped(refunds.of_everything),
            grouped(refunds.by_amount),
            grouped(refunds.by_line),
            grouped(refunds.created),
            grouped(refunds.replayed),
        );
        let right = Align::Right;
        let mut table = Table::new([
            (self.currency.code(), Align::Left),
            ("Captured", right),
            ("Refunded", right),
            ("Adjusted", right),
            ("Balance", right),
        ]);
        let cells = |name: &str, sums: Sums| {
            let Sums {
                captured,
                refunded,
                adjusted,
                balance,
                ..
            } = sums;
            let figures = [captured, refunded, adjusted, balance].map(|amount| figure(amount, self.currency));
            [name.to_owned()].into_iter().chain(figures)
        };
        table.row(cells("Sellers", refunds.sellers));
        table.row(cells("Marketplace", refunds.marketplace));
        table.rule();
        table.total(cells("Together", refunds.sellers.plus(refunds.marketplace)));
        format!("{}\n{table}", wrapped(&of))
    }

    fn failures(&self) -> String {
        let mut text = String::new();
        for failed in self.failed.iter().take(LISTED_MAX) {
            text.push_str(&wrapped(&format!("{}: {}", failed.order, failed.reason)));
        }
        text + &rest(self.failed.len())
    }
}

/// Rows that are not sold, each with the reason.
pub(super) fn left_out(rows: &[LeftOut]) -> String {
    let mut text = String::new();
    for row in rows.iter().take(LISTED_MAX) {
        let order = row
            .order
            .as_deref()
            .map(|order| format!(", order {order}"))
            .unwrap_or_default();
        let at = if row.line > 0 {
            format!("line {}{order}", row.line)
        } else {
            order.replacen(", ", "", 1)
        };
        text.push_str(&wrapped(&format!("{at}: {}", row.reason)));
    }
    text + &rest(rows.len())
}

fn rest(all: usize) -> String {
    match all.saturating_sub(LISTED_MAX) {
        0 => String::new(),
        more => format!("  and {more} more (--json lists them all)\n"),
    }
}

fn latencies(payments: &Payments, refunds: Option<&Refunds>) -> String {
    let right = Align::Right;
    let mut table = Table::new([
        ("How long", Align::Left),
        ("p50", right),
        ("p95", right),
        ("p99", right),
        ("of", right),
    ]);
    let of_refunds = refunds.map(|refunds| {
        [
            ("refund → accepted", refunds.accept),
            ("refund → succeeded", refunds.succeed),
        ]
    });
    let of_payments = [
        ("create", payments.create),
        ("paid → confirmed", payments.confirm),
        ("capture", payments.capture),
    ];
    for (what, latency) in of_payments.into_iter().chain(of_refunds.into_iter().flatten()) {
        let Latency { count, p50, p95, p99 } = latency;
        if count == 0 {
            continue;
        }
        table.row([
            what.to_owned(),
            milliseconds(p50),
            milliseconds(p95),
            milliseconds(p99),
            grouped(count),
        ]);
    }
    table.to_string()
}

fn milliseconds(micros: u64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}
