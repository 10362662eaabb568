//! Where the time goes while payments are created: the threads, what they run, and the functions.

use crate::load::Until;
use crate::process::Server;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Samples per second and core.
const FREQUENCY: &str = "999";
/// How many of each are shown.
const SHOWN: usize = 10;

/// Samples a server for this time under a load; what was busiest.
pub async fn record(server: &Server, load: &crate::load::Load, time: Duration, folder: &Path) -> Result<String> {
    let data = folder.join("perf.data");
    let seconds = time.as_secs().to_string();
    let mut perf = Command::new("perf");
    // A clock, because virtual machines seldom lend their counters.
    perf.args([
        "record",
        "--quiet",
        "--event",
        "cpu-clock",
        "--freq",
        FREQUENCY,
        "--pid",
        &server.id().to_string(),
    ]);
    perf.arg("--output")
        .arg(&data)
        .args(["--", "sleep", &seconds])
        .stdin(Stdio::null());
    let mut recording = perf
        .spawn()
        .context("perf is missing (Debian, Ubuntu: apt-get install linux-perf)")?;
    load.run(Until::Passed(time + Duration::from_secs(1))).await?;
    if !recording.wait()?.success() {
        bail!("perf could not record");
    }
    let (threads, objects) = (report(&data, "comm")?, report(&data, "dso")?);
    let functions = report(&data, "symbol")?;
    Ok(format!(
        "by thread\n{threads}\nby what it runs\n{objects}\nby function\n{functions}"
    ))
}

fn report(data: &Path, by: &str) -> Result<String> {
    let mut perf = Command::new("perf");
    perf.args([
        "report",
        "--stdio",
        "--quiet",
        "--no-children",
        "--percent-limit",
        "0.5",
    ]);
    let output = perf.args(["--sort", by, "--input"]).arg(data).output()?;
    if !output.status.success() {
        bail!("perf could not report: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    // Columns are as wide as the longest name of all.
    let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines = lines.filter(|line| !line.is_empty()).take(SHOWN);
    Ok(lines.map(|line| format!("  {line}\n")).collect())
}
