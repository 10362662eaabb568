//! A command made durable: an operation.

use serde::{Deserialize, Serialize};

use crate::capture_plan::CapturePlan;
use crate::command::Addition;
use crate::discrepancy::Resolution;
use crate::finding::GatewayRefusal;
use crate::ids::{IdempotencyKey, Principal, Reference};
use crate::time::Timestamp;

/// What an operation does, as far as its payment does not say it already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// See [`crate::command::Command::Authorize`]; the sale is the payment's.
    Authorize,
    /// See [`crate::command::Command::AddSplits`]: the splits as they will be numbered. They are the payment's once the gateway shows them.
    AddSplits(Box<Addition>),
    /// See [`crate::command::Command::Capture`].
    Capture {
        /// Exactly what is captured of every split.
        plan: Box<CapturePlan>,
        /// By the call for this split alone.
        only: Option<u16>,
    },
    /// See [`crate::command::Command::Cancel`].
    Cancel,
    /// See [`crate::command::Command::Ready`]. Nothing is asked of the gateway.
    Ready,
    /// One part of a refund.
    Refund {
        /// Which refund, by number.
        refund: u16,
        /// Which of its parts, by the part's split; none where nothing is asked of the gateway.
        split: Option<u16>,
    },
    /// See [`crate::command::Command::Abandon`]. Nothing is asked of the gateway.
    Abandon {
        /// Which refund, by number.
        refund: u16,
    },
    /// See [`crate::command::Command::Resolve`]. The gateway is asked, and nothing is asked of it.
    Resolve {
        /// Which discrepancy, by number.
        discrepancy: u16,
        /// How.
        resolution: Resolution,
        /// Why.
        note: String,
    },
    /// See [`crate::command::Command::Resend`].
    Resend {
        /// Which operation, by number.
        operation: u16,
        /// Why.
        note: String,
    },
    /// See [`crate::command::Command::GiveUp`].
    GiveUp {
        /// Which operation, by number.
        operation: u16,
        /// Why.
        note: String,
    },
}

impl Work {
    /// The word for it.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Authorize => OperationKind::Authorize,
            Self::AddSplits(_) => OperationKind::AddSplits,
            Self::Capture { .. } => OperationKind::Capture,
            Self::Cancel => OperationKind::Cancel,
            Self::Ready => OperationKind::Ready,
            Self::Refund { .. } => OperationKind::Refund,
            Self::Abandon { .. } => OperationKind::Abandon,
            Self::Resolve { .. } => OperationKind::Resolve,
            Self::Resend { .. } => OperationKind::Resend,
            Self::GiveUp { .. } => OperationKind::GiveUp,
        }
    }

    /// Whether the gateway is asked for something.
    pub const fn is_call(&self) -> bool {
        !self.is_wish()
            && !matches!(
                self,
                Self::Ready | Self::Abandon { .. } | Self::Refund { split: None, .. }
            )
    }

    /// Whether it is what a person wants made of what the gateway shows: settled by the next answer to a question.
    pub const fn is_wish(&self) -> bool {
        matches!(self, Self::Resolve { .. } | Self::Resend { .. } | Self::GiveUp { .. })
    }

    /// What whoever wished it said of it.
    pub fn remark(&self) -> Option<&str> {
        match self {
            Self::Resolve { note, .. } | Self::Resend { note, .. } | Self::GiveUp { note, .. } => Some(note),
            _ => None,
        }
    }
}

/// A command's name, as rows and views write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// See [`crate::command::Command::Authorize`].
    Authorize,
    /// See [`crate::command::Command::AddSplits`].
    AddSplits,
    /// See [`crate::command::Command::Capture`].
    Capture,
    /// See [`crate::command::Command::Cancel`].
    Cancel,
    /// See [`crate::command::Command::Ready`].
    Ready,
    /// See [`crate::command::Command::Refund`].
    Refund,
    /// See [`crate::command::Command::Abandon`].
    Abandon,
    /// See [`crate::command::Command::Resolve`].
    Resolve,
    /// See [`crate::command::Command::Resend`].
    Resend,
    /// See [`crate::command::Command::GiveUp`].
    GiveUp,
}

