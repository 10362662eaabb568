//! `GET /v1/payments`: the list with its filters, whose names may be written in any case.

use super::{
    Acted, Core,
    document::{Document, Moment},
    exchange::Response,
    payment::Payment,
    refusal::{Refusal, Resource, SaidBack},
    stamp,
};
use serde::Serialize;
use std::cmp::Ordering;

/// Payments on a page unless the request says otherwise.
const PAGE_SIZE: usize = 50;
/// Payments on a page at most.
const PAGE_SIZE_MAX: usize = 1_000;

#[derive(Debug, Default)]
struct Filters {
    page_size: Option<usize>,
    page_index: Option<usize>,
    /// The card host counts in payments rather than in pages.
    offset: Option<usize>,
    ascending: bool,
    sort_by: SortBy,
    start: Option<u64>,
    end: Option<u64>,
    method: Option<u32>,
    country: Option<String>,
    currency: Option<String>,
    minimum: Option<u64>,
    maximum: Option<u64>,
    reference: Option<String>,
    status: Option<u8>,
    /// A filter that no payment here can match: recurring payments, numbers of the provider.
    nothing: bool,
}

#[derive(Debug, Default, Clone, Copy)]
enum SortBy {
    #[default]
    Id,
    Reference,
    Created,
    Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    payments: Vec<Document<'a>>,
    total_pages: usize,
    page_size: usize,
    page_index: usize,
    count: usize,
    total_count: usize,
}

impl Core {
    /// Answers `GET /v1/payments`.
    pub(super) fn list(&mut self, query: &str) -> Acted {
        let filters = match Filters::read(query) {
            Ok(filters) => filters,
            Err(field) => {
                let refusals = [Refusal::new(2, field)];
                return self.refuse(Resource::Payment, &refusals, SaidBack::default());
            }
        };
        let matching = self.matching(&filters);
        let page_size = filters
            .page_size
            .filter(|size| *size > 0)
            .unwrap_or(PAGE_SIZE)
            .min(PAGE_SIZE_MAX);
        let page_index = filters.page_index.unwrap_or(1).max(1);
        let total_count = matching.len();
        let first = filters
            .offset
            .unwrap_or_else(|| (page_index - 1).saturating_mul(page_size));
        let moment = if self.config.list_omits_details {
            Moment::Listed
        } else {
            Moment::Later
        };
        let payments: Vec<_> = matching
            .into_iter()
            .skip(first)
            .take(page_size)
            .map(|payment| Document::new(payment, &self.face(payment.id, moment)))
            .collect();
        let count = payments.len();
        let total_pages = total_count.div_ceil(page_size);
        Acted::plain(Response::json(
            200,
            &Page {
                payments,
                total_pages,
                page_size,
                page_index,
                count,
                total_count,
            },
        ))
    }

    /// The payments that pass, in the order that was asked for. One reference is found without a search.
    fn matching(&self, filters: &Filters) -> Vec<&Payment> {
        let reference = filters.reference.as_deref().filter(|_| !self.config.filter_ignored);
        let mut found: Vec<&Payment> = match reference {
            Some(reference) => self
                .books
                .with_reference(reference)
                .filter(|payment| filters.pass(payment, self.config.filter_ignored))
                .collect(),
            None => self
                .books
                .all()
                .iter()
                .filter(|payment| filters.pass(payment, self.config.filter_ignored))
                .collect(),
        };
        match filters.sort_by {
            SortBy::Id => {}
            SortBy::Reference => found.sort_by(|a, b| by(&a.reference, &b.reference, a, b)),
            SortBy::Created => found.sort_by(|a, b| by(&a.created, &b.created, a, b)),
            SortBy::Amount => found.sort_by(|a, b| by(&a.amount, &b.amount, a, b)),
        }
        if !filters.ascending {
            found.reverse();
        }
        found
    }
}

/// Equal keys keep the order of the numbers, so that pages do not overlap.
fn by<K: Ord + ?Sized>(a_key: &K, b_key: &K, a: &Payment, b: &Payment) -> Ordering {
    a_key.cmp(b_key).then(a.id.cmp(&b.id))
}

impl Filters {
    /// Reads the query; a value that is not what its name asks for is refused by the name of its filter.
    fn read(query: &str) -> Result<Self, &'static str> {
        let mut filters = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if value.is_empty() {
                continue;
            }
            let value = value.as_ref();
            match name.to_ascii_lowercase().as_str() {
                "pagesize" => filters.page_size = Some(value.parse().map_err(|_| "pageSize")?),
                "limit" => filters.page_size = Some(value.parse().map_err(|_| "limit")?),
                "offset" => filters.offset = Some(value.parse().map_err(|_| "offset")?),
                "pageindex" => filters.page_index = Some(value.parse().map_err(|_| "pageIndex")?),
                "sortdirection" => filters.ascending = value.eq_ignore_ascii_case("asc"),
                "sortby" => filters.sort_by = SortBy::read(value),
                "startdate" => filters.start = Some(stamp::read_seconds(value).ok_or("startDate")?),
                "enddate" => filters.end = Some(stamp::read_seconds(value).ok_or("endDate")?),
                "methodid" => filters.method = Some(value.parse().map_err(|_| "methodID")?),
                "country" => filters.country = Some(value.to_ascii_uppercase()),
                "currency" => filters.currency = Some(value.to_ascii_uppercase()),
                "minimumamount" => filters.minimum = Some(value.parse().map_err(|_| "minimumAmount")?),
                "maximumamount" => filters.maximum = Some(value.parse().map_err(|_| "maximumAmount")?),
                "merchanttransactionid" => filters.reference = Some(value.to_owned()),
                "statusid" => filters.status = Some(value.parse().map_err(|_| "statusID")?),
                "methodtransactionid" => filters.nothing = true,
                "typeid" => filters.nothing |= value != "1",
                _ => {}
            }
        }
        Ok(filters)
    }

    fn pass(&self, payment: &Payment, ignored: bool) -> bool {
        let created = payment.created / stamp::MICROS_PER_SECOND;
        let start = self.start.filter(|_| !ignored);
        let end = self.end.filter(|_| !ignored);
        !self.nothing
            && start.is_none_or(|start| created >= start)
            && end.is_none_or(|end| created <= end)
            && self.method.is_none_or(|method| payment.method == Some(method))
            && self
                .country
                .as_ref()
                .is_none_or(|country| payment.country.is_some_and(|c| c == country.as_bytes()))
            && self
                .currency
                .as_ref()
                .is_none_or(|currency| payment.currency() == currency)
            && self.minimum.is_none_or(|minimum| payment.amount >= minimum)
            && self.maximum.is_none_or(|maximum| payment.amount <= maximum)
            && self.status.is_none_or(|status| payment.status.0 == status)
    }
}

impl SortBy {
    fn read(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "merchanttransactionid" => Self::Reference,
            "inputdatetime" => Self::Created,
            "amount" => Self::Amount,
            _ => Self::Id,
        }
    }
}
