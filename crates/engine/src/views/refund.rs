//! Refunds, and what one would do.

use std::collections::BTreeMap;

use domain::fee_plan::CommissionOnRefund;
use domain::ids::{RefundId, SellerId, SplitId};
use domain::payment::Payment;
use domain::refund::{Adjustment, Part, PartyPreview, Preview, Reason, Refund};
use domain::returns::Piece;
use domain::seller::Party;
use serde::Serialize;
use utoipa::ToSchema;

use super::parts::line_id;
use crate::caller::Caller;

/// A refund. A seller sees its own parts, lines and adjustments.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundView {
    /// `ref_…`
    pub id: String,
    /// The payment it gives back from.
    pub payment: String,
    /// `processing`, `open`, `succeeded`, `partly_succeeded` or `failed`.
    pub status: String,
    /// What the buyer was to get.
    pub amount: i64,
    /// What the buyer has of it.
    pub amount_succeeded: i64,
    /// ISO 4217.
    pub currency: String,
    /// `return` or `keep` where somebody said so; null where the fee plans decided.
    pub commission: Option<String>,
    /// Whether it was made at the gateway, and not by us.
    pub external: bool,
    /// What the gateway is, or was, asked.
    pub parts: Vec<RefundPartView>,
    /// What the gateway cannot move, between a seller and the marketplace; in the books once the refund is complete.
    pub adjustments: Vec<AdjustmentView>,
    /// Which goods go back, in the buyer's money.
    pub lines: Vec<RefundLineView>,
    /// Where every cent comes from.
    pub reasons: Vec<RefundReasonView>,
    /// Why, in the words of whoever asked.
    pub reason: Option<String>,
    /// The name of whoever asked for it.
    pub reference: Option<String>,
    /// The asker's own keys and values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
    /// When it was decided, or first shown.
    pub created_at: String,
    /// When nothing of it was under way any more.
    pub settled_at: Option<String>,
}

/// One split's part of a refund.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundPartView {
    /// `spl_…`
    pub split: String,
    /// The seller; null for the marketplace's commission.
    pub seller: Option<String>,
    /// What it gives.
    pub amount: i64,
    /// `processing`, `open`, `succeeded`, `failed` or `abandoned`.
    pub status: String,
    /// The gateway's number for it, once it was shown.
    pub gateway_refund_id: Option<u64>,
}

/// Money between a seller and the marketplace for which there is no call of the gateway.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdjustmentView {
    /// Who pays it.
    pub from: String,
    /// Who gets it.
    pub to: String,
    /// How much.
    pub amount: i64,
    /// Why the gateway cannot move it.
    pub why: String,
}

/// What goes back of one line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundLineView {
    /// The line.
    pub id: String,
    /// Whose it is; null for a fee.
    pub seller: Option<String>,
    /// How many units, where it was asked by quantity.
    pub quantity: u32,
    /// What the buyer gets for it.
    pub amount: i64,
}

/// Why somebody gives a cent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundReasonView {
    /// For which line: `line:l1`, `shipping:s1`, `fee:service` or `split:3`.
    #[serde(rename = "for")]
    pub line: String,
    /// Who gives it.
    pub party: String,
    /// How much; below 0 it receives.
    pub amount: i64,
    /// The same in words.
    pub note: String,
}

/// What a refund would do. Nothing was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundPreviewView {
    /// What the buyer would get; of a seller's view, what it would give.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// Who would be concerned.
    pub parties: Vec<RefundPreviewPartyView>,
    /// What the gateway would be asked.
    pub calls: Vec<RefundCallView>,
    /// Where every cent would come from.
    pub reasons: Vec<RefundReasonView>,
    /// What to know before it is done.
    pub warnings: Vec<String>,
}

/// What a refund would do to one party.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundPreviewPartyView {
    /// Who.
    pub party: String,
    /// What its splits would give to the buyer.
    pub gives_back: i64,
    /// What it would get (below 0: pay) by adjustment.
    pub adjusted: i64,
    /// Its balance as it is.
    pub balance_before: i64,
    /// Its balance as it would be.
    pub balance_after: i64,
    /// Whether the balance covers what it gives.
    pub covered: bool,
}

/// What the gateway would be asked of one split.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefundCallView {
    /// `spl_…`
    pub split: String,
    /// What it gives.
    pub amount: i64,
}

/// Lets through what concerns the caller: a seller its own, everybody else all.
struct Eyes<'a>(Option<&'a SellerId>);

impl Eyes<'_> {
    fn see(&self, party: &Party) -> bool {
        self.0.is_none_or(|own| party.seller() == Some(own))
    }
}

