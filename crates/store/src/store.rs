//! The vault's door.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use domain::time::Timestamp;
use tokio::sync::oneshot;

use crate::balances::{self, Note};
use crate::commit::{Commit, Purpose};
use crate::connection::Connector;
use crate::error::StoreError;
use crate::lock::WriterLock;
use crate::migrate;
use crate::reads::{Pool, Readers};
use crate::remembered::Remembered;
use crate::settings::{Backend, Place, Settings};
use crate::trial::Trial;
use crate::tx::Tx;
use crate::writer::{Clock, LogKeeper, Pen, Prepared, Writer};

/// The vault. Cheap to clone: every clone is the same vault.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    connector: Connector,
    pool: Pool,
    readers: Option<Readers>,
    writing: Writing,
    trial: Option<Arc<dyn Trial>>,
    clock: Clock,
    /// Let go of last, when nobody writes any more.
    _lock: Option<WriterLock>,
}

/// Who writes.
enum Writing {
    /// Nobody: the vault was opened to be looked at.
    Nobody,
    /// Whoever calls.
    Caller(Box<Mutex<Pen>>),
    /// Threads, chosen by the payment.
    Threads(Vec<Writer>),
}

impl Store {
    /// Opens the vault, without migrating it. `clock` stamps what is recorded.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], saying what to do: the database cannot be reached, does not keep what it is told, or
    /// another process writes to it.
    pub fn open(settings: &Settings, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Result<Self, StoreError> {
        let place = Place::of(settings)?;
        let lock = match &place {
            Place::Sqlite { path, read_only: false } => Some(WriterLock::take(path)?),
            Place::Sqlite { .. } | Place::Postgres { .. } => None,
        };
        let connector = Connector {
            place,
            remembered: Remembered::default(),
        };
        let first = connector.session(Purpose::Writing)?;
        let pool = Pool::new(connector.clone(), settings.read_connections, Arc::clone(&clock));
        let readers = if settings.inline {
            None
        } else {
            Some(Readers::start(&pool, settings.read_connections)?)
        };
        let writing = if settings.read_only {
            Writing::Nobody
        } else {
            let apart = settings.batch_max == Some(1);
            let pen = Pen::new(connector.clone(), first, Arc::clone(&clock), apart);
            if settings.inline {
                Writing::Caller(Box::new(Mutex::new(pen)))
            } else {
                Writing::Threads(threads(pen, &connector, &clock, settings.batch_max)?)
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                connector,
                pool,
                readers,
                writing,
                trial: settings.trial.clone().filter(|_| settings.inline),
                clock,
                _lock: lock,
            }),
        })
    }

    /// Applies the migrations that are not applied yet; answers their names.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when one fails; those before it are applied.
    pub fn migrate(&self) -> Result<Vec<String>, StoreError> {
        migrate::apply(&self.inner.connector)
    }

    /// The names of the migrations that are not applied yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be read.
    pub fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        migrate::pending(&self.inner.connector)
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.connector.place.backend()
    }

    /// Looks at one snapshot, away from the async threads.
    ///
    /// # Errors
    /// What `look` answers, or that it could not look.
    pub async fn read<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let Some(readers) = &self.inner.readers else {
            self.inner.trial.as_ref().map_or(Ok(()), |trial| trial.look())?;
            let (value, notes) = self.inner.look_here(look)?;
            self.inner.follow_up(notes);
            return Ok(value);
        };
        let (answer, answered) = oneshot::channel();
        let inner = Arc::downgrade(&self.inner);
        readers.hand_over(move |pool| {
            let result = pool.read(look).map(|(value, notes)| {
                if !notes.is_empty() {
                    follow_up(&inner, notes);
                }
                value
            });
            // Who no longer waits needs no answer.
            let _ = answer.send(result);
        })?;
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("the look did not end".to_owned())))
    }

    /// Writes a commit; answers when it was recorded, once it cannot be lost any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: load again, the key first, and decide again. [`StoreError::Unknown`]: read back.
    pub async fn commit(&self, commit: Commit) -> Result<Timestamp, StoreError> {
        let prepared = Prepared::of(&commit)?;
        let written = match &self.inner.writing {
            Writing::Nobody => return Err(read_only()),
            Writing::Caller(pen) => Box::pin(self.inner.write_here(pen, &commit, prepared)).await,
            Writing::Threads(writers) => {
                let writer = writers.get(prepared.shard(writers.len())).or_else(|| writers.first());
                let answered = writer.ok_or_else(read_only)?.commit(prepared)?;
                // A writer that died may have died after its COMMIT.
                let died = |_| Err(StoreError::Unknown("the writer stopped".to_owned()));
                answered.await.unwrap_or_else(died)
            }
        };
        let written_at = written?;
        commit
            .next()
            .into_iter()
            .for_each(|payment| self.inner.connector.remembered.keep(payment));
        Ok(written_at)
    }

    /// Changes reference data (sellers, fee plans, keys, kept cards, the installation) in one transaction.
    ///
    /// # Errors
    /// What `change` answers, or that it could not be written.
    pub async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.inner.alone(move |pen| {
            // Who no longer waits is written all the same.
            let _ = answer.send(pen.write(change));
        })?;
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Unknown("the writer stopped".to_owned())))
    }

    /// Whether the database answers, to those who look and to those who write.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], saying what is wrong.
    pub async fn health(&self) -> Result<(), StoreError> {
        self.read(|tx| tx.meta("installation").map(|_| ())).await?;
        match &self.inner.writing {
            Writing::Nobody => Ok(()),
            Writing::Caller(_) | Writing::Threads(_) => self.write(|_| Ok(())).await,
        }
    }
}

