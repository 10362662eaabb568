//! The product as processes, and the hand that kills them.

use crate::wire::{self, Wire};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tests::process::free_address;

/// How long a server may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long a server may need to find its database again.
const AWAY_MAX: Duration = Duration::from_secs(60);

/// `apportion serve`, again and again at one address.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    program: PathBuf,
    arguments: Vec<String>,
    log: PathBuf,
    running: Mutex<Option<(Child, Instant)>>,
}

impl Server {
    /// One that is not started yet; it logs into `folder`.
    pub fn new(program: &Path, name: &str, settings: &[(String, String)], folder: &Path) -> Result<Self> {
        let address = free_address();
        let mut arguments = vec!["--profile".to_owned(), "sandbox".to_owned()];
        let own = [
            ("server.listen", address.clone()),
            ("server.admin_listen", free_address()),
        ];
        let own = own.map(|(key, value)| (key.to_owned(), value));
        for (key, value) in settings.iter().chain(&own) {
            arguments.extend(["--set".to_owned(), format!("{key}={value}")]);
        }
        Ok(Self {
            address: address.parse()?,
            program: program.to_owned(),
            arguments,
            log: folder.join(format!("{name}.log")),
            running: Mutex::new(None),
        })
    }

    /// Starts it.
    pub fn starts(&self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.command("serve");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().context("apportion cannot be started")?;
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some((child, Instant::now()));
        Ok(())
    }

    /// SIGKILL: nothing is finished, nothing is said. Whether it ran.
    pub fn is_killed(&self) -> bool {
        let taken = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        match taken {
            Some((mut child, _)) => {
                // It may have ended by itself, which the restart will show.
                let _ = child.kill();
                let _ = child.wait();
                true
            }
            None => false,
        }
    }

    /// Waits until it says that it is ready; how long after its start that was.
    pub async fn is_ready(&self) -> Result<Duration> {
        self.is_ready_within(READY_WITHIN).await
    }

    async fn is_ready_within(&self, patience: Duration) -> Result<Duration> {
        let begun = Instant::now();
        let asked = wire::request("GET", "/readyz", &[], b"");
        loop {
            if let Ok(Ok(200)) = tokio::time::timeout(Duration::from_secs(2), self.status(&asked)).await {
                return self.since_start().context("it was killed while it started");
            }
            self.has_not_ended()?;
            if begun.elapsed() > patience {
                bail!("{} was not ready within {patience:?}", self.log.display());
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// Waits until it is ready, having lost its database for a while.
    pub async fn answers_again(&self) -> Result<()> {
        self.is_ready_within(AWAY_MAX).await.map(|_| ())
    }

    /// Fails when it has ended by itself.
    pub fn has_not_ended(&self) -> Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((child, _)) = running.as_mut()
            && let Some(status) = child.try_wait()?
        {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            let tail: Vec<_> = said.lines().rev().take(20).collect();
            bail!(
                "the server ended by itself ({status}); it said, last first:\n{}",
                tail.join("\n")
            );
        }
        Ok(())
    }

    /// Carries a command out to its end, under the same configuration.
    pub fn carries_out(&self, command: &[&str]) -> Result<()> {
        let done = self.ends(command)?;
        if !done.status.success() {
            let (said, failed) = (
                String::from_utf8_lossy(&done.stdout),
                String::from_utf8_lossy(&done.stderr),
            );
            bail!(
                "apportion {} ended with {}:\n{said}{failed}",
                command.join(" "),
                done.status
            );
        }
        Ok(())
    }

    /// The report of `apportion verify`.
    pub fn verifies(&self) -> Result<Value> {
        let done = self.ends(&["verify", "--json"])?;
        serde_json::from_slice(&done.stdout)
            .with_context(|| format!("verify said {}", String::from_utf8_lossy(&done.stderr)))
    }

    fn ends(&self, command: &[&str]) -> Result<Output> {
        let (name, rest) = command.split_first().context("a command has a name")?;
        Ok(self.command(name).args(rest).stdin(Stdio::null()).output()?)
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        // What the environment says of another installation is not heard.
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("APPORTION_")) {
            command.env_remove(key);
        }
        command.args(&self.arguments).arg(name);
        command
    }

    async fn status(&self, asked: &[u8]) -> Result<u16> {
        let mut wire = Wire::connect(self.address).await?;
        wire.send(asked).await?;
        Ok(wire.receive().await?.status())
    }

    fn since_start(&self) -> Option<Duration> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().map(|(_, started)| started.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_killed();
    }
}
