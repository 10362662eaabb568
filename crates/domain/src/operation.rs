//! What we want done (`Command`), and the same made durable (`Operation`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::finding::GatewayRefusal;
use crate::ids::{IdempotencyKey, Principal, Reference};
use crate::payment::Claim;
use crate::sale::Sale;
use crate::time::Timestamp;

/// What somebody wants done. A closed enum: the compiler lists every place that must know of a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ask the gateway for a payment: the whole sale, with its splits.
    Authorize(Arc<Sale>),
}

impl Command {
    /// The names that only one payment may hold and that this command needs, its own reference first: where one is
    /// taken, the payment that holds it is the one to decide on. Empty for a command about a payment that exists.
    pub fn claims(&self, reference: &Reference) -> Vec<Claim> {
        match self {
            Self::Authorize(sale) => {
                let mut claims = vec![Claim::Reference(reference.clone())];
                claims.extend(sale.order_claim());
                claims
            }
        }
    }

    /// The kind that is kept; the rest of an authorize is the payment itself.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Authorize(_) => OperationKind::Authorize,
        }
    }
}

/// A command's name, as rows and views write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// See [`Command::Authorize`].
    Authorize,
}

impl OperationKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 1] = [Self::Authorize];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
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
}

/// A command made durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its number within the payment, from 1.
    pub number: u16,
    /// What it does.
    pub kind: OperationKind,
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
    /// How many attempts were made.
    pub fn attempts(&self) -> u32 {
        self.attempt.as_ref().map_or(0, |attempt| attempt.number)
    }

    /// Whether the gateway may hold an effect of it that we have not been told of.
    pub const fn is_open(&self) -> bool {
        !self.state.is_settled()
    }
}
