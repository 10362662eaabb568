//! What every route is handed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Engine;

/// What every route is handed.
#[derive(Clone)]
pub struct Door {
    /// The use cases.
    pub engine: Engine,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Whether keys are live ones and test keys are refused.
    pub production: bool,
    /// Whether the server is about to stop.
    pub draining: Draining,
}

/// Whether the server is about to stop: no new traffic is wanted, what is under way finishes.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
