//! Sentences that fit a screen.

use console::measure_text_width;

/// The widest a line may be, in columns.
pub(crate) const WIDTH: usize = 100;

/// What every line begins with.
pub(super) const INDENT: &str = "  ";

/// A paragraph, indented and broken at spaces, with a line's end behind it.
pub(crate) fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let width = measure_text_width(INDENT)
            .saturating_add(measure_text_width(&line))
            .saturating_add(measure_text_width(word))
            .saturating_add(1);
        if !line.is_empty() && width > WIDTH {
            lines.push_str(&format!("{INDENT}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    format!("{lines}{INDENT}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_screen() {
        let text = "wörter ".repeat(60);
        let wrapped = wrapped(&text);
        assert!(wrapped.lines().count() > 4);
        assert!(
            wrapped
                .lines()
                .all(|line| line.starts_with("  w") && measure_text_width(line) <= WIDTH)
        );
        assert_eq!(wrapped.split_whitespace().count(), 60);
    }
}
