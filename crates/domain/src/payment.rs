//! The aggregate: a phase, its splits, what we asked and what we know. Changed only by [`Payment::decide`],
//! [`Payment::attempt`] and [`Payment::learn`].

mod accept;
mod additions;
mod captures;
mod compare;
mod decide;
mod differences;
mod follow_ups;
mod learn;
mod moves;
mod pace;
mod permits;
mod reconciled;
mod refund_sights;
mod refunded;
mod refunds;
mod settle;
mod under_way;
mod wishes;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use compare::differences;
pub use decide::{Asking, Decision};
pub use differences::MAX_DISCREPANCIES;
pub use learn::{Learning, Lesson, Stale};
pub use pace::Pace;
pub use refunded::Refunded;

use crate::capture_plan::Readiness;
use crate::discrepancy::Discrepancy;
use crate::ids::{OrderId, PaymentId, Reference};
use crate::money::Amount;
use crate::operation::{Operation, OperationKind};
use crate::planted::{Defect, planted};
use crate::refund::Refund;
use crate::returns::Line;
use crate::sale::Sale;
use crate::sight::{GatewayRef, GatewayStatus};
use crate::split::Split;
use crate::time::Timestamp;

/// Where a payment stands; API.md's `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// We do not know yet what became of the create.
    Processing,
    /// The buyer must act.
    Open,
    /// Known to the gateway, waiting for others, or for a consistent answer.
    Pending,
    /// Reserved on the buyer's side.
    Authorized,
    /// A capture is on its way.
    Capturing,
    /// A cancel is on its way.
    Cancelling,
    /// Taken in full.
    Captured,
    /// Taken in part, for good.
    PartiallyCaptured,
    /// Ended without money.
    Cancelled,
    /// Ended without money.
    Failed,
    /// Ended without money.
    Expired,
    /// Disputed by the buyer.
    Disputed,
    /// Taken back by the buyer's bank.
    ChargedBack,
}

impl Phase {
    /// Every phase, for tables, filters and tests.
    pub const ALL: [Self; 13] = [
        Self::Processing,
        Self::Open,
        Self::Pending,
        Self::Authorized,
        Self::Capturing,
        Self::Cancelling,
        Self::Captured,
        Self::PartiallyCaptured,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
        Self::Disputed,
        Self::ChargedBack,
    ];

    /// The word on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Authorized => "authorized",
            Self::Capturing => "capturing",
            Self::Cancelling => "cancelling",
            Self::Captured => "captured",
            Self::PartiallyCaptured => "partially_captured",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Disputed => "disputed",
            Self::ChargedBack => "charged_back",
        }
    }

    /// The phase with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == name)
    }

    /// Whether it ended without money.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed | Self::Expired)
    }

    /// Whether nothing more is expected of the gateway unless somebody acts.
    pub const fn is_at_rest(self) -> bool {
        matches!(
            self,
            Self::Authorized | Self::Captured | Self::PartiallyCaptured | Self::ChargedBack | Self::Disputed
        ) || self.is_over()
    }
}

/// A name that only one payment may hold (DESIGN §5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Claim {
    /// The create's idempotency, and how an answer finds its payment.
    Reference(Reference),
    /// One live payment per order, separately for test and live keys.
    Order(bool, OrderId),
}

impl std::fmt::Display for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reference(reference) => write!(f, "ref:{reference}"),
            Self::Order(true, order) => write!(f, "order:{order}"),
            Self::Order(false, order) => write!(f, "test-order:{order}"),
        }
    }
}

/// What the gateway last said of the payment as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its identity there.
    pub at: GatewayRef,
    /// Its status there.
    pub status: GatewayStatus,
    /// Where the buyer goes.
    pub redirect_url: Option<String>,
}

/// Whether the buyer has paid, as far as we may say (DESIGN law 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// Money was taken.
    Yes,
    /// Surely no money was taken.
    No,
    /// Money may have moved.
    Unknown,
}

impl Charged {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// One line in a payment's history, kept for good and shown on its timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened, in one word: `decided`, `attempt`, `shown`, `phase`, …
    pub kind: String,
    /// The operation it belongs to, by number.
    pub operation: Option<u16>,
    /// What happened, in one sentence.
    pub detail: String,
}

/// One buyer's payment and everything known of it. Amounts are minor units of the cart's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Ours.
    pub id: PaymentId,
    /// Counts commits, from 1; a commit decided on an older version is a conflict.
    pub version: u64,
    /// What was sold; never changes, and is shared by every version of the payment in memory.
    pub sale: Arc<Sale>,
    /// Where it stands.
    pub phase: Phase,
    /// Who is owed what, and what happened to it.
    pub splits: Vec<Split>,
    /// Everything that was asked of the gateway, in order.
    pub operations: Vec<Operation>,
    /// Everything that went back, or was asked to, in order.
    pub refunds: Vec<Refund>,
    /// What was sold and how much of it has gone back; empty while everything is as it was sold.
    pub lines: Vec<Line>,
    /// What the sellers are ready to take, from the authorization of a payment that is captured by hand.
    pub readiness: Option<Readiness>,
    /// Every difference found, in order.
    pub discrepancies: Vec<Discrepancy>,
    /// What the gateway last said.
    pub seen: Option<Seen>,
    /// When its authorization lapses, once there is one.
    pub authorized_until: Option<Timestamp>,
    /// Captured, and no split names its owner yet.
    pub amount_unallocated: Amount,
    /// Money the gateway shows as taken that we cannot place.
    pub amount_suspense: Amount,
    /// When the sweep looks at it next; `None` when it is at rest.
    pub due_at: Option<Timestamp>,
    /// How often the gateway was asked since something last changed.
    pub asked: u32,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When its latest commit was decided.
    pub updated_at: Timestamp,
}

