//! What the desk is told once, at start-up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{FeePlanId, SiteId};
use domain::money::Currency;
use domain::payment::Pace;
use domain::sale::Steps;

use crate::card_safe::CardSafe;

/// Configuration of the use cases.
#[derive(Clone)]
pub struct Settings {
    /// The secret that references are derived from; the same for the life of a database.
    pub installation: String,
    /// The gateway account that receives the marketplace's share.
    pub commission_site: SiteId,
    /// Currencies without two decimals whose hundredths the gateway has confirmed.
    pub confirmed_currencies: Vec<Currency>,
    /// The plan of sellers that have none.
    pub default_fee_plan: Option<FeePlanId>,
    /// What kept cards' tokens are sealed with; without a key no card is kept.
    pub cards: Arc<CardSafe>,
    /// What each method of the gateway takes.
    pub methods: BTreeMap<u32, MethodTerms>,
    /// The rhythm of questions and resends.
    pub pace: Pace,
    /// How long a committed attempt may wait before its first byte leaves.
    pub send_within: Duration,
    /// The total time limit of one call to the gateway.
    pub timeout: Duration,
    /// How often the sweep looks for due work.
    pub sweep_every: Duration,
    /// After how long a notification about an unknown payment is shown as an orphan.
    pub orphan_after: Duration,
    /// An admin key that works until the first admin key was ever created.
    pub bootstrap_admin_key: Option<String>,
}

impl std::fmt::Debug for Settings {
    /// Two of these are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("commission_site", &self.commission_site)
            .finish_non_exhaustive()
    }
}

/// What a method takes.
#[derive(Clone, Copy, Debug)]
pub struct MethodTerms {
    /// One step, or authorize and capture.
    pub steps: Steps,
    /// How many days an authorization lasts.
    pub authorization_days: u16,
}
