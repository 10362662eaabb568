//! Which rule said no to a command.

use crate::ids::PaymentId;
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
}

impl Refusal {
    /// The code on the wire (API.md); never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OrderHasLivePayment { .. } => "order_has_live_payment",
            Self::MethodCannot { .. } => "method_cannot",
            Self::OperationInProgress { .. } => "operation_in_progress",
            Self::PaymentHeld => "payment_held",
        }
    }
}
