//! What is said afterwards, to people and to programs.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::money::Currency;
use hdrhistogram::Histogram;
use serde::Serialize;

use super::Args;
use super::books::{Check, Found, compared};
use super::order::total;
use super::paid::{Paid, Times};
use super::play::{Failed, Played};
use super::refund::Kind;
use super::sheet::{LeftOut, Sheet};
use super::stage::{Place, Stage};
use super::sums::{Shares, Sums};
use crate::print::{grouped, money};

/// The longest time that is told from longer ones, in microseconds.
const LATENCY_MAX: u64 = 100_000_000;

/// What a replay came to. Amounts are minor units of `currency`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub file: String,
    /// `payments` or `quotes`.
    pub mode: &'static str,
    pub currency: Currency,
    #[serde(flatten)]
    pub place: Option<Place>,
    pub rows: u64,
    pub orders: u64,
    pub lines: u64,
    pub sellers: u64,
    /// What the buyers pay for these orders.
    pub amount: i64,
    /// What the parties have of that: owed, in a dry run; captured, from their balances, otherwise.
    pub parties: Parties,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payments: Option<Payments>,
    /// What went back, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunds: Option<Refunds>,
    pub milliseconds: u64,
    /// Orders per second, to a tenth.
    pub per_second: String,
    pub concurrency: u16,
    pub checks: Vec<Check>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    pub left_out: Vec<LeftOut>,
    pub failed: Vec<Failed>,
}

/// Who has how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Parties {
    pub sellers: i64,
    pub marketplace: i64,
    pub total: i64,
}

/// How the payments went.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Payments {
    /// Made in this run.
    pub created: u64,
    /// Known already (`Idempotent-Replayed: true`): nothing was charged for them again.
    pub replayed: u64,
    /// Of those, captured before this run began.
    pub captured_before: u64,
    pub failed: u64,
    /// Why calls were made again under the same key, and how often.
    pub retried: BTreeMap<String, u64>,
    /// How long creates took.
    pub create: Latency,
    /// From the buyer's payment to its confirmation.
    pub confirm: Latency,
    /// From an operator's wish to capture to the capture.
    pub capture: Latency,
}

/// What went back to the buyers, and what the parties have since.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Refunds {
    /// Made in this run.
    pub created: u64,
    /// Known already: nothing went back for them again.
    pub replayed: u64,
    /// How many gave back everything, an amount for a seller's goods, or units of a line.
    pub of_everything: u64,
    pub by_amount: u64,
    pub by_line: u64,
    /// What was asked for.
    pub amount: i64,
    /// What the file's sales left the sellers and the marketplace.
    pub sellers: Sums,
    pub marketplace: Sums,
    /// How long it took until a refund was accepted, and until the buyer had it.
    pub accept: Latency,
    pub succeed: Latency,
}

/// Percentiles, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Latency {
    pub count: u64,
    pub p50: u64,
    pub p95: u64,
    pub p99: u64,
}

impl Report {
    /// Of a dry run.
    pub fn of_quotes(args: &Args, sheet: &Sheet, owed: &Shares, refused: &[LeftOut], elapsed: Duration) -> Self {
        let amount = total(&sheet.orders);
        let check = Check {
            what: "the file = what sellers and marketplace would be owed".to_owned(),
            holds: amount == owed.total().captured,
            detail: compared(amount, owed.total().captured, args.currency),
        };
        let mut left_out = sheet.left_out.clone();
        left_out.extend(refused.iter().cloned());
        Self {
            checks: vec![check],
            left_out,
            ..Self::of_sheet("quotes", args, sheet, owed, elapsed)
        }
    }

    /// Of payments.
    pub fn of_payments(
        args: &Args,
        sheet: &Sheet,
        stage: &Stage,
        played: &Played,
        found: &Found,
        elapsed: Duration,
    ) -> Self {
        let parties = found.of_file(played);
        let base = Self::of_sheet("payments", args, sheet, &parties, elapsed);
        let payments = Payments::of(played);
        let notes = notes(&payments, played, found, args.currency);
        Self {
            place: Some(stage.place.clone()),
            payments: Some(payments),
            refunds: args.refund_every.map(|_| Refunds::of(played, &parties)),
            checks: found.checks(base.amount, played, args.currency),
            notes,
            failed: played.failed.clone(),
            ..base
        }
    }

