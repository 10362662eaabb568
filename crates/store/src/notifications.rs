//! Doorbells as rows, and those that wait.

use diesel::prelude::*;
use domain::ids::{GatewayId, NotificationId, PaymentId};
use domain::notification::{Notification, NotificationState};
use domain::sight::GatewayRef;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::{guarded, row};
use crate::schema::notifications;
use crate::text;
use crate::tx::Tx;

row! {
    /// One notification.
    NotificationRow, NotificationArrays of notifications {
        key { notification_id: String }
        once {
            kind: String, gateway_host: Option<String>, gateway_id: Option<i64>, subject_id: Option<i64>,
            reference: Option<String>, claims: Option<String>, digest: String, redacted: String, received_at: i64,
        }
        changes { state: String, payment_id: Option<String>, due_at: Option<i64>, tries: i64 }
    }
}

guarded!(NotificationRow by tries);

impl NotificationRow {
    pub fn of(bell: &Notification) -> Result<Self, StoreError> {
        Ok(Self {
            notification_id: bell.id.to_string(),
            kind: bell.kind.as_str().to_owned(),
            gateway_host: bell.about.map(|about| about.host.as_str().to_owned()),
            gateway_id: bell.about.map(|about| about.id.get().cast_signed()),
            subject_id: bell.gateway_id.map(|id| id.get().cast_signed()),
            reference: bell.reference.as_ref().map(ToString::to_string),
            claims: bell.claims.as_ref().map(text::json).transpose()?,
            digest: bell.digest.clone(),
            redacted: bell.redacted.clone(),
            received_at: bell.received_at.micros(),
            state: bell.state.as_str().to_owned(),
            payment_id: bell.payment.map(|payment| payment.to_string()),
            due_at: bell.due_at.map(Timestamp::micros),
            tries: i64::from(bell.tries),
        })
    }
}

impl TryFrom<NotificationRow> for Notification {
    type Error = StoreError;

    fn try_from(row: NotificationRow) -> Result<Self, StoreError> {
        let about = match (row.gateway_host, row.gateway_id) {
            (Some(host), Some(id)) => Some(GatewayRef {
                host: text::word(&host)?,
                id: GatewayId::new(id.cast_unsigned()),
            }),
            _ => None,
        };
        Ok(Self {
            id: text::id(&row.notification_id)?,
            kind: text::word(&row.kind)?,
            about,
            gateway_id: row.subject_id.map(|id| GatewayId::new(id.cast_unsigned())),
            reference: row.reference.map(|reference| text::id(&reference)).transpose()?,
            claims: row
                .claims
                .map(|claims| text::document(&claims, &row.notification_id))
                .transpose()?,
            digest: row.digest,
            redacted: row.redacted,
            state: text::word(&row.state)?,
            payment: row.payment_id.map(|payment| text::id(&payment)).transpose()?,
            received_at: Timestamp::from_micros(row.received_at),
            due_at: text::moment(row.due_at),
            tries: text::number(row.tries)?,
        })
    }
}

impl Tx<'_> {
    /// One notification.
    pub fn notification(&mut self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        let row = notifications::table
            .filter(notifications::notification_id.eq(id.to_string()))
            .select(NotificationRow::as_select())
            .get_result(self.connection)
            .optional()?;
        row.map(Notification::try_from).transpose()
    }

    /// Notifications that the sweep should look at, the longest overdue first.
    pub fn due_notifications(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Notification>, StoreError> {
        let rows = notifications::table
            .filter(notifications::due_at.le(now.micros()))
            .order(notifications::due_at)
            .limit(text::limit(limit))
            .select(NotificationRow::as_select())
            .load(self.connection)?;
        all(rows)
    }

    /// Notifications about a payment that nobody here knows, newest first.
    pub fn orphans(&mut self, limit: usize) -> Result<Vec<Notification>, StoreError> {
        let rows = notifications::table
            .filter(notifications::payment_id.is_null())
            .filter(notifications::state.eq(NotificationState::Orphan.as_str()))
            .order(notifications::notification_id.desc())
            .limit(text::limit(limit))
            .select(NotificationRow::as_select())
            .load(self.connection)?;
        all(rows)
    }

    /// Notifications about this payment of the gateway's that found no payment of ours yet.
    pub fn unplaced_notifications(&mut self, about: GatewayRef) -> Result<Vec<Notification>, StoreError> {
        let rows = notifications::table
            .filter(notifications::payment_id.is_null())
            .filter(notifications::gateway_id.eq(about.id.get().cast_signed()))
            .filter(notifications::gateway_host.eq(about.host.as_str()))
            .order(notifications::notification_id)
            .select(NotificationRow::as_select())
            .load(self.connection)?;
        all(rows)
    }

    /// Notifications that turned out to be about a payment, oldest first.
    pub fn notifications_of(&mut self, payment: PaymentId) -> Result<Vec<Notification>, StoreError> {
        let rows = notifications::table
            .filter(notifications::payment_id.eq(payment.to_string()))
            .order(notifications::notification_id)
            .select(NotificationRow::as_select())
            .load(self.connection)?;
        all(rows)
    }
}

fn all(rows: Vec<NotificationRow>) -> Result<Vec<Notification>, StoreError> {
    rows.into_iter().map(Notification::try_from).collect()
}
