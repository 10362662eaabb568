//! The same refund, not sent.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Call, Plan, Reason};
use crate::money::Amount;
use crate::seller::Party;

/// What a refund would do, with what it would do to balances. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// What the buyer would get.
    pub amount: Amount,
    /// Who would be concerned.
    pub parties: Vec<PartyPreview>,
    /// What the gateway would be asked.
    pub calls: Vec<Call>,
    /// Where every cent would come from.
    pub reasons: Vec<Reason>,
    /// What whoever asks should know.
    pub warnings: Vec<String>,
}

/// One party's side, in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyPreview {
    /// Who.
    pub party: Party,
    /// What its splits would give to the buyer.
    pub gives_back: Amount,
    /// What it would get (below 0: pay) by adjustment.
    pub adjusted: i64,
    /// Its balance as it is.
    pub balance_before: i64,
    /// Its balance as it would be: before − gives back + adjusted.
    pub balance_after: i64,
    /// Whether the balance covers what it gives.
    pub covered: bool,
}

impl Plan {
    /// What it would do to these balances, each in minor units of the payment's currency; a party without one has 0.
    #[must_use]
    pub fn preview(&self, balances: &BTreeMap<Party, i64>) -> Preview {
        let mut warnings = self.warnings.clone();
        let side = |side: &super::PartyPlan| {
            let balance_before = balances.get(&side.party).copied().unwrap_or_default();
            let balance_after = balance_before.saturating_sub(side.owed);
            PartyPreview {
                party: side.party.clone(),
                gives_back: side.gives_back,
                adjusted: side.adjusted(),
                balance_before,
                balance_after,
                covered: side.owed <= 0 || balance_after >= 0,
            }
        };
        let parties: Vec<PartyPreview> = self.parties.iter().map(side).collect();
        let uncovered = parties.iter().filter(|side| !side.covered);
        warnings.extend(uncovered.map(|side| {
            let missing = side.balance_after.saturating_neg();
            format!(
                "the balance of {} does not cover this: {missing} minor units are missing",
                side.party
            )
        }));
        Preview {
            amount: self.amount,
            parties,
            calls: self.calls.clone(),
            reasons: self.reasons.clone(),
            warnings,
        }
    }
}
