//! What the reader sees: numbered steps, short sentences, columns.

use std::fmt::Display;
use std::io::{self, Write};

use console::style;

use crate::print::{WIDTH, wrapped};

/// Writes to stdout, step by step.
#[derive(Debug, Default)]
pub(super) struct Screen {
    steps: u32,
}

impl Screen {
    /// The title.
    pub fn title(&self, title: &str) -> io::Result<()> {
        put(&format!("\n  {}\n\n", style(title).bold().cyan()))
    }

    /// The next step.
    pub fn step(&mut self, title: &str) -> io::Result<()> {
        self.steps = self.steps.saturating_add(1);
        let number = style(format!("{:>2}", self.steps)).cyan().bold();
        let line = style("─".repeat(WIDTH.saturating_sub(2))).dim();
        put(&format!("\n  {line}\n  {number}  {}\n\n", style(title).bold()))
    }

    /// A paragraph.
    pub fn say(&self, text: &str) -> io::Result<()> {
        put(&format!("{}\n", wrapped(text)))
    }

    /// A table, or lines that are broken already.
    pub fn show(&self, what: &impl Display) -> io::Result<()> {
        put(&format!("{what}\n"))
    }

    /// Whether something was as it must be.
    pub fn mark(&self, holds: bool, what: &str) -> io::Result<()> {
        let mark = if holds { style("✓").green().bold() } else { style("✗").red().bold() };
        put(&format!("  {mark} {what}\n"))
    }
}

fn put(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
