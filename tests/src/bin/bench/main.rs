//! The figures: how fast, how light, how soon, each beside the floor that was measured in the same run. Start it with
//! `tests/bench`, which builds the product and lends it a PostgreSQL.

mod bells;
mod disk;
mod figures;
mod floor;
mod http;
mod load;
mod market;
mod postgres;
mod process;
mod product;
mod profile;
mod report;
mod run;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tokio::runtime::Builder;

/// Measures the product beside its floors.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Measures everything and prints a report.
    Run(run::Options),
    /// Is the server without a product in it; the run starts it.
    Floor(floor::Options),
}

fn main() -> Result<ExitCode> {
    match Cli::parse().role {
        // As the product is run.
        Role::Floor(options) => block_on(Builder::new_multi_thread(), floor::serve(options))?,
        // One thread: the load must leave the cores to what it measures.
        Role::Run(options) => return block_on(Builder::new_current_thread(), measure(options)),
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(options: run::Options) -> Result<ExitCode> {
    if let Some(backend) = options.profile {
        print!("{}", run::profile(&options, backend).await?);
        return Ok(ExitCode::SUCCESS);
    }
    let figures = run::run(&options).await?;
    let limits = figures.limits();
    if options.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&serde_json::json!({"figures": figures, "limits": limits}))?
        );
    } else {
        print!("{}", report::Report(&figures));
    }
    let holds = limits.iter().all(|limit| limit.holds);
    Ok(if options.check && !holds {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where a runtime is started"
)]
fn block_on<T>(mut runtime: Builder, work: impl Future<Output = Result<T>>) -> Result<T> {
    runtime.enable_all().build()?.block_on(work)
}
