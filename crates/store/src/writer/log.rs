//! Who empties SQLite's write-ahead log. Copying a log of sixteen mebibytes into the file takes tens of milliseconds, and
//! whoever commits meanwhile would wait: so a thread of its own copies while others write, and the writer only what is left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};

use crate::commit::Purpose;
use crate::connection::{AnyConnection, Connector, Session};
use crate::error::StoreError;

/// The thread that copies, as the writer sees it.
pub(crate) struct LogKeeper {
    news: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Whether so little is left that the writer may copy it between two batches.
    nearly_done: Arc<AtomicBool>,
}

/// How far the log has been copied.
#[derive(QueryableByName)]
pub(crate) struct Copied {
    /// Pages in it.
    #[diesel(sql_type = sql_types::Integer, column_name = "log")]
    pages: i32,
    /// Those that are in the file, too.
    #[diesel(sql_type = sql_types::Integer, column_name = "checkpointed")]
    copied: i32,
}

impl LogKeeper {
    /// Starts a thread with a connection of its own.
    pub fn start(connector: Connector) -> Result<Self, StoreError> {
        let (news, written) = sync_channel(1);
        let nearly_done = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&nearly_done);
        let thread = Builder::new()
            .name("store-log".to_owned())
            .spawn(move || run(&connector, &written, &told))
            .map_err(|error| StoreError::Unavailable(format!("the log's keeper could not be started: {error}")))?;
        Ok(Self {
            news: Some(news),
            thread: Some(thread),
            nearly_done,
        })
    }

    /// Something was written.
    pub fn written(&self) {
        // One that is full tells already.
        let _ = self.news.as_ref().map(|news| news.try_send(()));
    }

    /// Whether the writer is to copy what is left, so that the log begins anew.
    pub fn nearly_done(&self) -> bool {
        self.nearly_done.swap(false, Ordering::Relaxed)
    }
}

impl Drop for LogKeeper {
    fn drop(&mut self) {
        self.news = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

fn run(connector: &Connector, written: &Receiver<()>, nearly_done: &AtomicBool) {
    let mut session = None;
    while written.recv().is_ok() {
        std::thread::sleep(PAUSE);
        let kept = match &mut session {
            Some(session) => keep(session, nearly_done),
            None => connector
                .session(Purpose::Looking)
                .and_then(|new| keep(session.insert(new), nearly_done)),
        };
        if let Err(error) = kept {
            // The writer copies the log itself once it is very long.
            tracing::debug!(%error, "the log was not copied");
            session = None;
        }
    }
}

/// Copies a log that is long: a page that is written again and again is copied once then.
fn keep(session: &mut Session, nearly_done: &AtomicBool) -> Result<(), StoreError> {
    if ask(session, "PRAGMA wal_checkpoint(NOOP)")?.left() < LONG {
        return Ok(());
    }
    // What was written meanwhile is less each time. The last few only the writer can copy, because it does not write then.
    for _ in 0..COPIES {
        if copy(session)?.left() < FEW {
            nearly_done.store(true, Ordering::Relaxed);
            break;
        }
    }
    Ok(())
}

/// Copies what can be copied while others read and write.
pub(crate) fn copy(session: &mut Session) -> Result<Copied, StoreError> {
    ask(session, "PRAGMA wal_checkpoint(PASSIVE)")
}

fn ask(session: &mut Session, pragma: &str) -> Result<Copied, StoreError> {
    let AnyConnection::Sqlite(connection) = &mut session.connection else {
        return Ok(Copied { pages: 0, copied: 0 });
    };
    Ok(sql_query(pragma).get_result(connection)?)
}

impl Copied {
    /// Pages that are not in the file yet.
    const fn left(&self) -> i32 {
        self.pages.saturating_sub(self.copied)
    }
}

/// Between two looks at the log, at least.
const PAUSE: Duration = Duration::from_millis(20);

/// A log with so many pages of 4 KiB to copy is long.
const LONG: i32 = 4000;

/// Pages that the writer copies in a moment.
const FEW: i32 = 600;

/// How often a log is copied at one time: each waits for the disk twice.
const COPIES: usize = 4;

/// From so many pages on the writer copies the log itself, should nobody else.
pub(crate) const VERY_LONG: &str = "PRAGMA wal_autocheckpoint = 32000";
