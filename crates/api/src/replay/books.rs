//! Finding the file's cents again: in the payments, in the balances, and in the sandbox's own books.

use std::collections::BTreeMap;

use domain::money::Currency;
use serde::{Deserialize, Serialize};

use super::play::{Paid, Played};
use super::report::count;
use super::stage::Stage;
use crate::client::Http;
use crate::print::{grouped, money};

/// Payments that are read of the sandbox's books at one time.
const PAGE: usize = 500;
/// The gateway's number for a payment that succeeded.
const SUCCESS: u8 = 2;

/// What the parties have ever captured, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Captured {
    pub sellers: BTreeMap<String, i64>,
    pub marketplace: i64,
}

/// What the books say before and after.
#[derive(Debug)]
pub(super) struct Found {
    pub before: Captured,
    pub after: Captured,
    /// The sandbox's payments by number, where it could be asked.
    pub sandbox: Option<BTreeMap<u64, Entry>>,
}

/// Something that must be so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// What.
    pub what: String,
    /// Whether it is.
    pub holds: bool,
    /// The figures.
    pub detail: String,
}

/// A payment in the sandbox's books, in hundredths of the unit.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    id: u64,
    status: u8,
    amount: u64,
    splits: Vec<EntrySplit>,
}

#[derive(Clone, Debug, Deserialize)]
struct EntrySplit {
    site_id: u64,
    amount: u64,
    status: u8,
}

#[derive(Deserialize)]
struct Page {
    payments: Vec<Entry>,
}

impl Captured {
    /// All of it.
    pub fn total(&self) -> i64 {
        self.of_sellers().saturating_add(self.marketplace)
    }

    /// All but the marketplace's.
    pub fn of_sellers(&self) -> i64 {
        self.sellers.values().fold(0, |sum, amount| sum.saturating_add(*amount))
    }

    /// What the splits of these payments say.
    pub fn of<'a>(payments: impl IntoIterator<Item = &'a Paid>) -> Self {
        let mut sum = Self::default();
        for split in payments.into_iter().flat_map(|paid| &paid.splits) {
            let own = match &split.seller {
                Some(seller) => sum.sellers.entry(seller.clone()).or_default(),
                None => &mut sum.marketplace,
            };
            *own = own.saturating_add(split.amount_captured);
        }
        sum
    }

    /// What is left without `other`, party by party.
    fn without(&self, other: &Self) -> Self {
        let of = |seller: &String| other.sellers.get(seller).copied().unwrap_or(0);
        Self {
            sellers: self
                .sellers
                .iter()
                .map(|(seller, amount)| (seller.clone(), amount.saturating_sub(of(seller))))
                .collect(),
            marketplace: self.marketplace.saturating_sub(other.marketplace),
        }
    }

    /// The parties that have not the same in both.
    fn differences(&self, other: &Self) -> usize {
        let mut names: Vec<&String> = self.sellers.keys().chain(other.sellers.keys()).collect();
        names.sort();
        names.dedup();
        let of = |captured: &Self, name: &String| captured.sellers.get(name).copied().unwrap_or(0);
        let sellers = names
            .into_iter()
            .filter(|name| of(self, name) != of(other, name))
            .count();
        sellers.saturating_add(usize::from(self.marketplace != other.marketplace))
    }
}

impl Found {
    /// What other sales than the file's had brought before.
    pub fn others(&self, played: &Played) -> Captured {
        self.before
            .without(&Captured::of(played.payments.iter().filter(|paid| paid.already)))
    }

    /// What of the balances is the file's.
    pub fn of_file(&self, played: &Played) -> Captured {
        self.after.without(&self.others(played))
    }

    /// Whether the sandbox's books have anything to say of these payments.
    pub fn is_compared(&self, played: &Played) -> bool {
        let knows = |paid: &Paid| {
            self.sandbox
                .as_ref()
                .is_some_and(|entries| entry_of(entries, paid).is_some())
        };
        self.sandbox.is_some() && played.payments.iter().any(|paid| !paid.already || knows(paid))
    }

