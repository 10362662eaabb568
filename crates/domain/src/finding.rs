//! What we learned from the gateway, and through which of the three doors.

use serde::{Deserialize, Serialize};

use crate::sight::{Reason, RefundSight, Sight, SplitSight};

/// Where a finding came from. An answer to a command is a fact; an answer to a question is
/// true only of the payment version at which it was asked (DESIGN law 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// The answer to attempt `attempt` of operation `operation`.
    Answer {
        /// The operation's number within its payment.
        operation: u16,
        /// Which attempt was answered.
        attempt: u32,
    },
    /// The answer to a question, asked at this version of the payment.
    Question {
        /// The payment's version when the question left.
        version: u64,
    },
}

/// One thing learned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Through which door.
    pub door: Door,
    /// What.
    pub what: What,
}

/// The content of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The gateway showed the payment: it exists there, and stands as shown.
    Shown(Box<Sight>),
    /// The gateway showed several payments under our reference.
    ShownMany(Vec<Sight>),
    /// The gateway showed splits that were added, and nothing else of the payment.
    Added(Vec<SplitSight>),
    /// The gateway showed a refund.
    Refund(Box<RefundSight>),
    /// The gateway refused what was asked, with its reasons.
    Refused(GatewayRefusal),
    /// The gateway said that the reference is taken: ask, compare, then adopt or hold.
    AlreadyThere(GatewayRefusal),
    /// A look-up that can prove it found nothing under the reference.
    Absent,
    /// Not one byte of the request left: surely nothing happened.
    NotSent(String),
    /// Sent, or perhaps sent, and no usable answer: neither success nor failure.
    Unknown(String),
}

impl What {
    /// The finding's name in the printed rulebook, events and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Shown(_) => "shown",
            Self::ShownMany(_) => "shown_many",
            Self::Added(_) => "added",
            Self::Refund(_) => "refund",
            Self::Refused(_) => "refused",
            Self::AlreadyThere(_) => "already_there",
            Self::Absent => "absent",
            Self::NotSent(_) => "not_sent",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// The gateway's own refusal of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRefusal {
    /// The HTTP status it came with.
    pub http_status: u16,
    /// Its reasons, in its order.
    pub reasons: Vec<Reason>,
}
