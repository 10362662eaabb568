//! The parts of a payment's view.

use domain::allocation::LineRef;
use domain::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState};
use domain::finding::GatewayRefusal;
use domain::ids::{DiscrepancyId, OperationId, SplitId};
use domain::operation::Operation;
use domain::payment::{Payment, Seen};
use domain::returns::Line;
use domain::sale::Customer;
use domain::sight::GatewayStatus;
use domain::split::Split;
use serde::Serialize;
use utoipa::ToSchema;

use super::allocation::split_kind;

/// The buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CustomerView {
    /// The storefront's name for the customer.
    pub id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// A line, in the buyer's money.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    /// The storefront's name for it; `shipping:<seller>` and `fee:<name>` beside the cart's own lines.
    pub id: String,
    /// Whose it is; null for a fee.
    pub seller: Option<String>,
    /// What the buyer pays for it, discounts taken off.
    pub amount: i64,
    /// How much of that is captured.
    pub amount_captured: i64,
    /// How much of that went back.
    pub amount_refunded: i64,
}

/// One party's leg at the gateway.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SplitView {
    /// `spl_…`
    pub id: String,
    /// The seller; null for the marketplace's commission.
    pub seller: Option<String>,
    /// The gateway account that receives.
    pub site_id: u32,
    /// `seller` or `commission`.
    pub kind: String,
    /// What was asked.
    pub amount: i64,
    /// Authorized so far, captured included.
    pub amount_authorized: i64,
    /// Captured so far.
    pub amount_captured: i64,
    /// On its way back.
    pub amount_refunding: i64,
    /// Back with the buyer.
    pub amount_refunded: i64,
    /// The gateway's word for it, once it was shown.
    pub status: Option<String>,
    /// Your own name for it, where it was added under one; else the gateway's number, once it was shown.
    pub reference: Option<String>,
}

/// Something that was asked of the gateway.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OperationView {
    /// `op_…`
    pub id: String,
    /// What it does.
    pub kind: String,
    /// How far it has come.
    pub state: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was decided.
    pub created_at: String,
    /// When it ended.
    pub settled_at: Option<String>,
    /// The gateway's refusal, if it refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalView>,
    /// Why nothing was sent, why the answer is unknown, or what a person has to know to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What whoever resolved, resent or gave something up said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// The gateway's own refusal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefusalView {
    /// The HTTP status it came with.
    pub http_status: u16,
    /// Its reasons.
    pub reasons: Vec<GatewayReasonView>,
}

/// One of the gateway's reasons.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GatewayReasonView {
    /// The gateway's code.
    pub code: String,
    /// The gateway's words.
    pub info: String,
}

/// A difference between what was asked and what the gateway showed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DiscrepancyView {
    /// `dis_…`; for a notification about an unknown payment, the notification's `evt_…`.
    pub id: String,
    /// The payment; null for a notification about an unknown one.
    pub payment: Option<String>,
    /// What kind.
    pub kind: String,
    /// `open` or `closed`.
    pub state: String,
    /// Whether it stops money operations now.
    pub holds: bool,
    /// In one sentence.
    pub detail: String,
    /// When it was found.
    pub opened_at: String,
    /// When it stopped waiting.
    pub closed_at: Option<String>,
    /// Why it stopped waiting.
    pub note: Option<String>,
    /// Who closed it, where a person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// What usually settles it, and why; null once it is closed.
    pub suggestion: Option<SuggestionView>,
}

/// What usually settles a difference.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestionView {
    /// `accept_gateway`, `ask_again` or `dismiss`; null where there is nothing to resolve here.
    pub resolution: Option<String>,
    /// Why, and what to do besides.
    pub why: String,
}

impl SuggestionView {
    /// Of this kind of difference.
    pub fn of(kind: DiscrepancyKind) -> Self {
        let (resolution, why) = kind.suggestion();
        Self {
            resolution: (kind != DiscrepancyKind::Orphan).then(|| resolution.as_str().to_owned()),
            why: why.to_owned(),
        }
    }
}

/// What the gateway last said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GatewayView {
    /// `pay` or `cards`.
    pub host: String,
    /// The gateway's id.
    pub payment_id: u64,
    /// Its status.
    pub status: GatewayStatusView,
    /// Its reasons.
    pub reasons: Vec<GatewayReasonView>,
}

/// A status of the gateway.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GatewayStatusView {
    /// The number.
    pub id: u16,
    /// The gateway's name for it.
    pub info: String,
}

