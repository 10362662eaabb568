//! Fee plans: versioned, immutable rules of commission.

mod check;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::cart::LineItem;
use crate::fault::Faults;
use crate::ids::{FeePlanId, IdError, serde_as_text};
use crate::money::{Amount, Currency};

pub use check::{CATEGORIES_MAX, CODES, RULES_MAX};

/// An amount for each currency it is known in, in that currency's minor units; none in the others.
pub type PerCurrency = BTreeMap<Currency, Amount>;

/// A fee plan as an administrator writes it: the body of `PUT /v1/fee_plans/{plan}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeePlanDraft {
    /// The rules, the first that matches a line is used.
    pub rules: Vec<RuleDraft>,
    /// What becomes of commission when goods go back.
    #[serde(default)]
    pub commission_on_refund: CommissionOnRefund,
}

/// A rule as an administrator writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDraft {
    /// Which lines it is for; without it, all.
    #[serde(default, rename = "match")]
    pub matches: MatchDraft,
    /// Basis points of the base: 1500 is 15 %.
    pub percent_bp: i64,
    /// Added per line: minor units by currency code.
    #[serde(default)]
    pub fixed: BTreeMap<String, i64>,
    /// At least this per line: minor units by currency code.
    #[serde(default)]
    pub min: BTreeMap<String, i64>,
    /// At most this per line: minor units by currency code.
    #[serde(default)]
    pub max: BTreeMap<String, i64>,
    /// What the percentage is of.
    pub applies_to: AppliesTo,
}

/// Which lines a rule is for, as an administrator writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatchDraft {
    /// Lines in one of these categories.
    #[serde(default)]
    pub categories: Option<Vec<String>>,
    /// Lines whose unit price is at least this, in minor units of the cart's currency.
    #[serde(default)]
    pub unit_price_from: Option<i64>,
    /// Lines whose unit price is less than this, in minor units of the cart's currency.
    #[serde(default)]
    pub unit_price_below: Option<i64>,
}

/// One version of a fee plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeePlan {
    /// The plan's name.
    pub id: FeePlanId,
    /// Which version of it, from 1.
    pub version: u32,
    /// The rules: the first that matches a line is used, the last matches every line.
    pub rules: Vec<Rule>,
    /// What becomes of commission when goods go back.
    pub commission_on_refund: CommissionOnRefund,
}

/// How much commission is taken on the lines it matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Which lines it is for.
    #[serde(default, rename = "match", skip_serializing_if = "Match::is_everything")]
    pub matches: Match,
    /// Basis points of the base: 1500 is 15 %.
    pub percent_bp: u16,
    /// Added per line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: PerCurrency,
    /// At least this per line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub min: PerCurrency,
    /// At most this per line.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub max: PerCurrency,
    /// What the percentage is of.
    pub applies_to: AppliesTo,
}

/// Which lines a rule is for: those that meet every condition it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// Lines in one of these categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<String>>,
    /// Lines whose unit price is at least this, in minor units of the cart's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price_from: Option<Amount>,
    /// Lines whose unit price is less than this, in minor units of the cart's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price_below: Option<Amount>,
}

/// What a rule's percentage is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliesTo {
    /// The line alone.
    Items,
    /// The line and its part of the seller's shipping.
    ItemsAndShipping,
}

/// What becomes of commission when goods go back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommissionOnRefund {
    /// It goes back with them.
    #[default]
    Return,
    /// The marketplace keeps it.
    Keep,
}

/// The name of one version of a plan, written `standard@3`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeePlanVersion {
    /// The plan.
    pub plan: FeePlanId,
    /// Its version.
    pub version: u32,
}

serde_as_text!(FeePlanVersion);

impl FeePlan {
    /// Checks a draft, answering everything that is wrong with it (pointers are relative to the draft).
    pub fn try_new(id: FeePlanId, version: u32, draft: FeePlanDraft) -> Result<Self, Faults> {
        let rules = check::rules(draft.rules)?;
        Ok(Self {
            id,
            version,
            rules,
            commission_on_refund: draft.commission_on_refund,
        })
    }

    /// Its name, `standard@3`.
    #[must_use]
    pub fn name(&self) -> FeePlanVersion {
        FeePlanVersion {
            plan: self.id.clone(),
            version: self.version,
        }
    }

    /// Whether the other version says the same, so that no new one is needed.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.rules == other.rules && self.commission_on_refund == other.commission_on_refund
    }

    /// The rule for a line, and its name in reasons, `standard@3#0`.
    #[must_use]
    pub fn rule_for(&self, line: &LineItem) -> Option<(&Rule, String)> {
        let mut numbered = self.rules.iter().enumerate();
        let (number, rule) = numbered.find(|(_, rule)| rule.matches.includes(line))?;
        Some((rule, format!("{}#{number}", self.name())))
    }
}

impl Match {
    /// Whether every line meets it.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether this line meets it.
    #[must_use]
    pub fn includes(&self, line: &LineItem) -> bool {
        let in_category = self.categories.as_ref().is_none_or(|categories| {
            line.category()
                .is_some_and(|category| categories.iter().any(|one| one == category))
        });
        in_category
            && self.unit_price_from.is_none_or(|from| line.unit_price() >= from)
            && self.unit_price_below.is_none_or(|below| line.unit_price() < below)
    }
}

impl fmt::Display for FeePlanVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.plan, self.version)
    }
}

impl FromStr for FeePlanVersion {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = IdError {
            kind: "a version of a fee plan",
            accepts: "a fee plan id, @ and a number",
        };
        let (plan, digits) = text.split_once('@').ok_or(error)?;
        let version: u32 = digits.parse().map_err(|_| error)?;
        if version.to_string() != digits {
            return Err(error);
        }
        Ok(Self {
            plan: plan.parse()?,
            version,
        })
    }
}
