//! Which rule said no to a command.

use crate::fault::Faults;
use crate::ids::PaymentId;
use crate::money::{Amount, Money};
use crate::operation::OperationState;
use crate::payment::Phase;

/// A command that the rulebook refuses: nothing was written, nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The order has a payment that is not failed, cancelled, expired or fully refunded.
    #[error("order {order} has a live payment, {payment} ({}); pay that one, cancel it, or send allow_another", .phase.as_str())]
    OrderHasLivePayment {
        /// The order, as the caller named it.
        order: String,
        /// The payment that is live.
        payment: PaymentId,
        /// Where it stands.
        phase: Phase,
    },
    /// The method cannot do what was asked.
    #[error("method {method} cannot do this: {why}")]
    MethodCannot {
        /// The gateway's method number.
        method: u32,
        /// What it cannot, and what would be accepted.
        why: &'static str,
    },
    /// Another operation on the payment excludes this one until it has ended.
    #[error("operation {operation} is still running on this payment; wait for it and try again")]
    OperationInProgress {
        /// The operation that excludes it, by its number within the payment.
        operation: u16,
    },
    /// A discrepancy holds the payment.
    #[error("the payment is held by a discrepancy; an operator has to resolve it first")]
    PaymentHeld,
    /// What was sent cannot be done to this payment.
    #[error("{} thing(s) in the request cannot be", .0.len())]
    Invalid(Faults),
    /// There is nothing to capture yet, or any more.
    #[error("the payment is {}, not authorized: there is nothing to capture", .phase.as_str())]
    NotAuthorized {
        /// Where it stands.
        phase: Phase,
    },
    /// The gateway takes one capture for a payment.
    #[error("the payment was captured, and the gateway takes one capture for a payment")]
    AlreadyCaptured,
    /// A capture of less than everything, and nobody accepted what that means.
    #[error(
        "{amount} minor units would be left, to be neither captured nor cancelled; send \"accept_stranded\": true if that is meant"
    )]
    WouldStrand {
        /// What would be left in all, in minor units.
        amount: Amount,
        /// What would be left of which split, by number.
        splits: Vec<(u16, Amount)>,
    },
    /// Money was taken: what is left is a refund.
    #[error("the payment is {}: it can be refunded, not cancelled", .phase.as_str())]
    CancelAfterCapture {
        /// Where it stands.
        phase: Phase,
    },
    /// It has ended without money.
    #[error("the payment has ended as {}", .phase.as_str())]
    AlreadyOver {
        /// Where it stands.
        phase: Phase,
    },
    /// Splits are added once a payment has succeeded or failed.
    #[error("the payment is {}: splits are added once it is captured or failed", .phase.as_str())]
    SplitsTooEarly {
        /// Where it stands.
        phase: Phase,
    },
    /// The gateway refuses splits after any refund.
    #[error("a refund exists or is under way, and the gateway takes no more splits then")]
    SplitsClosedByRefund,
    /// More is to be given to the splits than is left of the payment.
    #[error("at most {left} of the payment has no owner yet")]
    SplitExceedsPayment {
        /// What is left.
        left: Money,
    },
    /// A refund before any split would close the door for splits.
    #[error("the payment has no splits yet; a refund now would close the door for them, so add the splits first")]
    RefundNeedsSplits,
    /// Nothing was taken that could go back.
    #[error("the payment is {}: nothing was captured that could go back", .phase.as_str())]
    NotCaptured {
        /// Where it stands.
        phase: Phase,
    },
    /// The buyer's bank decides about the money.
    #[error("the payment is disputed; a refund now would give the money back twice")]
    PaymentDisputed,
    /// Nothing of the refund has failed and still claims anything.
    #[error("refund {refund} has no failed part to retry or abandon; make a new refund")]
    NothingFailed {
        /// The refund, by number.
        refund: u16,
    },
    /// The discrepancy has been settled.
    #[error("discrepancy {discrepancy} is closed; nothing is left to resolve")]
    DiscrepancyClosed {
        /// The discrepancy, by number.
        discrepancy: u16,
    },
    /// The gateway was asked, and still shows other amounts.
    #[error("{0}; accept what the gateway shows, or wait until it shows something else")]
    AmountsDiffer(String),
    /// The gateway was asked, and what it shows cannot be posted.
    #[error("{0}; the payment stays as it is")]
    CannotAccept(String),
    /// The operation is not one of which nobody knows whether it arrived.
    #[error("operation {operation} is {}: only an added split or a refund whose answer was lost is sent again or given up", .state.as_str())]
    OperationNotLost {
        /// The operation, by number.
        operation: u16,
        /// How far it has come.
        state: OperationState,
    },
    /// The gateway was asked, and its answer does not prove that the operation never arrived.
    #[error("{0}")]
    AbsenceNotProved(String),
    /// A refund that was never sent would be divided otherwise today.
    #[error("the payment has changed since, and the refund would be divided otherwise; make a new one")]
    RefundChanged,
}

impl Refusal {
    /// The code on the wire (API.md); never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OrderHasLivePayment { .. } => "order_has_live_payment",
            Self::MethodCannot { .. } => "method_cannot",
            Self::OperationInProgress { .. } => "operation_in_progress",
            Self::PaymentHeld => "payment_held",
            Self::Invalid(_) => "request_invalid",
            Self::NotAuthorized { .. } => "not_authorized",
            Self::AlreadyCaptured => "already_captured",
            Self::WouldStrand { .. } => "would_strand_authorization",
            Self::CancelAfterCapture { .. } => "cancel_after_capture",
            Self::AlreadyOver { .. } => "payment_over",
            Self::SplitsTooEarly { .. } => "splits_too_early",
            Self::SplitsClosedByRefund => "splits_closed_by_refund",
            Self::SplitExceedsPayment { .. } => "split_exceeds_payment",
            Self::RefundNeedsSplits => "refund_needs_splits",
            Self::NotCaptured { .. } => "refund_exceeds_captured",
            Self::PaymentDisputed => "payment_disputed",
            Self::NothingFailed { .. } => "nothing_failed",
            Self::DiscrepancyClosed { .. } => "discrepancy_closed",
            Self::AmountsDiffer(_) => "amounts_differ",
            Self::CannotAccept(_) => "cannot_accept",
            Self::OperationNotLost { .. } => "operation_not_lost",
            Self::AbsenceNotProved(_) => "absence_not_proved",
            Self::RefundChanged => "refund_changed",
        }
    }
}
