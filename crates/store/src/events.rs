//! What each commit remembers of a payment.

use diesel::prelude::*;
use domain::ids::PaymentId;
use domain::payment::Event;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::row;
use crate::schema::events;
use crate::text;
use crate::tx::Tx;

row! {
    /// The events of one commit.
    EventsRow, EventsArrays of events {
        key { payment_id: String, version: i64 }
        once { recorded_at: i64, document: String }
        changes {}
    }
}

impl EventsRow {
    /// The writer says when.
    pub fn of(payment: PaymentId, version: i64, events: &[Event]) -> Result<Self, StoreError> {
        Ok(Self {
            payment_id: payment.to_string(),
            version,
            recorded_at: 0,
            document: text::json(&events)?,
        })
    }
}

impl Tx<'_> {
    /// A payment's history, oldest first: when it was recorded, with which version, and what.
    pub fn events(&mut self, payment: PaymentId) -> Result<Vec<(Timestamp, u64, Event)>, StoreError> {
        let rows = events::table
            .filter(events::payment_id.eq(payment.to_string()))
            .order(events::version)
            .select(EventsRow::as_select())
            .load(self.connection)?;
        let mut history = Vec::new();
        for row in rows {
            let (at, version) = (Timestamp::from_micros(row.recorded_at), text::number(row.version)?);
            let events: Vec<Event> = text::document(&row.document, &row.payment_id)?;
            history.extend(events.into_iter().map(|event| (at, version, event)));
        }
        Ok(history)
    }
}
