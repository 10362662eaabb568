//! The product and its sandbox as processes, configured by their environment as any installation is.

use crate::http::{self, Connection};
use crate::market::{ADMIN_KEY, COMMISSION_SITE, GATEWAY_KEY, SITE};
use crate::process::{self, Server};
use anyhow::{Result, bail};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// How an installation is set up.
pub struct Product<'a> {
    /// The binary.
    pub program: &'a Path,
    /// Where it works and writes its logs.
    pub folder: &'a Path,
    /// The sandbox.
    pub gateway: SocketAddr,
    /// `database.url`.
    pub database: &'a str,
}

impl Product<'_> {
    /// Starts `apportion serve`; how long it took to its first answer.
    pub async fn serve(&self) -> Result<(Server, Duration)> {
        let (listen, admin) = (process::free_address()?, process::free_address()?);
        let mut command = self.command("serve");
        command.env("APPORTION__SERVER__LISTEN", listen.to_string());
        command.env("APPORTION__SERVER__ADMIN_LISTEN", admin.to_string());
        let mut server = Server::start("serve", command, listen, self.folder)?;
        let took = server.first_answer("/livez").await?;
        Ok((server, took))
    }

    /// Runs a command that ends, such as `migrate`.
    pub fn run(&self, command: &str) -> Result<()> {
        let output = self.command(command).current_dir(self.folder).output()?;
        if !output.status.success() {
            let (said, failed) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            bail!("apportion {command} failed ({}):\n{said}{failed}", output.status);
        }
        Ok(())
    }

    fn command(&self, command: &str) -> Command {
        let mut process = configured(self.program);
        process.arg(command);
        process.env("APPORTION__GATEWAY__BASE_URL", format!("http://{}", self.gateway));
        process.env("APPORTION__DATABASE__URL", self.database);
        process.env("APPORTION__AUTH__BOOTSTRAP_ADMIN_KEY", ADMIN_KEY);
        // Nobody pays while payments are made here, and paid ones are told by notification: what the sweep would find
        // out by itself must not be counted.
        process.env("APPORTION__RECOVERY__FIRST_QUESTION_MS", "1800000");
        process
    }
}

/// Starts a sandbox with empty books that notifies nobody.
pub async fn sandbox(program: &Path, folder: &Path) -> Result<Server> {
    let listen = process::free_address()?;
    let mut command = configured(program);
    command.args(["sandbox", "--listen", &listen.to_string()]);
    let mut server = Server::start("sandbox", command, listen, folder)?;
    server.first_answer("/_sandbox/config").await?;
    configure(server.address, &serde_json::json!({"notification_url": null})).await?;
    Ok(server)
}

/// Changes how a sandbox behaves.
pub async fn configure(sandbox: SocketAddr, patch: &Value) -> Result<()> {
    let mut request = Vec::new();
    let headers = [("content-type", "application/json")];
    http::write(
        &mut request,
        "POST",
        "/_sandbox/config",
        &headers,
        patch.to_string().as_bytes(),
    );
    let mut connection = Connection::open(sandbox).await?;
    let answer = connection.exchange(&request).await?;
    if answer.status != 200 {
        bail!("the sandbox refuses {patch}: {}", String::from_utf8_lossy(answer.body));
    }
    Ok(())
}

fn configured(path: &Path) -> Command {
    let mut command = process::program(path);
    command.env("APPORTION_PROFILE", "sandbox");
    command.env("APPORTION__GATEWAY__SITE_ID", SITE);
    command.env("APPORTION__GATEWAY__API_KEY", GATEWAY_KEY);
    command.env("APPORTION__GATEWAY__COMMISSION_SITE_ID", COMMISSION_SITE);
    command
}
