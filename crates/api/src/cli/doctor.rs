//! `apportion doctor`: everything that would stop it from working, at once.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use engine::open::Backend;
use serde::Serialize;
use tokio::net::TcpStream;
use url::Url;

use super::out;
use crate::config::{Config, Sources};
use crate::wiring::{self, Access};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, Args)]
pub(super) struct DoctorArgs {
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Look {
    what: String,
    ok: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

pub(super) async fn run(args: &DoctorArgs, sources: &Sources) -> anyhow::Result<ExitCode> {
    crate::logs::begin_quietly();
    let mut looks = Vec::new();
    match Config::load(sources) {
        Ok(config) => {
            looks.push(good("configuration", "it can work"));
            database(&config, &mut looks).await;
            gateway(&config, &mut looks).await;
            looks.push(notifications(&config));
        }
        Err(mistakes) => looks.extend(mistakes.0.into_iter().map(|one| Look {
            what: one.key,
            ok: false,
            found: format!("{} ({})", one.what, one.source),
            fix: Some(one.fix),
        })),
    }
    if args.json {
        out::json(&looks)?;
    } else {
        for look in &looks {
            let word = if look.ok { "ok   " } else { "WRONG" };
            out::line(&format!("{word}  {}: {}", look.what, look.found))?;
            if let Some(fix) = &look.fix {
                out::line(&format!("       fix: {fix}"))?;
            }
        }
    }
    Ok(if looks.iter().all(|look| look.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn database(config: &Config, looks: &mut Vec<Look>) {
    let url = &config.database.url;
    if let Some(path) = url.strip_prefix("sqlite://")
        && !std::path::Path::new(path).exists()
    {
        looks.push(good("database", "the SQLite file is not there yet; `serve` makes it"));
        return;
    }
    let engine = match wiring::open(config, None, Access::Read) {
        Ok(engine) => engine,
        Err(error) => {
            looks.push(bad(
                "database",
                format!("{error:#}"),
                "mend database.url, or start the database",
            ));
            return;
        }
    };
    match engine.pending_migrations() {
        Ok(missing) if missing.is_empty() => looks.push(good("migrations", "all there")),
        Ok(_) if engine.backend() == Backend::Sqlite => {
            looks.push(good("migrations", "`serve` will apply what is missing"));
            return;
        }
        Ok(missing) => {
            let found = format!("missing: {}", missing.join(", "));
            looks.push(bad("migrations", found, "run `apportion migrate`"));
            return;
        }
        Err(error) => looks.push(bad("migrations", error.to_string(), "see the database")),
    }
    looks.extend(engine.readiness().await.into_iter().map(|check| Look {
        what: check.name.to_owned(),
        ok: check.ok,
        found: check.detail,
        fix: (!check.ok).then(|| "mend database.url, or start the database".to_owned()),
    }));
}

async fn gateway(config: &Config, looks: &mut Vec<Look>) {
    let Some(base_url) = &config.gateway.base_url else {
        looks.push(good("gateway", "the sandbox, started beside the API"));
        return;
    };
    let target = Url::parse(base_url)
        .ok()
        .and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
    let Some((host, port)) = target else { return };
    let connected = tokio::time::timeout(CONNECT, TcpStream::connect((host.as_str(), port))).await;
    looks.push(match connected {
        Ok(Ok(_)) => good(
            "gateway",
            &format!("{host}:{port} accepts connections; the first call tells whether the key is right"),
        ),
        Ok(Err(error)) => bad(
            "gateway",
            format!("{host}:{port}: {error}"),
            "check gateway.base_url and the network",
        ),
        Err(_) => bad(
            "gateway",
            format!("{host}:{port} does not answer within 5 s"),
            "check gateway.base_url and the network",
        ),
    });
}

fn notifications(config: &Config) -> Look {
    if config.starts_sandbox() {
        return good("notifications", "the sandbox sends them to the API");
    }
    let found = "set https://<your public host>/gateway/notifications as the NotificationURL of the marketplace's site in the gateway's dashboard; without it, payments are found out by asking";
    good("notifications", found)
}

fn good(what: &str, found: &str) -> Look {
    Look {
        what: what.to_owned(),
        ok: true,
        found: found.to_owned(),
        fix: None,
    }
}

fn bad(what: &str, found: String, fix: &str) -> Look {
    Look {
        what: what.to_owned(),
        ok: false,
        found,
        fix: Some(fix.to_owned()),
    }
}
