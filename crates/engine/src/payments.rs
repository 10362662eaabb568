//! Looking payments up.

use domain::ids::{CustomerId, OrderId, PaymentId, SellerId};
use domain::payment::{Phase, Refunded};
use domain::time::Timestamp;
use store::PaymentFilter;

use crate::caller::Caller;
use crate::desk::Engine;
use crate::error::Error;
use crate::views::{Page, PaymentView};

/// Which payments to list; every field that is set narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaymentQuery {
    /// Where they stand.
    pub status: Option<Phase>,
    /// Whose share they hold; a seller's own key implies it.
    pub seller: Option<SellerId>,
    /// Of which order.
    pub order: Option<OrderId>,
    /// Of which customer.
    pub customer: Option<CustomerId>,
    /// Whether a discrepancy holds them.
    pub held: Option<bool>,
    /// How much went back to the buyer.
    pub refunded: Option<Refunded>,
    /// Whose authorization lapses before this moment.
    pub expiring_before: Option<Timestamp>,
    /// Made at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Made before this moment.
    pub created_to: Option<Timestamp>,
    /// Continue behind this payment.
    pub cursor: Option<PaymentId>,
    /// At most this many.
    pub limit: usize,
}

impl Engine {
    /// One payment, as the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a payment that the caller may not see.
    pub async fn payment(&self, caller: &Caller, id: PaymentId) -> Result<PaymentView, Error> {
        let payment = self.visible(caller, id).await?;
        Ok(PaymentView::of(&payment, caller))
    }

    /// Payments, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn payments(&self, caller: &Caller, query: PaymentQuery) -> Result<Page<PaymentView>, Error> {
        let limit = query.limit;
        let filter = PaymentFilter {
            phase: query.status,
            seller: caller.seller().cloned().or(query.seller),
            order: query.order,
            customer: query.customer,
            held: query.held,
            refunded: query.refunded,
            expiring_before: query.expiring_before,
            live: Some(caller.live),
            created_from: query.created_from,
            created_to: query.created_to,
            before: query.cursor,
            limit: limit.saturating_add(1),
        };
        let payments = self.desk.store.read(move |tx| tx.payments(&filter)).await?;
        let views = payments
            .iter()
            .map(|payment| PaymentView::of(payment, caller))
            .collect();
        Ok(Page::cut(views, limit, |view: &PaymentView| view.id.clone()))
    }
}
