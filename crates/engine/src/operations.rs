//! What operators look at: operations that are open, differences that wait, and a question asked now.

use domain::discrepancy::{DiscrepancyKind, DiscrepancyState};
use domain::ids::{DiscrepancyId, NotificationId, OperationId, PaymentId};
use domain::money::Money;
use domain::notification::Notification;
use domain::operation::{Operation, OperationState};
use domain::payment::Payment;
use domain::time::Timestamp;
use serde::Serialize;
use store::{DiscrepancyFilter, StoreError};
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::desk::Engine;
use crate::error::Error;
use crate::views::{DiscrepancyView, OperationView, Page, SuggestionView};

/// The codes that these lists use, each with its meaning.
pub const CODES: &[(&str, &str)] = &[(
    "cursor_invalid",
    "What is sent as cursor is not the next_cursor of this list.",
)];

/// An operation with what an operator needs to judge it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OperationStatusView {
    /// The operation itself.
    #[serde(flatten)]
    pub operation: OperationView,
    /// `pay_…`
    pub payment: String,
    /// Where the payment stands.
    pub payment_status: String,
    /// The storefront's order.
    pub order: String,
    /// What the buyer pays.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Its `MerchantTransactionID` at the gateway.
    pub reference: String,
    /// How long ago it was decided, in seconds.
    pub age_seconds: u64,
    /// How often the gateway was asked about the payment since something last changed.
    pub asked: u32,
    /// When the gateway is asked next; null: not unless somebody asks now.
    pub next_question_at: Option<String>,
    /// Until when its latest attempt may have left; null where none was made.
    pub sent_before: Option<String>,
    /// How often, asked since, the gateway showed nothing of it.
    pub absences: u32,
}

/// Which differences to list; every field that is set narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscrepancyQuery {
    /// Those that wait, or those that do not.
    pub state: Option<DiscrepancyState>,
    /// Of this kind.
    pub kind: Option<DiscrepancyKind>,
    /// Of this payment.
    pub payment: Option<PaymentId>,
    /// Continue behind this one.
    pub cursor: Option<String>,
    /// At most this many.
    pub limit: usize,
}

impl Engine {
    /// Operations in one state, or all that are open, oldest first; those behind `after`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn operations(
        &self,
        caller: &Caller,
        state: Option<OperationState>,
        after: Option<OperationId>,
        limit: usize,
    ) -> Result<Page<OperationStatusView>, Error> {
        let states = state.map_or_else(|| OPEN.to_vec(), |state| vec![state]);
        let load = move |tx: &mut store::Tx<'_>| -> Result<_, StoreError> {
            let mut ids = Vec::new();
            for state in states {
                let found = tx.operations_in(state, limit.saturating_add(1), after)?;
                ids.extend(
                    found
                        .iter()
                        .map(|(payment, operation, _)| OperationId::new(*payment, operation.number)),
                );
            }
            ids.sort_unstable();
            let page = Page::cut(ids, limit, ToString::to_string);
            let mut payments = Vec::new();
            for id in &page.data {
                payments.push((*id, tx.payment(id.payment)?));
            }
            Ok((payments, page.has_more, page.next_cursor))
        };
        let (found, has_more, next_cursor) = self.desk.store.read(load).await?;
        let now = self.desk.clock.now();
        let data = found.iter().filter_map(|(id, payment)| {
            let payment = payment.as_ref().filter(|payment| payment.sale.live == caller.live)?;
            Some(OperationStatusView::of(payment, payment.operation(id.number)?, now))
        });
        Ok(Page {
            data: data.collect(),
            has_more,
            next_cursor,
        })
    }

    /// Asks the gateway about an operation's payment now, and answers what is known then.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for an operation that the caller may not see; [`Error::Unavailable`].
    pub async fn inquire(&self, caller: &Caller, id: OperationId) -> Result<OperationStatusView, Error> {
        let before = self.desk.payment(id.payment).await?;
        if before.sale.live != caller.live || caller.seller().is_some() || before.operation(id.number).is_none() {
            return Err(Error::NotFound);
        }
        let payment = self.desk.ask(id.payment, None).await?;
        let operation = payment.operation(id.number).ok_or(Error::NotFound)?;
        Ok(OperationStatusView::of(&payment, operation, self.desk.clock.now()))
    }

    /// Differences, oldest payments first; and behind those, where they are wanted, notifications about payments that
    /// nobody here knows, newest first.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that is none; [`Error::Unavailable`] when the database cannot be read.
    pub async fn discrepancies(
        &self,
        caller: &Caller,
        query: DiscrepancyQuery,
    ) -> Result<Page<DiscrepancyView>, Error> {
        let place = Place::read(query.cursor.as_deref())?;
        let (live, limit) = (caller.live, query.limit);
        let more = limit.saturating_add(1);
        // A notification about an unknown payment waits for good, and is of no payment.
        let orphans_too = query.state != Some(DiscrepancyState::Closed)
            && query.payment.is_none()
            && query.kind.is_none_or(|kind| kind == DiscrepancyKind::Orphan);
        let load = move |tx: &mut store::Tx<'_>| -> Result<_, StoreError> {
            // `None`: of a payment that this caller may not see; it keeps its place, so that cursors stay true.
            let mut found: Vec<(String, Option<DiscrepancyView>)> = Vec::new();
            let orphans = match place {
                Place::Filed(after) => {
                    let filter = DiscrepancyFilter {
                        state: query.state,
                        kind: query.kind,
                        payment: query.payment,
                        after,
                        limit: more,
                    };
                    for (id, one) in tx.discrepancies(&filter)? {
                        let payment = tx.payment(id)?.filter(|payment| payment.sale.live == live);
                        let view = payment.map(|payment| DiscrepancyView::of(&payment, &one));
                        found.push((DiscrepancyId::new(id, one.number).to_string(), view));
                    }
                    let left = more.saturating_sub(found.len());
                    if orphans_too { tx.orphans(left)? } else { Vec::new() }
                }
                Place::Orphans(after) => {
                    let mut orphans = tx.orphans(ORPHANS_MAX)?;
                    orphans.retain(|orphan| orphan.id < after);
                    orphans
                }
            };
            found.extend(
                orphans
                    .iter()
                    .map(|orphan| (orphan.id.to_string(), Some(orphaned(orphan)))),
            );
            Ok(Page::cut(found, limit, |(id, _)| id.clone()))
        };
        let Page {
            data,
            has_more,
            next_cursor,
        } = self.desk.store.read(load).await?;
        Ok(Page {
            data: data.into_iter().filter_map(|(_, view)| view).collect(),
            has_more,
            next_cursor,
        })
    }
}

