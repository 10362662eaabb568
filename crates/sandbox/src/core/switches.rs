//! The answers to choose from where the documents leave a question open.

use serde::{Deserialize, Serialize};

/// What the gateway does when splits do not add up to the payment: no document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitSum {
    /// Nothing: it will not catch our mistakes.
    #[default]
    Unchecked,
    /// Refuses splits that exceed the payment (code 118).
    AtMost,
    /// Refuses splits that do not add up to the payment exactly (code 118).
    Exact,
}

/// When splits may be added to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddSplits {
    /// In every status, and again; they copy the payment's status.
    #[default]
    Always,
    /// Only to a payment that has none (code 17).
    Once,
    /// Only to a payment that is paid (code 17).
    Paid,
}

/// Whether an open payment may be cancelled. The documents: if the customer has not yet reached the provider, or
/// received the details for paying offline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelOpen {
    /// Until the buyer has opened the pay page; never with a method that is paid offline (code 122).
    #[default]
    UnlessVisited,
    /// Always.
    Always,
    /// Never (code 122).
    Never,
}

/// How something that was only asked for ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlesAs {
    /// It is done.
    #[default]
    Success,
    /// It is not.
    Failed,
    /// It waits for `POST /_sandbox/payments/{id}/act`.
    Never,
}

/// Up to what a refund may go, other refunds counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundLimit {
    /// What was captured.
    #[default]
    Captured,
    /// The whole amount, whatever was captured of it.
    Amount,
}

/// Whose status becomes 21 (PartiallyRefunded) or 22 (Refunded) when refunds succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundedStatus {
    /// Nobody's.
    Never,
    /// That of payments of the card host, whose list has them.
    #[default]
    Cards,
    /// Every payment's and split's.
    Always,
}
