//! Payments, whole: a row, what was sold, and the rows of its parts.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use domain::capture_plan::Readiness;
use domain::ids::{GatewayId, PaymentId};
use domain::money::Amount;
use domain::payment::{Payment, Phase, Seen};
use domain::planted::{Defect, planted};
use domain::returns::Line;
use domain::sale::Sale;
use domain::sight::GatewayRef;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::discrepancies::DiscrepancyRow;
use crate::error::{StoreError, corrupt};
use crate::operations::OperationRow;
use crate::refunds::RefundRow;
use crate::remembered::Version;
use crate::row::{guarded, row};
use crate::schema::{discrepancies, operations, payments, refunds, sales, splits};
use crate::splits::SplitRow;
use crate::text;
use crate::tx::Tx;

row! {
    /// What changes of a payment, and what lists are narrowed by.
    PaymentRow, PaymentArrays of payments {
        key { payment_id: String }
        once {
            live: bool, order_id: String, customer_id: Option<String>, currency: String, amount: i64, created_at: i64,
        }
        changes {
            version: i64, phase: String, held: bool, gateway_host: Option<String>, gateway_id: Option<i64>,
            due_at: Option<i64>, updated_at: i64, state: String, refunded: String, expires_at: Option<i64>,
        }
    }
}

row! {
    /// What was sold.
    SaleRow, SaleArrays of sales {
        key { payment_id: String }
        once { sale: String }
        changes {}
    }
}

guarded!(PaymentRow by version);

/// The small rest of a payment, which nothing searches.
#[derive(Serialize, Deserialize)]
struct State {
    seen: Option<Seen>,
    asked: u32,
    amount_suspense: Amount,
    /// How many discrepancies it has: most have none, and need not be looked for.
    discrepancies: usize,
    /// How many refunds it has, likewise.
    #[serde(default, skip_serializing_if = "is_default")]
    refunds: usize,
    #[serde(default, skip_serializing_if = "is_default")]
    amount_unallocated: Amount,
    #[serde(default, skip_serializing_if = "is_default")]
    authorized_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    readiness: Option<Readiness>,
    #[serde(default, skip_serializing_if = "is_default")]
    lines: Vec<Line>,
}

impl PaymentRow {
    pub fn of(payment: &Payment) -> Result<Self, StoreError> {
        let state = State {
            seen: payment.seen.clone(),
            asked: payment.asked,
            amount_suspense: payment.amount_suspense,
            discrepancies: payment.discrepancies.len(),
            refunds: payment.refunds.len(),
            amount_unallocated: payment.amount_unallocated,
            authorized_until: payment.authorized_until,
            readiness: payment.readiness.clone(),
            lines: payment.lines.clone(),
        };
        let at = payment.seen.as_ref().map(|seen| seen.at);
        let customer = payment.sale.customer.as_ref().and_then(|customer| customer.id.as_ref());
        Ok(Self {
            payment_id: payment.id.to_string(),
            live: payment.sale.live,
            order_id: payment.sale.order.to_string(),
            customer_id: customer.map(ToString::to_string),
            currency: payment.sale.cart.currency().to_string(),
            amount: payment.amount().get(),
            created_at: payment.created_at.micros(),
            version: text::number(payment.version)?,
            phase: payment.phase.as_str().to_owned(),
            held: payment.is_held(),
            gateway_host: at.map(|at| at.host.as_str().to_owned()),
            gateway_id: at
                .filter(|_| !planted(Defect::GatewayIdNotStored))
                .map(|at| at.id.get().cast_signed()),
            due_at: payment.due_at.map(Timestamp::micros),
            updated_at: payment.updated_at.micros(),
            state: text::json(&state)?,
            refunded: payment.refunded().as_str().to_owned(),
            expires_at: payment.expires_at().map(Timestamp::micros),
        })
    }
}

impl SaleRow {
    pub fn of(payment: &Payment) -> Result<Self, StoreError> {
        Ok(Self {
            payment_id: payment.id.to_string(),
            sale: text::long_json(payment.sale.as_ref(), SALE_BYTES)?,
        })
    }
}

/// A payment's rows, on their way to a domain value.
struct Whole {
    row: PaymentRow,
    state: State,
    sale: String,
    splits: Vec<SplitRow>,
    operations: Vec<OperationRow>,
    refunds: Vec<RefundRow>,
    discrepancies: Vec<DiscrepancyRow>,
}

impl TryFrom<Whole> for Payment {
    type Error = StoreError;

