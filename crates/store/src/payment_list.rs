//! Lists of payments. They walk the order of their ids, which is that of their making.

use diesel::prelude::*;
use domain::ids::{CustomerId, OrderId, PaymentId, SellerId};
use domain::payment::{Payment, Phase, Refunded};
use domain::time::Timestamp;

use crate::connection::MultiBackend;
use crate::error::StoreError;
use crate::schema::{payments, splits};
use crate::text;
use crate::tx::Tx;

/// Which payments to list; every field that is set narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Where they stand.
    pub phase: Option<Phase>,
    /// Whose split they have.
    pub seller: Option<SellerId>,
    /// Of which order.
    pub order: Option<OrderId>,
    /// Of which customer.
    pub customer: Option<CustomerId>,
    /// Whether an open discrepancy stops them.
    pub held: Option<bool>,
    /// Whether they were sold with a live key.
    pub live: Option<bool>,
    /// How much of them is back with the buyer.
    pub refunded: Option<Refunded>,
    /// Whose authorizations lapse before this moment.
    pub expiring_before: Option<Timestamp>,
    /// Decided at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Decided before this moment.
    pub created_to: Option<Timestamp>,
    /// Only older ones than this.
    pub before: Option<PaymentId>,
    /// At most so many.
    pub limit: usize,
}

/// Narrows a boxed query by what the filter names of the payment itself.
macro_rules! narrowed {
    ($query:ident by $filter:ident) => {
        if let Some(phase) = $filter.phase {
            $query = $query.filter(payments::phase.eq(phase.as_str()));
        }
        if let Some(order) = &$filter.order {
            $query = $query.filter(payments::order_id.eq(order.as_str()));
        }
        if let Some(customer) = &$filter.customer {
            $query = $query.filter(payments::customer_id.eq(customer.as_str()));
        }
        if let Some(held) = $filter.held {
            $query = $query.filter(payments::held.eq(held));
        }
        if let Some(live) = $filter.live {
            $query = $query.filter(payments::live.eq(live));
        }
        if let Some(refunded) = $filter.refunded {
            $query = $query.filter(payments::refunded.eq(refunded.as_str()));
        }
        if let Some(moment) = $filter.expiring_before {
            $query = $query.filter(payments::expires_at.lt(moment.micros()));
        }
        if let Some(from) = $filter.created_from {
            $query = $query.filter(payments::created_at.ge(from.micros()));
        }
        if let Some(to) = $filter.created_to {
            $query = $query.filter(payments::created_at.lt(to.micros()));
        }
    };
}

impl Tx<'_> {
    /// Payments, newest first.
    pub fn payments(&mut self, filter: &PaymentFilter) -> Result<Vec<Payment>, StoreError> {
        let before = filter.before.map(|id| id.to_string());
        let ids = if let Some(seller) = &filter.seller {
            let mut query = splits::table
                .inner_join(payments::table)
                .filter(splits::seller_id.eq(seller.as_str()))
                .select(splits::payment_id)
                .distinct()
                .order(splits::payment_id.desc())
                .limit(text::limit(filter.limit))
                .into_boxed::<MultiBackend>();
            if let Some(before) = before {
                query = query.filter(splits::payment_id.lt(before));
            }
            narrowed!(query by filter);
            query.load::<String>(self.connection)?
        } else {
            let mut query = payments::table
                .select(payments::payment_id)
                .order(payments::payment_id.desc())
                .limit(text::limit(filter.limit))
                .into_boxed::<MultiBackend>();
            if let Some(before) = before {
                query = query.filter(payments::payment_id.lt(before));
            }
            narrowed!(query by filter);
            query.load::<String>(self.connection)?
        };
        self.payments_of(&ids)
    }

    /// The ids of all payments in their order, which is that of their making; `after` continues.
    pub fn payment_ids(&mut self, after: Option<PaymentId>, limit: usize) -> Result<Vec<PaymentId>, StoreError> {
        let ids = payments::table
            .filter(payments::payment_id.gt(after.map_or_else(String::new, |id| id.to_string())))
            .order(payments::payment_id)
            .limit(text::limit(limit))
            .select(payments::payment_id)
            .load::<String>(self.connection)?;
        ids.iter().map(|id| text::id(id)).collect()
    }
}
