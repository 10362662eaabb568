//! From a commit to rows, on the caller's thread: the writer has better things to do than to write JSON.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use domain::operation::Operation;
use domain::payment::{Claim, Payment};
use domain::settlement::Settlement;
use domain::time::Timestamp;

use crate::cards::CardRow;
use crate::claims::ClaimRow;
use crate::commit::{Change, Commit, NotificationChange};
use crate::discrepancies::DiscrepancyRow;
use crate::error::{StoreError, corrupt};
use crate::events::EventsRow;
use crate::notifications::NotificationRow;
use crate::operations::OperationRow;
use crate::payments::{PaymentRow, SaleRow};
use crate::postings::{Origin, PostingRow};
use crate::refunds::RefundRow;
use crate::settlements::SettlementRow;
use crate::splits::SplitRow;

/// Rows that are new, and rows that differ from what they were.
#[derive(Debug)]
pub(crate) struct Rows<R> {
    pub new: Vec<R>,
    pub changed: Vec<R>,
}

/// A row that is new, or one that changes if its guard is still this.
#[derive(Debug)]
pub(crate) struct Guard<R> {
    pub row: R,
    pub expected: Option<i64>,
}

/// The rows of one commit.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// Digests of everything that no other commit of the same batch may touch.
    pub names: Vec<u64>,
    pub payment: Option<Guard<PaymentRow>>,
    pub sale: Option<SaleRow>,
    pub claims_taken: Vec<ClaimRow>,
    pub claims_released: Vec<ClaimRow>,
    pub operations: Rows<OperationRow>,
    pub settlement: Option<SettlementRow>,
    pub notification: Option<Guard<NotificationRow>>,
    pub splits: Rows<SplitRow>,
    pub refunds: Rows<RefundRow>,
    pub discrepancies: Rows<DiscrepancyRow>,
    pub card: Option<CardRow>,
    pub postings: Vec<PostingRow>,
    pub events: Option<EventsRow>,
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self {
            new: Vec::new(),
            changed: Vec::new(),
        }
    }
}

impl Prepared {
    /// The rows of a commit.
    pub fn of(commit: &Commit) -> Result<Self, StoreError> {
        let mut prepared = Self::default();
        match &commit.payment {
            Some(Change::Insert(payment)) => {
                prepared.payment(None, payment)?;
                prepared.belongings(commit, payment)?;
            }
            Some(Change::Update { before, after }) => {
                prepared.payment(Some(before), after)?;
                prepared.belongings(commit, after)?;
            }
            None => {
                let homeless = [
                    commit.claims_taken.len(),
                    commit.claims_released.len(),
                    commit.postings.len(),
                    usize::from(commit.card.is_some()),
                ];
                if homeless != [0, 0, 0, 0] {
                    return Err(corrupt("claims, postings or a card without their payment"));
                }
            }
        }
        if let Some(settlement) = &commit.settlement {
            prepared.settlement(settlement)?;
        }
        if let Some(change) = &commit.notification {
            let (bell, expected) = match change {
                NotificationChange::Insert(bell) => (bell, None),
                NotificationChange::Update(bell, tries) => (bell, Some(i64::from(*tries))),
            };
            let row = NotificationRow::of(bell)?;
            prepared.names.push(digest(&row.notification_id));
            prepared.notification = Some(Guard { row, expected });
        }
        Ok(prepared)
    }

    /// Which of several writers it goes to: always the same one for one payment.
    pub fn shard(&self, writers: usize) -> usize {
        let name = self.names.first().copied().unwrap_or_default();
        let writers = u64::try_from(writers).unwrap_or(1).max(1);
        usize::try_from(name % writers).unwrap_or(0)
    }

    /// Its postings, if it is of a settlement, or is not.
    pub fn postings_of(&self, settlement: bool) -> &[PostingRow] {
        if self.settlement.is_some() == settlement {
            &self.postings
        } else {
            &[]
        }
    }

    /// Says when it is written.
    pub fn stamp(&mut self, at: Timestamp) {
        for posting in &mut self.postings {
            posting.recorded_at = at.micros();
        }
        if let Some(events) = &mut self.events {
            events.recorded_at = at.micros();
        }
        if let Some(settlement) = &mut self.settlement {
            settlement.recorded_at = at.micros();
        }
    }

