//! Walking the gateway's own list of payments, page by page: what it says is checked, never trusted.

use domain::ids::{GatewayId, Reference};
use domain::money::{Currency, Money};
use domain::sight::{GatewayRef, Host};
use domain::time::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::answer::{self, Answer, Asked};
use crate::client::{Call, Client, Outgoing};
use crate::error::GatewayError;
use crate::wire;

/// How many payments a page is asked for. The gateway may send fewer.
const PAGE_SIZE: u32 = 50;

/// The method number that says of a payment that the card host holds it (gateway.md §4).
const CARD_METHOD: i64 = 6;

/// One page of the gateway's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPage {
    /// The payments of the period that are this host's.
    pub items: Vec<Listed>,
    /// How many were listed that were not asked for: made outside of the period, so the filter was not obeyed.
    pub strangers: usize,
    /// Where the next page begins; none behind the last.
    pub next: Option<u32>,
}

/// One payment as the list shows it: "only a limited amount of details".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its identity.
    pub at: GatewayRef,
    /// The `MerchantTransactionID` it carries, where the list says it.
    pub reference: Option<Reference>,
    /// The whole amount, where the list says it.
    pub amount: Option<Money>,
    /// Its status number and the gateway's name for it, where the list says them.
    pub status: Option<String>,
    /// When it was made, to the second, where the list says it.
    pub created: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    #[serde(rename = "ID")]
    id: Option<wire::Id>,
    #[serde(rename = "MerchantTransactionID")]
    reference: Option<wire::Scalar>,
    #[serde(rename = "MethodID")]
    method: Option<wire::Scalar>,
    #[serde(rename = "Created")]
    created: Option<wire::Scalar>,
    #[serde(rename = "Amount")]
    amount: Option<wire::Amount>,
    #[serde(rename = "Currency")]
    currency: Option<wire::Scalar>,
    #[serde(rename = "Status")]
    status: Option<wire::Status>,
}

impl Client {
    /// `GET /v1/payments?startDate=…&endDate=…`, one page, in the order of the gateway's ids, from `place` on: the number
    /// of a page, or on the card host how many payments are before it (gateway.md §1.4). `to` is not part of the period.
    pub async fn list(
        &self,
        host: Host,
        from: Timestamp,
        to: Timestamp,
        place: u32,
        call: Call,
    ) -> Result<ListedPage, GatewayError> {
        let last = Timestamp::from_micros(to.micros().saturating_sub(1));
        let written = |at: Timestamp| moment(at).and_then(wire::date::format);
        let (Some(start), Some(end)) = (written(from), written(last)) else {
            return Err(GatewayError::not_sent("the period cannot be written"));
        };
        let (size, place_text) = (PAGE_SIZE.to_string(), place.to_string());
        let (sized, placed) = match host {
            Host::Pay => ("pageSize", "pageIndex"),
            Host::Cards => ("limit", "offset"),
        };
        let query = [
            ("startDate", start.as_str()),
            ("endDate", end.as_str()),
            ("sortDirection", "asc"),
            (sized, size.as_str()),
            (placed, place_text.as_str()),
        ];
        let answer = self
            .send(Outgoing {
                host,
                method: Method::GET,
                template: "/v1/payments?startDate={from}&endDate={to}",
                path: &["v1", "payments"],
                query: &query,
                body: None,
                request_id: &call.request_id.to_string(),
                not_after: call.not_after,
            })
            .await?;
        page(host, (second(from), second(last)), place, &answer)
    }
}

fn page(host: Host, (first, last): (i64, i64), place: u32, answer: &Answer) -> Result<ListedPage, GatewayError> {
    if !answer.is_success() {
        return Err(answer::refused(host, Asked::List, answer));
    }
    let list = serde_json::from_slice::<wire::PaymentList<Item>>(&answer.body);
    let list = list.map_err(|_| GatewayError::garbled("the body is not a list of payments"))?;
    let (Some(items), None) = (list.payments, list.error) else {
        return Err(GatewayError::garbled("the list has no payments"));
    };
    let next = match host {
        _ if items.is_empty() => None,
        // Nobody documents whether pages are counted from 0 or from 1: the one that counts from 1 says so.
        Host::Pay => {
            let index = list.page_index.and_then(|index| u32::try_from(index).ok());
            let next = place.max(index.unwrap_or(0)).saturating_add(1);
            let behind = list.total_pages.is_some_and(|pages| u64::from(next) > pages);
            (!behind).then_some(next)
        }
        Host::Cards => {
            let counted = u32::try_from(items.len()).unwrap_or(u32::MAX);
            let next = place.saturating_add(counted);
            let behind = list.total_count.is_some_and(|total| u64::from(next) >= total);
            (!behind).then_some(next)
        }
    };
    let mut page = ListedPage {
        items: Vec::new(),
        strangers: 0,
        next: next.filter(|next| *next <= PLACES_MAX),
    };
    for item in items {
        // Where both hosts answer at one address, each lists the other's, too.
        let method = item.method.as_ref().and_then(wire::Scalar::number);
        if method.is_some_and(|method| (method == CARD_METHOD) != (host == Host::Cards)) {
            continue;
        }
        let one = listed(host, item)?;
        if one.created.is_some_and(|at| !(first..=last).contains(&second(at))) {
            page.strangers = page.strangers.saturating_add(1);
        } else {
            page.items.push(one);
        }
    }
    Ok(page)
}

fn listed(host: Host, item: Item) -> Result<Listed, GatewayError> {
    let id = item
        .id
        .ok_or_else(|| GatewayError::garbled("a listed payment has no id"))?;
    let currency = item.currency.and_then(|code| code.to_string().parse::<Currency>().ok());
    let amount = currency
        .zip(item.amount)
        .and_then(|(currency, amount)| Money::from_hundredths(currency, amount.0).ok());
    let status = item.status.and_then(|status| {
        let info = status.info.unwrap_or_default();
        status.id.map(|id| format!("{id} {info}").trim_end().to_owned())
    });
    let created = item.created.and_then(|text| wire::date::parse(&text.to_string()));
    Ok(Listed {
        at: GatewayRef {
            host,
            id: GatewayId::new(id.0),
        },
        reference: item.reference.and_then(|text| text.to_string().parse().ok()),
        amount,
        status,
        created: created.map(|at| Timestamp::from_micros(at.unix_timestamp().saturating_mul(1_000_000))),
    })
}

fn moment(at: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(second(at)).ok()
}

/// The gateway counts whole seconds.
fn second(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// Behind this place no list is followed: one that never ends says nothing.
const PLACES_MAX: u32 = 1_000_000;
