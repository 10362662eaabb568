//! Sellers ship at different times and the gateway captures once: each says what it is ready to take, and the one
//! capture is made when all have, or when time is up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CaptureAsk, CapturePlan, SellerTake, Take, plan, taken};
use crate::fault::Faults;
use crate::ids::SellerId;
use crate::planted::{Defect, planted};
use crate::returns::Goods;
use crate::seller::Party;
use crate::time::Timestamp;

/// What the sellers of a payment have said so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// When it is decided without those that have not answered.
    pub capture_by: Timestamp,
    /// What counts for those.
    pub unanswered: Unanswered,
    /// Each seller's latest answer, in the buyer's money.
    pub answers: BTreeMap<SellerId, Take>,
}

/// What a seller takes that says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unanswered {
    /// All that is authorized for its goods.
    #[default]
    Full,
    /// Nothing.
    None,
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// These have not answered, and there is time.
    Wait(Vec<SellerId>),
    /// The one capture, with exactly these amounts.
    Capture(Box<CapturePlan>),
    /// Nobody takes anything.
    Cancel,
}

impl Readiness {
    /// Nobody has answered.
    #[must_use]
    pub fn new(capture_by: Timestamp, unanswered: Unanswered) -> Self {
        Self {
            capture_by,
            unanswered,
            answers: BTreeMap::new(),
        }
    }

    /// Records what a seller is ready to take; a later answer replaces an earlier one. Refused like the same capture;
    /// pointers are relative to the answer.
    pub fn answer(&mut self, goods: &Goods<'_>, seller: SellerId, take: Take) -> Result<(), Faults> {
        taken::of_seller(goods, &seller, &take)?;
        self.answers.insert(seller, take);
        Ok(())
    }

    /// The sellers that have not answered, by id.
    #[must_use]
    pub fn missing(&self, goods: &Goods<'_>) -> Vec<SellerId> {
        let sellers = goods.by_party().into_keys().filter_map(Party::seller);
        sellers
            .filter(|seller| !self.answers.contains_key(*seller))
            .cloned()
            .collect()
    }

    /// The capture as it would be if time were up.
    pub fn plan(&self, goods: &Goods<'_>) -> Result<CapturePlan, Faults> {
        let silent = || match self.unanswered {
            Unanswered::Full => Take::Everything,
            Unanswered::None => Take::Amount(crate::money::Amount::ZERO),
        };
        let sellers = goods.by_party().into_keys().filter_map(Party::seller);
        let take = |seller: &SellerId| SellerTake {
            seller: seller.clone(),
            take: self.answers.get(seller).cloned().unwrap_or_else(silent),
        };
        plan(goods, &CaptureAsk::Sellers(sellers.map(take).collect()))
    }

    /// What to do at this time. It is refused only on other goods than the answers were about.
    pub fn next(&self, goods: &Goods<'_>, now: Timestamp) -> Result<Next, Faults> {
        let missing = self.missing(goods);
        if !missing.is_empty() && (now < self.capture_by || planted(Defect::CaptureDateMissed)) {
            return Ok(Next::Wait(missing));
        }
        let plan = self.plan(goods)?;
        Ok(if plan.is_nothing() {
            Next::Cancel
        } else {
            Next::Capture(Box::new(plan))
        })
    }
}