impl OperationKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 10] = [
        Self::Authorize,
        Self::AddSplits,
        Self::Capture,
        Self::Cancel,
        Self::Ready,
        Self::Refund,
        Self::Abandon,
        Self::Resolve,
        Self::Resend,
        Self::GiveUp,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::AddSplits => "add_splits",
            Self::Capture => "capture",
            Self::Cancel => "cancel",
            Self::Ready => "ready",
            Self::Refund => "refund",
            Self::Abandon => "abandon",
            Self::Resolve => "resolve",
            Self::Resend => "resend",
            Self::GiveUp => "give_up",
        }
    }
}

/// How far an operation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
    /// Decided, nothing was sent.
    Ready,
    /// An attempt is under way, or was when its owner died.
    Sending,
    /// The attempt ended without a usable answer: settled by asking only.
    Unknown,
    /// The gateway said: later.
    Pending,
    /// Done.
    Done,
    /// The gateway refused it; nothing happened.
    Refused,
    /// Not one byte left; the same key may open the next attempt.
    NotSent,
    /// A day of asking did not decide it: a person must.
    NeedsAttention,
}

impl OperationState {
    /// The word on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NotSent => "not_sent",
            Self::NeedsAttention => "needs_attention",
        }
    }

    /// Whether it has ended.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Refused | Self::NotSent)
    }
}

/// Who asked, under which key, for what: an operation's idempotency record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The caller; survives a rotation of its API key.
    pub principal: Principal,
    /// The caller's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// Which of several operations one request opened, from 0.
    pub part: u16,
    /// A digest of method, path and body; never of a security code.
    pub fingerprint: String,
}

/// One try at the wire, committed before its first byte leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Who may send it: drawn anew for each attempt, so two instances cannot both.
    pub owner: String,
    /// The client refuses to start after this.
    pub send_before: Timestamp,
    /// `send_before` plus the total timeout: until then nobody but the owner asks, and the quiet period counts from here.
    pub over_at: Timestamp,
    /// Whether surely nothing left in any attempt before: then what this one says, counts as if it were the first.
    #[serde(default)]
    pub nothing_before: bool,
}

/// A command made durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its number within the payment, from 1.
    pub number: u16,
    /// What it does.
    pub work: Work,
    /// How far it has come.
    pub state: OperationState,
    /// Whose it is.
    pub asked: Asked,
    /// Its own `MerchantTransactionID`, derived from `asked`.
    pub reference: Reference,
    /// The gateway's idempotency header: the same for a resend after *unknown*.
    pub request_id: String,
    /// The latest attempt; earlier ones are in the payment's events.
    pub attempt: Option<Attempt>,
    /// How often a look-up proved absence since the latest attempt ended.
    pub absences: u32,
    /// The refusal that closed it, or that a later attempt got.
    pub refusal: Option<GatewayRefusal>,
    /// Why nothing was sent, or why the answer is unknown.
    pub note: Option<String>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When it ended.
    pub settled_at: Option<Timestamp>,
}

impl Operation {
    /// The word for what it does.
    pub const fn kind(&self) -> OperationKind {
        self.work.kind()
    }

    /// How many attempts were made.
    pub fn attempts(&self) -> u32 {
        self.attempt.as_ref().map_or(0, |attempt| attempt.number)
    }

    /// Whether the gateway has answered it, be it that it needs time.
    pub const fn is_accepted(&self) -> bool {
        self.state.is_settled() || matches!(self.state, OperationState::Pending)
    }

    /// Whether the gateway may hold an effect of it that we have not been told of.
    pub const fn is_open(&self) -> bool {
        !self.state.is_settled()
    }
}
