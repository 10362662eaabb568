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
    /// A capture that was made at the gateway, and not by us; or ours, after it had been called refused.
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

    /// Whether the gateway's figures and ours cannot both be right while one of this kind is open: words do not settle it.
    pub const fn is_about_amounts(self) -> bool {
        matches!(
            self,
            Self::AnswerDiffers | Self::SplitsMissing | Self::StatusContradicts | Self::RefundDiffers
        )
    }

    /// What usually settles one of this kind, and why.
    pub const fn suggestion(self) -> (Resolution, &'static str) {
        match self {
            Self::AnswerDiffers => (
                Resolution::AcceptGateway,
                "if the gateway keeps showing this, it is what happened: accept it once the money is taken, and look at why it was not done as asked",
            ),
            Self::SplitsMissing => (
                Resolution::AskAgain,
                "a split that is not listed is not gone; the next whole list settles it by itself",
            ),
            Self::RefundDiffers => (
                Resolution::AcceptGateway,
                "the buyer gets what the gateway shows; accept it, and give back or claim the difference",
            ),
            Self::UnknownStatus => (
                Resolution::AskAgain,
                "the next status that is known settles it; ask the gateway's support what this one means, and dismiss it with their answer",
            ),
            Self::StatusContradicts => (
                Resolution::AskAgain,
                "our books have postings that this status denies; ask the gateway's support which of the two is true",
            ),
            Self::DuplicateAtGateway => (
                Resolution::Dismiss,
                "refund or cancel the other payment at the gateway's dashboard, then dismiss this with a note",
            ),
            Self::OrderPaidTwice => (
                Resolution::Dismiss,
                "refund the later of the two payments, then dismiss this",
            ),
            Self::CancelTooLate => (Resolution::Dismiss, "refund the payment, then dismiss this"),
            Self::LateSuccess => (
                Resolution::Dismiss,
                "deliver the order, or refund the payment, then dismiss this",
            ),
            Self::CaptureGivenUp => (
                Resolution::Dismiss,
                "capture or cancel the payment by hand before its authorization lapses, then dismiss this",
            ),
            Self::Disputed => (
                Resolution::Dismiss,
                "answer the bank at the gateway's dashboard; how it ends is booked by itself",
            ),
            Self::ExternalCapture | Self::ExternalRefund => (
                Resolution::Dismiss,
                "it is in the books as the gateway shows it; dismiss this once its reason is known",
            ),
            Self::NotificationDiffers => (
                Resolution::Dismiss,
                "the gateway was asked and its answer is what counts; nothing has to be done",
            ),
            Self::Orphan => (
                Resolution::AskAgain,
                "look for it at the gateway's dashboard: another system may use the same account",
            ),
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

/// How a person settles a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// What the gateway shows, when it is asked now, is what happened: it is posted.
    AcceptGateway,
    /// The gateway is asked at once.
    AskAgain,
    /// Nothing has to be done, or somebody did it.
    Dismiss,
}

impl Resolution {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AcceptGateway => "accept_gateway",
            Self::AskAgain => "ask_again",
            Self::Dismiss => "dismiss",
        }
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
