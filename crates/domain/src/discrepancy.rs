//! Asked and answered differ, or the gateway shows an effect that nobody asked for.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What kind of difference, by the word that ops read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscrepancyKind {
    /// A notification's own numbers differ from the answer the gateway gave when asked. Evidence only: filed closed.
    NotificationDiffers,
    /// The gateway's own answer differs from what was asked. Holds the payment.
    AnswerDiffers,
    /// The gateway's answer lists some of the splits and not the others. Holds the payment.
    SplitsMissing,
    /// A second payment at the gateway under our reference.
    DuplicateAtGateway,
    /// The payment succeeded after it had ended without money.
    LateSuccess,
    /// Two payments of one order succeeded; a refund of the later is proposed.
    OrderPaidTwice,
    /// A status that no document names.
    UnknownStatus,
    /// The gateway's status went somewhere that money in our books contradicts. Holds the payment.
    StatusContradicts,
    /// The buyer disputes the payment; the dispute names no split and was spread over all of them.
    Disputed,
    /// A capture that was made at the gateway, and not by us.
    ExternalCapture,
    /// A refund that was made at the gateway, and not by us.
    ExternalRefund,
    /// A refund at the gateway that differs from what was asked, or from what our books can follow. Holds the payment.
    RefundDiffers,
    /// A cancel that reached the gateway after the money was taken; a refund is proposed.
    CancelTooLate,
    /// The capture that should follow an authorization was refused too often; a person must capture it before it lapses.
    CaptureGivenUp,
    /// The gateway speaks of a payment that nobody here knows.
    Orphan,
}

impl DiscrepancyKind {
    /// Every kind, for tables and documentation.
    pub const ALL: [Self; 15] = [
        Self::NotificationDiffers,
        Self::AnswerDiffers,
        Self::SplitsMissing,
        Self::DuplicateAtGateway,
        Self::LateSuccess,
        Self::OrderPaidTwice,
        Self::UnknownStatus,
        Self::StatusContradicts,
        Self::Disputed,
        Self::ExternalCapture,
        Self::ExternalRefund,
        Self::RefundDiffers,
        Self::CancelTooLate,
        Self::CaptureGivenUp,
        Self::Orphan,
    ];

    /// The word on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotificationDiffers => "notification_differs",
            Self::AnswerDiffers => "answer_differs",
            Self::SplitsMissing => "splits_missing",
            Self::DuplicateAtGateway => "duplicate_at_gateway",
            Self::LateSuccess => "late_success",
            Self::OrderPaidTwice => "order_paid_twice",
            Self::UnknownStatus => "unknown_status",
            Self::StatusContradicts => "status_contradicts",
            Self::Disputed => "disputed",
            Self::ExternalCapture => "external_capture",
            Self::ExternalRefund => "external_refund",
            Self::RefundDiffers => "refund_differs",
            Self::CancelTooLate => "cancel_too_late",
            Self::CaptureGivenUp => "capture_given_up",
            Self::Orphan => "orphan",
        }
    }

    /// Whether an open discrepancy of this kind stops money operations on the payment.
    pub const fn holds(self) -> bool {
        matches!(
            self,
            Self::AnswerDiffers
                | Self::SplitsMissing
                | Self::DuplicateAtGateway
                | Self::UnknownStatus
                | Self::StatusContradicts
                | Self::RefundDiffers
        )
    }
}

/// Whether somebody still has to look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscrepancyState {
    /// Waiting for the gateway to say something consistent, or for a person.
    Open,
    /// Nothing to do: evidence, or settled by a later answer.
    Closed,
}

/// One difference, kept for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discrepancy {
    /// Its number within the payment, from 1.
    pub number: u16,
    /// What kind.
    pub kind: DiscrepancyKind,
    /// Whether it waits.
    pub state: DiscrepancyState,
    /// In one sentence, with the amounts asked and shown.
    pub detail: String,
    /// When it was found.
    pub opened_at: Timestamp,
    /// When it stopped waiting.
    pub closed_at: Option<Timestamp>,
    /// Why it stopped waiting.
    pub note: Option<String>,
}

impl Discrepancy {
    /// Whether it stops money operations now.
    pub fn is_holding(&self) -> bool {
        self.state == DiscrepancyState::Open && self.kind.holds()
    }
}
