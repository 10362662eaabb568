//! Who writes: commits that wait at the same moment are written in one database transaction, and a lone one never waits
//! for company. The two backends differ in `sqlite` and `postgres`, and only there.

pub(crate) mod log;
mod postgres;
pub(crate) mod prepare;
mod queue;
mod sqlite;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use domain::time::Timestamp;

use crate::balances::Note;
use crate::commit::{self, Purpose};
use crate::connection::{AnyConnection, Connector, Session};
use crate::error::StoreError;
use crate::schema::{checkpoints, postings};
use crate::settings::Backend;
use crate::tx::Tx;

pub(crate) use log::LogKeeper;
pub(crate) use prepare::Prepared;
pub(crate) use queue::Writer;

/// Tells the time; the only source of `recorded_at`.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What became of one commit of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is written, once the batch is.
    Won,
    /// Somebody else was faster; nothing of it is written.
    Lost,
}

/// Why a batch cannot go on. Nothing of it is written.
enum Stop {
    /// The database would not even begin.
    Closed(StoreError),
    /// These have lost after having written: again, without them.
    Lost(Vec<usize>),
    /// One of its commits is to blame, or the database is.
    Failed(StoreError),
}

impl Stop {
    fn failed(error: DieselError) -> Self {
        Self::Failed(error.into())
    }

    fn corrupt(what: String) -> Self {
        Self::Failed(StoreError::Corrupt(what))
    }

    /// A key that is taken where nobody else can take it.
    fn contradiction(error: DieselError) -> Self {
        match StoreError::from(error) {
            StoreError::Conflict => Self::corrupt("a row that is new is already there".to_owned()),
            other => Self::Failed(other),
        }
    }
}

/// What holds the one connection that a writer writes through.
pub(crate) struct Pen {
    connector: Connector,
    session: Option<Session>,
    clock: Clock,
    /// Whether each table takes a statement of its own, on a PostgreSQL that is distributed.
    apart: bool,
    /// The latest `recorded_at`, in microseconds; none before the first commit.
    stamped: Option<i64>,
    /// Since when a batch is being written, in microseconds; `i64::MAX` between batches.
    busy_since: Arc<AtomicI64>,
    /// Until when it is not worth trying to connect again.
    retry_at: Option<Instant>,
    backoff: Duration,
}

impl Pen {
    pub fn new(connector: Connector, session: Session, clock: Clock, apart: bool) -> Self {
        Self {
            connector,
            session: Some(session),
            clock,
            apart,
            stamped: None,
            busy_since: Arc::new(AtomicI64::new(i64::MAX)),
            retry_at: None,
            backoff: BACKOFF_MIN,
        }
    }

    /// Somebody else copies the log: this pen does only where nobody else has for long.
    pub fn leaves_the_log(&mut self) {
        if let Some(session) = &mut self.session
            && let Err(error) = session.connection.batch_execute(log::VERY_LONG)
        {
            tracing::debug!(%error, "the writer goes on copying the log");
        }
    }

    /// Copies what little is left of the log, so that the next commit begins it anew.
    pub fn finish_the_log(&mut self) {
        if let Some(session) = &mut self.session
            && let Err(error) = log::copy(session)
        {
            tracing::debug!(%error, "the log was not finished");
        }
    }

