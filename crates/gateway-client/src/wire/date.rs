//! Times as the gateway writes them: `yyyyMMddHHmmss`, without a zone, meaning UTC.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

const FORMAT: &[BorrowedFormatItem<'static>] = format_description!("[year][month][day][hour][minute][second]");

/// Writes a time, cut to whole seconds. Nothing for years that do not have four digits.
#[must_use]
pub fn format(time: OffsetDateTime) -> Option<String> {
    let time = time.to_offset(UtcOffset::UTC);
    if !(0..=9999).contains(&time.year()) {
        return None;
    }
    time.format(FORMAT).ok()
}

/// Reads a time; nothing if it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    PrimitiveDateTime::parse(text, FORMAT)
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_times_are_utc() {
        // The example's own reference, test1606912191, is this Unix time.
        let time = parse("20201202122951").unwrap();
        assert_eq!(time.unix_timestamp(), 1_606_912_191);
        assert_eq!(format(time).as_deref(), Some("20201202122951"));
        let elsewhere = time.to_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
        assert_eq!(format(elsewhere).as_deref(), Some("20201202122951"));
    }

    #[test]
    fn junk_is_nothing() {
        for junk in ["", "2020", "20201302122951", "20201202122951Z", "2020120212295"] {
            assert_eq!(parse(junk), None, "{junk}");
        }
    }
}
