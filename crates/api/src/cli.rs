//! The command line. Results go to stdout, logs to stderr.

mod doctor;
mod keys;
mod maintenance;
mod out;
mod reconcile;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Sources};
use crate::{demo, replay};

/// A payment orchestrator for marketplaces: one buyer pays once, many sellers are owed.
#[derive(Debug, Parser)]
#[command(name = "apportion", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    given: Given,
    #[command(subcommand)]
    command: Command,
}

/// Configuration given by flags.
#[derive(Clone, Debug, Args)]
struct Given {
    /// The profile, instead of APPORTION_PROFILE: sandbox or production.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// Sets a configuration key; may be repeated. `apportion config` lists them all.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays the main job in an empty database against the sandbox, explained step by step and cent by cent.
    #[command(after_help = "Example:\n  apportion demo --once")]
    Demo(demo::Args),
    /// Serves the API. Without a gateway and a profile: SQLite, the sandbox beside it, for this machine only.
    #[command(after_help = "Example:\n  apportion serve --set server.listen=127.0.0.1:8000")]
    Serve,
    /// Runs the gateway simulator alone.
    #[command(after_help = "Example:\n  apportion sandbox --listen 127.0.0.1:8081")]
    Sandbox(serve::SandboxArgs),
    /// Applies the database migrations that are missing, or shows them.
    #[command(after_help = "Examples:\n  apportion migrate\n  apportion migrate status --json")]
    Migrate(maintenance::MigrateArgs),
    /// Makes, lists and revokes API keys.
    #[command(after_help = "Example:\n  apportion keys create --role storefront --principal shop-backend")]
    Keys(keys::KeysArgs),
    /// Runs a file of real marketplace orders as quotes or payments.
    #[command(
        after_help = "Examples:\n  apportion replay orders.csv --dry-run\n  apportion replay orders.csv --two-step --refund-every 7\n  apportion replay orders.csv --api http://127.0.0.1:8080 --api-key ap_test_…"
    )]
    Replay(replay::Args),
    /// Looks for work that is due and does it, until stopped or once.
    #[command(after_help = "Example:\n  apportion recover --once --json")]
    Recover(maintenance::RecoverArgs),
    /// Asks the gateway about every payment of a period, books what nobody told us, and lists what differs. Exit code 3 when
    /// something does.
    #[command(
        after_help = "Examples:\n  apportion reconcile --from 2026-11-01 --to 2026-11-30\n  apportion reconcile --from 2026-11-20T06:00:00Z --to 2026-11-20T18:00:00Z --json\n\nA day given as --to is included whole. On SQLite a running server is the only writer: send it\nPOST /v1/reconciliations {\"from\": …, \"to\": …} instead."
    )]
    Reconcile(reconcile::ReconcileArgs),
    /// Checks every invariant over the whole database, changing nothing. Exit code 3 when one fails.
    #[command(after_help = "Example:\n  apportion verify --json")]
    Verify(maintenance::VerifyArgs),
    /// Names everything that would stop it from working, each with its fix.
    #[command(after_help = "Example:\n  apportion doctor --profile production")]
    Doctor(doctor::DoctorArgs),
    /// Shows the configuration in effect, secrets masked, and where each value came from.
    #[command(
        after_help = "Examples:\n  apportion config --json\n  apportion config --reference > config/default.toml"
    )]
    Config(settings::ConfigArgs),
    /// Prints the OpenAPI document.
    #[command(after_help = "Example:\n  apportion openapi > openapi.json")]
    Openapi,
}

/// Carries a command out.
///
/// # Errors
/// When it could not be; the message is for people.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let sources = Sources::of_process(cli.given.profile, cli.given.set);
    match cli.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve => serve::serve(&Config::load(&sources)?).await,
        Command::Sandbox(args) => serve::sandbox(&args, sources).await,
        Command::Migrate(args) => maintenance::migrate(&args, &quietly(&sources)?),
        Command::Keys(args) => keys::run(args, &quietly(&sources)?).await,
        Command::Replay(args) => replay::run(args, &sources).await,
        Command::Recover(args) => maintenance::recover(&args, &Config::load(&sources)?).await,
        Command::Reconcile(args) => reconcile::run(&args, &quietly(&sources)?).await,
        Command::Verify(args) => maintenance::verify(&args, &quietly(&sources)?).await,
        Command::Doctor(args) => doctor::run(&args, &sources).await,
        Command::Config(args) => settings::run(&args, &sources),
        Command::Openapi => {
            out::line(&crate::document().to_pretty_json()?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The configuration, for a command that answers and ends.
fn quietly(sources: &Sources) -> anyhow::Result<Config> {
    crate::logs::begin_quietly();
    Ok(Config::load(sources)?)
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it is written key=value")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}
