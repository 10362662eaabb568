//! Who reads: a few threads, each with a connection of the pool while it looks. Cheaper than a blocking task for each
//! look, and no async thread ever waits for a database.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crate::balances::Note;
use crate::commit::{self, Purpose};
use crate::connection::{Connector, Session};
use crate::error::StoreError;
use crate::tx::Tx;
use crate::writer::Clock;

/// Anything that looks.
type Look = Box<dyn FnOnce(&Pool) + Send>;

/// The connections that look, one for each thread.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: r2d2::Pool<Connector>,
    clock: Clock,
}

/// The threads that look.
pub(crate) struct Readers {
    waiting: Arc<Waiting>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Waiting {
    looks: Mutex<Looks>,
    news: Condvar,
}

#[derive(Default)]
struct Looks {
    queue: VecDeque<Look>,
    closed: bool,
}

impl Pool {
    /// So many connections, made when they are first needed.
    pub fn new(connector: Connector, connections: u32, clock: Clock) -> Self {
        let connections = r2d2::Pool::builder()
            .max_size(connections.max(1))
            .min_idle(Some(0))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_on_check_out(false)
            .connection_timeout(CONNECT_MAX)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(connector);
        Self { connections, clock }
    }

    /// Looks at one snapshot. A connection that died while it was idle is replaced.
    pub fn read<T>(
        &self,
        look: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<(T, Vec<Note>), StoreError> {
        let mut session = self.begun()?;
        commit::read(&mut session, (self.clock)(), look)
    }

    fn begun(&self) -> Result<r2d2::PooledConnection<Connector>, StoreError> {
        let mut tries = self.connections.max_size();
        loop {
            let unavailable = |error: r2d2::Error| StoreError::Unavailable(error.to_string());
            let mut session: r2d2::PooledConnection<Connector> = self.connections.get().map_err(unavailable)?;
            let current: &mut Session = &mut session;
            match commit::begin(current, Purpose::Looking) {
                Ok(()) => return Ok(session),
                Err(_) if current.broken && tries > 0 => tries -= 1,
                Err(why) => return Err(why),
            }
        }
    }
}

impl Readers {
    /// Starts so many threads.
    pub fn start(pool: &Pool, threads: u32) -> Result<Self, StoreError> {
        let mut readers = Self {
            waiting: Arc::default(),
            threads: Vec::new(),
        };
        for number in 0..threads.max(1) {
            let (waiting, pool) = (Arc::clone(&readers.waiting), pool.clone());
            let thread = Builder::new()
                .name(format!("store-reader-{number}"))
                .spawn(move || run(&waiting, &pool))
                .map_err(|error| StoreError::Unavailable(format!("a reader could not be started: {error}")))?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    /// Hands a look over to whichever thread is free first.
    pub fn hand_over(&self, look: impl FnOnce(&Pool) + Send + 'static) -> Result<(), StoreError> {
        let mut looks = self.waiting.looks.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.queue.len() >= WAITING_MAX {
            return Err(StoreError::Busy);
        }
        looks.queue.push_back(Box::new(look));
        drop(looks);
        self.waiting.news.notify_one();
        Ok(())
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.waiting.looks.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.waiting.news.notify_all();
        let own = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != own) {
            // A reader that panicked has nothing left to say.
            let _ = thread.join();
        }
    }
}

fn run(waiting: &Waiting, pool: &Pool) {
    loop {
        let looks = waiting.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |looks: &mut Looks| looks.queue.is_empty() && !looks.closed;
        let mut looks = waiting
            .news
            .wait_while(looks, idle)
            .unwrap_or_else(PoisonError::into_inner);
        let Some(look) = looks.queue.pop_front() else { return };
        drop(looks);
        if catch_unwind(AssertUnwindSafe(|| look(pool))).is_err() {
            tracing::error!("a look panicked");
        }
    }
}

/// How many looks may wait; more than that is `Busy`.
const WAITING_MAX: usize = 4096;

/// How long a look waits for a connection to be made.
const CONNECT_MAX: Duration = Duration::from_secs(5);
