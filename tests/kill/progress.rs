//! One line on a terminal, and nothing where there is none.

use std::io::{IsTerminal, Write, stderr};
use std::time::Instant;

/// How far it is.
pub struct Progress {
    begun: Instant,
    shown: bool,
}

impl Progress {
    /// Begins now.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            shown: stderr().is_terminal(),
        }
    }

    /// Replaces the line.
    pub fn says(&self, what: &str) {
        if self.shown {
            // A terminal that is gone is no reason to stop.
            let _ = write!(stderr(), "\r\x1b[2K{:>5} s  {what}", self.seconds());
        }
    }

    /// Removes the line.
    pub fn ends(&self) {
        if self.shown {
            let _ = write!(stderr(), "\r\x1b[2K");
        }
    }

    /// Since the beginning.
    pub fn seconds(&self) -> u64 {
        self.begun.elapsed().as_secs()
    }
}
