//! Notifications on their way: due, tried, tried again, acknowledged.

use super::config::Config;
use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    fmt,
    sync::Arc,
};

/// The gateway gives up after seven days, in microseconds.
const GIVES_UP_AFTER_MICROS: u64 = 7 * 24 * 3_600 * 1_000_000;
/// The only status that acknowledges a notification.
const ACKNOWLEDGED: u16 = 204;

/// How a notification is signed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// With the marketplace's SiteID and API key.
    Right,
    /// With its SiteID and a key that is not its key.
    Wrong,
    /// Not at all.
    None,
    /// With these.
    Given {
        /// The user name.
        site_id: String,
        /// The password.
        #[serde(skip_serializing)]
        api_key: SecretString,
    },
}

impl Credentials {
    /// The `Authorization` header.
    pub(crate) fn header(&self, config: &Config) -> Option<String> {
        match self {
            Self::Right => Some(basic(&config.site_id.to_string(), config.api_key.expose_secret())),
            Self::Wrong => Some(basic(&config.site_id.to_string(), "not-the-key")),
            Self::None => None,
            Self::Given { site_id, api_key } => Some(basic(site_id, api_key.expose_secret())),
        }
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// One attempt to notify, to be made now. Report what came of it to `Core::delivered`.
#[derive(Clone)]
pub struct Delivery {
    /// Which notification.
    pub id: u64,
    /// Where to POST it.
    pub url: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The body, JSON.
    pub body: Arc<[u8]>,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
}

/// Credentials and bodies stay out of logs.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

struct Pending {
    payment: Option<u64>,
    body: Arc<[u8]>,
    credentials: Credentials,
    since: u64,
    attempts: u32,
}

/// Bodies stay out of logs.
impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("payment", &self.payment)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// How many notifications went which way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationCounts {
    /// Waiting for their first or next attempt, or under way.
    pub pending: u64,
    /// Acknowledged with 204.
    pub acknowledged: u64,
    /// Given up after seven days.
    pub given_up: u64,
    /// Dropped by a fault.
    pub dropped: u64,
    /// Not made, because no URL was configured.
    pub without_url: u64,
}

/// The notifications that are not yet acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pending: BTreeMap<u64, Pending>,
    due: BinaryHeap<Reverse<(u64, u64)>>,
    next_id: u64,
    pub counts: NotificationCounts,
}

impl Outbox {
    /// Queues a notification for `due` (microseconds).
    pub fn push(&mut self, due: u64, payment: Option<u64>, body: Arc<[u8]>, credentials: Credentials) {
        self.next_id = self.next_id.saturating_add(1);
        self.pending.insert(
            self.next_id,
            Pending {
                payment,
                body,
                credentials,
                since: due,
                attempts: 0,
            },
        );
        self.due.push(Reverse((due, self.next_id)));
    }

    pub fn next_due(&self) -> Option<u64> {
        self.due.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes the attempts that are due, the longest waiting first.
    pub fn take_due(&mut self, now: u64, at_most: usize, config: &Config) -> Vec<Delivery> {
        let mut taken = Vec::new();
        while taken.len() < at_most {
            let Some(Reverse((due, id))) = self.due.peek().copied() else {
                break;
            };
            if due > now {
                break;
            }
            self.due.pop();
            // Without a URL the notification waits for the next attempt, as if nobody had answered.
            match (self.pending.get_mut(&id), &config.notification_url) {
                (Some(pending), Some(url)) => {
                    pending.attempts = pending.attempts.saturating_add(1);
                    taken.push(Delivery {
                        id,
                        url: url.clone(),
                        authorization: pending.credentials.header(config),
                        body: Arc::clone(&pending.body),
                        attempt: pending.attempts,
                    });
                }
                (Some(_), None) => self.retry(now, id, config),
                (None, _) => {}
            }
        }
        taken
    }

    /// Notes what came of an attempt; names the payment if it was acknowledged just now.
    pub fn delivered(&mut self, now: u64, id: u64, status: Option<u16>, config: &Config) -> Option<u64> {
        if status != Some(ACKNOWLEDGED) {
            self.retry(now, id, config);
            return None;
        }
        let pending = self.pending.remove(&id)?;
        self.counts.acknowledged += 1;
        pending.payment
    }

    /// The payment a notification is about.
    pub fn payment_of(&self, id: u64) -> Option<u64> {
        self.pending.get(&id)?.payment
    }

    /// The counts as of now.
    pub fn counts(&self) -> NotificationCounts {
        NotificationCounts {
            pending: u64::try_from(self.pending.len()).unwrap_or(u64::MAX),
            ..self.counts.clone()
        }
    }

    fn retry(&mut self, now: u64, id: u64, config: &Config) {
        let Some(pending) = self.pending.get(&id) else { return };
        let position = usize::try_from(pending.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
        let delay_ms = config.retry_delays_ms.get(position).or(config.retry_delays_ms.last());
        let due = now.saturating_add(delay_ms.copied().unwrap_or_default().saturating_mul(1_000));
        if due.saturating_sub(pending.since) > GIVES_UP_AFTER_MICROS {
            self.pending.remove(&id);
            self.counts.given_up += 1;
        } else {
            self.due.push(Reverse((due, id)));
        }
    }
}
