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

/// Files of the log, of 16 MiB each, that a run fills at most.
const LOG_FILES: usize = 96;

impl Postgres<'_> {
    /// Makes a new server like one that has been running. The first time that a file of the log is written, PostgreSQL
    /// fills it with zeros, and whoever commits waits: 5 to 10 of 100 looks at a new server found it doing that. A server
    /// that has made checkpoints takes old files instead.
    pub async fn run_in(&self) -> Result<()> {
        for setting in ["min_wal_size = '2GB'", "max_wal_size = '6GB'"] {
            self.execute(&format!("ALTER SYSTEM SET {setting}")).await?;
        }
        self.execute("SELECT pg_reload_conf()").await?;
        let fill_a_file = "SELECT pg_logical_emit_message(false, 'bench', ''); SELECT pg_switch_wal();";
        self.execute(&fill_a_file.repeat(LOG_FILES)).await?;
        self.execute("CHECKPOINT").await
    }

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
