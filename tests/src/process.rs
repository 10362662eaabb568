//! The server as a process of its own, which can be killed.

use crate::http::{self, Asked};
use reqwest::Client;
use std::collections::BTreeMap;
use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to be ready.
const START_MAX: Duration = Duration::from_secs(20);

/// `apportion serve` as a process.
pub struct Process {
    /// Where it listens, across restarts.
    pub url: String,
    binary: &'static str,
    arguments: Vec<String>,
    child: Option<Child>,
    log: Option<PathBuf>,
}

impl Process {
    /// One that will listen on a free port; it is not started yet.
    pub fn new(binary: &'static str, settings: &BTreeMap<String, String>) -> Self {
        let listen = free_address();
        let mut arguments = vec!["--profile".to_owned(), "sandbox".to_owned()];
        // What is said later counts.
        for (key, value) in settings.iter().chain([(&"server.listen".to_owned(), &listen)]) {
            arguments.extend(["--set".to_owned(), format!("{key}={value}")]);
        }
        Self {
            url: format!("http://{listen}"),
            binary,
            arguments,
            child: None,
            log: None,
        }
    }

    /// Writes what it logs and prints into this file, for a story that reads it.
    #[must_use]
    pub fn logging_to(mut self, file: PathBuf) -> Self {
        self.log = Some(file);
        self
    }

    /// Carries a command out to its end, under the same configuration.
    pub fn carries_out(&self, command: &[&str]) {
        let done = Command::new(self.binary)
            .args(&self.arguments)
            .args(command)
            .stdin(Stdio::null())
            .output();
        let done = done.expect("the binary runs");
        assert!(
            done.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// Starts it and waits until it is ready.
    pub async fn starts(&mut self, client: &Client) {
        assert!(self.child.is_none(), "it runs already");
        let log = self
            .log
            .as_ref()
            .map(|file| File::create(file).expect("the log can be written"));
        let (out, errors) = match log {
            Some(file) => (file.try_clone().expect("a file can be shared").into(), file.into()),
            None => (Stdio::null(), Stdio::inherit()),
        };
        let mut child = Command::new(self.binary)
            .args(&self.arguments)
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(errors)
            .spawn()
            .expect("the binary runs");
        let begun = Instant::now();
        loop {
            let ready = http::call(client, &self.url, None, &Asked::get("/readyz")).await;
            if ready.is_ok_and(|answer| answer.status == 200) {
                break;
            }
            let ended = child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the server ended at once: {ended:?}");
            assert!(
                begun.elapsed() < START_MAX,
                "the server was not ready within {START_MAX:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.child = Some(child);
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub fn is_killed(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("a child can be killed");
        child.wait().expect("a child ends");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.is_killed();
        }
    }
}

/// An address of this machine that nobody listens on.
pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").to_string()
}
