//! Payments, whole: a row, what was sold, and the rows of its parts.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use domain::ids::{CustomerId, GatewayId, OrderId, PaymentId, SellerId};
use domain::money::Amount;
use domain::operation::Operation;
use domain::payment::{Payment, Phase, Seen};
use domain::sale::Sale;
use domain::sight::GatewayRef;
use domain::split::Split;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::connection::MultiBackend;
use crate::discrepancies::DiscrepancyRow;
use crate::error::{StoreError, corrupt};
use crate::operations::OperationRow;
use crate::row::{guarded, row};
use crate::schema::{discrepancies, operations, payments, sales, splits};
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
            due_at: Option<i64>, updated_at: i64, state: String,
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
}

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
    /// Decided at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Decided before this moment.
    pub created_to: Option<Timestamp>,
    /// Only older ones than this.
    pub before: Option<PaymentId>,
    /// At most so many.
    pub limit: usize,
}

impl PaymentRow {
    pub fn of(payment: &Payment) -> Result<Self, StoreError> {
        let state = State {
            seen: payment.seen.clone(),
            asked: payment.asked,
            amount_suspense: payment.amount_suspense,
            discrepancies: payment.discrepancies.len(),
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
            gateway_id: at.map(|at| at.id.get().cast_signed()),
            due_at: payment.due_at.map(Timestamp::micros),
            updated_at: payment.updated_at.micros(),
            state: text::json(&state)?,
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
    sale: String,
    splits: Vec<SplitRow>,
    operations: Vec<OperationRow>,
    discrepancies: Vec<DiscrepancyRow>,
}

impl TryFrom<Whole> for Payment {
    type Error = StoreError;

    fn try_from(whole: Whole) -> Result<Self, StoreError> {
        let Whole {
            row,
            sale,
            splits,
            operations,
            discrepancies,
        } = whole;
        let id = row.payment_id;
        let state: State = text::document(&row.state, &id)?;
        if discrepancies.len() != state.discrepancies {
            return Err(corrupt(format_args!(
                "{id}: {} of its {} discrepancies",
                discrepancies.len(),
                state.discrepancies
            )));
        }
        let sale: Sale = text::document(&sale, &id)?;
        let phase = Phase::from_name(&row.phase).ok_or_else(|| corrupt(format_args!("{id}: phase {}", row.phase)))?;
        Ok(Self {
            id: text::id(&id)?,
            version: text::number(row.version)?,
            sale: Arc::new(sale),
            phase,
            splits: splits.into_iter().map(Split::try_from).collect::<Result<_, _>>()?,
            operations: operations
                .into_iter()
                .map(Operation::try_from)
                .collect::<Result<_, _>>()?,
            discrepancies: discrepancies
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, _>>()?,
            seen: state.seen,
            amount_suspense: state.amount_suspense,
            due_at: text::moment(row.due_at),
            asked: state.asked,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
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
        if let Some(from) = $filter.created_from {
            $query = $query.filter(payments::created_at.ge(from.micros()));
        }
        if let Some(to) = $filter.created_to {
            $query = $query.filter(payments::created_at.lt(to.micros()));
        }
    };
}

impl Tx<'_> {
    /// One payment.
    pub fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, StoreError> {
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
        let known: State = text::document(&row.state, &id)?;
        let discrepancies = if known.discrepancies == 0 {
            Vec::new()
        } else {
            self.discrepancies_of(&[id])?
        };
        Payment::try_from(Whole {
            row,
            sale,
            splits,
            operations,
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

    /// These payments in this order, with five queries however many they are.
    fn payments_of(&mut self, ids: &[String]) -> Result<Vec<Payment>, StoreError> {
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
        let mut splits = grouped(splits, |row: &SplitRow| &row.payment_id);
        let mut operations = grouped(operations, |row: &OperationRow| &row.payment_id);
        let mut discrepancies = grouped(self.discrepancies_of(ids)?, |row: &DiscrepancyRow| &row.payment_id);
        let mut whole: HashMap<String, Whole> = HashMap::with_capacity(rows.len());
        for (row, sale) in rows {
            let id = row.payment_id.clone();
            let splits = splits.remove(&id).unwrap_or_default();
            let operations = operations.remove(&id).unwrap_or_default();
            let discrepancies = discrepancies.remove(&id).unwrap_or_default();
            whole.insert(
                id,
                Whole {
                    row,
                    sale,
                    splits,
                    operations,
                    discrepancies,
                },
            );
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

/// What a sale of a few lines takes as a document.
const SALE_BYTES: usize = 4608;
