//! The real process, killed: `tests/campaign` runs the release binary under load with faults on, kills it again and
//! again, and compares what the public API, the database and the gateway's books say.

mod amnesia;
mod cluster;
mod dice;
mod figures;
mod gateway;
mod inspection;
mod kills;
mod point;
mod progress;
mod promise;
mod server;
mod shopper;
mod storms;
mod trigger;
mod wire;
mod world;

use anyhow::{Context, Result};
use clap::Parser;
use cluster::{Cluster, Programs};
use figures::Figures;
use progress::Progress;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use world::{PACE, Plan};

/// Kills between two worlds: a database and its books stay small enough to be compared whole.
const WORLD_KILLS: usize = 100;

/// Kills the product and looks whether it minds. Started by `tests/campaign`.
#[derive(Debug, Parser)]
struct Options {
    /// The release binary.
    #[arg(long)]
    apportion: PathBuf,
    /// Where databases and logs go.
    #[arg(long)]
    folder: PathBuf,
    /// The product's commit, for the report.
    #[arg(long)]
    commit: String,
    /// How often a process is killed.
    #[arg(long, default_value_t = 0)]
    kills: usize,
    /// How often PostgreSQL is stopped at once and started again.
    #[arg(long, default_value_t = 0)]
    postgres_restarts: usize,
    /// How often a standby takes over from a primary that is killed.
    #[arg(long, default_value_t = 0)]
    promotions: usize,
    /// Nothing is acknowledged that the standby does not have. Without it the standby is made to trail.
    #[arg(long)]
    sync: bool,
    /// The folder of PostgreSQL's programs; without it, SQLite is used.
    #[arg(long)]
    postgres_bin: Option<PathBuf>,
    /// Whose PostgreSQL's processes become: a user's and a group's number.
    #[arg(long, num_args = 2)]
    postgres_as: Option<Vec<u32>>,
    /// Clients at one time.
    #[arg(long, default_value_t = 24)]
    clients: usize,
    /// How long a client thinks at most, in milliseconds.
    #[arg(long, default_value_t = 300)]
    thinks_ms: u64,
    /// What chance begins with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where a runtime is started"
)]
#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let progress = Progress::new();
    let mut figures = Figures {
        commit: options.commit.clone(),
        seed: options.seed,
        campaign: name(&options).to_owned(),
        database: if options.postgres_bin.is_some() {
            "postgres"
        } else {
            "sqlite"
        }
        .to_owned(),
        // A SQLite file has one process that writes.
        instances: if options.postgres_bin.is_some() { 2 } else { 1 },
        settings: PACE
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Figures::default()
    };
    let outcome = tokio::select! {
        outcome = campaign(&options, &mut figures, &progress) => outcome,
        () = interrupted() => Err(anyhow::anyhow!("interrupted")),
    };
    figures.holds = outcome.is_ok();
    figures.took_s = progress.seconds();
    progress.ends();
    if options.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&figures).expect("figures can be written")
        );
    } else {
        print!("{figures}");
    }
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tests/campaign: {error:#}");
            eprintln!(
                "tests/campaign: the databases and logs are in {}",
                options.folder.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// Somebody wants it to end: what was started ends with it.
async fn interrupted() {
    let polite = signal(SignalKind::terminate());
    let mut polite = polite.expect("a program can listen for signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = polite.recv() => {}
    }
}

async fn campaign(options: &Options, figures: &mut Figures, progress: &Progress) -> Result<()> {
    let mut plan = Plan {
        apportion: options.apportion.clone(),
        instances: figures.instances,
        clients: options.clients,
        thinks_ms: options.thinks_ms,
        seed: options.seed,
        forgives: false,
    };
    let programs = options.postgres_bin.as_ref().map(|bin| Programs {
        bin: bin.clone(),
        runner: options
            .postgres_as
            .as_ref()
            .and_then(|ids| Some((*ids.first()?, *ids.get(1)?))),
    });
    let Some(programs) = programs else {
        return kill_on_sqlite(options, plan, figures, progress).await;
    };
    let folder = options.folder.as_path();
    if options.postgres_restarts > 0 {
        storms::restart(&plan, &programs, folder, options.postgres_restarts, figures, progress).await?;
    } else if options.promotions > 0 {
        plan.forgives = !options.sync;
        storms::promote(&plan, &programs, folder, options.promotions, figures, progress).await?;
    } else {
        let cluster = Cluster::create(&programs, folder, false).await?;
        for (number, times) in worlds(options.kills) {
            let database = cluster.database(&format!("world_{number}")).await?;
            kills::kill(&plan, &database, folder, times, figures, progress).await?;
            plan.seed = plan.seed.wrapping_add(1);
        }
    }
    Ok(())
}

async fn kill_on_sqlite(options: &Options, mut plan: Plan, figures: &mut Figures, progress: &Progress) -> Result<()> {
    for (number, times) in worlds(options.kills) {
        let folder = options.folder.join(format!("world-{number}"));
        std::fs::create_dir_all(&folder).context("a folder for a world")?;
        let database = format!("sqlite://{}", folder.join("apportion.db").display());
        kills::kill(&plan, &database, &folder, times, figures, progress).await?;
        std::fs::remove_dir_all(&folder).context("a world that ended well is removed")?;
        plan.seed = plan.seed.wrapping_add(1);
    }
    Ok(())
}

/// The worlds that so many kills are spread over, and how many each has.
fn worlds(kills: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..kills.div_ceil(WORLD_KILLS)).map(move |number| (number, WORLD_KILLS.min(kills - number * WORLD_KILLS)))
}

/// What is done, in the report's words.
fn name(options: &Options) -> &'static str {
    match (options.postgres_restarts, options.promotions, options.sync) {
        (0, 0, _) => "kills",
        (0, _, true) => "promotions of a synchronous standby",
        (0, _, false) => "promotions of a standby that trails",
        _ => "restarts of PostgreSQL",
    }
}
