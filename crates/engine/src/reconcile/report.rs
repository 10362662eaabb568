//! What a comparison of our books with the gateway's list found.

use domain::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState};
use domain::ids::DiscrepancyId;
use domain::money::Money;
use domain::payment::Payment;
use domain::sight::GatewayRef;
use gateway_client::Listed;
use serde::Serialize;
use utoipa::ToSchema;

use super::Period;
use crate::views::SuggestionView;

/// A period of our books beside the same period of the gateway's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciliationView {
    /// The period begins here.
    pub from: String,
    /// It ends before this moment.
    pub to: String,
    /// Whether nothing differs, as far as this page goes: what was brought up to date agrees.
    pub ok: bool,
    /// Payments that were compared.
    pub compared: u64,
    /// Those that agreed already.
    pub agreed: u64,
    /// Those about which the gateway told something new, and that agree now.
    pub updated: u64,
    /// Those that still differ.
    pub differing: u64,
    /// Those that we sent or know, and that the gateway does not have.
    pub missing: u64,
    /// Payments of the gateway that nobody here knows.
    pub orphans: u64,
    /// Those about which the gateway gave no answer.
    pub unanswered: u64,
    /// Everything but what agreed, one sentence each.
    pub findings: Vec<ReconciliationFinding>,
    /// Whether the period has more payments than this page.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// One payment that does not simply agree.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciliationFinding {
    /// `updated`, `differs`, `missing`, `orphan` or `unanswered`.
    pub kind: String,
    /// `pay_…`; null where nobody here knows it.
    pub payment: Option<String>,
    /// The storefront's order.
    pub order: Option<String>,
    /// Which of the gateway's hosts, `pay` or `cards`.
    pub gateway_host: Option<String>,
    /// The gateway's id of it there.
    pub gateway_payment_id: Option<u64>,
    /// In one sentence.
    pub detail: String,
    /// The discrepancies that wait because of it.
    pub discrepancies: Vec<String>,
    /// What usually settles it; null where nothing is left to do.
    pub suggestion: Option<SuggestionView>,
}

/// What one comparison came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Updated,
    Differs,
    Missing,
    Orphan,
    Unanswered,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Orphan => "orphan",
            Self::Unanswered => "unanswered",
        }
    }
}

impl ReconciliationView {
    /// Nothing looked at yet.
    #[must_use]
    pub fn empty(period: Period) -> Self {
        Self {
            from: period.from.to_string(),
            to: period.to.to_string(),
            ok: true,
            compared: 0,
            agreed: 0,
            updated: 0,
            differing: 0,
            missing: 0,
            orphans: 0,
            unanswered: 0,
            findings: Vec::new(),
            has_more: false,
            next_cursor: None,
        }
    }

    /// Adds the page that follows.
    pub fn append(&mut self, next: Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        self.ok &= next.ok;
        add(&mut self.compared, next.compared);
        add(&mut self.agreed, next.agreed);
        add(&mut self.updated, next.updated);
        add(&mut self.differing, next.differing);
        add(&mut self.missing, next.missing);
        add(&mut self.orphans, next.orphans);
        add(&mut self.unanswered, next.unanswered);
        self.findings.extend(next.findings);
        (self.has_more, self.next_cursor) = (next.has_more, next.next_cursor);
    }

    /// Counts one comparison: none found means that both agreed.
    pub(super) fn count(&mut self, found: Option<(Verdict, ReconciliationFinding)>) {
        self.compared = self.compared.saturating_add(1);
        let Some((verdict, finding)) = found else {
            self.agreed = self.agreed.saturating_add(1);
            return;
        };
        let counted = match verdict {
            Verdict::Updated => &mut self.updated,
            Verdict::Differs => &mut self.differing,
            Verdict::Missing => &mut self.missing,
            Verdict::Orphan => &mut self.orphans,
            Verdict::Unanswered => &mut self.unanswered,
        };
        *counted = counted.saturating_add(1);
        self.ok &= verdict == Verdict::Updated;
        self.findings.push(finding);
    }
}

impl ReconciliationFinding {
    /// About a payment of ours.
    pub(super) fn of(verdict: Verdict, payment: &Payment, detail: String) -> (Verdict, Self) {
        let waiting = |one: &&Discrepancy| one.state == DiscrepancyState::Open;
        let waiting: Vec<&Discrepancy> = payment.discrepancies.iter().filter(waiting).collect();
        let holding = waiting.iter().find(|one| one.is_holding()).or(waiting.first());
        let suggestion = match (verdict, holding) {
            (Verdict::Unanswered, _) => Some(ask_again("the gateway did not answer; compare the period again")),
            (_, Some(one)) => Some(SuggestionView::of(one.kind)),
            (Verdict::Updated, None) => None,
            (Verdict::Missing, None) => Some(unresolvable(
                "ask the gateway's support for it by its reference; recovery sends again what may be sent again",
            )),
            (_, None) => Some(unresolvable(
                "it is no discrepancy yet: compare again in a while, the gateway may still be working on it",
            )),
        };
        let at = payment.seen.as_ref().map(|seen| seen.at);
        let discrepancies = waiting
            .iter()
            .map(|one| DiscrepancyId::new(payment.id, one.number).to_string());
        let finding = Self {
            payment: Some(payment.id.to_string()),
            order: Some(payment.sale.order.to_string()),
            discrepancies: discrepancies.collect(),
            suggestion,
            ..Self::at(verdict, at, detail)
        };
        (verdict, finding)
    }

    /// About a payment of the gateway that nobody here knows.
    pub(super) fn orphan(listed: &Listed) -> (Verdict, Self) {
        let amount = listed
            .amount
            .map_or_else(String::new, |amount: Money| format!(" of {amount}"));
        let status = listed
            .status
            .as_ref()
            .map_or_else(String::new, |status| format!(", status {status}"));
        let made = listed.created.map_or_else(String::new, |at| format!(", made at {at}"));
        let reference = match &listed.reference {
            Some(reference) => format!(", reference {reference}"),
            None => String::new(),
        };
        let (id, host) = (listed.at.id, listed.at.host.as_str());
        let detail =
            format!("the gateway has payment {id} ({host}){amount}{status}{made}{reference}, which no payment here is");
        let finding = Self {
            suggestion: Some(SuggestionView::of(DiscrepancyKind::Orphan)),
            ..Self::at(Verdict::Orphan, Some(listed.at), detail)
        };
        (Verdict::Orphan, finding)
    }

    /// About the list itself.
    pub(super) fn of_list(detail: String) -> (Verdict, Self) {
        let finding = Self {
            suggestion: Some(ask_again("compare the period again")),
            ..Self::at(Verdict::Unanswered, None, detail)
        };
        (Verdict::Unanswered, finding)
    }

    fn at(verdict: Verdict, at: Option<GatewayRef>, detail: String) -> Self {
        Self {
            kind: verdict.as_str().to_owned(),
            payment: None,
            order: None,
            gateway_host: at.map(|at| at.host.as_str().to_owned()),
            gateway_payment_id: at.map(|at| at.id.get()),
            detail,
            discrepancies: Vec::new(),
            suggestion: None,
        }
    }
}

fn ask_again(why: &str) -> SuggestionView {
    SuggestionView {
        resolution: Some("ask_again".to_owned()),
        why: why.to_owned(),
    }
}

fn unresolvable(why: &str) -> SuggestionView {
    SuggestionView {
        resolution: None,
        why: why.to_owned(),
    }
}