impl OperationStatusView {
    /// An operation of this payment, as it is now.
    pub(crate) fn of(payment: &Payment, operation: &Operation, now: Timestamp) -> Self {
        Self {
            operation: OperationView::of(payment, operation),
            payment: payment.id.to_string(),
            payment_status: payment.phase.as_str().to_owned(),
            order: payment.sale.order.to_string(),
            amount: payment.amount().get(),
            currency: payment.sale.cart.currency().code().to_owned(),
            reference: operation.reference.to_string(),
            age_seconds: now.since(operation.created_at).as_secs(),
            asked: payment.asked,
            next_question_at: payment.due_at.filter(|_| operation.is_open()).map(|at| at.to_string()),
            sent_before: operation
                .attempt
                .as_ref()
                .map(|attempt| attempt.send_before.to_string()),
            absences: operation.absences,
        }
    }
}

/// Behind which item of the list a page begins.
#[derive(Clone, Copy)]
enum Place {
    Filed(Option<DiscrepancyId>),
    Orphans(NotificationId),
}

impl Place {
    fn read(cursor: Option<&str>) -> Result<Self, Error> {
        let Some(cursor) = cursor else {
            return Ok(Self::Filed(None));
        };
        let orphan = cursor.parse().map(Self::Orphans);
        orphan
            .or_else(|_| cursor.parse().map(|id| Self::Filed(Some(id))))
            .map_err(|_: domain::ids::IdError| {
                Error::fault("/cursor", "cursor_invalid", "the next_cursor of this list, or nothing")
            })
    }
}

/// A notification that nobody here can place, as a difference that waits.
fn orphaned(bell: &Notification) -> DiscrepancyView {
    let about = match (bell.about, &bell.claims) {
        (Some(about), Some(claims)) => format!(
            "payment {} ({}) of {}, status {} {}",
            about.id,
            about.host.as_str(),
            Money::new(claims.amount, claims.currency),
            claims.status.id,
            claims.status.info
        ),
        (Some(about), None) => format!("payment {} ({})", about.id, about.host.as_str()),
        (None, _) => "something without a payment's id".to_owned(),
    };
    let kind = DiscrepancyKind::Orphan;
    DiscrepancyView {
        id: bell.id.to_string(),
        payment: None,
        kind: kind.as_str().to_owned(),
        state: "open".to_owned(),
        holds: kind.holds(),
        detail: format!(
            "the gateway rang ({}) about {about}, which no payment here is",
            bell.kind.as_str()
        ),
        opened_at: bell.received_at.to_string(),
        closed_at: None,
        note: None,
        closed_by: None,
        suggestion: Some(SuggestionView::of(kind)),
    }
}

/// The states of operations that have not ended.
const OPEN: [OperationState; 5] = [
    OperationState::Ready,
    OperationState::Sending,
    OperationState::Unknown,
    OperationState::Pending,
    OperationState::NeedsAttention,
];

/// How many of the newest notifications about unknown payments the list goes through.
const ORPHANS_MAX: usize = 1000;
