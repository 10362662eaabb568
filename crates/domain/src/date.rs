//! Days, as a calendar and a bank statement know them.

use std::fmt;
use std::str::FromStr;

use crate::ids::serde_as_text;

/// A day of the calendar, without a time or a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

/// What is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date such as 2030-01-31")]
pub struct DateError;

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.0;
        write!(f, "{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
    }
}

impl FromStr for Date {
    type Err = DateError;

    /// Reads what is written and nothing else: the standard also knows weeks, days of the year and signs.
    fn from_str(text: &str) -> Result<Self, DateError> {
        let day = time::Date::parse(text, &time::format_description::well_known::Iso8601::DATE).map(Self);
        day.ok().filter(|day| day.to_string() == text).ok_or(DateError)
    }
}

serde_as_text!(Date);
