//! Commission: versioned rules that never change once written.

use std::collections::BTreeMap;

use domain::fee_plan::{AppliesTo, CommissionOnRefund, FeePlan, FeePlanDraft, Match, PerCurrency, Rule};
use domain::ids::FeePlanId;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::desk::Engine;
use crate::error::Error;

/// One version of a fee plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeePlanView {
    /// The plan's name.
    pub id: String,
    /// Which version of it, from 1.
    pub version: u32,
    /// Plan and version as payments and reasons name them: `standard@3`.
    pub name: String,
    /// The rules: the first that matches a line is used, the last matches every line.
    pub rules: Vec<RuleView>,
    /// `return` or `keep`: what becomes of commission when goods go back.
    pub commission_on_refund: String,
}

/// How much commission is taken on the lines a rule matches. Amounts are minor units by currency code, per line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleView {
    /// Which lines it is for; absent: all.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<MatchView>,
    /// Basis points of the base: 1500 is 15 %.
    pub percent_bp: u16,
    /// Added per line.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: BTreeMap<String, i64>,
    /// At least this per line.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub min: BTreeMap<String, i64>,
    /// At most this per line.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max: BTreeMap<String, i64>,
    /// `items` or `items_and_shipping`.
    pub applies_to: String,
}

/// Which lines a rule is for: those that meet every condition it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatchView {
    /// Lines in one of these categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// Lines whose unit price is at least this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price_from: Option<i64>,
    /// Lines whose unit price is less than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price_below: Option<i64>,
}

impl Engine {
    /// Writes a new version of a plan, unless its latest says the same. `true`: a version was written.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the draft.
    pub async fn put_fee_plan(
        &self,
        caller: &Caller,
        id: &str,
        draft: FeePlanDraft,
    ) -> Result<(FeePlanView, bool), Error> {
        let id: FeePlanId = id
            .parse()
            .map_err(|error: domain::ids::IdError| Error::fault("", "fee_plan_id_invalid", error.to_string()))?;
        let wanted = FeePlan::try_new(id, 1, draft).map_err(Error::Invalid)?;
        let put = move |tx: &mut store::Tx<'_>| -> Result<(FeePlan, bool), StoreError> {
            let mut wanted = wanted;
            if let Some(latest) = tx.latest(&wanted.id)? {
                if latest.says_the_same(&wanted) {
                    return Ok((latest, false));
                }
                wanted.version = latest.version.saturating_add(1);
            }
            tx.put_fee_plan(&wanted)?;
            Ok((wanted, true))
        };
        let put = self.desk.store.write(put).await;
        // Also where the write's outcome is unknown: to look again costs one read.
        self.desk.terms.forget();
        let (plan, created) = put?;
        if created {
            tracing::info!(plan = %plan.name(), by = %caller.principal, "a fee plan has a new version");
        }
        Ok((FeePlanView::from(&plan), created))
    }

    /// The latest version of a plan.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn fee_plan(&self, id: FeePlanId) -> Result<FeePlanView, Error> {
        let found = self.desk.store.read(move |tx| tx.latest(&id)).await?;
        found.as_ref().map(FeePlanView::from).ok_or(Error::NotFound)
    }

    /// One version of a plan.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn fee_plan_version(&self, id: FeePlanId, version: u32) -> Result<FeePlanView, Error> {
        let found = self.desk.store.read(move |tx| tx.version(&id, version)).await?;
        found.as_ref().map(FeePlanView::from).ok_or(Error::NotFound)
    }
}

impl From<&FeePlan> for FeePlanView {
    fn from(plan: &FeePlan) -> Self {
        let commission_on_refund = match plan.commission_on_refund {
            CommissionOnRefund::Return => "return",
            CommissionOnRefund::Keep => "keep",
        };
        Self {
            id: plan.id.to_string(),
            version: plan.version,
            name: plan.name().to_string(),
            rules: plan.rules.iter().map(RuleView::from).collect(),
            commission_on_refund: commission_on_refund.to_owned(),
        }
    }
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        let applies_to = match rule.applies_to {
            AppliesTo::Items => "items",
            AppliesTo::ItemsAndShipping => "items_and_shipping",
        };
        Self {
            matches: (!rule.matches.is_everything()).then(|| MatchView::from(&rule.matches)),
            percent_bp: rule.percent_bp,
            fixed: amounts(&rule.fixed),
            min: amounts(&rule.min),
            max: amounts(&rule.max),
            applies_to: applies_to.to_owned(),
        }
    }
}

impl From<&Match> for MatchView {
    fn from(matches: &Match) -> Self {
        Self {
            categories: matches.categories.clone(),
            unit_price_from: matches.unit_price_from.map(i64::from),
            unit_price_below: matches.unit_price_below.map(i64::from),
        }
    }
}

fn amounts(per_currency: &PerCurrency) -> BTreeMap<String, i64> {
    per_currency
        .iter()
        .map(|(currency, amount)| (currency.code().to_owned(), amount.get()))
        .collect()
}