impl RefundView {
    /// The refund as this caller may see it.
    pub fn of(payment: &Payment, refund: &Refund, caller: &Caller) -> Self {
        let eyes = Eyes(caller.seller());
        let parts = refund.parts.iter().filter(|part| eyes.see(&part.party));
        let parts: Vec<RefundPartView> = parts.map(|part| RefundPartView::of(payment, part)).collect();
        let plan = refund.plan.as_ref();
        let asked = refund.asked.as_ref();
        let (amount, amount_succeeded) = if eyes.0.is_some() {
            let sum = |of: &dyn Fn(&RefundPartView) -> bool| {
                parts.iter().filter(|part| of(part)).map(|part| part.amount).sum()
            };
            (sum(&|_| true), sum(&|part| part.status == "succeeded"))
        } else {
            (refund.amount().get(), refund.amount_succeeded().get())
        };
        let adjustments = plan.into_iter().flat_map(|plan| &plan.adjustments);
        let lines = plan.into_iter().flat_map(|plan| &plan.lines);
        let reasons = plan.into_iter().flat_map(|plan| &plan.reasons);
        Self {
            id: RefundId::new(payment.id, refund.number).to_string(),
            payment: payment.id.to_string(),
            status: refund.status().as_str().to_owned(),
            amount,
            amount_succeeded,
            currency: payment.sale.cart.currency().code().to_owned(),
            commission: asked.and_then(|asked| asked.commission).map(policy),
            external: asked.is_none(),
            parts,
            adjustments: adjustments
                .filter(|one| eyes.see(&one.from) || eyes.see(&one.to))
                .map(AdjustmentView::from)
                .collect(),
            lines: lines
                .filter(|one| eyes.see(&one.party))
                .map(RefundLineView::from)
                .collect(),
            reasons: reasons
                .filter(|one| eyes.see(&one.party))
                .map(RefundReasonView::from)
                .collect(),
            reason: asked.and_then(|asked| asked.reason.clone()),
            reference: asked.and_then(|asked| asked.reference.clone()),
            metadata: asked.filter(|_| eyes.0.is_none()).map(|asked| asked.metadata.clone()),
            created_at: refund.created_at.to_string(),
            settled_at: refund.settled_at.map(|at| at.to_string()),
        }
    }

    /// Whether anything of it is the caller's, who sees only that.
    pub(crate) fn concerns_caller(&self) -> bool {
        !(self.parts.is_empty() && self.adjustments.is_empty() && self.lines.is_empty())
    }
}

impl RefundPartView {
    fn of(payment: &Payment, part: &Part) -> Self {
        Self {
            split: SplitId::new(payment.id, part.split).to_string(),
            seller: part.party.seller().map(ToString::to_string),
            amount: part.amount.get(),
            status: part.state.as_str().to_owned(),
            gateway_refund_id: part.gateway_id.map(|id| id.get()),
        }
    }
}

impl RefundPreviewView {
    /// The preview as this caller may see it.
    pub fn of(payment: &Payment, preview: &Preview, caller: &Caller) -> Self {
        let eyes = Eyes(caller.seller());
        let sides: Vec<&PartyPreview> = preview.parties.iter().filter(|side| eyes.see(&side.party)).collect();
        let whole = eyes.0.is_none();
        let own = sides.iter().map(|side| side.gives_back.get()).sum();
        let calls = preview.calls.iter().filter(|call| eyes.see(&call.party));
        let reasons = preview.reasons.iter().filter(|one| eyes.see(&one.party));
        Self {
            amount: if whole { preview.amount.get() } else { own },
            currency: payment.sale.cart.currency().code().to_owned(),
            parties: sides.into_iter().map(RefundPreviewPartyView::from).collect(),
            calls: calls
                .map(|call| RefundCallView {
                    split: SplitId::new(payment.id, call.split).to_string(),
                    amount: call.amount.get(),
                })
                .collect(),
            reasons: reasons.map(RefundReasonView::from).collect(),
            // They name other parties' balances.
            warnings: if whole { preview.warnings.clone() } else { Vec::new() },
        }
    }
}

impl From<&PartyPreview> for RefundPreviewPartyView {
    fn from(side: &PartyPreview) -> Self {
        Self {
            party: side.party.to_string(),
            gives_back: side.gives_back.get(),
            adjusted: side.adjusted,
            balance_before: side.balance_before,
            balance_after: side.balance_after,
            covered: side.covered,
        }
    }
}

impl From<&Adjustment> for AdjustmentView {
    fn from(one: &Adjustment) -> Self {
        Self {
            from: one.from.to_string(),
            to: one.to.to_string(),
            amount: one.amount.get(),
            why: one.why.clone(),
        }
    }
}

impl From<&Piece> for RefundLineView {
    fn from(piece: &Piece) -> Self {
        Self {
            id: line_id(&piece.line),
            seller: piece.party.seller().map(ToString::to_string),
            quantity: piece.units,
            amount: piece.buyer.get(),
        }
    }
}

impl From<&Reason> for RefundReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            line: reason.line.to_string(),
            party: reason.party.to_string(),
            amount: reason.amount,
            note: reason.note.clone(),
        }
    }
}

fn policy(policy: CommissionOnRefund) -> String {
    match policy {
        CommissionOnRefund::Return => "return",
        CommissionOnRefund::Keep => "keep",
    }
    .to_owned()
}
