//! The books as they are shown to tests and people: `GET /_sandbox/books`.

use super::{
    Core,
    entries::{KeptCardEntry, PaymentEntry},
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
    /// Whether to show the kept cards too.
    pub cards: bool,
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
                "cards" => read.cards = value == "true",
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
    /// The kept cards, by token; empty unless asked for.
    pub cards: Vec<KeptCardEntry>,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What was taken from the buyers for them.
    pub amount_captured: u64,
    /// What succeeded refunds gave back of that.
    pub amount_refunded: u64,
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
            cards: self.kept_cards().filter(|_| query.cards).collect(),
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

    fn add_up(&self, by_site: bool) -> (Vec<Total>, Vec<SiteTotal>) {
        let mut totals: BTreeMap<([u8; 3], u8), (u64, u64)> = BTreeMap::new();
        let mut sites: BTreeMap<(u64, [u8; 3], u8), SiteTotal> = BTreeMap::new();
        for payment in self.books.all() {
            let (count, sum) = totals.entry((payment.currency, payment.status.0)).or_default();
            *count = count.saturating_add(1);
            *sum = sum.saturating_add(payment.amount);
            for split in payment.splits.iter().filter(|_| by_site) {
                let key = (split.site, payment.currency, split.status.0);
                let total = sites.entry(key).or_insert_with(|| SiteTotal {
                    site_id: split.site,
                    currency: payment.currency().to_owned(),
                    status: split.status.0,
                    ..SiteTotal::default()
                });
                total.count = total.count.saturating_add(1);
                total.amount = total.amount.saturating_add(split.amount);
                total.amount_captured = total.amount_captured.saturating_add(split.paid);
                let refunded = payment.refunded(Some(split.id));
                total.amount_refunded = total.amount_refunded.saturating_add(refunded);
            }
        }
        let totals = totals.into_iter().map(|((currency, status), (count, amount))| Total {
            currency: String::from_utf8_lossy(&currency).into_owned(),
            status,
            count,
            amount,
        });
        (totals.collect(), sites.into_values().collect())
    }
}
