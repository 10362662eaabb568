//! PostgreSQL of our own: started, stopped at once, killed, copied, promoted.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::process::free_address;
use tokio_postgres::{Client, NoTls};

/// How long a server may take to answer.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// The database of a campaign's only world on a cluster.
pub const DATABASE: &str = "campaign";

/// Where the server's programs are, and whose they become: PostgreSQL does not run as root.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The folder of `initdb` and `postgres`.
    pub bin: PathBuf,
    /// The user and group to become; nobody else if it is left out.
    pub runner: Option<(u32, u32)>,
}

/// One server with its data.
pub struct Cluster {
    programs: Programs,
    data: PathBuf,
    port: u16,
    synchronous: bool,
    child: Option<Child>,
}

impl Cluster {
    /// An empty one below this folder, started.
    pub async fn create(programs: &Programs, folder: &Path, synchronous: bool) -> Result<Self> {
        let data = folder.join("data-0");
        let arguments = ["--username=apportion", "--auth=trust", "--encoding=UTF8", "--no-locale"];
        let mut command = programs.command("initdb", folder);
        command.arg("--pgdata").arg(&data).args(arguments);
        ends_well(command)?;
        let mut cluster = Self {
            programs: programs.clone(),
            data,
            port: free_port()?,
            // Nobody could be waited for yet.
            synchronous: false,
            child: None,
        };
        cluster.starts().await?;
        cluster.executes(&format!("CREATE DATABASE {DATABASE}")).await?;
        if synchronous {
            cluster.stops_at_once()?;
            cluster.synchronous = true;
            cluster.starts().await?;
        }
        Ok(cluster)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database on it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://apportion@127.0.0.1:{}/{database}", self.port)
    }

    /// Starts it on its data and waits until it answers.
    pub async fn starts(&mut self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.data.with_extension("log"))?;
        let mut command = self
            .programs
            .command("postgres", self.data.parent().context("data has a folder")?);
        command
            .arg("-D")
            .arg(&self.data)
            .args(["-p", &self.port.to_string(), "-k", ""]);
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            "fsync=on",
            "max_connections=200",
            "hot_standby=on",
        ];
        if self.synchronous {
            settings.extend(["synchronous_standby_names=*", "synchronous_commit=on"]);
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        let begun = Instant::now();
        loop {
            if self.client().await.is_ok() {
                return Ok(());
            }
            let ended = self.child.as_mut().context("it was started")?.try_wait()?;
            if ended.is_some() || begun.elapsed() > READY_WITHIN {
                let said = fs::read_to_string(self.data.with_extension("log")).unwrap_or_default();
                bail!("PostgreSQL does not answer; it said:\n{said}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `pg_ctl stop -m immediate`: no checkpoint, no goodbye; the next start recovers from the log.
    pub fn stops_at_once(&mut self) -> Result<()> {
        let mut command = self
            .programs
            .command("pg_ctl", self.data.parent().context("data has a folder")?);
        command.args(["stop", "-m", "immediate", "-D"]).arg(&self.data);
        let stopped = ends_well(command);
        if let Some(mut child) = self.child.take() {
            child.wait()?;
        }
        stopped
    }

    /// SIGKILL for the postmaster; its children end when they notice.
    pub fn is_killed(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself, which is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// A standby that streams from this one, on a port of its own or on this one, started.
    pub async fn standby(&self, data: &str, port: Option<u16>) -> Result<Self> {
        let folder = self.data.parent().context("data has a folder")?;
        let data = folder.join(data);
        let mut command = self.programs.command("pg_basebackup", folder);
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "apportion"]);
        command.args(["-R", "-X", "stream", "-c", "fast", "-D"]).arg(&data);
        let done = tokio::task::spawn_blocking(move || ends_well(command)).await?;
        done.context("the copy for a standby")?;
        let mut standby = Self {
            programs: self.programs.clone(),
            data,
            port: match port {
                Some(port) => port,
                None => free_port()?,
            },
            synchronous: self.synchronous,
            child: None,
        };
        standby.starts().await?;
        let begun = Instant::now();
        let streams = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        while self.number(streams).await? == 0 {
            if begun.elapsed() > READY_WITHIN {
                bail!("the standby does not stream");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(standby)
    }

    /// Becomes the primary.
    pub fn is_promoted(&self) -> Result<()> {
        let mut command = self
            .programs
            .command("pg_ctl", self.data.parent().context("data has a folder")?);
        command.args(["promote", "-w", "-D"]).arg(&self.data);
        ends_well(command)
    }

    /// Stops what sends the log to the standby, so that the standby trails; its process.
    pub async fn trails(&self) -> Result<u32> {
        let sender = self.number("SELECT pid::bigint FROM pg_stat_replication").await?;
        let sender = u32::try_from(sender).context("a process has a number")?;
        signal("STOP", sender)?;
        Ok(sender)
    }

    async fn number(&self, query: &str) -> Result<i64> {
        Ok(self.client().await?.query_one(query, &[]).await?.get(0))
    }

    async fn executes(&self, statement: &str) -> Result<()> {
        Ok(self.client().await?.batch_execute(statement).await?)
    }

    async fn client(&self) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url("postgres"), NoTls).await?;
        // It ends when the client is dropped.
        tokio::spawn(connection);
        Ok(client)
    }

    /// A database more.
    pub async fn database(&self, name: &str) -> Result<String> {
        self.executes(&format!("CREATE DATABASE {name}")).await?;
        Ok(self.url(name))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A postmaster that is killed leaves its children to notice; one that stops at once takes them along.
        if self.child.is_some() && self.stops_at_once().is_err() {
            self.is_killed();
        }
    }
}

impl Programs {
    fn command(&self, name: &str, folder: &Path) -> Command {
        let program = self.bin.join(name);
        let mut command = match self.runner {
            Some((user, group)) => {
                let mut command = Command::new("setpriv");
                command.args([format!("--reuid={user}"), format!("--regid={group}")]);
                command.args(["--clear-groups", "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir(folder);
        command
    }
}

/// Sends a signal that the standard library does not know.
pub fn signal(name: &str, process: u32) -> Result<()> {
    let mut command = Command::new("kill");
    command.args([format!("-{name}"), process.to_string()]);
    ends_well(command)
}

fn ends_well(mut command: Command) -> Result<()> {
    let done = command.stdin(Stdio::null()).output()?;
    if !done.status.success() {
        let (said, failed) = (
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr),
        );
        bail!("{command:?} ended with {}:\n{said}{failed}", done.status);
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    let address: std::net::SocketAddr = free_address().parse()?;
    Ok(address.port())
}
