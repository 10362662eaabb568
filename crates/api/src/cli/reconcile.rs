//! `apportion reconcile`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use domain::time::Timestamp;
use engine::reconcile::{Period, ReconciliationView};
use indicatif::{ProgressBar, ProgressStyle};

use super::out;
use crate::body::read_moment;
use crate::config::Config;
use crate::wiring::{self, Access};

/// The exit code when something differs.
const DIFFERS: u8 = 3;

/// Payments of ours that are compared between two looks at the bar.
const PAGE: usize = 100;

#[derive(Clone, Debug, Args)]
pub(super) struct ReconcileArgs {
    /// Payments made from here on: a day (UTC), or RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = beginning)]
    from: Timestamp,
    /// Payments made until here: a day, which is included, or RFC 3339.
    #[arg(long, value_name = "TIME", value_parser = end)]
    to: Timestamp,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: &ReconcileArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let (from, to) = (args.from, args.to);
    anyhow::ensure!(from < to, "--to must be behind --from");
    let period = Period { from, to };
    let engine = wiring::open(config, None, Access::Write).with_context(|| {
        format!(
            "the books could not be opened; where a server runs on them, ask it instead: \
             POST /v1/reconciliations {{\"from\": \"{from}\", \"to\": \"{to}\"}}"
        )
    })?;
    engine.claim_database().await?;
    let bar = bar();
    let mut report = ReconciliationView::empty(period);
    loop {
        let page = engine
            .reconcile(period, None, report.next_cursor.clone().as_deref(), PAGE)
            .await?;
        report.append(page);
        bar.set_position(report.compared);
        let (updated, differing) = (report.updated, report.compared.saturating_sub(report.agreed));
        bar.set_message(format!(
            "{updated} brought up to date, {} differ",
            differing.saturating_sub(updated)
        ));
        if !report.has_more {
            break;
        }
    }
    bar.finish_and_clear();
    if args.json {
        out::json(&report)?;
    } else {
        out::line(&words(&report))?;
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DIFFERS)
    })
}

fn words(report: &ReconciliationView) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let of = match (&finding.payment, finding.gateway_payment_id) {
            (Some(payment), _) => payment.clone(),
            (None, Some(id)) => format!("gateway payment {id}"),
            (None, None) => "the list".to_owned(),
        };
        text.push_str(&format!("{:<10}  {of}: {}\n", finding.kind, finding.detail));
        if let Some(suggestion) = &finding.suggestion {
            let ids = finding.discrepancies.join(", ");
            let how = suggestion.resolution.as_deref().filter(|_| !ids.is_empty());
            let how = how.map_or_else(String::new, |how| format!("{how} {ids}: "));
            text.push_str(&format!("            {how}{}\n", suggestion.why));
        }
    }
    let ReconciliationView {
        compared,
        agreed,
        updated,
        differing,
        missing,
        orphans,
        unanswered,
        ..
    } = report;
    text.push_str(&format!(
        "{compared} compared: {agreed} agreed, {updated} brought up to date, {differing} differ, {missing} missing, \
         {orphans} orphans, {unanswered} unanswered\n"
    ));
    text
}

/// Shows how far it is, on a terminal and nowhere else.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let shape = "  {spinner} {human_pos} payments compared · {msg} · {elapsed}";
    bar.set_style(ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn beginning(text: &str) -> Result<Timestamp, &'static str> {
    read_moment(text, false).ok_or(MOMENT)
}

fn end(text: &str) -> Result<Timestamp, &'static str> {
    read_moment(text, true).ok_or(MOMENT)
}

/// What is accepted.
const MOMENT: &str = "a day such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z";
