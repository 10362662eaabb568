//! The gateway's status numbers and their names.

use serde::{Deserialize, Serialize};

/// A status number of a payment, split or refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Status(pub u8);

impl Status {
    /// Created; the buyer must act.
    pub const OPEN: Self = Self(1);
    /// Paid.
    pub const SUCCESS: Self = Self(2);
    /// Given up by the buyer or the merchant.
    pub const CANCELLED: Self = Self(3);
    /// Did not work.
    pub const FAILED: Self = Self(4);
    /// The buyer's time ran out.
    pub const EXPIRED: Self = Self(5);
    /// Promised by the provider; to be captured.
    pub const AUTHORIZED: Self = Self(9);
    /// The card host's counterpart of [`Status::SUCCESS`].
    pub const CAPTURED: Self = Self(11);
    /// The provider was asked to capture and has not answered.
    pub const CAPTURE_REQUESTED: Self = Self(13);
    /// The provider was asked to cancel and has not answered.
    pub const CANCEL_REQUESTED: Self = Self(15);
    /// The authorization was taken back.
    pub const REVERSED: Self = Self(16);
    /// The buyer's bank asks for the money back.
    pub const DISPUTED: Self = Self(19);
    /// Part of it went back.
    pub const PARTIALLY_REFUNDED: Self = Self(21);
    /// All of it went back.
    pub const REFUNDED: Self = Self(22);
    /// The merchant keeps the money.
    pub const DISPUTE_WON: Self = Self(23);
    /// The cardholder has the money.
    pub const DISPUTE_LOST: Self = Self(24);
    /// The bank took the money back.
    pub const CHARGED_BACK: Self = Self(26);
    /// The fraud check wants the merchant's decision.
    pub const CHALLENGED: Self = Self(30);
    /// The capture failed and is tried again later.
    pub const QUEUED_FOR_CAPTURING: Self = Self(33);
    /// The cancel failed and is tried again later.
    pub const QUEUED_FOR_CANCELING: Self = Self(34);
    /// Part of what was authorized was taken; the rest never will be.
    pub const PARTIALLY_CAPTURED: Self = Self(35);

    /// Whether a capture is under way.
    pub(crate) fn is_capturing(self) -> bool {
        matches!(self, Self::CAPTURE_REQUESTED | Self::QUEUED_FOR_CAPTURING)
    }

    /// Whether a capture is possible at all: of an authorization, or of what a partial capture left.
    pub(crate) fn is_capturable(self) -> bool {
        matches!(self, Self::AUTHORIZED | Self::PARTIALLY_CAPTURED)
    }

    /// Whether a cancel is under way.
    pub(crate) fn is_cancelling(self) -> bool {
        matches!(self, Self::CANCEL_REQUESTED | Self::QUEUED_FOR_CANCELING)
    }

    /// Whether the documents call it final.
    pub(crate) fn is_final(self) -> bool {
        matches!(self.0, 2..=5 | 11 | 16 | 21..=24 | 26..=28 | 35 | 39)
    }

    /// Whether refunds are possible: money was taken, and nobody disputes it.
    pub(crate) fn is_refundable(self) -> bool {
        matches!(self.0, 2 | 11 | 21 | 22 | 23 | 25 | 27 | 35)
    }

    /// The name the gateway sends beside the number; empty for numbers no document knows.
    pub fn info(self) -> &'static str {
        match self.0 {
            1 => "Open",
            2 => "Success",
            3 => "Cancelled",
            4 => "Failed",
            5 => "Expired",
            6 => "PendingOnCustomer",
            7 => "PendingOnProvider",
            8 => "Submitted",
            9 => "Authorized",
            10 => "AuthorizeRequested",
            11 => "Captured",
            12 => "Rejected",
            13 => "CaptureRequested",
            14 => "Exception",
            15 => "CancelRequested",
            16 => "Reversed",
            17 => "Completed",
            18 => "Processing",
            19 => "Disputed",
            21 => "PartiallyRefunded",
            22 => "Refunded",
            23 => "DisputeWon",
            24 => "DisputeLost",
            25 => "Paid",
            26 => "Chargedback",
            27 => "SecondChargebackWon",
            28 => "SecondChargebackLost",
            30 => "PendingChallengeConfirmation",
            33 => "QueuedForCapturing",
            34 => "QueuedForCanceling",
            35 => "PartiallyCaptured",
            36 => "SuccessWaitForFraud",
            37 => "ExceptionWaitForFraud",
            38 => "Retrieval",
            39 => "SoftDeclined",
            _ => "",
        }
    }
}
