//! What a simulation puts between an inline vault and whoever uses it: there the database fails, and there a process ends
//! between two steps.

use std::future::Future;
use std::pin::Pin;

use domain::time::Timestamp;

use crate::commit::Commit;
use crate::error::StoreError;

/// What a commit comes to, in the end.
pub type Tried<'a> = Pin<Box<dyn Future<Output = Result<Timestamp, StoreError>> + Send + 'a>>;

/// Writes the commit. Not called, nothing is written.
pub type Write<'a> = Box<dyn FnOnce() -> Result<Timestamp, StoreError> + Send + 'a>;

/// Stands between an inline vault and whoever uses it.
pub trait Trial: Send + Sync {
    /// Before each look.
    ///
    /// # Errors
    /// What whoever looks is told in place of what there is to see.
    fn look(&self) -> Result<(), StoreError>;

    /// Writes the commit or does not, and tells of it or does not.
    fn commit<'a>(&'a self, commit: &'a Commit, write: Write<'a>) -> Tried<'a>;
}
