//! `apportion config`.

use std::process::ExitCode;

use super::out;
use crate::config::{Config, Sources, reference};

/// How the configuration is shown.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ConfigArgs {
    /// As JSON: a list of key, value and source.
    #[arg(long)]
    json: bool,
    /// Instead, the reference: every key with its default and meaning.
    #[arg(long, conflicts_with = "json")]
    reference: bool,
}

pub(super) fn run(args: &ConfigArgs, sources: &Sources) -> anyhow::Result<ExitCode> {
    if args.reference {
        out::line(&reference())?;
        return Ok(ExitCode::SUCCESS);
    }
    let (shown, read) = Config::read(sources);
    if args.json {
        out::json(&shown)?;
    } else {
        let rows: Vec<[String; 3]> = shown
            .into_iter()
            .map(|one| {
                [
                    one.key,
                    one.value.unwrap_or_else(|| "-".to_owned()),
                    format!("({})", one.source),
                ]
            })
            .collect();
        out::line(&out::columns(&rows))?;
    }
    read?;
    Ok(ExitCode::SUCCESS)
}
