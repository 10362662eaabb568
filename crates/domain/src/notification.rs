//! A doorbell: the gateway says that something happened, and is asked what.

use serde::{Deserialize, Serialize};

use crate::ids::{GatewayId, NotificationId, PaymentId, Reference};
use crate::sight::{GatewayRef, Sight};
use crate::time::Timestamp;

/// What a notification is about, by its first key (gateway.md §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A payment changed.
    Payment,
    /// A refund changed.
    Refund,
    /// A dispute changed.
    Dispute,
    /// A preapproval changed; not used here, stored all the same.
    Preapproval,
    /// A payout changed; not used here, stored all the same.
    Payout,
}

impl NotificationKind {
    /// The word in rows and views.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Preapproval => "preapproval",
            Self::Payout => "payout",
        }
    }
}

/// What became of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// Stored and acknowledged; the gateway has not been asked yet.
    Waiting,
    /// The gateway was asked, and the answer settled.
    Settled,
    /// About a payment that nobody here knows; shown to ops.
    Orphan,
}

impl NotificationState {
    /// The word in rows and views.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Settled => "settled",
            Self::Orphan => "orphan",
        }
    }
}

/// One stored doorbell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Ours.
    pub id: NotificationId,
    /// About what.
    pub kind: NotificationKind,
    /// The payment it names, by the gateway's identity.
    pub about: Option<GatewayRef>,
    /// The refund or dispute it names, where it is about one.
    pub gateway_id: Option<GatewayId>,
    /// The `MerchantTransactionID` it claims.
    pub reference: Option<Reference>,
    /// What it claims: evidence, never money.
    pub claims: Option<Box<Sight>>,
    /// SHA-256 of the body as received, hexadecimal.
    pub digest: String,
    /// The body without persons, accounts and tokens, as JSON text.
    pub redacted: String,
    /// What became of it.
    pub state: NotificationState,
    /// The payment it turned out to be about.
    pub payment: Option<PaymentId>,
    /// When it was stored.
    pub received_at: Timestamp,
    /// When the sweep looks at it next.
    pub due_at: Option<Timestamp>,
    /// How often it was looked at.
    pub tries: u32,
}
