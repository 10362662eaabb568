//! What the reader sees: numbered steps, short sentences, columns.

use std::fmt::Display;
use std::io::{self, Write};

use console::style;

use crate::print::{WIDTH, wrapped};

/// Writes to stdout, step by step, with one empty line between what does not belong together.
#[derive(Debug, Default)]
pub(super) struct Screen {
    steps: u32,
    /// Whether the last line was a mark: marks stand close together.
    marked: bool,
}

impl Screen {
    /// The title.
    pub fn title(&mut self, title: &str) -> io::Result<()> {
        self.block(&format!("  {}", style(title).bold().cyan()))
    }

    /// The next step.
    pub fn step(&mut self, title: &str) -> io::Result<()> {
        self.steps = self.steps.saturating_add(1);
        let number = style(format!("{:>2}", self.steps)).cyan().bold();
        let line = style("─".repeat(WIDTH.saturating_sub(2))).dim();
        self.block(&format!("  {line}\n  {number}  {}", style(title).bold()))
    }

    /// A paragraph.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        self.block(&wrapped(text))
    }

    /// A table, or lines that are broken already.
    pub fn show(&mut self, what: &impl Display) -> io::Result<()> {
        self.block(&what.to_string())
    }

    /// Whether something was as it must be.
    pub fn mark(&mut self, holds: bool, what: &str) -> io::Result<()> {
        let mark = if holds {
            style("✓").green().bold()
        } else {
            style("✗").red().bold()
        };
        let gap = if self.marked { "" } else { "\n" };
        self.marked = true;
        put(&format!("{gap}  {mark} {what}\n"))
    }

    fn block(&mut self, text: &str) -> io::Result<()> {
        self.marked = false;
        put(&format!("\n{}\n", text.trim_end()))
    }
}

fn put(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