impl Payment {
    /// The operation that created it at the gateway.
    pub fn authorize(&self) -> Option<&Operation> {
        self.operations
            .iter()
            .find(|operation| operation.kind() == OperationKind::Authorize)
    }

    /// The operation with this number.
    pub fn operation(&self, number: u16) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.number == number)
    }

    /// The operations that were asked for under the key of this one, itself included: the parts of a refund.
    pub fn under_one_key(&self, number: u16) -> impl Iterator<Item = &Operation> {
        let first = self.operation(number).map(|one| &one.asked);
        let same = move |one: &&Operation| {
            first.is_some_and(|asked| one.asked.principal == asked.principal && one.asked.key == asked.key)
        };
        self.operations.iter().filter(same)
    }

    /// The first operation that has not ended.
    pub fn open_operation(&self) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.is_open())
    }

    /// Whether an open discrepancy stops money operations.
    pub fn is_held(&self) -> bool {
        self.discrepancies.iter().any(Discrepancy::is_holding)
    }

    /// Whether it stands in the way of another payment for its order.
    pub fn is_live(&self) -> bool {
        !self.phase.is_over() && !self.is_fully_refunded()
    }

    /// Whether the buyer has everything back that was taken.
    pub fn is_fully_refunded(&self) -> bool {
        !self.amount_captured().is_zero() && self.amount_refunded() == self.amount_captured()
    }

    /// Back with the buyer by refunds, over all splits.
    pub fn amount_refunded(&self) -> Amount {
        Self::total(self.splits.iter().map(|split| split.amount_refunded))
    }

    /// What the buyer pays.
    pub fn amount(&self) -> Amount {
        self.sale.allocation.total()
    }

    /// The next version, in which nothing but the time is new: what is kept beside a payment lands with one of it.
    #[must_use]
    pub fn follows(&self, now: Timestamp) -> Self {
        Self {
            version: self.version.saturating_add(1),
            updated_at: now,
            ..self.clone()
        }
    }

    /// Captured over all splits, and what no split names the owner of.
    pub fn amount_captured(&self) -> Amount {
        let captured = self.splits.iter().map(|split| split.amount_captured);
        Self::total(captured.chain([self.amount_unallocated]))
    }

    /// Authorized over all splits, captured included.
    pub fn amount_authorized(&self) -> Amount {
        Self::total(self.splits.iter().map(|split| split.amount_authorized))
    }

    /// Sums parts of one payment, which cannot pass the payment's own limit.
    fn total(parts: impl IntoIterator<Item = Amount>) -> Amount {
        Amount::sum(parts).unwrap_or(Amount::ZERO)
    }

    /// When what is authorized and not captured lapses, while there is such a thing.
    pub fn expires_at(&self) -> Option<Timestamp> {
        let waits = self.phase == Phase::Authorized || self.is_stranded();
        self.authorized_until.filter(|_| waits)
    }

    /// Whether the buyer has paid, as far as we may say.
    pub fn charged(&self) -> Charged {
        if self.has_money() || !self.amount_suspense.is_zero() {
            return Charged::Yes;
        }
        let surely = self.phase.is_over() && !self.operations.iter().any(Operation::is_open) && !self.is_held();
        if surely || planted(Defect::ChargedNoWhileUnknown) && self.phase == Phase::Processing {
            return Charged::No;
        }
        Charged::Unknown
    }

    /// Whether the buyer's money was taken, as far as the books vouch for it: also where it is gone again, and no split
    /// tells of it.
    fn has_money(&self) -> bool {
        !self.amount_captured().is_zero() || self.phase == Phase::ChargedBack
    }

    /// Conservation, asserted in release builds too: a wrong cent must stop here, not in a seller's balance.
    fn assert_sound(&self) {
        assert!(
            self.splits.iter().all(Split::is_ordered),
            "quantities of a split are ordered"
        );
        assert!(
            self.amount_captured() <= self.amount(),
            "no more is captured than the buyer pays"
        );
        let captured_in_full = self.phase == Phase::Captured;
        assert!(
            !captured_in_full || self.amount_captured() == self.amount(),
            "captured means captured in full"
        );
    }
}

/// How many attempts one operation gets before a person must look.
pub const MAX_ATTEMPTS: u32 = 8;