impl From<&Customer> for CustomerView {
    fn from(customer: &Customer) -> Self {
        Self {
            id: customer.id.as_ref().map(ToString::to_string),
            email: customer.email.clone(),
            first_name: customer.first_name.clone(),
            last_name: customer.last_name.clone(),
            phone: customer.phone.clone(),
        }
    }
}

impl From<&Seen> for GatewayView {
    fn from(seen: &Seen) -> Self {
        Self {
            host: seen.at.host.as_str().to_owned(),
            payment_id: seen.at.id.get(),
            status: GatewayStatusView {
                id: seen.status.id,
                info: seen.status.info.clone(),
            },
            reasons: reasons(&seen.status),
        }
    }
}

impl OperationView {
    /// An operation of this payment.
    pub fn of(payment: &Payment, operation: &Operation) -> Self {
        Self {
            id: OperationId::new(payment.id, operation.number).to_string(),
            kind: operation.kind().as_str().to_owned(),
            state: operation.state.as_str().to_owned(),
            attempts: operation.attempts(),
            created_at: operation.created_at.to_string(),
            settled_at: operation.settled_at.map(|at| at.to_string()),
            refusal: operation.refusal.as_ref().map(RefusalView::from),
            note: operation.note.clone(),
            remark: operation.work.remark().map(str::to_owned),
        }
    }
}

impl From<&GatewayRefusal> for RefusalView {
    fn from(refusal: &GatewayRefusal) -> Self {
        let reasons = refusal.reasons.iter();
        Self {
            http_status: refusal.http_status,
            reasons: reasons
                .map(|one| GatewayReasonView {
                    code: one.code.clone(),
                    info: one.info.clone(),
                })
                .collect(),
        }
    }
}

impl DiscrepancyView {
    /// A discrepancy of this payment.
    pub fn of(payment: &Payment, one: &Discrepancy) -> Self {
        Self {
            id: DiscrepancyId::new(payment.id, one.number).to_string(),
            payment: Some(payment.id.to_string()),
            kind: one.kind.as_str().to_owned(),
            state: if one.state == DiscrepancyState::Open {
                "open"
            } else {
                "closed"
            }
            .to_owned(),
            holds: one.is_holding(),
            detail: one.detail.clone(),
            opened_at: one.opened_at.to_string(),
            closed_at: one.closed_at.map(|at| at.to_string()),
            note: one.note.clone(),
            closed_by: payment.closed_by(one).map(|wish| wish.asked.principal.to_string()),
            suggestion: (one.state == DiscrepancyState::Open).then(|| SuggestionView::of(one.kind)),
        }
    }
}

fn reasons(status: &GatewayStatus) -> Vec<GatewayReasonView> {
    let view = |one: &domain::sight::Reason| GatewayReasonView {
        code: one.code.clone(),
        info: one.info.clone(),
    };
    status.reasons.iter().map(view).collect()
}

pub(super) fn split_view(payment: &Payment, split: &Split) -> SplitView {
    let own = split.reference.as_ref().map(ToString::to_string);
    SplitView {
        id: SplitId::new(payment.id, split.number).to_string(),
        seller: split.party.seller().map(ToString::to_string),
        site_id: split.site.get(),
        kind: split_kind(&split.party),
        amount: split.amount.get(),
        amount_authorized: split.amount_authorized.get(),
        amount_captured: split.amount_captured.get(),
        amount_refunding: split.amount_refunding.get(),
        amount_refunded: split.amount_refunded.get(),
        status: split.status.as_ref().map(|status| status.info.clone()),
        reference: own.or_else(|| split.gateway_id.map(|id| id.to_string())),
    }
}

/// The lines in the buyer's money.
pub(super) fn lines(payment: &Payment) -> Vec<LineView> {
    let captured = !payment.amount_captured().is_zero();
    let taken = |amount: i64| if captured { amount } else { 0 };
    let view = |line: &Line| LineView {
        id: line_id(&line.sold.line),
        seller: line.sold.party.seller().map(ToString::to_string),
        amount: line.sold.paid(),
        amount_captured: taken(line.amount_captured()),
        amount_refunded: taken(line.amount_refunded()),
    };
    let lines = payment.lines();
    if lines.is_empty() {
        // Nobody is owed anything of them yet: they are shown as they were sold.
        let sold = payment.sale.allocation.lines().iter();
        return sold.map(|share| view(&Line::new(share.clone()))).collect();
    }
    lines.iter().map(view).collect()
}

/// A line's name as the storefront gave it; `shipping:<seller>`, `fee:<name>` and `split:<number>` beside the cart's own.
pub(super) fn line_id(line: &LineRef) -> String {
    match line {
        LineRef::Item(id) => id.to_string(),
        other => other.to_string(),
    }
}
