//! A refund as it is kept: what was planned, and what became of each part.

use serde::{Deserialize, Serialize};

use super::{Ask, Plan};
use crate::command::RefundAsk;
use crate::ids::GatewayId;
use crate::money::Amount;
use crate::seller::Party;
use crate::time::Timestamp;

/// A refund of one payment. Amounts are minor units of the payment's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its number within the payment, from 1; the last part of its id.
    pub number: u16,
    /// What was asked; nothing where somebody made it at the gateway.
    pub asked: Option<RefundAsk>,
    /// Who gives what for which goods; nothing where somebody made it at the gateway.
    pub plan: Option<Plan>,
    /// What the gateway is, or was, asked.
    pub parts: Vec<Part>,
    /// Whether its adjustments are in the books.
    pub adjusted: bool,
    /// When it was decided, or first shown.
    pub created_at: Timestamp,
    /// When nothing of it was under way any more.
    pub settled_at: Option<Timestamp>,
}

/// One part of a refund: one split gives one amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The split's number within the payment.
    pub split: u16,
    /// Whose split it is.
    pub party: Party,
    /// Minor units, more than 0.
    pub amount: Amount,
    /// How far it has come.
    pub state: PartState,
    /// The gateway's id of it, once it was shown.
    pub gateway_id: Option<GatewayId>,
}

/// How far a part of a refund has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// Decided; the gateway has not accepted it yet.
    Processing,
    /// The gateway has accepted it.
    Open,
    /// The buyer has it.
    Succeeded,
    /// Nothing goes back; where the refund has other parts, it keeps what it claimed until it is retried or abandoned.
    Failed,
    /// Given up, and what it claimed is free again.
    Abandoned,
}

/// Where a refund stands; API.md's `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// What became of a part is not known yet.
    Processing,
    /// The gateway has accepted it.
    Open,
    /// Everybody has what was planned.
    Succeeded,
    /// Some parts did, and others did not.
    PartlySucceeded,
    /// Nothing goes back.
    Failed,
}

impl PartState {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Open => "open",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether nothing more is expected of the gateway.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Abandoned)
    }
}

impl RefundStatus {
    /// The word on the wire and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Open => "open",
            Self::Succeeded => "succeeded",
            Self::PartlySucceeded => "partly_succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Refund {
    /// A refund that has just been planned.
    #[must_use]
    pub fn planned(number: u16, asked: RefundAsk, plan: Plan, now: Timestamp) -> Self {
        let part = |call: &super::Call| Part {
            split: call.split,
            party: call.party.clone(),
            amount: call.amount,
            state: PartState::Processing,
            gateway_id: None,
        };
        Self {
            number,
            asked: Some(asked),
            parts: plan.calls.iter().map(part).collect(),
            plan: Some(plan),
            adjusted: false,
            created_at: now,
            settled_at: None,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> RefundStatus {
        let any = |state: PartState| self.parts.iter().any(|part| part.state == state);
        if any(PartState::Processing) {
            RefundStatus::Processing
        } else if any(PartState::Open) {
            RefundStatus::Open
        } else if self.parts.iter().all(|part| part.state == PartState::Succeeded) {
            RefundStatus::Succeeded
        } else if any(PartState::Succeeded) {
            RefundStatus::PartlySucceeded
        } else {
            RefundStatus::Failed
        }
    }

    /// What the buyer was to get, abandoned parts included, in minor units.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.sum(|_| true)
    }

    /// What the buyer has of it, in minor units.
    #[must_use]
    pub fn amount_succeeded(&self) -> Amount {
        self.sum(|state| state == PartState::Succeeded)
    }

    /// What it claims of a split that is not in the books: parts that the gateway has not accepted, and failed ones that
    /// may be retried. Minor units.
    #[must_use]
    pub fn claims_of(&self, split: u16) -> Amount {
        let alone = self.parts.len() == 1;
        let claims = |part: &&Part| {
            part.split == split && (part.state == PartState::Processing || part.state == PartState::Failed && !alone)
        };
        let claimed = self.parts.iter().filter(claims).map(|part| part.amount);
        Amount::sum(claimed).unwrap_or(Amount::ZERO)
    }

    /// The part that a split gives.
    #[must_use]
    pub fn part(&self, split: u16) -> Option<&Part> {
        self.parts.iter().find(|part| part.split == split)
    }

    /// What was asked back of which goods; nothing where somebody made it at the gateway.
    #[must_use]
    pub fn ask(&self) -> Option<&Ask> {
        self.asked.as_ref().map(|asked| &asked.ask)
    }

    fn sum(&self, of: impl Fn(PartState) -> bool) -> Amount {
        let parts = self.parts.iter().filter(|part| of(part.state)).map(|part| part.amount);
        Amount::sum(parts).unwrap_or(Amount::ZERO)
    }
}