    fn of_sheet(mode: &'static str, args: &Args, sheet: &Sheet, parties: &Shares, elapsed: Duration) -> Self {
        let sellers: BTreeSet<_> = sheet.sellers();
        let orders = count(sheet.orders.len());
        let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let tenths = orders
            .saturating_mul(10_000)
            .checked_div(milliseconds.max(1))
            .unwrap_or_default();
        Self {
            file: args
                .file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            mode,
            currency: args.currency,
            place: None,
            rows: sheet.rows,
            orders,
            lines: count(sheet.lines()),
            sellers: count(sellers.len()),
            amount: total(&sheet.orders),
            parties: Parties {
                sellers: parties.of_sellers().captured,
                marketplace: parties.marketplace.captured,
                total: parties.total().captured,
            },
            payments: None,
            refunds: None,
            milliseconds,
            per_second: format!("{}.{}", tenths / 10, tenths % 10),
            concurrency: args.concurrency,
            checks: Vec::new(),
            notes: Vec::new(),
            left_out: sheet.left_out.clone(),
            failed: Vec::new(),
        }
    }

    /// Whether every cent is where it should be.
    pub fn is_good(&self) -> bool {
        self.failed.is_empty() && self.checks.iter().all(|check| check.holds)
    }

    /// For programs.
    pub fn json(&self) -> anyhow::Result<String> {
        #[derive(Serialize)]
        struct Whole<'a> {
            reconciled: bool,
            #[serde(flatten)]
            report: &'a Report,
        }
        let reconciled = self.is_good();
        let mut text = serde_json::to_string_pretty(&Whole {
            reconciled,
            report: self,
        })?;
        text.push('\n');
        Ok(text)
    }
}

impl Payments {
    fn of(played: &Played) -> Self {
        let of = |wanted: fn(&Paid) -> bool| count(played.payments.iter().filter(|paid| wanted(paid)).count());
        Self {
            created: of(|paid| !paid.replayed),
            replayed: of(|paid| paid.replayed),
            captured_before: of(|paid| paid.already),
            failed: count(played.failed.len()),
            retried: played.retried.clone(),
            create: Latency::of(played, |times| Some(times.create)),
            confirm: Latency::of(played, |times| times.confirm),
            capture: Latency::of(played, |times| times.capture),
        }
    }
}

impl Refunds {
    fn of(played: &Played, parties: &Shares) -> Self {
        let all = || played.payments.iter().filter_map(|paid| paid.refund.as_ref());
        let kind = |kind: Kind| count(all().filter(|refund| refund.wish.kind == kind).count());
        Self {
            created: count(all().filter(|refund| !refund.replayed).count()),
            replayed: count(all().filter(|refund| refund.replayed).count()),
            of_everything: kind(Kind::Everything),
            by_amount: kind(Kind::Amount),
            by_line: kind(Kind::Line),
            amount: all().fold(0, |sum, refund| sum.saturating_add(refund.wish.amount)),
            sellers: parties.of_sellers(),
            marketplace: parties.marketplace,
            accept: Latency::of(played, |times| times.refund),
            succeed: Latency::of(played, |times| times.returned),
        }
    }
}

impl Latency {
    fn of(played: &Played, time: fn(&Times) -> Option<Duration>) -> Self {
        // Three digits; a histogram that cannot be made measures nothing.
        let Ok(mut histogram) = Histogram::<u64>::new_with_max(LATENCY_MAX, 3) else {
            return Self::default();
        };
        for time in played.payments.iter().filter_map(|paid| time(&paid.times)) {
            histogram.saturating_record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
        Self {
            count: histogram.len(),
            p50: histogram.value_at_quantile(0.50),
            p95: histogram.value_at_quantile(0.95),
            p99: histogram.value_at_quantile(0.99),
        }
    }
}

/// What else a reader should know.
fn notes(payments: &Payments, played: &Played, found: &Found, currency: Currency) -> Vec<String> {
    let mut notes = Vec::new();
    if payments.captured_before > 0 {
        notes.push(format!(
            "{} payments were captured before this run: the API knew their keys and answered from its books. No buyer \
             paid again, and the gateway was not called for them.",
            grouped(payments.captured_before)
        ));
    }
    for (reason, times) in &played.retried {
        notes.push(format!(
            "{times} calls were made again, under the same key, after “{reason}”."
        ));
    }
    let others = found.others(played).total().captured;
    if others != 0 {
        let others = money(others, currency);
        notes.push(format!(
            "The balances hold {others} of other sales from before; it is not counted here."
        ));
    }
    if !found.is_compared(played) {
        notes.push(
            "The sandbox's books were not compared: there is none to be asked, or it was started after these payments were \
             captured."
                .to_owned(),
        );
    }
    notes
}

/// Why nothing of a file can be sold, with the first few reasons.
pub(super) fn nothing(sheet: &Sheet) -> String {
    format!("nothing in the file can be sold\n{}", words::left_out(&sheet.left_out))
}

/// A number of things.
pub(super) fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
