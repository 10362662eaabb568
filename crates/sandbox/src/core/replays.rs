//! The gateway's idempotency header: a POST repeated under one `RequestId` is answered as the first time.

use super::exchange::{Request, Response};
use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
};

/// Keys expire after 24 hours, in microseconds.
const LIFETIME_MICROS: u64 = 24 * 3_600 * 1_000_000;
/// Keys remembered at one time; the oldest goes first.
const KEYS_MAX: usize = 100_000;

#[derive(Debug)]
struct Answered {
    fingerprint: u64,
    response: Response,
}

/// The answers of the last 24 hours by their `RequestId`.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    answered: HashMap<String, Answered>,
    oldest_first: VecDeque<(u64, String)>,
}

impl Replays {
    /// The first answer under this request's key; `Err` if the key was used for another request.
    pub fn find(&mut self, now: u64, request: &Request) -> Result<Option<Response>, ()> {
        while self
            .oldest_first
            .front()
            .is_some_and(|(at, _)| now.saturating_sub(*at) > LIFETIME_MICROS)
        {
            self.forget_oldest();
        }
        let Some(answered) = request.request_id.as_ref().and_then(|key| self.answered.get(key)) else {
            return Ok(None);
        };
        if answered.fingerprint == fingerprint(request) {
            Ok(Some(answered.response.clone()))
        } else {
            Err(())
        }
    }

    /// Remembers the answer to a request that carries a key.
    pub fn remember(&mut self, now: u64, request: &Request, response: &Response) {
        let Some(key) = request.request_id.clone() else { return };
        while self.oldest_first.len() >= KEYS_MAX {
            self.forget_oldest();
        }
        let answered = Answered {
            fingerprint: fingerprint(request),
            response: response.clone(),
        };
        self.answered.insert(key.clone(), answered);
        self.oldest_first.push_back((now, key));
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.oldest_first.pop_front() {
            self.answered.remove(&key);
        }
    }
}

fn fingerprint(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&request.method, request.trimmed_path(), &request.query, &request.body).hash(&mut hasher);
    hasher.finish()
}
