//! Kills the server at a moment that was chosen before.

use crate::point::Point;
use crate::server::Server;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Waits for its point.
pub struct Trigger {
    servers: Vec<Arc<Server>>,
    armed: Mutex<Option<Armed>>,
}

/// What is to happen.
struct Armed {
    point: Point,
    /// Every server, or only the one at which the point was reached.
    all: bool,
    /// So long after it.
    after: Duration,
    struck: oneshot::Sender<Vec<usize>>,
}

impl Trigger {
    /// Over these servers.
    pub fn new(servers: Vec<Arc<Server>>) -> Self {
        Self {
            servers,
            armed: Mutex::new(None),
        }
    }

    /// Arms it; what was killed is told once it is dead.
    pub fn arm(&self, point: Point, all: bool, after: Duration) -> oneshot::Receiver<Vec<usize>> {
        let (struck, told) = oneshot::channel();
        *self.lock() = Some(Armed {
            point,
            all,
            after,
            struck,
        });
        told
    }

    /// Takes back what was armed; whether nobody had come by.
    pub fn disarm(&self) -> bool {
        self.lock().take().is_some()
    }

    /// Somebody has come to this point at this server; whether it was killed there.
    pub async fn reached(&self, point: Point, server: usize) -> bool {
        let armed = {
            let mut armed = self.lock();
            if armed.as_ref().is_none_or(|armed| armed.point != point) {
                return false;
            }
            armed.take()
        };
        let Some(armed) = armed else { return false };
        if !armed.after.is_zero() {
            // Shorter than a timer's tick: between two commits there are microseconds.
            let begun = std::time::Instant::now();
            while begun.elapsed() < armed.after {
                tokio::task::yield_now().await;
            }
        }
        let victims: Vec<usize> = if armed.all {
            (0..self.servers.len()).collect()
        } else {
            vec![server]
        };
        let killed = victims
            .into_iter()
            .filter(|victim| self.servers[*victim].is_killed())
            .collect();
        // Whoever armed it waits, or the campaign is over.
        let _ = armed.struck.send(killed);
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
