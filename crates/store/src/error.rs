//! What may be wrong with the vault, by what the caller may conclude.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why something could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such row.
    #[error("there is no such thing")]
    Missing,
    /// Somebody else was faster: a stale version, a claim or key or site that is taken. Nothing was written: load
    /// again, the key first, and decide again.
    #[error("somebody else was faster, or has the name")]
    Conflict,
    /// The database is occupied; nothing was written, and trying again is harmless.
    #[error("the database is busy")]
    Busy,
    /// What is stored, or was about to be, contradicts itself. Never the caller's fault, never to be retried.
    #[error("the database contradicts itself: {0}")]
    Corrupt(String),
    /// The database cannot be used. Surely nothing was written.
    #[error("the database cannot be used: {0}")]
    Unavailable(String),
    /// COMMIT was sent and its answer lost: read back what became of it.
    #[error("the database did not say whether it was written: {0}")]
    Unknown(String),
}

/// Whether the connection that gave this error is of no further use.
pub(crate) fn is_disconnected(error: &DieselError) -> bool {
    use DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
    matches!(
        error,
        DieselError::DatabaseError(ClosedConnection | UnableToSendCommand, _)
            | DieselError::BrokenTransactionManager
            | DieselError::RollbackErrorOnCommit { .. }
    )
}

/// An error of the COMMIT itself: only an answer that says why is proof that nothing was written.
pub(crate) fn of_commit(error: DieselError) -> StoreError {
    match error {
        DieselError::RollbackErrorOnCommit { commit_error, .. } => of_commit(*commit_error),
        other => match StoreError::from(other) {
            StoreError::Unavailable(why) => StoreError::Unknown(why),
            known => known,
        },
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        match error {
            DieselError::NotFound => Self::Missing,
            DieselError::DatabaseError(kind, info) => {
                let message = info.message().to_owned();
                match kind {
                    Kind::UniqueViolation => Self::Conflict,
                    Kind::SerializationFailure => Self::Busy,
                    Kind::ForeignKeyViolation
                    | Kind::NotNullViolation
                    | Kind::CheckViolation
                    | Kind::RestrictViolation
                    | Kind::ExclusionViolation => Self::Corrupt(message),
                    _ if is_busy(&message) => Self::Busy,
                    _ => Self::Unavailable(message),
                }
            }
            DieselError::DeserializationError(why) => Self::Corrupt(why.to_string()),
            DieselError::SerializationError(why) | DieselError::QueryBuilderError(why) => {
                Self::Corrupt(why.to_string())
            }
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// Neither backend has a kind of its own for these.
fn is_busy(message: &str) -> bool {
    [
        "database is locked",
        "database table is locked",
        "deadlock detected",
        "canceling statement due to lock timeout",
    ]
    .iter()
    .any(|sign| message.contains(sign))
}

/// Shorthand for a contradiction in what is stored.
pub(crate) fn corrupt(what: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(what.to_string())
}
