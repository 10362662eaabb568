//! Logs: lines on stderr, never with bodies, keys, tokens or people's data in them.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::Log;

/// Begins to write lines. Whoever comes second in a process changes nothing.
pub(crate) fn begin(log: &Log) {
    // The configuration has been checked; a filter that cannot be read falls back to the default.
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let stderr = std::io::stderr();
    let lines = fmt()
        .with_env_filter(filter)
        .with_ansi(stderr.is_terminal())
        .with_writer(std::io::stderr);
    let _ = if log.json {
        lines.json().flatten_event(true).with_span_list(false).try_init()
    } else {
        lines.with_target(false).try_init()
    };
}

/// Warnings only: for commands that answer on stdout and end.
pub(crate) fn begin_quietly() {
    begin(&Log {
        json: false,
        level: "warn".to_owned(),
    });
}