impl Inner {
    /// Looks on the caller's thread, through the connection that writes: a second one would forget every page that it has
    /// read whenever the first has written.
    fn look_here<T>(
        &self,
        look: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<(T, Vec<Note>), StoreError> {
        match &self.writing {
            Writing::Caller(pen) => pen.lock().unwrap_or_else(PoisonError::into_inner).look(look),
            Writing::Nobody | Writing::Threads(_) => self.pool.read(look),
        }
    }

    /// Writes a commit on the caller's thread.
    async fn write_here(&self, pen: &Mutex<Pen>, commit: &Commit, prepared: Prepared) -> Result<Timestamp, StoreError> {
        let write = move || {
            let mut pen = pen.lock().unwrap_or_else(PoisonError::into_inner);
            let answers = pen.commit(&mut [prepared]);
            answers.into_iter().next().unwrap_or(Err(StoreError::Busy))
        };
        match &self.trial {
            Some(trial) => trial.commit(commit, Box::new(write)).await,
            None => write(),
        }
    }

    /// Has something written that is not a commit.
    fn alone(&self, job: impl FnOnce(&mut Pen) + Send + 'static) -> Result<(), StoreError> {
        match &self.writing {
            Writing::Nobody => Err(read_only()),
            Writing::Caller(pen) => {
                job(&mut pen.lock().unwrap_or_else(PoisonError::into_inner));
                Ok(())
            }
            Writing::Threads(writers) => writers.first().ok_or_else(read_only)?.alone(job),
        }
    }

    /// Whether some commit has been on its way for so long that a checkpoint might overtake it.
    fn is_stalled(&self) -> bool {
        let Writing::Threads(writers) = &self.writing else {
            return false;
        };
        let long_ago = (self.clock)().micros().saturating_sub(balances::STALLED_MICROS);
        writers
            .iter()
            .any(|writer| writer.busy_since.load(Ordering::Relaxed) < long_ago)
    }

    /// Keeps the checkpoints that a look has made, and compares those that it found old enough.
    fn follow_up(self: &Arc<Self>, notes: Vec<Note>) {
        if matches!(self.writing, Writing::Nobody) {
            return;
        }
        for note in notes {
            let done = match note {
                Note::Keep(checkpoint) if !self.is_stalled() => self.alone(move |pen| {
                    if let Err(error) = pen.write(|tx| tx.keep(&checkpoint)) {
                        tracing::warn!(%error, "a checkpoint was not kept");
                    }
                }),
                Note::Keep(_) => Ok(()),
                Note::Compare(party) => self.compare(party),
            };
            if let Err(error) = done {
                tracing::warn!(%error, "a checkpoint was not looked after");
            }
        }
    }

    /// Folds a party's postings again from the start, away from whoever waits for an answer.
    fn compare(self: &Arc<Self>, party: domain::seller::Party) -> Result<(), StoreError> {
        let Some(readers) = &self.readers else {
            let (note, _) = self.look_here(|tx| tx.compared(&party))?;
            self.follow_up(note.into_iter().collect());
            return Ok(());
        };
        let inner = Arc::downgrade(self);
        readers.hand_over(move |pool| match pool.read(|tx| tx.compared(&party)) {
            Ok((note, _)) => follow_up(&inner, note.into_iter().collect()),
            Err(error) => tracing::warn!(%error, "a checkpoint was not compared"),
        })
    }
}

fn follow_up(inner: &Weak<Inner>, notes: Vec<Note>) {
    if let Some(inner) = inner.upgrade() {
        inner.follow_up(notes);
    }
}

fn threads(
    pen: Pen,
    connector: &Connector,
    clock: &Clock,
    batch_max: Option<usize>,
) -> Result<Vec<Writer>, StoreError> {
    match connector.place.backend() {
        Backend::Sqlite => {
            let keeper = LogKeeper::start(connector.clone())?;
            let batch_max = batch_max.unwrap_or(SQLITE_BATCH_MAX);
            Ok(vec![Writer::start(0, pen, batch_max, Some(keeper))?])
        }
        Backend::Postgres => {
            let batch_max = batch_max.unwrap_or(POSTGRES_BATCH_MAX);
            let second = Pen::new(
                connector.clone(),
                connector.session(Purpose::Writing)?,
                Arc::clone(clock),
                batch_max == 1,
            );
            Ok(vec![
                Writer::start(0, pen, batch_max, None)?,
                Writer::start(1, second, batch_max, None)?,
            ])
        }
    }
}

fn read_only() -> StoreError {
    StoreError::Unavailable("the database was opened to be looked at only".to_owned())
}

/// Commits in one transaction, at most, on SQLite.
const SQLITE_BATCH_MAX: usize = 64;

/// Commits in one transaction, at most, on PostgreSQL.
const POSTGRES_BATCH_MAX: usize = 32;
