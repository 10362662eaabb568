//! Columns that line up, whatever colours are in them.

use std::fmt;

use console::{Alignment, measure_text_width, pad_str, style};

use super::text::INDENT;

/// What stands between two columns.
const GAP: &str = "   ";

/// To which side a column keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// Rows of cells under a heading.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Align>,
    heading: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
enum Row {
    Cells(Vec<String>),
    /// A line across.
    Rule,
}

impl Table {
    /// An empty table; a column whose name is all that is said of it is named "".
    pub fn new<const N: usize>(columns: [(&str, Align); N]) -> Self {
        Self {
            columns: columns.iter().map(|(_, align)| *align).collect(),
            heading: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// A table with as many columns as are counted at run time.
    pub fn with(columns: Vec<(String, Align)>) -> Self {
        let (heading, columns) = columns.into_iter().unzip();
        Self {
            columns,
            heading,
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells beyond the columns are not shown.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(Row::Cells(cells.into_iter().map(Into::into).collect()));
    }

    /// Adds a row that stands out.
    pub fn total(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        let bold = |cell: String| {
            if cell.is_empty() {
                cell
            } else {
                style(cell).bold().to_string()
            }
        };
        self.rows
            .push(Row::Cells(cells.into_iter().map(|cell| bold(cell.into())).collect()));
    }

    /// Adds a line across.
    pub fn rule(&mut self) {
        self.rows.push(Row::Rule);
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heading.iter().map(|name| measure_text_width(name)).collect();
        for row in &self.rows {
            if let Row::Cells(cells) = row {
                for (width, cell) in widths.iter_mut().zip(cells) {
                    *width = (*width).max(measure_text_width(cell));
                }
            }
        }
        widths
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let padded: Vec<_> = self
            .columns
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(place, (align, width))| {
                let cell = cells.get(place).map_or("", String::as_str);
                let alignment = if *align == Align::Left {
                    Alignment::Left
                } else {
                    Alignment::Right
                };
                pad_str(cell, *width, alignment, None)
            })
            .collect();
        padded.join(GAP).trim_end().to_owned()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let across = widths
            .iter()
            .sum::<usize>()
            .saturating_add(GAP.len().saturating_mul(widths.len().saturating_sub(1)));
        let rule = style("─".repeat(across)).dim().to_string();
        if self.heading.iter().any(|name| !name.is_empty()) {
            writeln!(f, "{INDENT}{}", style(self.line(&self.heading, &widths)).dim())?;
        }
        for row in &self.rows {
            match row {
                Row::Cells(cells) => writeln!(
                    f,
                    "{}",
                    format_args!("{INDENT}{}", self.line(cells, &widths))
                        .to_string()
                        .trim_end()
                )?,
                Row::Rule => writeln!(f, "{INDENT}{rule}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new([("Who", Align::Left), ("EUR", Align::Right), ("", Align::Left)]);
        table.row(["Lumière", "35.48", "a note"]);
        table.row(["Kiln", "−5.40", ""]);
        table.rule();
        table.row(["", "1 030.08"]);
        let text = console::strip_ansi_codes(&table.to_string()).into_owned();
        let expected = [
            "  Who            EUR",
            "  Lumière      35.48   a note",
            "  Kiln         −5.40",
            "  ───────────────────────────",
            "            1 030.08",
            "",
        ];
        assert_eq!(text, expected.join("\n"));
    }

    #[test]
    fn colours_take_no_room() {
        let mut table = Table::new([("", Align::Left), ("", Align::Right)]);
        table.row([style("a").red().force_styling(true).to_string(), "1".to_owned()]);
        table.row(["abc", "22"]);
        let text = console::strip_ansi_codes(&table.to_string()).into_owned();
        assert_eq!(text, "  a      1\n  abc   22\n");
    }
}
