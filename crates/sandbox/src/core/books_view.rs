//! The books as they are shown to tests and people: `GET /_sandbox/books`.

use super::{
    Core,
    outbox::NotificationCounts,
    payment::Payment,
    seen::{SeenDelivery, SeenRequest},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Payments shown unless the query says otherwise.
const PAYMENTS_SHOWN: usize = 100;
/// Requests and deliveries shown unless the query says otherwise.
const REQUESTS_SHOWN: usize = 100;

/// Which part of the books is wanted: the query of `GET /_sandbox/books`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BooksQuery {
    /// Only the payment with this number, and the requests and deliveries about it.
    pub id: Option<u64>,
    /// Only payments with this `MerchantTransactionID`.
    pub reference: Option<String>,
    /// Only payments in this status.
    pub status: Option<u8>,
    /// Only payments with a number below this one: for reading on where the last page ended.
    pub before: Option<u64>,
    /// At most so many payments, newest first (100).
    pub limit: Option<usize>,
    /// At most so many of the last requests and deliveries (100).
    pub requests: Option<usize>,
    /// Whether to add up per site too.
    pub sites: bool,
}

impl BooksQuery {
    /// Reads a query string; unknown names are refused.
    pub(crate) fn read(query: &str) -> Result<Self, String> {
        let mut read = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let bad = |_| format!("{name}: not a number");
            match name.as_ref() {
                "id" => read.id = Some(value.parse().map_err(bad)?),
                "reference" => read.reference = Some(value.into_owned()),
                "status" => read.status = Some(value.parse().map_err(bad)?),
                "before" => read.before = Some(value.parse().map_err(bad)?),
                "limit" => read.limit = Some(value.parse().map_err(bad)?),
                "requests" => read.requests = Some(value.parse().map_err(bad)?),
                "sites" => read.sites = value == "true",
                _ => return Err(format!("unknown field `{name}`")),
            }
        }
        Ok(read)
    }

    fn wants(&self, payment: &Payment) -> bool {
        self.id.is_none_or(|id| payment.id == id)
            && self.status.is_none_or(|status| payment.status.0 == status)
            && self.before.is_none_or(|before| payment.id < before)
    }
}

/// The books, or the part of them that was asked for. Amounts are in hundredths of the currency's unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Books {
    /// The sandbox's own time, in microseconds since 1970 UTC.
    pub now_micros: u64,
    /// How many payments there are in all.
    pub payments_total: usize,
    /// All payments added up, whatever was asked for.
    pub totals: Vec<Total>,
    /// All splits added up per site; empty unless asked for.
    pub sites: Vec<SiteTotal>,
    /// The payments that were asked for, newest first.
    pub payments: Vec<PaymentEntry>,
    /// How many requests there were in all.
    pub requests_total: u64,
    /// The last of them, oldest first.
    pub requests: Vec<SeenRequest>,
    /// How many notifications went which way.
    pub notifications: NotificationCounts,
    /// The last attempts to notify, oldest first.
    pub deliveries: Vec<SeenDelivery>,
}

/// The payments of one currency and status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// ISO 4217.
    pub currency: String,
    /// The gateway's status number.
    pub status: u8,
    /// How many.
    pub count: u64,
    /// What they come to.
    pub amount: u64,
}

/// The splits of one site, currency and status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTotal {
    /// Who receives.
    pub site_id: u64,
    /// ISO 4217.
    pub currency: String,
    /// The gateway's status number.
    pub status: u8,
    /// How many.
    pub count: u64,
    /// What they come to.
    pub amount: u64,
}

/// A payment in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEntry {
    /// The gateway's number.
    pub id: u64,
    /// `MerchantTransactionID`.
    pub reference: String,
    /// `OriginatorTransactionID`.
    pub originator_reference: Option<String>,
    /// The status number.
    pub status: u8,
    /// Its name.
    pub status_info: String,
    /// What the buyer pays.
    pub amount: u64,
    /// What was captured, once a capture says so.
    pub captured: Option<u64>,
    /// ISO 4217.
    pub currency: String,
    /// `MethodID`.
    pub method_id: Option<u32>,
    /// The `SiteID` the gateway shows.
    pub site_id: u64,
    /// In microseconds since 1970 UTC.
    pub created_micros: u64,
    /// The page where the buyer pays.
    pub pay_url: String,
    /// The legs.
    pub splits: Vec<SplitEntry>,
}

