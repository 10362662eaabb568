//! One writing process for each SQLite file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::error::StoreError;

/// Held while this process may write. The system lets go of it when the process ends, however it ends.
pub(crate) struct WriterLock(#[expect(dead_code, reason = "holding it open is its use")] File);

impl WriterLock {
    /// Takes the lock beside `database`, or says what to do.
    pub fn take(database: &Path) -> Result<Self, StoreError> {
        let mut path = database.as_os_str().to_owned();
        path.push("-writer.lock");
        let shown = Path::new(&path).display().to_string();
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(|error| StoreError::Unavailable(format!("{shown}: {error}")))?;
        let mut taken = file.try_lock();
        for _ in 0..TRIES {
            if !matches!(taken, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(PAUSE);
            taken = file.try_lock();
        }
        match taken {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Unavailable(format!(
                "another process writes to {}: stop it, or ask it over HTTP (a SQLite file has one writing process; \
                 only `verify` may look beside it)",
                database.display()
            ))),
            Err(TryLockError::Error(error)) => Err(StoreError::Unavailable(format!("{shown}: {error}"))),
        }
    }
}

/// How often it is tried again: who is ending empties the log and closes the file before letting go.
const TRIES: u32 = 100;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(20);