    fn payment(&mut self, before: Option<&Payment>, after: &Payment) -> Result<(), StoreError> {
        let row = PaymentRow::of(after)?;
        self.names.push(digest(&row.payment_id));
        let expected = match before {
            None => None,
            Some(before) => {
                assert!(before.id == after.id, "a payment keeps its id");
                assert!(
                    before.version.checked_add(1) == Some(after.version),
                    "a commit is one version"
                );
                assert!(before.sale == after.sale, "what was sold never changes");
                row.version.checked_sub(1)
            }
        };
        if before.is_none() {
            self.sale = Some(SaleRow::of(after)?);
        }
        self.payment = Some(Guard { row, expected });

        let id = after.id;
        self.splits = compared(before.map(|one| &one.splits), &after.splits, |one| {
            SplitRow::of(id, one)
        })?;
        if let Some(before) = before {
            let same = |(was, is): (&Operation, &Operation)| was.work == is.work;
            assert!(
                before.operations.iter().zip(&after.operations).all(same),
                "what an operation does never changes"
            );
        }
        self.operations = compared(before.map(|one| &one.operations), &after.operations, |one| {
            OperationRow::of(id, one)
        })?;
        self.refunds = compared(before.map(|one| &one.refunds), &after.refunds, |one| {
            RefundRow::of(id, one)
        })?;
        self.discrepancies = compared(before.map(|one| &one.discrepancies), &after.discrepancies, |one| {
            Ok(DiscrepancyRow::of(id, one))
        })?;
        Ok(())
    }

    /// What belongs to a payment's commit besides the payment itself.
    fn belongings(&mut self, commit: &Commit, payment: &Payment) -> Result<(), StoreError> {
        let id = payment.id.to_string();
        let row = |claim: &Claim| ClaimRow {
            name: claim.to_string(),
            payment_id: id.clone(),
        };
        self.claims_taken = commit.claims_taken.iter().map(row).collect();
        self.claims_released = commit.claims_released.iter().map(row).collect();
        self.names.extend(
            self.claims_taken
                .iter()
                .chain(&self.claims_released)
                .map(|claim| digest(&claim.name)),
        );
        self.card = commit.card.as_ref().map(CardRow::of);
        if self.card.as_ref().is_some_and(|card| card.payment_id != id) {
            return Err(corrupt(format_args!("{id}: the card of another payment")));
        }
        let version = crate::text::number(payment.version)?;
        let currency = payment.sale.cart.currency();
        let numbered = (1..).zip(&commit.postings);
        self.postings = numbered
            .map(|(number, posting)| PostingRow::of(Origin::Payment(payment.id), version, number, currency, posting))
            .collect::<Result<_, _>>()?;
        if !commit.events.is_empty() {
            self.events = Some(EventsRow::of(payment.id, version, &commit.events)?);
        }
        Ok(())
    }

    /// A settlement and what it moves.
    fn settlement(&mut self, settlement: &Settlement) -> Result<(), StoreError> {
        let row = SettlementRow::of(settlement);
        self.names.extend([
            digest(&row.settlement_id),
            digest(&format!("{} {}", row.principal, row.idempotency_key)),
            digest(&format!("{} {}", row.seller_id, row.reference)),
        ]);
        let (origin, currency) = (Origin::Settlement(settlement.id), settlement.amount.currency);
        let posting = PostingRow::of(origin, 1, 1, currency, &settlement.posting())?;
        self.postings.push(posting);
        self.settlement = Some(row);
        Ok(())
    }
}

/// Parts are only ever appended and changed in place, so that two versions compare by position.
fn compared<T: PartialEq, R>(
    before: Option<&Vec<T>>,
    after: &[T],
    row: impl Fn(&T) -> Result<R, StoreError>,
) -> Result<Rows<R>, StoreError> {
    let before = before.map_or(&[][..], Vec::as_slice);
    assert!(before.len() <= after.len(), "nothing is forgotten");
    let mut rows = Rows::default();
    for (was, is) in before.iter().zip(after) {
        if was != is {
            rows.changed.push(row(is)?);
        }
    }
    for is in after.iter().skip(before.len()) {
        rows.new.push(row(is)?);
    }
    Ok(rows)
}

fn digest(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
