//! A commit is a value; and the only BEGIN and COMMIT there are.

use std::sync::Arc;

use diesel::RunQueryDsl;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use domain::card::Card;
use domain::ledger::Posting;
use domain::notification::Notification;
use domain::payment::{Claim, Event, Payment};
use domain::settlement::Settlement;
use domain::time::Timestamp;

use crate::balances::Note;
use crate::connection::{AnyConnection, Session};
use crate::error::{self, StoreError};
use crate::statement::{Begin, BeginWriting, Forget, Keep};
use crate::tx::Tx;

/// Everything that one decision produced. It lands whole or not at all.
///
/// Claims, postings, events and the card belong to the payment; without one, only the notification and the settlement
/// are written.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    /// The payment, and what it was decided on.
    pub payment: Option<Change>,
    /// Names that only this payment may hold from now on.
    pub claims_taken: Vec<Claim>,
    /// Names that others may take from now on; those that others hold are left alone.
    pub claims_released: Vec<Claim>,
    /// What moves in the books.
    pub postings: Vec<Posting>,
    /// What to remember.
    pub events: Vec<Event>,
    /// The notification that is stored or answered.
    pub notification: Option<NotificationChange>,
    /// The card that the buyer keeps; the payment's first is kept, whoever tells it again.
    pub card: Option<Card>,
    /// The payout that we were told of: a conflict where its key or its name is taken. What it posts follows from it.
    pub settlement: Option<Settlement>,
}

impl Commit {
    /// The payment as it is once this is written.
    pub(crate) fn next(&self) -> Option<&Arc<Payment>> {
        match self.payment.as_ref()? {
            Change::Insert(next) | Change::Update { after: next, .. } => Some(next),
        }
    }
}

/// A payment's next version. Versions never change, so that whoever needs one shares it.
#[derive(Clone, Debug)]
pub enum Change {
    /// Its first.
    Insert(Arc<Payment>),
    /// Its next; a conflict unless it still is what it was.
    Update {
        /// What was decided on.
        before: Arc<Payment>,
        /// What it is to be: one version on.
        after: Arc<Payment>,
    },
}

/// A notification's next state.
#[derive(Clone, Debug)]
pub enum NotificationChange {
    /// A new one.
    Insert(Notification),
    /// What it is to be; a conflict unless it was looked at this often.
    Update(Notification, u32),
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// One snapshot.
    Looking,
    /// Changes.
    Writing,
}

/// Runs `look` on the snapshot that was begun, and ends it.
pub(crate) fn read<T>(
    session: &mut Session,
    now: Timestamp,
    look: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<(T, Vec<Note>), StoreError> {
    let mut tx = Tx {
        connection: &mut session.connection,
        remembered: &session.remembered,
        now,
        notes: Vec::new(),
    };
    let result = look(&mut tx);
    let notes = std::mem::take(&mut tx.notes);
    // There is nothing to keep, so that how it ends says nothing about what was seen.
    abandon(session);
    result.map(|value| (value, notes))
}

/// Runs `change` in the transaction that was begun, and keeps what it did unless it fails.
pub(crate) fn write<T>(
    session: &mut Session,
    now: Timestamp,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut tx = Tx {
        connection: &mut session.connection,
        remembered: &session.remembered,
        now,
        notes: Vec::new(),
    };
    match change(&mut tx) {
        Ok(value) => finish(session).map(|()| value),
        Err(error) => {
            abandon(session);
            Err(error)
        }
    }
}

/// BEGIN. Until [`finish`] or [`abandon`] the session counts as broken: a panic leaves it so.
pub(crate) fn begin(session: &mut Session, purpose: Purpose) -> Result<(), StoreError> {
    session.broken = true;
    session.outgrow_plans();
    let begun = match (&mut session.connection, purpose) {
        // Prepared once; diesel's manager would have them parsed every time.
        (AnyConnection::Sqlite(connection), Purpose::Looking) => Begin.execute(connection).map(|_| ()),
        (AnyConnection::Sqlite(connection), Purpose::Writing) => BeginWriting.execute(connection).map(|_| ()),
        (AnyConnection::Postgres(connection), Purpose::Looking) => {
            let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            AnsiTransactionManager::begin_transaction_sql(connection, snapshot)
        }
        (AnyConnection::Postgres(connection), Purpose::Writing) => {
            AnsiTransactionManager::begin_transaction(connection)
        }
    };
    // A begin that only came too soon leaves a sound connection behind.
    begun.map_err(|error| {
        session.broken = error::is_disconnected(&error);
        StoreError::from(error)
    })
}

/// COMMIT. Where its answer is lost, nobody knows.
pub(crate) fn finish(session: &mut Session) -> Result<(), StoreError> {
    let finished = match &mut session.connection {
        AnyConnection::Sqlite(connection) => Keep.execute(connection).map(|_| ()),
        AnyConnection::Postgres(connection) => AnsiTransactionManager::commit_transaction(connection),
    };
    // A commit that failed, for whatever reason, leaves a connection that is not worth a guess.
    session.broken = finished.is_err();
    finished.map_err(error::of_commit)
}

/// ROLLBACK. A connection that cannot do even this is of no further use.
pub(crate) fn abandon(session: &mut Session) {
    let ended = match &mut session.connection {
        AnyConnection::Sqlite(connection) => Forget.execute(connection).map(|_| ()),
        AnyConnection::Postgres(connection) => AnsiTransactionManager::rollback_transaction(connection),
    };
    session.broken = ended.is_err();
}
