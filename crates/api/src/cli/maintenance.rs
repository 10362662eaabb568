//! `apportion migrate`, `recover` and `verify`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::out;
use crate::config::Config;
use crate::wiring::{self, Access};

/// The exit code of `verify` when an invariant does not hold.
const VIOLATED: u8 = 3;

#[derive(Clone, Debug, Args)]
pub(super) struct MigrateArgs {
    /// `status`: show what is missing, change nothing.
    #[arg(value_enum)]
    what: Option<Status>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    /// Show what is missing, change nothing.
    Status,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RecoverArgs {
    /// One pass, then exit.
    #[arg(long)]
    once: bool,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct VerifyArgs {
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn migrate(args: &MigrateArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let (word, names) = match args.what {
        Some(Status::Status) => (
            "missing",
            wiring::open(config, None, Access::Read)?.pending_migrations()?,
        ),
        None => ("applied", crate::server::migrate(config)?),
    };
    if args.json {
        out::json(&serde_json::json!({ word: names }))?;
    } else if names.is_empty() {
        out::line("the database has every migration")?;
    } else {
        out::line(&names.iter().map(|name| format!("{word}  {name}\n")).collect::<String>())?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn recover(args: &RecoverArgs, config: &Config) -> anyhow::Result<ExitCode> {
    crate::logs::begin(&config.log);
    let engine = wiring::open(config, None, Access::Write)?;
    engine.claim_database().await?;
    if !args.once {
        engine.run_recovery(async { drop(tokio::signal::ctrl_c().await) }).await;
        return Ok(ExitCode::SUCCESS);
    }
    let swept = engine.recover_once().await?;
    if args.json {
        out::json(&swept)?;
    } else {
        let engine::recovery::Swept {
            payments,
            notifications,
            failed,
        } = swept;
        out::line(&format!(
            "{payments} payment(s) and {notifications} notification(s) were due; {failed} could not be settled"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn verify(args: &VerifyArgs, config: &Config) -> anyhow::Result<ExitCode> {
    let engine = wiring::open(config, None, Access::Read)?;
    let report = engine.verify(|_| ()).await?;
    if args.json {
        out::json(&report)?;
    } else {
        let mut text = String::new();
        for check in &report.checks {
            let word = if check.ok { "holds" } else { "FAILS" };
            text.push_str(&format!("{word}  {} ({} looked at)\n", check.says, check.checked));
            text.extend(check.violations.iter().map(|violation| format!("       {violation}\n")));
        }
        text.push_str(&format!(
            "{} payments, {} postings, {} parties\n",
            report.payments, report.postings, report.parties
        ));
        out::line(&text)?;
    }
    Ok(if report.ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(VIOLATED)
    })
}
