//! What we want done.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::allocation::LineShare;
use crate::capture_plan::{CaptureAsk, SellerTake};
use crate::discrepancy::Resolution;
use crate::fee_plan::CommissionOnRefund;
use crate::ids::{Reference, SellerId, SiteId};
use crate::metadata::Metadata;
use crate::money::Amount;
use crate::operation::OperationKind;
use crate::payment::Claim;
use crate::planted::{Defect, planted};
use crate::refund::Ask;
use crate::sale::Sale;
use crate::seller::Party;

/// What somebody wants done. A closed enum: the compiler lists every place that must know of a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ask the gateway for a payment: the whole sale, with its splits.
    Authorize(Arc<Sale>),
    /// Name more owners of a payment that has ended in success or failure.
    AddSplits(Addition),
    /// Take what is authorized, or part of it, once.
    Capture {
        /// What of it.
        ask: CaptureAsk,
        /// By the gateway's call for one split, which takes its amount in the address.
        only: Option<u16>,
        /// Whether what is left may be stranded: neither captured nor cancelled until it lapses.
        accept_stranded: bool,
    },
    /// End a payment before any money is taken.
    Cancel,
    /// Say what one seller is ready to take; the capture follows when all have, or when time is up.
    Ready(SellerTake),
    /// Give back to the buyer.
    Refund(RefundAsk),
    /// Send the failed parts of a refund again.
    Retry {
        /// The refund, by number.
        refund: u16,
    },
    /// Give up the failed parts of a refund: what they claimed is free again.
    Abandon {
        /// The refund, by number.
        refund: u16,
    },
    /// Settle a difference with what the gateway shows when it is asked next.
    Resolve {
        /// The discrepancy, by number.
        discrepancy: u16,
        /// How.
        resolution: Resolution,
        /// Why, in the words of whoever decided it.
        note: String,
    },
    /// Send an operation of which the gateway shows nothing again, once it is asked and shows nothing still.
    Resend {
        /// The operation, by number.
        operation: u16,
        /// Why, in the words of whoever decided it.
        note: String,
    },
    /// Give such an operation up: what it had reserved is free again.
    GiveUp {
        /// The operation, by number.
        operation: u16,
        /// Why, in the words of whoever decided it.
        note: String,
    },
}

/// Splits to be added to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addition {
    /// Who is owed what, in order.
    pub splits: Vec<NewSplit>,
    /// The goods they are for, where they come from a cart; without them each split is a line of its own.
    pub lines: Vec<LineShare>,
    /// The site that gets what they leave over, where the marketplace takes it.
    pub rest: Option<SiteId>,
}

/// One split to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSplit {
    /// Who is owed.
    pub party: Party,
    /// The gateway account that receives.
    pub site: SiteId,
    /// Minor units of the payment's currency, more than 0.
    pub amount: Amount,
    /// The caller's own name for it.
    pub reference: Option<Reference>,
}

/// A refund to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundAsk {
    /// What is to go back.
    pub ask: Ask,
    /// The sellers at whose expense the marketplace keeps its commission on it.
    pub keeps: BTreeSet<SellerId>,
    /// The policy that was asked for, where one was.
    pub commission: Option<CommissionOnRefund>,
    /// Why, in the caller's words.
    pub reason: Option<String>,
    /// The caller's own name for it.
    pub reference: Option<String>,
    /// The caller's own keys and values.
    pub metadata: Metadata,
}

impl Command {
    /// The names that only one payment may hold and that this command needs, its own reference first: where one is
    /// taken, the payment that holds it is the one to decide on. Empty for a command about a payment that exists.
    pub fn claims(&self, reference: &Reference) -> Vec<Claim> {
        match self {
            Self::Authorize(sale) => {
                let mut claims = vec![Claim::Reference(reference.clone())];
                claims.extend(sale.order_claim().filter(|_| !planted(Defect::OrderNotClaimed)));
                claims
            }
            _ => Vec::new(),
        }
    }

    /// The kind of operation that it becomes.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Authorize(_) => OperationKind::Authorize,
            Self::AddSplits(_) => OperationKind::AddSplits,
            Self::Capture { .. } => OperationKind::Capture,
            Self::Cancel => OperationKind::Cancel,
            Self::Ready(_) => OperationKind::Ready,
            Self::Refund(_) | Self::Retry { .. } => OperationKind::Refund,
            Self::Abandon { .. } => OperationKind::Abandon,
            Self::Resolve { .. } => OperationKind::Resolve,
            Self::Resend { .. } => OperationKind::Resend,
            Self::GiveUp { .. } => OperationKind::GiveUp,
        }
    }
}
