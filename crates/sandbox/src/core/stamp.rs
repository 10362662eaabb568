//! The gateway's way to write a moment: `yyyyMMddHHmmss`, UTC, no zone marker.

use time::{OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};

/// Microseconds in a second.
pub(crate) const MICROS_PER_SECOND: u64 = 1_000_000;

const LAYOUT: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute][second]");

/// Writes a moment given in microseconds since 1970 UTC.
pub(crate) fn write(micros: u64) -> String {
    i64::try_from(micros / MICROS_PER_SECOND)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|moment| moment.format(LAYOUT).ok())
        .unwrap_or_default()
}

/// Reads a moment into seconds since 1970 UTC; `None` if it is not written that way or lies before.
pub(crate) fn read_seconds(text: &str) -> Option<u64> {
    let moment = PrimitiveDateTime::parse(text, LAYOUT).ok()?;
    u64::try_from(moment.assume_utc().unix_timestamp()).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_moment_is_written_and_read_back() {
        assert_eq!(super::write(1_606_912_191_999_999), "20201202122951");
        assert_eq!(super::read_seconds("20201202122951"), Some(1_606_912_191));
        assert_eq!(super::read_seconds("2020-12-02"), None);
    }
}
