//! Operations as rows, and those of one state.

use diesel::prelude::*;
use domain::ids::{OperationId, PaymentId};
use domain::money::Money;
use domain::operation::{Asked, Operation, OperationState, Work};
use domain::time::Timestamp;

use crate::connection::MultiBackend;
use crate::error::{StoreError, corrupt};
use crate::row::row;
use crate::schema::{operations, payments};
use crate::text;
use crate::tx::Tx;

row! {
    /// One operation.
    OperationRow, OperationArrays of operations {
        key { payment_id: String, number: i32 }
        once {
            kind: String, principal: String, idempotency_key: String, part: i32, fingerprint: String, reference: String,
            created_at: i64, work: Option<String>,
        }
        changes {
            state: String, request_id: String, attempt: Option<String>, absences: i32, refusal: Option<String>,
            note: Option<String>, settled_at: Option<i64>,
        }
    }
}

impl OperationRow {
    pub fn of(payment: PaymentId, operation: &Operation) -> Result<Self, StoreError> {
        Ok(Self {
            payment_id: payment.to_string(),
            number: i32::from(operation.number),
            kind: operation.kind().as_str().to_owned(),
            principal: operation.asked.principal.to_string(),
            idempotency_key: operation.asked.key.to_string(),
            part: i32::from(operation.asked.part),
            fingerprint: operation.asked.fingerprint.clone(),
            reference: operation.reference.to_string(),
            created_at: operation.created_at.micros(),
            // Nearly every operation is one of these, and they have nothing to say.
            work: match &operation.work {
                Work::Authorize => None,
                work => Some(text::json(work)?),
            },
            state: operation.state.as_str().to_owned(),
            request_id: operation.request_id.clone(),
            attempt: operation.attempt.as_ref().map(text::json).transpose()?,
            absences: text::number(operation.absences)?,
            refusal: operation.refusal.as_ref().map(text::json).transpose()?,
            note: operation.note.clone(),
            settled_at: operation.settled_at.map(Timestamp::micros),
        })
    }
}

impl TryFrom<OperationRow> for Operation {
    type Error = StoreError;

    fn try_from(row: OperationRow) -> Result<Self, StoreError> {
        let work = match &row.work {
            None => Work::Authorize,
            Some(work) => text::document(work, &row.payment_id)?,
        };
        if work.kind().as_str() != row.kind {
            return Err(corrupt(format_args!(
                "{}: operation {} is of another kind than {}",
                row.payment_id, row.number, row.kind
            )));
        }
        let asked = Asked {
            principal: text::id(&row.principal)?,
            key: text::id(&row.idempotency_key)?,
            part: text::number(row.part)?,
            fingerprint: row.fingerprint,
        };
        Ok(Self {
            number: text::number(row.number)?,
            work,
            state: text::word(&row.state)?,
            asked,
            reference: text::id(&row.reference)?,
            request_id: row.request_id,
            attempt: row
                .attempt
                .map(|attempt| text::document(&attempt, &row.payment_id))
                .transpose()?,
            absences: text::number(row.absences)?,
            refusal: row
                .refusal
                .map(|refusal| text::document(&refusal, &row.payment_id))
                .transpose()?,
            note: row.note,
            created_at: Timestamp::from_micros(row.created_at),
            settled_at: text::moment(row.settled_at),
        })
    }
}

impl Tx<'_> {
    /// Operations in one state, with what their payments are worth, in the order of their making; `after` continues.
    pub fn operations_in(
        &mut self,
        state: OperationState,
        limit: usize,
        after: Option<OperationId>,
    ) -> Result<Vec<(PaymentId, Operation, Money)>, StoreError> {
        let mut query = operations::table
            .inner_join(payments::table)
            .filter(operations::state.eq(state.as_str()))
            .order((operations::payment_id, operations::number))
            .limit(text::limit(limit))
            .select((OperationRow::as_select(), payments::amount, payments::currency))
            .into_boxed::<MultiBackend>();
        if !state.is_settled() {
            // Those that are open have an index of their own.
            query = query.filter(operations::settled_at.is_null());
        }
        if let Some(after) = after {
            let payment = after.payment.to_string();
            let same = operations::payment_id
                .eq(payment.clone())
                .and(operations::number.gt(i32::from(after.number)));
            query = query.filter(operations::payment_id.gt(payment).or(same));
        }
        let rows = query.load::<(OperationRow, i64, String)>(self.connection)?;
        rows.into_iter()
            .map(|(row, amount, currency)| {
                let worth = Money::new(text::amount(amount)?, text::id(&currency)?);
                Ok((text::id(&row.payment_id)?, row.try_into()?, worth))
            })
            .collect()
    }
}
