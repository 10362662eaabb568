//! Which items a list has, as the query says it.

use std::fmt::Display;
use std::str::FromStr;

use actix_web::http::StatusCode;
use domain::discrepancy::{DiscrepancyKind, DiscrepancyState};
use domain::ids::{CustomerId, OperationId, OrderId, PaymentId, SellerId};
use domain::money::Currency;
use domain::operation::OperationState;
use domain::payment::{Phase, Refunded};
use domain::time::Timestamp;
use engine::ledger::EntryQuery;
use engine::operations::DiscrepancyQuery;
use engine::payments::PaymentQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::extract::{Limit, spelled};
use crate::problem::Problem;

/// Where a list begins and how much of it is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    /// 1 to 100 items; 20 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub(super) limit: Limit,
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

impl Paging {
    /// The last item of the page before.
    pub(super) fn cursor<T: FromStr<Err: Display>>(&self) -> Result<Option<T>, Problem> {
        let read = self.cursor.as_deref().map(str::parse).transpose();
        read.map_err(|error: T::Err| {
            Problem::at(
                StatusCode::BAD_REQUEST,
                "?cursor",
                "parameter_invalid",
                error.to_string(),
            )
        })
    }
}

/// Which payments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentFilter {
    /// Where they stand.
    #[param(value_type = Option<String>)]
    pub(super) status: Option<Phase>,
    /// Whose share they hold.
    #[param(value_type = Option<String>)]
    pub(super) seller: Option<SellerId>,
    /// Of which order.
    #[param(value_type = Option<String>)]
    pub(super) order: Option<OrderId>,
    /// Of which customer.
    #[param(value_type = Option<String>)]
    pub(super) customer: Option<CustomerId>,
    /// Whether a discrepancy holds them.
    #[serde(default, deserialize_with = "spelled")]
    pub(super) held: Option<bool>,
    /// How much went back: `none`, `partly` or `fully`.
    #[param(value_type = Option<String>)]
    pub(super) refunded: Option<Refunded>,
    /// Whose authorization lapses before this moment, RFC 3339.
    #[serde(default, deserialize_with = "spelled")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) expiring_before: Option<Timestamp>,
    /// Made at this moment or later, RFC 3339.
    #[serde(default, deserialize_with = "spelled")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) created_from: Option<Timestamp>,
    /// Made before this moment, RFC 3339.
    #[serde(default, deserialize_with = "spelled")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) created_to: Option<Timestamp>,
    /// 1 to 100 items; 20 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub(super) limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<PaymentId>,
}

impl From<PaymentFilter> for PaymentQuery {
    fn from(filter: PaymentFilter) -> Self {
        let PaymentFilter {
            status,
            seller,
            order,
            customer,
            held,
            refunded,
            expiring_before,
            created_from,
            created_to,
            limit,
            cursor,
        } = filter;
        Self {
            status,
            seller,
            order,
            customer,
            held,
            refunded,
            expiring_before,
            created_from,
            created_to,
            cursor,
            limit: limit.0,
        }
    }
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryFilter {
    /// In this currency.
    #[param(value_type = Option<String>)]
    pub(super) currency: Option<Currency>,
    /// Recorded at this moment or later, RFC 3339.
    #[serde(default, deserialize_with = "spelled")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) from: Option<Timestamp>,
    /// Recorded before this moment, RFC 3339.
    #[serde(default, deserialize_with = "spelled")]
    #[param(value_type = Option<String>, format = DateTime)]
    pub(super) to: Option<Timestamp>,
    /// 1 to 100 items; 20 unless said. A CSV statement is whole.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub(super) limit: Limit,
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

impl From<EntryFilter> for EntryQuery {
    fn from(filter: EntryFilter) -> Self {
        let EntryFilter {
            currency,
            from,
            to,
            limit,
            cursor,
        } = filter;
        Self {
            currency,
            from,
            to,
            cursor,
            limit: limit.0,
        }
    }
}

/// Which operations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationFilter {
    /// In this state; without it, all that have not ended.
    #[param(value_type = Option<String>)]
    pub(super) state: Option<OperationState>,
    /// 1 to 100 items; 20 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub(super) limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<OperationId>,
}

/// Which differences.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscrepancyFilter {
    /// `open`, those that wait; `closed`; or `all`. `open` unless said.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub(super) state: Waiting,
    /// Of this kind.
    #[param(value_type = Option<String>)]
    pub(super) kind: Option<DiscrepancyKind>,
    /// Of this payment.
    #[param(value_type = Option<String>)]
    pub(super) payment: Option<PaymentId>,
    /// 1 to 100 items; 20 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    pub(super) limit: Limit,
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

/// The state that differences are listed in.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Waiting {
    /// They wait for the gateway or for a person.
    #[default]
    Open,
    /// They were settled, or were evidence only.
    Closed,
    /// All of them.
    All,
}

impl From<DiscrepancyFilter> for DiscrepancyQuery {
    fn from(filter: DiscrepancyFilter) -> Self {
        let DiscrepancyFilter {
            state,
            kind,
            payment,
            limit,
            cursor,
        } = filter;
        Self {
            state: match state {
                Waiting::Open => Some(DiscrepancyState::Open),
                Waiting::Closed => Some(DiscrepancyState::Closed),
                Waiting::All => None,
            },
            kind,
            payment,
            cursor,
            limit: limit.0,
        }
    }
}

/// The payments that a query asks for.
pub(crate) fn payments_asked_for(query: &str) -> Result<PaymentQuery, Problem> {
    crate::extract::parameters::<PaymentFilter>(query).map(PaymentQuery::from)
}
