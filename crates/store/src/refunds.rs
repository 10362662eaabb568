//! Refunds as rows: what is searched and shown in lists has columns, all of it is the document.

use diesel::prelude::*;
use domain::ids::PaymentId;
use domain::refund::Refund;
use domain::time::Timestamp;

use crate::error::{StoreError, corrupt};
use crate::row::row;
use crate::schema::refunds;
use crate::text;
use crate::tx::Tx;

row! {
    /// One refund.
    RefundRow, RefundArrays of refunds {
        key { payment_id: String, number: i32 }
        once { created_at: i64 }
        changes { status: String, amount: i64, amount_succeeded: i64, settled_at: Option<i64>, document: String }
    }
}

impl RefundRow {
    pub fn of(payment: PaymentId, refund: &Refund) -> Result<Self, StoreError> {
        Ok(Self {
            payment_id: payment.to_string(),
            number: i32::from(refund.number),
            created_at: refund.created_at.micros(),
            status: refund.status().as_str().to_owned(),
            amount: refund.amount().get(),
            amount_succeeded: refund.amount_succeeded().get(),
            settled_at: refund.settled_at.map(Timestamp::micros),
            document: text::json(refund)?,
        })
    }
}

impl TryFrom<RefundRow> for Refund {
    type Error = StoreError;

    fn try_from(row: RefundRow) -> Result<Self, StoreError> {
        let refund: Self = text::document(&row.document, &row.payment_id)?;
        if i32::from(refund.number) != row.number {
            return Err(corrupt(format_args!(
                "{}: refund {} is kept as {}",
                row.payment_id, refund.number, row.number
            )));
        }
        Ok(refund)
    }
}

impl Tx<'_> {
    /// The refunds of these payments, in their order.
    pub(crate) fn refunds_of(&mut self, ids: &[String]) -> Result<Vec<RefundRow>, StoreError> {
        Ok(refunds::table
            .filter(refunds::payment_id.eq_any(ids))
            .order((refunds::payment_id, refunds::number))
            .select(RefundRow::as_select())
            .load(self.connection)?)
    }
}
