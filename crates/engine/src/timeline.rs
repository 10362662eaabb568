//! One payment's history: every operation, attempt, finding, notification, posting and discrepancy, in order of time.

use domain::discrepancy::Discrepancy;
use domain::ids::{DiscrepancyId, OperationId, PaymentId};
use domain::ledger::Cause;
use domain::notification::{Notification, NotificationState};
use domain::payment::{Event, Payment};
use domain::time::Timestamp;
use serde::Serialize;
use store::StoredPosting;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::desk::Engine;
use crate::error::Error;
use crate::views::Page;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MomentView {
    /// When it was recorded.
    pub at: String,
    /// `operation`, `attempt`, `finding`, `phase`, `posting`, `notification` or `discrepancy`.
    pub kind: String,
    /// What, in one word: of a finding `shown`, `refused`, `unknown`, …; of a posting `captured`, `released`, ….
    pub what: String,
    /// The operation it belongs to.
    pub operation: Option<String>,
    /// What happened, in one sentence.
    pub detail: String,
    /// What moved in the books; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posting: Option<MovedView>,
}

/// What moved in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedView {
    /// The account it left.
    pub debit: String,
    /// The account it entered.
    pub credit: String,
    /// Whose accounts they are; null where they are nobody's.
    pub party: Option<String>,
    /// Minor units, always positive.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Engine {
    /// The history of one payment, from its beginning, as one page.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a payment that the caller may not see; a seller may see no history.
    pub async fn timeline(&self, caller: &Caller, id: PaymentId) -> Result<Page<MomentView>, Error> {
        let load = move |tx: &mut store::Tx<'_>| {
            let Some(payment) = tx.payment(id)? else {
                return Ok(None);
            };
            Ok(Some((
                payment,
                tx.events(id)?,
                tx.postings(id)?,
                tx.notifications_of(id)?,
            )))
        };
        let found = self.desk.store.read(load).await?;
        let (payment, events, postings, bells) = found.ok_or(Error::NotFound)?;
        if payment.sale.live != caller.live || caller.seller().is_some() {
            return Err(Error::NotFound);
        }
        let mut moments: Vec<(Timestamp, MomentView)> = Vec::new();
        moments.extend(bells.iter().map(|bell| (bell.received_at, rung(bell))));
        moments.extend(events.iter().map(|(at, _, event)| (*at, told(&payment, *at, event))));
        moments.extend(postings.iter().map(|row| (row.recorded_at, moved(&payment, row))));
        moments.extend(payment.discrepancies.iter().filter_map(|one| settled(&payment, one)));
        // A stable sort: what one commit wrote stays in the order above.
        moments.sort_by_key(|(at, _)| *at);
        let data = moments.into_iter().map(|(_, moment)| moment).collect();
        Ok(Page {
            data,
            has_more: false,
            next_cursor: None,
        })
    }
}

fn told(payment: &Payment, at: Timestamp, event: &Event) -> MomentView {
    let kind = match event.kind.as_str() {
        "decided" | "needs_attention" | "resolve" | "resend" | "give_up" => "operation",
        "attempt" => "attempt",
        "phase" => "phase",
        "discrepancy" => "discrepancy",
        _ => "finding",
    };
    MomentView {
        at: at.to_string(),
        kind: kind.to_owned(),
        what: event.kind.clone(),
        operation: event
            .operation
            .map(|number| OperationId::new(payment.id, number).to_string()),
        detail: event.detail.clone(),
        posting: None,
    }
}

fn moved(payment: &Payment, row: &StoredPosting) -> MomentView {
    let posting = &row.posting;
    let party = posting.credit.party().or(posting.debit.party());
    let (debit, credit) = (posting.debit.name(), posting.credit.name());
    MomentView {
        at: row.recorded_at.to_string(),
        kind: "posting".to_owned(),
        what: crate::ledger::word(debit, credit).unwrap_or("moved").to_owned(),
        operation: match posting.cause {
            Cause::Operation(number) => Some(OperationId::new(payment.id, number).to_string()),
            Cause::External | Cause::Settlement => None,
        },
        detail: posting.reason.clone(),
        posting: Some(MovedView {
            debit: debit.to_owned(),
            credit: credit.to_owned(),
            party: party.map(ToString::to_string),
            amount: posting.amount.get(),
            currency: row.currency.code().to_owned(),
        }),
    }
}

fn rung(bell: &Notification) -> MomentView {
    let claims = bell
        .claims
        .as_ref()
        .map(|claims| format!(" claiming status {} {}", claims.status.id, claims.status.info));
    let became = match bell.state {
        NotificationState::Waiting => "the gateway has not been asked yet",
        NotificationState::Settled => "the gateway was asked",
        NotificationState::Orphan => "nobody here knows its payment",
    };
    MomentView {
        at: bell.received_at.to_string(),
        kind: "notification".to_owned(),
        what: bell.kind.as_str().to_owned(),
        operation: None,
        detail: format!("{} rang{}; {became}", bell.id, claims.unwrap_or_default()),
        posting: None,
    }
}

/// The end of a discrepancy; that it was filed is an event.
fn settled(payment: &Payment, one: &Discrepancy) -> Option<(Timestamp, MomentView)> {
    let at = one.closed_at.filter(|at| *at != one.opened_at)?;
    let why = one.note.as_deref().unwrap_or("closed");
    let moment = MomentView {
        at: at.to_string(),
        kind: "discrepancy".to_owned(),
        what: "closed".to_owned(),
        operation: None,
        detail: format!(
            "{} {}: {why}",
            DiscrepancyId::new(payment.id, one.number),
            one.kind.as_str()
        ),
        posting: None,
    };
    Some((at, moment))
}
