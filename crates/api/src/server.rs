//! The server: the one way in which the API is started, by `serve`, the demo, replays and tests alike.

mod beside;
pub(crate) mod listeners;

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::rt::time::interval;
use anyhow::Context;
use engine::Engine;
use engine::open::Backend;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::door::{Door, Draining};
use crate::metrics;
use crate::wiring::{self, Access};

pub use beside::{Beside, start_alone as start_sandbox, stop as stop_sandbox, url as beside_url};

/// How often measurements are folded.
const UPKEEP: std::time::Duration = std::time::Duration::from_secs(5);

/// A server that runs. Dropping it stops it without waiting.
pub struct Running {
    /// The API, without a trailing slash.
    pub url: String,
    /// Metrics and health, without a trailing slash.
    pub admin_url: String,
    /// The sandbox beside it, where it is the gateway.
    pub gateway: Option<Beside>,
    engine: Engine,
    draining: Draining,
    api: ServerHandle,
    admin: ServerHandle,
    /// Dropped with this value, which is what ends the sweep.
    stop_recovery: oneshot::Sender<()>,
    recovery: JoinHandle<()>,
    upkeep: JoinHandle<()>,
}

/// Starts the API, its admin listener, the sweep and, without a gateway, the sandbox beside them.
///
/// # Errors
/// If an address is taken, the database cannot be opened, belongs to another installation, or lacks migrations that
/// only `apportion migrate` applies.
pub async fn start(config: &Config) -> anyhow::Result<Running> {
    metrics::record();
    let api = listen(config.server.listen, "server.listen")?;
    let admin = listen(config.server.admin_listen, "server.admin_listen")?;
    let (url, admin_url) = (reachable(&api)?, reachable(&admin)?);
    let gateway = if config.starts_sandbox() {
        Some(beside::start(config, &url).await?)
    } else {
        None
    };
    let engine = wiring::open(config, gateway.as_ref().map(beside::url), Access::Write)?;
    prepare(&engine).await?;

    let draining = Draining::default();
    let door = Door {
        engine: engine.clone(),
        max_body_bytes: config.server.max_body_bytes,
        production: config.is_production(),
        draining: draining.clone(),
    };
    let api = listeners::api(api, &door, config.server.workers)?;
    let admin = listeners::admin(admin, &door)?;
    let (api_handle, admin_handle) = (api.handle(), admin.handle());
    tokio::spawn(api);
    tokio::spawn(admin);
    let (stop_recovery, stopped) = oneshot::channel::<()>();
    let sweeper = engine.clone();
    let recovery = tokio::spawn(async move {
        sweeper.run_recovery(async { drop(stopped.await) }).await;
    });
    let upkeep = tokio::spawn(async {
        let mut ticks = interval(UPKEEP);
        loop {
            ticks.tick().await;
            metrics::upkeep();
        }
    });
    tracing::info!(url, admin_url, "the API listens");
    Ok(Running {
        url,
        admin_url,
        gateway,
        engine,
        draining,
        api: api_handle,
        admin: admin_handle,
        stop_recovery,
        recovery,
        upkeep,
    })
}

/// Applies the migrations that a database lacks; the names of what was applied.
///
/// # Errors
/// If the database cannot be opened or changed.
pub fn migrate(config: &Config) -> anyhow::Result<Vec<String>> {
    Ok(wiring::open(config, None, Access::Write)?.migrate()?)
}

impl Running {
    /// The use cases, for callers in the same process.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Stops: no new traffic is wanted, what is under way finishes, the sweep ends, and then the process may.
    pub async fn stop(self) {
        self.draining.begin();
        tracing::info!("draining");
        self.api.stop(true).await;
        drop(self.stop_recovery);
        // A sweep that panicked has said so itself.
        let _ = self.recovery.await;
        self.upkeep.abort();
        self.engine.drain().await;
        self.admin.stop(true).await;
        if let Some(gateway) = self.gateway {
            beside::stop(gateway).await;
        }
        tracing::info!("stopped");
    }
}

/// A SQLite file is brought up to date; a PostgreSQL, which others may be using, only if somebody says so.
async fn prepare(engine: &Engine) -> anyhow::Result<()> {
    match engine.backend() {
        Backend::Sqlite => {
            engine
                .migrate()
                .context("the database could not be brought up to date")?;
        }
        Backend::Postgres => {
            let missing = engine.pending_migrations()?;
            anyhow::ensure!(
                missing.is_empty(),
                "the database lacks migrations ({}); run `apportion migrate`",
                missing.join(", ")
            );
        }
    }
    engine.claim_database().await?;
    let resealed = engine.reseal_cards().await?;
    if resealed > 0 {
        tracing::info!(cards = resealed, "kept cards are sealed with the newest key");
    }
    Ok(())
}

fn listen(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}; set {key} to another address"))
}

/// The URL of a listener, as this machine reaches it.
fn reachable(listener: &TcpListener) -> anyhow::Result<String> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok(format!("http://{address}"))
}
