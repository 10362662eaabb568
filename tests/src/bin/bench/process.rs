//! The processes that are measured: started, waited for, weighed, stopped.

use crate::http::{self, Connection};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to its first answer before we give up.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How long a server may take to stop.
const STOPPED_WITHIN: Duration = Duration::from_secs(20);

/// A server in a process of its own; dropping it kills it.
pub struct Server {
    child: Child,
    name: &'static str,
    started: Instant,
    log: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

/// What a process holds, in MiB.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Memory {
    /// Resident at the moment.
    pub rss_mib: f64,
    /// The most that was ever resident.
    pub peak_mib: f64,
}

impl Server {
    /// Starts a server that will listen at `address`. Its output goes to a file in `folder`, which is its working directory.
    pub fn start(name: &'static str, mut command: Command, address: SocketAddr, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let started = Instant::now();
        let child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        Ok(Self {
            child,
            name,
            started,
            log,
            address,
        })
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the first 200 from `path`; how long after the start it came.
    pub async fn first_answer(&mut self, path: &str) -> Result<Duration> {
        let mut request = Vec::new();
        http::write(&mut request, "GET", path, &[], b"");
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await
                && let Ok(answer) = connection.exchange(&request).await
                && answer.status == 200
            {
                return Ok(self.started.elapsed());
            }
            let ended = self.child.try_wait()?;
            if ended.is_some() || self.started.elapsed() > READY_WITHIN {
                let said = fs::read_to_string(&self.log).unwrap_or_default();
                bail!("{} does not answer {path}; it said:\n{said}", self.name);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Its time on a processor so far, user and system, of all its threads.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()))?;
        // The second field is the name in parentheses, which may contain anything.
        let fields = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest.split_whitespace())
            .context("stat has a name")?;
        let ticks: Vec<u64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        let ticks: u64 = ticks.iter().sum();
        Ok(Duration::from_secs_f64(ticks as f64 / ticks_per_second()?))
    }

    /// What it holds.
    pub fn memory(&self) -> Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let mib = |name: &str| -> Result<f64> {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .context("status names it")?;
            let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kib / 1024.0)
        };
        Ok(Memory {
            rss_mib: mib("VmRSS:")?,
            peak_mib: mib("VmHWM:")?,
        })
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        // The standard library can only kill; a shell knows the polite signal.
        Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.id())])
            .status()?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > STOPPED_WITHIN {
                bail!("{} does not stop", self.name);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that hears nothing from our own environment that would configure it.
pub fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("APPORTION_")) {
        command.env_remove(name);
    }
    command
}

/// An address of this machine that nobody listens on at the moment.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn ticks_per_second() -> Result<f64> {
    let output = Command::new("getconf")
        .arg("CLK_TCK")
        .output()
        .context("getconf is there")?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