    /// Where it can be seen whether, and since when, this pen is writing.
    pub fn busy_since(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.busy_since)
    }

    /// A plain change, in a transaction of its own.
    pub fn write<T>(&mut self, change: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let now = (self.clock)();
        commit::write(self.begun(Purpose::Writing)?, now, change)
    }

    /// A look through the one connection that an inline vault needs.
    pub fn look<T>(
        &mut self,
        look: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<(T, Vec<Note>), StoreError> {
        let now = (self.clock)();
        commit::read(self.begun(Purpose::Looking)?, now, look)
    }

    /// Writes a batch, no two of whose commits share a name; answers each.
    pub fn commit(&mut self, commits: &mut [Prepared]) -> Vec<Result<Timestamp, StoreError>> {
        self.busy_since.store((self.clock)().micros(), Ordering::Relaxed);
        let all: Vec<usize> = (0..commits.len()).collect();
        let mut answers = vec![Err(StoreError::Conflict); commits.len()];
        self.commit_some(commits, all, &mut answers);
        self.busy_since.store(i64::MAX, Ordering::Relaxed);
        answers
    }

    fn commit_some(
        &mut self,
        commits: &mut [Prepared],
        mut these: Vec<usize>,
        answers: &mut [Result<Timestamp, StoreError>],
    ) {
        let mut deadlocks = 0;
        while !these.is_empty() {
            match self.together(commits, &these, answers) {
                Ok(()) => return,
                // They keep the answer that each began with.
                Err(Stop::Lost(losers)) => {
                    let lost: Vec<usize> = losers.iter().filter_map(|place| these.get(*place).copied()).collect();
                    these.retain(|index| !lost.contains(index));
                }
                // Nobody knows who is to blame: one by one.
                Err(Stop::Failed(StoreError::Corrupt(_) | StoreError::Busy | StoreError::Conflict))
                    if these.len() > 1 =>
                {
                    these
                        .into_iter()
                        .for_each(|index| self.commit_some(commits, vec![index], answers));
                    return;
                }
                // Another process took the same rows in another order.
                Err(Stop::Failed(StoreError::Busy)) if deadlocks < DEADLOCKS_MAX => deadlocks += 1,
                Err(Stop::Failed(why) | Stop::Closed(why)) => {
                    these.iter().for_each(|index| answer(answers, *index, Err(why.clone())));
                    return;
                }
            }
        }
    }

    /// One database transaction.
    fn together(
        &mut self,
        commits: &mut [Prepared],
        these: &[usize],
        answers: &mut [Result<Timestamp, StoreError>],
    ) -> Result<(), Stop> {
        self.begun(Purpose::Writing).map_err(Stop::Closed)?;
        let mut stamps = Vec::new();
        let written = self.written(commits, these, &mut stamps);
        let Some(session) = &mut self.session else {
            return Err(Stop::Closed(lost()));
        };
        let verdicts = match written {
            Ok(verdicts) => verdicts,
            Err(stop) => {
                commit::abandon(session);
                return Err(stop);
            }
        };
        let finished = if verdicts.contains(&Verdict::Won) {
            commit::finish(session)
        } else {
            commit::abandon(session);
            Ok(())
        };
        // Only an answer that is known to mean "not written" lets a batch be cut up and tried again.
        if let Err(why @ (StoreError::Busy | StoreError::Corrupt(_) | StoreError::Conflict)) = finished {
            return Err(Stop::Failed(why));
        }
        for ((index, at), verdict) in these.iter().zip(stamps).zip(verdicts) {
            let result = match verdict {
                Verdict::Won => finished.clone().map(|()| at),
                Verdict::Lost => Err(StoreError::Conflict),
            };
            answer(answers, *index, result);
        }
        Ok(())
    }

    /// Everything between BEGIN and COMMIT.
    fn written(
        &mut self,
        commits: &mut [Prepared],
        these: &[usize],
        stamps: &mut Vec<Timestamp>,
    ) -> Result<Vec<Verdict>, Stop> {
        *stamps = self.stamps(these.len()).map_err(Stop::Closed)?;
        for (index, at) in these.iter().zip(stamps) {
            if let Some(commit) = commits.get_mut(*index) {
                commit.stamp(*at);
            }
        }
        let batch: Vec<&Prepared> = these.iter().filter_map(|index| commits.get(*index)).collect();
        match self.session.as_mut().map(|session| &mut session.connection) {
            Some(AnyConnection::Sqlite(connection)) => sqlite::write(connection, &batch),
            Some(AnyConnection::Postgres(connection)) => postgres::write(connection, &batch, self.apart),
            None => Err(Stop::Closed(lost())),
        }
    }

    /// So many moments, each later than every one before it.
    fn stamps(&mut self, count: usize) -> Result<Vec<Timestamp>, StoreError> {
        let mut last = match self.stamped {
            Some(last) => last,
            None => self.latest()?,
        };
        let now = (self.clock)().micros();
        let mut stamps = Vec::with_capacity(count);
        for _ in 0..count {
            last = now.max(last.saturating_add(1));
            stamps.push(Timestamp::from_micros(last));
        }
        self.stamped = Some(last);
        Ok(stamps)
    }

    /// The latest moment that anything which depends on the order of moments has seen: a clock that was set back between
    /// two runs must not write before a checkpoint. (Nearly every payment has a share of the marketplace's.)
    fn latest(&mut self) -> Result<i64, StoreError> {
        let Some(session) = &mut self.session else { return Ok(0) };
        let connection = &mut session.connection;
        let through = checkpoints::table
            .select(checkpoints::through)
            .load::<i64>(connection)?;
        let posted = postings::table
            .filter(postings::party.eq("marketplace"))
            .order(postings::recorded_at.desc())
            .limit(1)
            .select(postings::recorded_at)
            .load::<i64>(connection)?;
        // On PostgreSQL others write too, and checkpoints trail; a clock that is ahead elsewhere must not lead ours.
        let own = self.connector.place.backend() == Backend::Sqlite;
        Ok(if own {
            through.into_iter().chain(posted).max().unwrap_or(0)
        } else {
            0
        })
    }

    /// The session, in a transaction. One that died while it was idle is replaced.
    fn begun(&mut self, purpose: Purpose) -> Result<&mut Session, StoreError> {
        for _ in 0..2 {
            let session = self.connected()?;
            match commit::begin(session, purpose) {
                Ok(()) => break,
                Err(_) if session.broken => self.session = None,
                Err(why) => return Err(why),
            }
        }
        self.session.as_mut().ok_or_else(lost)
    }

    fn connected(&mut self) -> Result<&mut Session, StoreError> {
        if self.session.as_ref().is_some_and(|session| session.broken) {
            self.session = None;
        }
        if self.session.is_none() {
            if self.retry_at.is_some_and(|at| Instant::now() < at) {
                return Err(StoreError::Unavailable(
                    "the connection is lost and could not be made again yet".to_owned(),
                ));
            }
            match self.connector.session(Purpose::Writing) {
                Ok(session) => {
                    self.session = Some(session);
                    (self.retry_at, self.backoff) = (None, BACKOFF_MIN);
                }
                Err(why) => {
                    tracing::warn!(error = %why, "the writer cannot connect");
                    self.retry_at = Instant::now().checked_add(self.backoff);
                    self.backoff = self.backoff.saturating_mul(2).min(BACKOFF_MAX);
                    return Err(why);
                }
            }
        }
        self.session.as_mut().ok_or_else(lost)
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable("the connection was lost".to_owned())
}

fn answer(answers: &mut [Result<Timestamp, StoreError>], index: usize, result: Result<Timestamp, StoreError>) {
    if let Some(place) = answers.get_mut(index) {
        *place = result;
    }
}

/// How often a commit that got into a deadlock is tried again.
const DEADLOCKS_MAX: u32 = 3;

/// Between two attempts to connect.
const BACKOFF_MIN: Duration = Duration::from_millis(50);

/// Between two attempts to connect, at most.
const BACKOFF_MAX: Duration = Duration::from_secs(5);
