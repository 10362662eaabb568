//! Decimal text to minor units, without a float in between.

/// Reads `58.9` as 5890 where the unit has two decimals. Signs, spaces, separators of thousands and digits below the
/// smallest unit are refused: what they mean is a guess.
pub(super) fn minor_units(text: &str, decimals: u32) -> Result<i64, String> {
    let refused = || format!("{text:?} is not an amount such as 58.90");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_part_if_dotted = text.contains('.') != part.is_empty();
    if whole.is_empty() || !digits(whole) || !digits(part) || !has_part_if_dotted {
        return Err(refused());
    }
    let width = usize::try_from(decimals).map_err(|_| refused())?;
    let (kept, below) = part.split_at(part.len().min(width));
    if below.bytes().any(|byte| byte != b'0') {
        return Err(format!("{text:?} has more than {decimals} decimals"));
    }
    let number = format!("{whole}{kept:0<width$}");
    number.parse().map_err(|_| format!("{text:?} is too large"))
}

#[cfg(test)]
mod tests {
    use super::minor_units;

    #[test]
    fn decimals_are_read_digit_by_digit() {
        assert_eq!(minor_units("58.9", 2), Ok(5890));
        assert_eq!(minor_units("58.90", 2), Ok(5890));
        assert_eq!(minor_units("58", 2), Ok(5800));
        assert_eq!(minor_units("0.07", 2), Ok(7));
        assert_eq!(minor_units("13.29000", 2), Ok(1329));
        assert_eq!(minor_units("6735", 0), Ok(6735));
        assert_eq!(minor_units("1.5", 3), Ok(1500));
        assert_eq!(minor_units("0", 2), Ok(0));
    }

    #[test]
    fn guesses_are_refused() {
        for text in [
            "", ".", "5.", ".5", "-1", "+1", "1,5", "1 000", "1e3", " 1", "1.2.3", "٣", "NaN",
        ] {
            assert!(minor_units(text, 2).is_err(), "{text}");
        }
        assert_eq!(
            minor_units("0.001", 2),
            Err("\"0.001\" has more than 2 decimals".to_owned())
        );
        assert!(minor_units("99999999999999999999", 2).is_err());
    }
}
