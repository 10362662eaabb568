//! `apportion serve` and `apportion sandbox`.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;
use engine::Engine;
use engine::keys::KeyDraft;
use secrecy::ExposeSecret;
use tokio::signal::unix::{SignalKind, signal};

use super::out;
use crate::config::{Config, Sources};
use crate::server;

#[derive(Clone, Debug, Args)]
pub(super) struct SandboxArgs {
    /// Where it listens, instead of sandbox.listen.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Serves until SIGINT or SIGTERM.
pub(super) async fn serve(config: &Config) -> anyhow::Result<ExitCode> {
    crate::logs::begin(&config.log);
    let running = server::start(config).await?;
    if let Some(gateway) = &running.gateway {
        let key = first_key(running.engine(), config).await?;
        out::line(&banner(
            config,
            &running.url,
            server::beside_url(gateway),
            key.as_deref(),
        ))?;
    }
    stopped().await?;
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Runs the sandbox until SIGINT or SIGTERM.
pub(super) async fn sandbox(args: &SandboxArgs, mut sources: Sources) -> anyhow::Result<ExitCode> {
    if let Some(listen) = args.listen {
        sources.flags.push(("sandbox.listen".to_owned(), listen.to_string()));
    }
    let config = Config::load(&sources)?;
    anyhow::ensure!(
        !config.is_production(),
        "a sandbox is never started under the production profile"
    );
    crate::logs::begin(&config.log);
    let running = server::start_sandbox(&config).await?;
    out::line(&format!("sandbox  {}", server::beside_url(&running)))?;
    stopped().await?;
    server::stop_sandbox(running).await;
    Ok(ExitCode::SUCCESS)
}

/// An admin key for somebody who has none yet: only where money is not real, and only while no key was ever made.
async fn first_key(engine: &Engine, config: &Config) -> anyhow::Result<Option<String>> {
    if config.bootstrap_admin_key.is_some() || !engine.list_keys(None, 1).await?.data.is_empty() {
        return Ok(None);
    }
    let draft = KeyDraft {
        role: "admin".to_owned(),
        principal: "first-start".to_owned(),
        seller: None,
        live: false,
    };
    let (_, secret) = engine.create_key(draft).await?;
    Ok(Some(secret.expose_secret().to_owned()))
}

fn banner(config: &Config, url: &str, gateway: &str, key: Option<&str>) -> String {
    let key = match key {
        Some(key) => format!("{key}\n             (shown this once; it makes the other keys: POST {url}/v1/api_keys)"),
        None if config.bootstrap_admin_key.is_some() => {
            "auth.bootstrap_admin_key, until an administrator's key is made".to_owned()
        }
        None => "there are keys already; `apportion keys create --role admin` makes another while this is stopped"
            .to_owned(),
    };
    format!(
        "\n  SANDBOX: no gateway is configured, so money is not real.\n\n\
         \x20 API        {url}   documentation {url}/docs/\n\
         \x20 sandbox    {gateway}   books {gateway}/_sandbox/books\n\
         \x20 database   {}\n\
         \x20 admin key  {key}\n",
        config.database.shown_url()
    )
}

async fn stopped() -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminated.recv() => Ok(()),
    }
}
