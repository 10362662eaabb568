//! What was checked, and what was found.

use serde::Serialize;
use utoipa::ToSchema;

/// The outcome of a whole look at the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerifyReport {
    /// Whether nothing was found.
    pub ok: bool,
    /// How many payments were looked at.
    pub payments: u64,
    /// How many postings were looked at.
    pub postings: u64,
    /// How many parties' balances were folded again from all their postings.
    pub parties: u64,
    /// Every invariant.
    pub checks: Vec<Check>,
}

/// One invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// Its name, stable, for programs.
    pub name: String,
    /// What holds, in one sentence.
    pub says: String,
    /// Whether it held everywhere.
    pub ok: bool,
    /// How often it was looked at.
    pub checked: u64,
    /// The first violations, in one sentence each.
    pub violations: Vec<String>,
    /// How many there are in all.
    pub violations_total: u64,
}

/// How far a look has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Payments looked at so far.
    pub payments: u64,
    /// How many there were at the start.
    pub payments_total: u64,
    /// Parties looked at so far; they follow the payments.
    pub parties: u64,
}

/// The invariants, in the order in which they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Readable,
    Splits,
    Ordered,
    Phase,
    Postings,
    Suspense,
    Refunds,
    Lines,
    Causes,
    Evidence,
    OrderClaim,
    ReferenceClaim,
    GatewayIdentity,
    Operations,
    Attempts,
    Asked,
    Discrepancies,
    History,
    Notifications,
    Balances,
    ZeroSum,
}

impl Rule {
    const ALL: [Self; 21] = [
        Self::Readable,
        Self::Splits,
        Self::Ordered,
        Self::Phase,
        Self::Postings,
        Self::Suspense,
        Self::Refunds,
        Self::Lines,
        Self::Causes,
        Self::Evidence,
        Self::OrderClaim,
        Self::ReferenceClaim,
        Self::GatewayIdentity,
        Self::Operations,
        Self::Attempts,
        Self::Asked,
        Self::Discrepancies,
        Self::History,
        Self::Notifications,
        Self::Balances,
        Self::ZeroSum,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::Splits => "splits_add_up",
            Self::Ordered => "quantities_ordered",
            Self::Phase => "phase_follows_money",
            Self::Postings => "postings_rebuild_splits",
            Self::Suspense => "suspense_is_posted",
            Self::Refunds => "refunds_are_their_parts",
            Self::Lines => "lines_give_back_what_was_paid",
            Self::Causes => "postings_have_causes",
            Self::Evidence => "postings_have_evidence",
            Self::OrderClaim => "live_payments_hold_their_order",
            Self::ReferenceClaim => "references_are_claimed",
            Self::GatewayIdentity => "gateway_payments_are_ours_once",
            Self::Operations => "operations_end_once",
            Self::Attempts => "attempts_were_committed_first",
            Self::Asked => "nothing_is_forgotten",
            Self::Discrepancies => "differences_end_once",
            Self::History => "history_reaches_today",
            Self::Notifications => "notifications_are_answered",
            Self::Balances => "balances_are_their_postings",
            Self::ZeroSum => "books_sum_to_zero",
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Readable => "everything stored can be read back, and every allocation adds up",
            Self::Splits => "a payment's splits are those of its allocation and add up to what the buyer pays",
            Self::Ordered => "of each split: refunded + refunding + charged back ≤ captured ≤ authorized ≤ amount",
            Self::Phase => "a payment is captured exactly when all of it is, and one that ended holds no money",
            Self::Postings => "a payment's postings, folded, are what its splits say",
            Self::Suspense => "what a payment holds in suspense, or without an owner, is what was posted there",
            Self::Refunds => "what goes back, or has, of each split is the sum of its parts of refunds",
            Self::Lines => "no more goes back of a line than it is, nor than the buyer paid for it",
            Self::Causes => {
                "each posting moves a positive amount between accounts of its split's party, for an operation that exists or an event outside"
            }
            Self::Evidence => {
                "nothing is posted for a payment that the gateway never showed, and nothing it shows as paid is called uncharged"
            }
            Self::OrderClaim => {
                "a live payment holds its order's name unless another is allowed beside it, and only live ones do"
            }
            Self::ReferenceClaim => "each create's reference names its payment",
            Self::GatewayIdentity => "no payment of the gateway belongs to two of ours",
            Self::Operations => "an operation has ended exactly when it says when",
            Self::Attempts => "each attempt that was made was recorded before, numbered without a gap",
            Self::Asked => "whatever is undecided has a time at which it is asked about, or waits for a person",
            Self::Discrepancies => {
                "a difference is closed exactly when it says when, and what a person resolved says why and is closed"
            }
            Self::History => {
                "a payment's history begins with a decision, never runs ahead of it, and ends where it stands"
            }
            Self::Notifications => "a payment's notification was answered, or has a time at which it is",
            Self::Balances => "a party's balance is the fold of all its postings",
            Self::ZeroSum => {
                "per currency, what left the buyers is what sellers, marketplace, suspense and payouts hold"
            }
        }
    }
}

/// What was found so far.
pub(super) struct Tally {
    pub(super) payments: u64,
    pub(super) postings: u64,
    pub(super) parties: u64,
    rows: Vec<(Rule, Row)>,
}

#[derive(Default)]
struct Row {
    checked: u64,
    violations: Vec<String>,
    total: u64,
}

impl Tally {
    pub(super) fn new() -> Self {
        let rows = Rule::ALL.into_iter().map(|rule| (rule, Row::default())).collect();
        Self {
            payments: 0,
            postings: 0,
            parties: 0,
            rows,
        }
    }

    /// Counts one look at a rule; `found` says what is wrong, where something is.
    pub(super) fn look(&mut self, rule: Rule, found: Option<String>) {
        let Some((_, row)) = self.rows.iter_mut().find(|(one, _)| *one == rule) else {
            return;
        };
        row.checked = row.checked.saturating_add(1);
        if let Some(sentence) = found {
            row.total = row.total.saturating_add(1);
            if row.violations.len() < VIOLATIONS_MAX {
                row.violations.push(sentence);
            }
        }
    }

    pub(super) fn report(self) -> VerifyReport {
        let checks: Vec<Check> = self
            .rows
            .into_iter()
            .map(|(rule, row)| Check {
                name: rule.name().to_owned(),
                says: rule.says().to_owned(),
                ok: row.total == 0,
                checked: row.checked,
                violations: row.violations,
                violations_total: row.total,
            })
            .collect();
        let ok = checks.iter().all(|check| check.ok);
        VerifyReport {
            ok,
            payments: self.payments,
            postings: self.postings,
            parties: self.parties,
            checks,
        }
    }
}

/// How many violations of one rule are written out.
const VIOLATIONS_MAX: usize = 20;
