//! Discrepancies as rows, and those that are open.

use diesel::prelude::*;
use domain::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState};
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

/// Which discrepancies to list; every field that is set narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscrepancyFilter {
    /// Those that wait, or those that do not.
    pub state: Option<DiscrepancyState>,
    /// Of this kind.
    pub kind: Option<DiscrepancyKind>,
    /// Of this payment.
    pub payment: Option<PaymentId>,
    /// Those behind this one.
    pub after: Option<DiscrepancyId>,
    /// At most so many.
    pub limit: usize,
}

impl Tx<'_> {
    /// Discrepancies in the order of their payments.
    pub fn discrepancies(&mut self, filter: &DiscrepancyFilter) -> Result<Vec<(PaymentId, Discrepancy)>, StoreError> {
        let mut query = discrepancies::table
            .order((discrepancies::payment_id, discrepancies::number))
            .limit(text::limit(filter.limit))
            .select(DiscrepancyRow::as_select())
            .into_boxed::<MultiBackend>();
        // Those that wait have an index of their own.
        query = match filter.state {
            Some(DiscrepancyState::Open) => query.filter(discrepancies::closed_at.is_null()),
            Some(DiscrepancyState::Closed) => query.filter(discrepancies::closed_at.is_not_null()),
            None => query,
        };
        if let Some(kind) = filter.kind {
            query = query.filter(discrepancies::kind.eq(kind.as_str()));
        }
        if let Some(payment) = filter.payment {
            query = query.filter(discrepancies::payment_id.eq(payment.to_string()));
        }
        if let Some(after) = filter.after {
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
