//! Money as people write it.

use domain::money::Currency;

/// An amount with its currency: `36.87 EUR`, `−5.40 EUR`, `951 242.72 BRL`.
pub(crate) fn money(minor_units: i64, currency: Currency) -> String {
    format!("{} {currency}", figure(minor_units, currency))
}

/// An amount without its currency, for columns that name it once.
pub(crate) fn figure(minor_units: i64, currency: Currency) -> String {
    let sign = if minor_units < 0 { "−" } else { "" };
    let unit = 10_u64.saturating_pow(currency.exponent());
    let magnitude = minor_units.unsigned_abs();
    let whole = grouped(magnitude / unit);
    match usize::try_from(currency.exponent()) {
        Ok(width) if width > 0 => format!("{sign}{whole}.{:0width$}", magnitude % unit),
        _ => format!("{sign}{whole}"),
    }
}

/// A count with its thousands set apart: `6 782`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len().saturating_add(digits.len() / 3));
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_currency(minor_units: i64, code: &str) -> String {
        money(minor_units, code.parse().unwrap())
    }

    #[test]
    fn money_is_written_as_people_write_it() {
        assert_eq!(in_currency(3687, "EUR"), "36.87 EUR");
        assert_eq!(in_currency(-540, "EUR"), "−5.40 EUR");
        assert_eq!(in_currency(5, "EUR"), "0.05 EUR");
        assert_eq!(in_currency(0, "EUR"), "0.00 EUR");
        assert_eq!(in_currency(95_124_272, "BRL"), "951 242.72 BRL");
        assert_eq!(in_currency(1_050, "JPY"), "1 050 JPY");
        assert_eq!(in_currency(1_050, "KWD"), "1.050 KWD");
        assert_eq!(in_currency(i64::MIN, "EUR"), "−92 233 720 368 547 758.08 EUR");
    }

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }
}