    fn try_from(whole: Whole) -> Result<Self, StoreError> {
        let Whole { row, state, .. } = whole;
        let id = row.payment_id;
        let found = [whole.discrepancies.len(), whole.refunds.len()];
        let known = [state.discrepancies, state.refunds];
        if found != known {
            return Err(corrupt(format_args!(
                "{id}: {found:?} of its {known:?} discrepancies and refunds"
            )));
        }
        let sale: Sale = text::document(&whole.sale, &id)?;
        let phase = Phase::from_name(&row.phase).ok_or_else(|| corrupt(format_args!("{id}: phase {}", row.phase)))?;
        Ok(Self {
            id: text::id(&id)?,
            version: text::number(row.version)?,
            sale: Arc::new(sale),
            phase,
            splits: all(whole.splits)?,
            operations: all(whole.operations)?,
            refunds: all(whole.refunds)?,
            lines: state.lines,
            readiness: state.readiness,
            discrepancies: all(whole.discrepancies)?,
            seen: state.seen,
            authorized_until: state.authorized_until,
            amount_unallocated: state.amount_unallocated,
            amount_suspense: state.amount_suspense,
            due_at: text::moment(row.due_at),
            asked: state.asked,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

impl Tx<'_> {
    /// One payment.
    pub fn payment(&mut self, id: PaymentId) -> Result<Option<Arc<Payment>>, StoreError> {
        if self.remembered.knows(id) {
            let version = payments::table
                .filter(payments::payment_id.eq(id.to_string()))
                .select((payments::version, payments::updated_at))
                .get_result::<Version>(self.connection)
                .optional()?;
            let remembered = version.and_then(|version| self.remembered.version(id, version));
            if remembered.is_some() || version.is_none() {
                return Ok(remembered);
            }
        }
        let payment = self.payment_as_stored(id)?.map(Arc::new);
        payment.iter().for_each(|payment| self.remembered.keep(payment));
        Ok(payment)
    }

    /// One payment as its rows have it, whatever is remembered: for those who look after the rows.
    pub fn payment_as_stored(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
        let id = id.to_string();
        let found = payments::table
            .inner_join(sales::table)
            .filter(payments::payment_id.eq(&id))
            .select((PaymentRow::as_select(), sales::sale))
            .get_result::<(PaymentRow, String)>(self.connection)
            .optional()?;
        let Some((row, sale)) = found else { return Ok(None) };
        let splits = splits::table
            .filter(splits::payment_id.eq(&id))
            .order(splits::number)
            .select(SplitRow::as_select())
            .load(self.connection)?;
        let operations = operations::table
            .filter(operations::payment_id.eq(&id))
            .order(operations::number)
            .select(OperationRow::as_select())
            .load(self.connection)?;
        let state: State = text::document(&row.state, &id)?;
        // Not with a list of one: its text would be another, and not be prepared yet.
        let refunds = if state.refunds == 0 {
            Vec::new()
        } else {
            refunds::table
                .filter(refunds::payment_id.eq(&id))
                .order(refunds::number)
                .select(RefundRow::as_select())
                .load(self.connection)?
        };
        let discrepancies = if state.discrepancies == 0 {
            Vec::new()
        } else {
            discrepancies::table
                .filter(discrepancies::payment_id.eq(&id))
                .order(discrepancies::number)
                .select(DiscrepancyRow::as_select())
                .load(self.connection)?
        };
        Payment::try_from(Whole {
            row,
            state,
            sale,
            splits,
            operations,
            refunds,
            discrepancies,
        })
        .map(Some)
    }

    /// The payment that the gateway knows by this.
    pub fn payment_by_gateway(&mut self, at: GatewayRef) -> Result<Option<PaymentId>, StoreError> {
        let GatewayRef { host, id } = at;
        let found = payments::table
            .filter(payments::gateway_id.eq(GatewayId::get(id).cast_signed()))
            .filter(payments::gateway_host.eq(host.as_str()))
            .order(payments::payment_id)
            .select(payments::payment_id)
            .load::<String>(self.connection)?;
        found.first().map(|id| text::id(id)).transpose()
    }

    /// These payments in this order, with at most six queries however many they are.
    pub(crate) fn payments_of(&mut self, ids: &[String]) -> Result<Vec<Payment>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = payments::table
            .inner_join(sales::table)
            .filter(payments::payment_id.eq_any(ids))
            .select((PaymentRow::as_select(), sales::sale))
            .load::<(PaymentRow, String)>(self.connection)?;
        let splits = splits::table
            .filter(splits::payment_id.eq_any(ids))
            .order((splits::payment_id, splits::number))
            .select(SplitRow::as_select())
            .load(self.connection)?;
        let operations = operations::table
            .filter(operations::payment_id.eq_any(ids))
            .order((operations::payment_id, operations::number))
            .select(OperationRow::as_select())
            .load(self.connection)?;
        let states: Vec<State> = rows
            .iter()
            .map(|(row, _)| text::document(&row.state, &row.payment_id))
            .collect::<Result<_, _>>()?;
        let refunds = if states.iter().all(|state| state.refunds == 0) {
            Vec::new()
        } else {
            self.refunds_of(ids)?
        };
        let mut splits = grouped(splits, |row: &SplitRow| &row.payment_id);
        let mut operations = grouped(operations, |row: &OperationRow| &row.payment_id);
        let mut refunds = grouped(refunds, |row: &RefundRow| &row.payment_id);
        let mut discrepancies = grouped(self.discrepancies_of(ids)?, |row: &DiscrepancyRow| &row.payment_id);
        let mut whole: HashMap<String, Whole> = HashMap::with_capacity(rows.len());
        for ((row, sale), state) in rows.into_iter().zip(states) {
            let id = row.payment_id.clone();
            let one = Whole {
                splits: splits.remove(&id).unwrap_or_default(),
                operations: operations.remove(&id).unwrap_or_default(),
                refunds: refunds.remove(&id).unwrap_or_default(),
                discrepancies: discrepancies.remove(&id).unwrap_or_default(),
                row,
                state,
                sale,
            };
            whole.insert(id, one);
        }
        ids.iter()
            .filter_map(|id| whole.remove(id))
            .map(Payment::try_from)
            .collect()
    }

    fn discrepancies_of(&mut self, ids: &[String]) -> Result<Vec<DiscrepancyRow>, StoreError> {
        Ok(discrepancies::table
            .filter(discrepancies::payment_id.eq_any(ids))
            .order((discrepancies::payment_id, discrepancies::number))
            .select(DiscrepancyRow::as_select())
            .load(self.connection)?)
    }
}

fn grouped<R>(rows: Vec<R>, key: impl Fn(&R) -> &String) -> HashMap<String, Vec<R>> {
    let mut groups: HashMap<String, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row).clone()).or_default().push(row);
    }
    groups
}

fn all<R, T: TryFrom<R, Error = StoreError>>(rows: Vec<R>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

/// Whether it need not be written: what is absent reads as this.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a sale of a few lines takes as a document.
const SALE_BYTES: usize = 4608;
