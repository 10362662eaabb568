//! The PostgreSQL that `tests/bench` has started: databases in it, and what `pgbench` makes of it.

use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Output};
use tokio_postgres::NoTls;

/// A server and its load generator.
pub struct Postgres<'a> {
    /// `postgres://user@host:port/database`.
    pub server: &'a str,
    /// The program.
    pub pgbench: &'a Path,
}

/// Clients of `pgbench`, and its threads.
const CLIENTS: &str = "8";
const THREADS: &str = "2";
/// Its scale: 100 000 accounts each.
const SCALE: &str = "10";

impl Postgres<'_> {
    /// Makes an empty database; its URL.
    pub async fn database(&self, name: &str) -> Result<String> {
        self.execute(&format!("CREATE DATABASE {name}")).await?;
        let (host, _) = self
            .server
            .rsplit_once('/')
            .context("the server's URL names a database")?;
        Ok(format!("{host}/{name}"))
    }

    /// Transactions per second of TPC-B, as `pgbench` counts them.
    pub async fn tpcb_per_second(&self, seconds: u64) -> Result<f64> {
        let url = self.database("tpcb").await?;
        self.pgbench(&["--initialize", "--quiet", "--scale", SCALE, &url])?;
        // What is still to be written from before is not counted against it.
        self.execute("CHECKPOINT").await?;
        let output = self.pgbench(&[
            "--client",
            CLIENTS,
            "--jobs",
            THREADS,
            "--time",
            &seconds.to_string(),
            &url,
        ])?;
        let said = String::from_utf8(output.stdout)?;
        let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps = line
            .and_then(|line| line.split_whitespace().next())
            .with_context(|| format!("pgbench said: {said}"))?;
        Ok(tps.parse()?)
    }

    /// Writes what is waiting to be written, so that it does not disturb what is measured next.
    pub async fn execute(&self, statement: &str) -> Result<()> {
        let (client, connection) = tokio_postgres::connect(self.server, NoTls).await?;
        let connection = tokio::spawn(connection);
        client
            .batch_execute(statement)
            .await
            .with_context(|| statement.to_owned())?;
        drop(client);
        Ok(connection.await??)
    }

    fn pgbench(&self, arguments: &[&str]) -> Result<Output> {
        let output = Command::new(self.pgbench)
            .args(arguments)
            .output()
            .context("pgbench can be started")?;
        if !output.status.success() {
            bail!("pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output)
    }
}
