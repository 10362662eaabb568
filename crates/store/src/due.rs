//! What the sweep should look at: found by time, claimed by nothing but the version that its commit is decided on.

use diesel::prelude::*;
use domain::ids::PaymentId;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::schema::{notifications, payments};
use crate::text;
use crate::tx::Tx;

impl Tx<'_> {
    /// Payments that the sweep should look at, the longest overdue first.
    pub fn due_payments(&mut self, now: Timestamp, limit: usize) -> Result<Vec<PaymentId>, StoreError> {
        let due = payments::table
            .filter(payments::due_at.le(now.micros()))
            .order(payments::due_at)
            .limit(text::limit(limit))
            .select(payments::payment_id)
            .load::<String>(self.connection)?;
        due.iter().map(|id| text::id(id)).collect()
    }

    /// When the next payment or notification is due, past or future.
    pub fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let payment = payments::table
            .filter(payments::due_at.is_not_null())
            .order(payments::due_at)
            .limit(1)
            .select(payments::due_at)
            .load::<Option<i64>>(self.connection)?;
        let notification = notifications::table
            .filter(notifications::due_at.is_not_null())
            .order(notifications::due_at)
            .limit(1)
            .select(notifications::due_at)
            .load::<Option<i64>>(self.connection)?;
        Ok(text::moment(payment.into_iter().chain(notification).flatten().min()))
    }
}
