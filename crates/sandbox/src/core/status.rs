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
