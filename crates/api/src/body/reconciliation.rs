//! Which period is compared with the gateway's books.

use std::time::Duration;

use domain::date::Date;
use domain::fault::{Fault, Faults};
use domain::time::Timestamp;
use engine::Error;
use engine::reconcile::Period;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A period to be compared with the gateway's books, at most 31 days.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconciliationBody {
    /// Payments made at this moment or later: RFC 3339, or a day, which begins in UTC.
    #[schema(example = "2026-11-01")]
    pub from: String,
    /// Made before this moment: RFC 3339, or a day, which is included whole.
    #[schema(example = "2026-11-30")]
    pub to: String,
    /// Payments of ours on one page, 1 to 500; 100 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 500)]
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A comparison as the desk takes it.
#[derive(Debug)]
pub struct Comparison {
    /// When the payments were made.
    pub period: Period,
    /// How many of ours on one page.
    pub limit: usize,
    /// Where it continues.
    pub cursor: Option<String>,
}

impl ReconciliationBody {
    /// The same in the desk's words.
    pub fn read(self) -> Result<Comparison, Error> {
        let mut faults = Faults::new();
        let mut moment = |text: &str, end, at: &str| {
            let read = read(text, end);
            if read.is_none() {
                let detail = "a day such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z";
                faults.push(Fault::new(at, "field_invalid", detail));
            }
            read
        };
        let (from, to) = (moment(&self.from, false, "/from"), moment(&self.to, true, "/to"));
        let period = from.zip(to).map(|(from, to)| Period { from, to });
        if period.is_some_and(|Period { from, to }| to <= from || to.since(from) > PERIOD_MAX) {
            let detail = "behind from, and at most 31 days behind it";
            faults.push(Fault::new("/to", "period_invalid", detail));
        }
        let limit = self.limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            faults.push(Fault::new("/limit", "field_invalid", "1 to 500"));
        }
        match period.filter(|_| faults.is_empty()) {
            Some(period) => Ok(Comparison {
                period,
                limit,
                cursor: self.cursor,
            }),
            None => Err(Error::Invalid(faults)),
        }
    }
}

/// A moment, or a day's beginning, or its end where it is the last.
pub(crate) fn read(text: &str, end: bool) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let day = text.parse::<Date>().ok()?;
    let begins: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    Some(if end { begins.plus(DAY) } else { begins })
}

const DAY: Duration = Duration::from_secs(86_400);

/// The longest period of one request.
const PERIOD_MAX: Duration = Duration::from_secs(31 * 86_400);

/// Payments of ours on one page unless the request says otherwise.
const LIMIT: usize = 100;

/// Payments of ours on one page at most.
const LIMIT_MAX: usize = 500;