/// A split in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitEntry {
    /// The gateway's number.
    pub id: u64,
    /// Who receives.
    pub site_id: u64,
    /// How much.
    pub amount: u64,
    /// What was captured, once a capture says so.
    pub captured: Option<u64>,
    /// The status number.
    pub status: u8,
    /// `MerchantTransactionID`.
    pub reference: Option<String>,
    /// `OriginatorTransactionID`.
    pub originator_reference: Option<String>,
}

impl Core {
    /// The books, or the part of them that `query` asks for.
    pub fn books(&self, now_micros: u64, query: &BooksQuery) -> Books {
        let limit = query.limit.unwrap_or(PAYMENTS_SHOWN);
        let payments: Vec<_> = match (&query.id, &query.reference) {
            (Some(id), _) => self
                .books
                .get(*id)
                .into_iter()
                .filter(|payment| query.wants(payment))
                .collect(),
            (None, Some(reference)) => self
                .books
                .with_reference(reference)
                .filter(|payment| query.wants(payment))
                .collect(),
            (None, None) => self
                .books
                .all()
                .iter()
                .rev()
                .filter(|payment| query.wants(payment))
                .take(limit)
                .collect(),
        };
        let kept = query.requests.unwrap_or(REQUESTS_SHOWN);
        let about = |payment: Option<u64>| query.id.is_none() || payment == query.id;
        let (totals, sites) = self.add_up(query.sites);
        Books {
            now_micros: now_micros.saturating_add(self.clock_offset_micros),
            payments_total: self.books.all().len(),
            totals,
            sites,
            payments: payments
                .into_iter()
                .take(limit)
                .map(|payment| self.entry(payment))
                .collect(),
            requests_total: self.requests.total(),
            requests: self
                .requests
                .last(kept, |seen| about(seen.payment))
                .into_iter()
                .map(SeenRequest::from)
                .collect(),
            notifications: self.outbox.counts(),
            deliveries: self
                .deliveries
                .last(kept, |seen| about(seen.payment))
                .into_iter()
                .cloned()
                .collect(),
        }
    }

    /// One payment as the books have it.
    pub fn payment(&self, id: u64) -> Option<PaymentEntry> {
        self.books.get(id).map(|payment| self.entry(payment))
    }

    fn add_up(&self, by_site: bool) -> (Vec<Total>, Vec<SiteTotal>) {
        let mut totals: BTreeMap<([u8; 3], u8), (u64, u64)> = BTreeMap::new();
        let mut sites: BTreeMap<(u64, [u8; 3], u8), (u64, u64)> = BTreeMap::new();
        for payment in self.books.all() {
            add(
                totals.entry((payment.currency, payment.status.0)).or_default(),
                payment.amount,
            );
            for split in payment.splits.iter().filter(|_| by_site) {
                add(
                    sites.entry((split.site, payment.currency, split.status.0)).or_default(),
                    split.amount,
                );
            }
        }
        let name = |letters: [u8; 3]| String::from_utf8_lossy(&letters).into_owned();
        let totals = totals.into_iter().map(|((currency, status), (count, amount))| {
            let currency = name(currency);
            Total {
                currency,
                status,
                count,
                amount,
            }
        });
        let sites = sites.into_iter().map(|((site_id, currency, status), (count, amount))| {
            let currency = name(currency);
            SiteTotal {
                site_id,
                currency,
                status,
                count,
                amount,
            }
        });
        (totals.collect(), sites.collect())
    }

    fn entry(&self, payment: &Payment) -> PaymentEntry {
        let splits = payment.splits.iter().map(|split| SplitEntry {
            id: split.id,
            site_id: split.site,
            amount: split.amount,
            captured: split.captured,
            status: split.status.0,
            reference: split.reference.as_ref().map(|text| text.as_str().to_owned()),
            originator_reference: split.originator.as_ref().map(|text| text.as_str().to_owned()),
        });
        PaymentEntry {
            id: payment.id,
            reference: payment.reference.as_ref().to_owned(),
            originator_reference: payment.originator.as_deref().map(str::to_owned),
            status: payment.status.0,
            status_info: payment.status.info().to_owned(),
            amount: payment.amount,
            captured: payment.captured,
            currency: payment.currency().to_owned(),
            method_id: payment.method,
            site_id: payment.site,
            created_micros: payment.created,
            pay_url: self.pay_url(payment),
            splits: splits.collect(),
        }
    }
}

fn add((count, sum): &mut (u64, u64), amount: u64) {
    *count = count.saturating_add(1);
    *sum = sum.saturating_add(amount);
}
