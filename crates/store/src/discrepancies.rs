//! Discrepancies as rows, and those that are open.

use diesel::prelude::*;
use domain::discrepancy::{Discrepancy, DiscrepancyState};
use domain::ids::{DiscrepancyId, PaymentId};
use domain::time::Timestamp;

use crate::connection::MultiBackend;
use crate::error::StoreError;
use crate::row::row;
use crate::schema::discrepancies;
use crate::text;
use crate::tx::Tx;

row! {
    /// One discrepancy.
    DiscrepancyRow, DiscrepancyArrays of discrepancies {
        key { payment_id: String, number: i32 }
        once { kind: String, detail: String, opened_at: i64 }
        changes { state: String, closed_at: Option<i64>, note: Option<String> }
    }
}

impl DiscrepancyRow {
    pub fn of(payment: PaymentId, discrepancy: &Discrepancy) -> Self {
        let state = match discrepancy.state {
            DiscrepancyState::Open => "open",
            DiscrepancyState::Closed => "closed",
        };
        Self {
            payment_id: payment.to_string(),
            number: i32::from(discrepancy.number),
            kind: discrepancy.kind.as_str().to_owned(),
            detail: discrepancy.detail.clone(),
            opened_at: discrepancy.opened_at.micros(),
            state: state.to_owned(),
            closed_at: discrepancy.closed_at.map(Timestamp::micros),
            note: discrepancy.note.clone(),
        }
    }
}

impl TryFrom<DiscrepancyRow> for Discrepancy {
    type Error = StoreError;

    fn try_from(row: DiscrepancyRow) -> Result<Self, StoreError> {
        Ok(Self {
            number: text::number(row.number)?,
            kind: text::word(&row.kind)?,
            state: text::word(&row.state)?,
            detail: row.detail,
            opened_at: Timestamp::from_micros(row.opened_at),
            closed_at: text::moment(row.closed_at),
            note: row.note,
        })
    }
}

impl Tx<'_> {
    /// Discrepancies that wait for somebody, in the order of their payments; `after` continues.
    pub fn open_discrepancies(
        &mut self,
        limit: usize,
        after: Option<DiscrepancyId>,
    ) -> Result<Vec<(PaymentId, Discrepancy)>, StoreError> {
        let mut query = discrepancies::table
            .filter(discrepancies::closed_at.is_null())
            .order((discrepancies::payment_id, discrepancies::number))
            .limit(text::limit(limit))
            .select(DiscrepancyRow::as_select())
            .into_boxed::<MultiBackend>();
        if let Some(after) = after {
            let payment = after.payment.to_string();
            let same = discrepancies::payment_id
                .eq(payment.clone())
                .and(discrepancies::number.gt(i32::from(after.number)));
            query = query.filter(discrepancies::payment_id.gt(payment).or(same));
        }
        let rows = query.load::<DiscrepancyRow>(self.connection)?;
        rows.into_iter()
            .map(|row| Ok((text::id(&row.payment_id)?, row.try_into()?)))
            .collect()
    }
}
