//! One snapshot of the vault. What it can tell is in one file per noun.

use domain::time::Timestamp;

use crate::balances::Note;
use crate::connection::AnyConnection;
use crate::remembered::Remembered;
use crate::settings::Backend;

/// One transaction: everything it reads is of one moment. Inside [`Store::write`](crate::Store::write) it can also
/// change reference data.
pub struct Tx<'a> {
    pub(crate) connection: &'a mut AnyConnection,
    pub(crate) remembered: &'a Remembered,
    pub(crate) now: Timestamp,
    /// What should be done about checkpoints once the transaction is over.
    pub(crate) notes: Vec<Note>,
}

impl Tx<'_> {
    /// Which backend answers.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.connection {
            AnyConnection::Sqlite(_) => Backend::Sqlite,
            AnyConnection::Postgres(_) => Backend::Postgres,
        }
    }
}
