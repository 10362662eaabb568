//! The sandbox's own books, against ours.

use std::collections::BTreeMap;

use domain::money::Currency;
use serde::Deserialize;

use super::books::Check;
use super::paid::{Paid, Payment};
use super::play::Played;
use super::report::count;
use super::stage::Stage;
use crate::client::Http;
use crate::print::grouped;

/// Payments that are read of the sandbox's books at one time.
const PAGE: usize = 500;

/// A payment in the sandbox's books, in hundredths of the unit.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    id: u64,
    amount_captured: i64,
    amount_refunded: i64,
    splits: Vec<EntrySplit>,
}

#[derive(Clone, Debug, Deserialize)]
struct EntrySplit {
    site_id: u64,
    amount_captured: i64,
    amount_refunded: i64,
}

#[derive(Deserialize)]
struct Page {
    payments: Vec<Entry>,
}

/// The sandbox's payments, as far back as ours go; nothing if there is no sandbox to be asked, or if the currency's
/// minor units are not the hundredths that it counts in.
pub(super) async fn books(stage: &Stage, played: &Played, currency: Currency) -> Option<BTreeMap<u64, Entry>> {
    let url = stage.sandbox.as_ref().or(played.gateway.as_ref())?;
    let numbers = played.payments.iter().filter_map(number);
    let oldest = numbers.min().unwrap_or(0);
    let mut entries = BTreeMap::new();
    let mut before = None;
    while currency.exponent() == 2 {
        let page = page(&stage.http, url, before).await?;
        let last = page.last().map(|entry| entry.id);
        let is_last = page.len() < PAGE || last.is_none_or(|id| id <= oldest);
        entries.extend(page.into_iter().map(|entry| (entry.id, entry)));
        if is_last {
            return Some(entries);
        }
        before = last;
    }
    None
}

/// Whether the sandbox has each payment as we have it, split by split, captured and refunded. What is not in its books is
/// not compared.
pub(super) fn agreed(entries: &BTreeMap<u64, Entry>, played: &Played) -> Check {
    let entry = |paid| entry_of(entries, paid);
    let compared = played.payments.iter().filter(|paid| entry(paid).is_some()).count();
    let differ = played
        .payments
        .iter()
        .filter(|paid| entry(paid).is_some_and(|entry| !entry.says(&paid.payment)))
        .count();
    // What was captured before may have been captured at another sandbox, which is gone.
    let missing = played
        .payments
        .iter()
        .filter(|paid| entry(paid).is_none() && !paid.already)
        .count();
    Check {
        what: "our books = the sandbox's, split by split".to_owned(),
        holds: differ == 0 && missing == 0,
        detail: format!(
            "{} compared, {differ} differ, {missing} missing there",
            grouped(count(compared))
        ),
    }
}

/// What the sandbox's books gave back of these payments; nothing where it does not know all of them.
pub(super) fn refunded(entries: &BTreeMap<u64, Entry>, played: &Played) -> Option<i64> {
    let mut sum = 0_i64;
    for paid in &played.payments {
        sum = sum.saturating_add(entry_of(entries, paid)?.amount_refunded);
    }
    Some(sum)
}

/// What the sandbox has of a payment.
pub(super) fn entry_of<'e>(entries: &'e BTreeMap<u64, Entry>, paid: &Paid) -> Option<&'e Entry> {
    number(paid).and_then(|id| entries.get(&id))
}

fn number(paid: &Paid) -> Option<u64> {
    paid.payment.gateway.as_ref().map(|gateway| gateway.payment_id)
}

impl Entry {
    fn says(&self, payment: &Payment) -> bool {
        let mut theirs: Vec<(u64, i64, i64)> = self
            .splits
            .iter()
            .map(|split| (split.site_id, split.amount_captured, split.amount_refunded))
            .collect();
        let mut ours: Vec<(u64, i64, i64)> = payment
            .splits
            .iter()
            .map(|split| (split.site_id, split.amount_captured, split.amount_refunded))
            .collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        (self.amount_captured, self.amount_refunded) == (payment.amount_captured, payment.amount_refunded)
            && theirs == ours
    }
}

async fn page(http: &Http, url: &str, before: Option<u64>) -> Option<Vec<Entry>> {
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    let reply = http
        .get(&format!("{url}/_sandbox/books?requests=0&limit={PAGE}{before}"))
        .await
        .ok()?;
    let page: Page = reply.expect(&[200]).ok()?.json().ok()?;
    Some(page.payments)
}
