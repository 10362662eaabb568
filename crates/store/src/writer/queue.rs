//! A writer's thread, and what waits for it.

use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{Builder, JoinHandle};

use domain::time::Timestamp;
use tokio::sync::oneshot;

use super::{LogKeeper, Pen, Prepared};
use crate::error::StoreError;

/// What waits for a writer.
enum Job {
    /// A commit, and who waits for it.
    Commit(Box<Prepared>, oneshot::Sender<Result<Timestamp, StoreError>>),
    /// Anything else: written alone.
    Alone(Box<dyn FnOnce(&mut Pen) + Send>),
}

/// A thread that writes.
pub(crate) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// Since when it has been writing the batch at hand.
    pub busy_since: Arc<AtomicI64>,
}

impl Writer {
    /// Starts a thread that writes with `pen`, at most `batch_max` commits at a time. Where there is a keeper of the log, it
    /// is told.
    pub fn start(number: usize, mut pen: Pen, batch_max: usize, keeper: Option<LogKeeper>) -> Result<Self, StoreError> {
        let (jobs, waiting) = sync_channel(WAITING_MAX);
        let busy_since = pen.busy_since();
        let thread = Builder::new()
            .name(format!("store-writer-{number}"))
            .spawn(move || run(&mut pen, &waiting, batch_max.max(1), keeper.as_ref()))
            .map_err(|error| StoreError::Unavailable(format!("a writer could not be started: {error}")))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            busy_since,
        })
    }

    /// Hands a commit over; the answer comes later.
    pub fn commit(&self, commit: Prepared) -> Result<oneshot::Receiver<Result<Timestamp, StoreError>>, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.hand_over(Job::Commit(Box::new(commit), answer))?;
        Ok(answered)
    }

    /// Hands anything else over.
    pub fn alone(&self, job: impl FnOnce(&mut Pen) + Send + 'static) -> Result<(), StoreError> {
        self.hand_over(Job::Alone(Box::new(job)))
    }

    fn hand_over(&self, job: Job) -> Result<(), StoreError> {
        let gone = || StoreError::Unavailable("the writer has stopped".to_owned());
        match self.jobs.as_ref().ok_or_else(gone)?.try_send(job) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(StoreError::Busy),
            Err(TrySendError::Disconnected(_)) => Err(gone()),
        }
    }
}

impl Drop for Writer {
    /// What was handed over is still written.
    fn drop(&mut self) {
        self.jobs = None;
        let own = std::thread::current().id();
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != own) {
            // A writer that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

fn run(pen: &mut Pen, jobs: &Receiver<Job>, batch_max: usize, keeper: Option<&LogKeeper>) {
    let mut waiting: VecDeque<Job> = VecDeque::new();
    if keeper.is_some() {
        pen.leaves_the_log();
    }
    loop {
        if keeper.is_some_and(LogKeeper::nearly_done) {
            pen.finish_the_log();
        }
        if waiting.is_empty() {
            match jobs.recv() {
                Ok(job) => waiting.push_back(job),
                Err(_) => return,
            }
        }
        while waiting.len() < LOOK_AHEAD_MAX {
            match jobs.try_recv() {
                Ok(job) => waiting.push_back(job),
                Err(_) => break,
            }
        }
        if let Some(Job::Alone(_)) = waiting.front() {
            let Some(Job::Alone(job)) = waiting.pop_front() else {
                continue;
            };
            if catch_unwind(AssertUnwindSafe(|| job(pen))).is_err() {
                tracing::error!("a change panicked; nothing of it was written");
            }
            keeper.iter().for_each(|keeper| keeper.written());
            continue;
        }
        let (mut commits, answers) = batch(&mut waiting, batch_max);
        metrics::histogram!("store_batch_commits").record(u32::try_from(commits.len()).unwrap_or(u32::MAX));
        for (answer, result) in answers.into_iter().zip(pen.commit(&mut commits)) {
            // Who no longer waits is written all the same.
            let _ = answer.send(result);
        }
        keeper.iter().for_each(|keeper| keeper.written());
    }
}

/// The next batch: commits in their order, but never two that touch one name, and nothing past a job that is written
/// alone.
fn batch(
    waiting: &mut VecDeque<Job>,
    batch_max: usize,
) -> (Vec<Prepared>, Vec<oneshot::Sender<Result<Timestamp, StoreError>>>) {
    let (mut commits, mut answers) = (Vec::new(), Vec::new());
    let mut names: HashSet<u64> = HashSet::new();
    let mut later = VecDeque::new();
    while let Some(job) = waiting.pop_front() {
        match job {
            Job::Commit(commit, answer) if commits.len() < batch_max => {
                let free = commit.names.iter().all(|name| !names.contains(name));
                // Also the names of one that must wait: whoever comes after it waits behind it.
                names.extend(&commit.names);
                if free {
                    commits.push(*commit);
                    answers.push(answer);
                } else {
                    later.push_back(Job::Commit(commit, answer));
                }
            }
            other => {
                later.push_back(other);
                break;
            }
        }
    }
    later.append(waiting);
    *waiting = later;
    (commits, answers)
}

/// How many jobs may wait; more than that is `Busy`.
const WAITING_MAX: usize = 4096;

/// How many of them are looked at for one batch.
const LOOK_AHEAD_MAX: usize = 256;
