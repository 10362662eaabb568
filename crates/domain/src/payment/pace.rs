//! How patiently the gateway is asked.

use std::time::Duration;

use crate::ids::PaymentId;
use crate::time::Timestamp;

/// The rhythm of questions and resends; configuration, handed in because the rulebook has no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Before the first question about a payment that waits.
    pub first: Duration,
    /// Between questions at most.
    pub longest: Duration,
    /// How long repeated absence must last, counted from the end of an attempt's own time limit, before a resend.
    pub quiet: Duration,
    /// After how long an added split or a refund of which the gateway shows nothing is sent again; never unless configured,
    /// because no refusal of duplicates is documented (DESIGN §5). Counted like `quiet`.
    pub resend_refund_after: Option<Duration>,
    /// How long an operation may stay undecided before a person must look.
    pub patience: Duration,
}

impl Pace {
    /// When to ask next, after `asked` questions without news: four times as long each time, up to `longest`.
    ///
    /// A few per cent of spread, drawn from the payment's own id, keep payments of one moment from asking at one moment.
    pub fn next(&self, payment: PaymentId, asked: u32, created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        // A buyer who never came back: the gateway has expired the page long ago, and asking for ever helps nobody.
        if now.since(created_at) > self.patience.saturating_mul(GIVE_UP_AFTER) {
            return None;
        }
        let wait = self
            .first
            .saturating_mul(4_u32.saturating_pow(asked.min(MAX_DOUBLINGS)))
            .min(self.longest);
        let sixteenths = u32::try_from(payment.as_u128() & 0xf).unwrap_or(0);
        Some(now.plus(wait.saturating_add(wait.saturating_mul(sixteenths) / 160)))
    }
}

/// In units of `patience` (a day): how long an open payment is asked about at all.
const GIVE_UP_AFTER: u32 = 30;

/// Keeps the power in range; `longest` is reached far earlier.
const MAX_DOUBLINGS: u32 = 12;
