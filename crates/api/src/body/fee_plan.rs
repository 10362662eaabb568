//! Fee plans.

use std::collections::BTreeMap;

use domain::fee_plan::{AppliesTo, CommissionOnRefund, FeePlanDraft, MatchDraft, RuleDraft};
use serde::Deserialize;
use utoipa::ToSchema;

/// Rules of commission. Written whole; what differs from the latest version becomes the next.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeePlanBody {
    /// 1 to 100 rules; the first that matches a line is used, the last matches every line.
    pub rules: Vec<RuleBody>,
    /// `return` (unless said) or `keep`: what becomes of commission when goods go back.
    #[serde(default)]
    #[schema(value_type = String, example = "return")]
    pub commission_on_refund: CommissionOnRefund,
}

/// How much commission is taken on the lines a rule matches. Amounts are minor units by currency code, per line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    /// Which lines it is for; without it, all.
    #[serde(default, rename = "match")]
    pub matches: Option<MatchBody>,
    /// Basis points of the base: 1500 is 15 %.
    #[schema(example = 1500)]
    pub percent_bp: i64,
    /// Added per line.
    #[serde(default)]
    pub fixed: BTreeMap<String, i64>,
    /// At least this per line.
    #[serde(default)]
    pub min: BTreeMap<String, i64>,
    /// At most this per line.
    #[serde(default)]
    pub max: BTreeMap<String, i64>,
    /// `items`, or `items_and_shipping`: what the percentage is of.
    #[schema(value_type = String, example = "items")]
    pub applies_to: AppliesTo,
}

/// Which lines a rule is for: those that meet every condition it names.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchBody {
    /// Lines in one of these categories.
    #[serde(default)]
    pub categories: Option<Vec<String>>,
    /// Lines whose unit price is at least this, in minor units of the cart's currency.
    #[serde(default)]
    pub unit_price_from: Option<i64>,
    /// Lines whose unit price is less than this.
    #[serde(default)]
    pub unit_price_below: Option<i64>,
}

impl From<FeePlanBody> for FeePlanDraft {
    fn from(body: FeePlanBody) -> Self {
        Self {
            rules: body.rules.into_iter().map(RuleDraft::from).collect(),
            commission_on_refund: body.commission_on_refund,
        }
    }
}

impl From<RuleBody> for RuleDraft {
    fn from(body: RuleBody) -> Self {
        let RuleBody {
            matches,
            percent_bp,
            fixed,
            min,
            max,
            applies_to,
        } = body;
        let matches = matches.map(MatchDraft::from).unwrap_or_default();
        Self {
            matches,
            percent_bp,
            fixed,
            min,
            max,
            applies_to,
        }
    }
}

impl From<MatchBody> for MatchDraft {
    fn from(body: MatchBody) -> Self {
        let MatchBody {
            categories,
            unit_price_from,
            unit_price_below,
        } = body;
        Self {
            categories,
            unit_price_from,
            unit_price_below,
        }
    }
}