    /// Every comparison; `file` is what the buyers of the file pay, in minor units.
    pub fn checks(&self, file: i64, played: &Played, currency: Currency) -> Vec<Check> {
        let amounts = |of: fn(&Paid) -> i64| {
            played
                .payments
                .iter()
                .fold(0_i64, |sum, paid| sum.saturating_add(of(paid)))
        };
        let (asked, captured) = (amounts(|paid| paid.amount), amounts(|paid| paid.captured));
        let found = self.of_file(played);
        let splits = Captured::of(&played.payments);
        let differ = found.differences(&splits);
        let same = |what: &str, one: i64, other: i64| Check {
            what: what.to_owned(),
            holds: one == other,
            detail: compared(one, other, currency),
        };
        let mut checks = vec![
            same("the file = its payments", file, asked),
            same("the file = what was captured", file, captured),
            same(
                "the file = the balances of sellers and marketplace",
                file,
                found.total(),
            ),
            Check {
                what: "each balance = the splits of its payments".to_owned(),
                holds: differ == 0,
                detail: format!(
                    "{} compared, {differ} differ",
                    grouped(count(splits.sellers.len().saturating_add(1)))
                ),
            },
        ];
        let compared = self.sandbox.as_ref().filter(|_| self.is_compared(played));
        checks.extend(compared.map(|entries| agreed(entries, played)));
        checks
    }
}

/// Two amounts that should be one.
pub(super) fn compared(one: i64, other: i64, currency: Currency) -> String {
    if one == other {
        money(one, currency)
    } else {
        format!("{} and not {}", money(one, currency), money(other, currency))
    }
}

/// Whether the sandbox has each payment as we have it, split by split. What is not in its books is not compared.
fn agreed(entries: &BTreeMap<u64, Entry>, played: &Played) -> Check {
    let entry = |paid| entry_of(entries, paid);
    let compared = played.payments.iter().filter(|paid| entry(paid).is_some()).count();
    let differ = played
        .payments
        .iter()
        .filter(|paid| entry(paid).is_some_and(|entry| !entry.says(paid)))
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

fn entry_of<'e>(entries: &'e BTreeMap<u64, Entry>, paid: &Paid) -> Option<&'e Entry> {
    paid.gateway_id.and_then(|id| entries.get(&id))
}

impl Entry {
    fn says(&self, paid: &Paid) -> bool {
        let succeeded = self.status == SUCCESS && self.splits.iter().all(|split| split.status == SUCCESS);
        let mut theirs: Vec<(u64, i64)> = self
            .splits
            .iter()
            .map(|split| (split.site_id, i64::try_from(split.amount).unwrap_or(i64::MAX)))
            .collect();
        let mut ours: Vec<(u64, i64)> = paid
            .splits
            .iter()
            .map(|split| (split.site_id, split.amount_captured))
            .collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        succeeded && i64::try_from(self.amount) == Ok(paid.captured) && theirs == ours
    }
}

/// The sandbox's payments, as far back as ours go; nothing if there is no sandbox to be asked, or if the currency's
/// minor units are not the hundredths that it counts in.
pub(super) async fn of_sandbox(stage: &Stage, played: &Played, currency: Currency) -> Option<BTreeMap<u64, Entry>> {
    let url = stage.sandbox.as_ref().or(played.gateway.as_ref())?;
    let oldest = played
        .payments
        .iter()
        .filter_map(|paid| paid.gateway_id)
        .min()
        .unwrap_or(0);
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

async fn page(http: &Http, url: &str, before: Option<u64>) -> Option<Vec<Entry>> {
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    let reply = http
        .get(&format!("{url}/_sandbox/books?requests=0&limit={PAGE}{before}"))
        .await
        .ok()?;
    let page: Page = reply.expect(&[200]).ok()?.json().ok()?;
    Some(page.payments)
}
