//! Why a use case did not do what was asked. No HTTP in here: the door picks the status.

use domain::fault::{Fault, Faults};
use domain::finding::GatewayRefusal;
use domain::ids::{OperationId, PaymentId};
use domain::operation::OperationKind;
use domain::payment::{Charged, Payment};
use domain::refusal::Refusal;
use store::StoreError;

/// Why not, what happened to the money, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent cannot be; nothing was written, nothing was sent.
    #[error("{} thing(s) in the request cannot be", .0.len())]
    Invalid(Faults),
    /// It does not exist, or the caller may not see it.
    #[error("it does not exist, or this key may not see it")]
    NotFound,
    /// No, or wrong, credentials.
    #[error("the credentials are missing or wrong")]
    Unauthorized,
    /// A rule of the rulebook says no; nothing was written, nothing was sent.
    #[error("{refusal}")]
    Refused {
        /// Which rule.
        refusal: Refusal,
        /// The payment it speaks of.
        payment: Option<PaymentId>,
    },
    /// The gateway refused, and nothing moved. A payment that was to be created exists, as failed.
    #[error("the gateway refused it ({})", .kind.as_str())]
    RefusedByGateway {
        /// What was refused.
        kind: OperationKind,
        /// The payment; as failed where it was to be created.
        payment: PaymentId,
        /// The operation that was refused.
        operation: OperationId,
        /// The gateway's own words.
        refusal: GatewayRefusal,
    },
    /// The key was used for another request.
    #[error("this Idempotency-Key was used for another request; use a new key for a new request")]
    KeyReused,
    /// Somebody else changed it at the same moment, more often than is reasonable.
    #[error("it is being changed by others at this moment; try again with the same key")]
    Contended,
    /// Something we need is not there now.
    #[error("{what} is not available")]
    Unavailable {
        /// What: `gateway` or `database`.
        what: &'static str,
        /// Whether money may have moved in this request.
        charged: Charged,
        /// The payment, if there is one.
        payment: Option<PaymentId>,
    },
    /// A conflict between stored things: a site that another seller has, the last admin key.
    #[error("{detail}")]
    Conflict {
        /// The code on the wire.
        code: &'static str,
        /// In one sentence.
        detail: String,
    },
    /// A mistake of ours, or a damaged database.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// A rule of the rulebook says no; what is wrong with the request itself is said field by field.
    pub(crate) fn refused(refusal: Refusal, payment: Option<&Payment>) -> Self {
        match refusal {
            Refusal::Invalid(faults) => Self::Invalid(faults),
            refusal => Self::Refused {
                refusal,
                payment: payment.map(|one| one.id),
            },
        }
    }

    /// The same of a command: its key may have been used before, so that a database that cannot say what became of it
    /// leaves that open (DESIGN law 2).
    pub(crate) fn of_command(self) -> Self {
        match self {
            Self::Unavailable {
                what: "database",
                payment,
                ..
            } => Self::Unavailable {
                what: "database",
                charged: Charged::Unknown,
                payment,
            },
            other => other,
        }
    }

    /// One fault.
    pub fn fault(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, detail)])
    }
}

impl From<StoreError> for Error {
    /// For reads and reference data; `perform` and `settle` look at the variants themselves.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Missing => Self::NotFound,
            StoreError::Conflict => Self::Contended,
            StoreError::Busy | StoreError::Unavailable(_) => Self::Unavailable {
                what: "database",
                charged: Charged::No,
                payment: None,
            },
            StoreError::Unknown(_) => Self::Unavailable {
                what: "database",
                charged: Charged::Unknown,
                payment: None,
            },
            StoreError::Corrupt(what) => Self::Internal(what),
        }
    }
}
