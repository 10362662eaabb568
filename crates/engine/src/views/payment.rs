//! A payment as its callers see it; a seller sees its own share and nothing else.

use std::collections::BTreeMap;

use domain::allocation::{LineRef, LineShare};
use domain::discrepancy::{Discrepancy, DiscrepancyState};
use domain::finding::GatewayRefusal;
use domain::ids::{DiscrepancyId, OperationId, SellerId, SplitId};
use domain::operation::Operation;
use domain::payment::{Payment, Phase};
use domain::seller::Party;
use domain::sight::GatewayStatus;
use domain::split::Split;
use serde::Serialize;
use utoipa::ToSchema;

use super::allocation::{AllocationView, split_kind};
use crate::caller::Caller;

/// A payment. Fields that a seller may not see are absent from its view.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentView {
    /// `pay_…`
    pub id: String,
    /// Whether it was made with a live key.
    pub live: bool,
    /// The storefront's order.
    pub order: String,
    /// Where it stands.
    pub status: String,
    /// `none`, `partly` or `fully`.
    pub refunded: String,
    /// What the buyer pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// The gateway's method number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method_id: Option<u32>,
    /// `automatic` or `manual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<String>,
    /// Where to send the buyer; only while the buyer must act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerView>,
    /// Authorized over all splits, captured included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_authorized: Option<i64>,
    /// Captured over all splits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_captured: Option<i64>,
    /// On its way back to the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_refunding: Option<i64>,
    /// Back with the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_refunded: Option<i64>,
    /// Taken back by the buyer's bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_charged_back: Option<i64>,
    /// Shown by the gateway as paid, and not to be placed until its answers agree with what was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_suspense: Option<i64>,
    /// What was sold, line by line, in the buyer's money.
    pub lines: Vec<LineView>,
    /// What each party receives.
    pub splits: Vec<SplitView>,
    /// Why each party receives it.
    pub allocation: AllocationView,
    /// The fee plan versions it was sold under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee_plans: Option<Vec<String>>,
    /// What was asked of the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<OperationView>>,
    /// Whether a discrepancy stops money operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
    /// Every difference found between what was asked and what the gateway showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discrepancies: Option<Vec<DiscrepancyView>>,
    /// What the gateway last said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<GatewayView>,
    /// Whether the buyer has paid: `yes`, `no` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charged: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// When something last changed.
    pub updated_at: String,
    /// The storefront's own notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
}

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
    /// The gateway's number for it, once it was shown.
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
    /// Why nothing was sent, or why the answer is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
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

impl PaymentView {
    /// The payment as this caller may see it.
    pub fn of(payment: &Payment, caller: &Caller) -> Self {
        let own = caller.seller();
        let all = own.is_none();
        let sees = |party: &Party| own.is_none_or(|own| party.seller() == Some(own));
        let mut allocation = AllocationView::from(&payment.sale.allocation);
        allocation
            .parties
            .retain(|party| own.is_none_or(|own| party.party == own.as_str()));
        if !all {
            allocation.total = allocation
                .parties
                .iter()
                .fold(0, |sum, party| sum.saturating_add(party.net));
        }
        let total = |amount: fn(&Split) -> i64| {
            all.then(|| {
                payment
                    .splits
                    .iter()
                    .fold(0_i64, |sum, split| sum.saturating_add(amount(split)))
            })
        };
        let held = payment.is_held();
        let redirect = payment.seen.as_ref().and_then(|seen| seen.redirect_url.clone());
        let sale = &payment.sale;
        Self {
            id: payment.id.to_string(),
            live: sale.live,
            order: sale.order.to_string(),
            status: payment.phase.as_str().to_owned(),
            refunded: "none".to_owned(),
            amount: all.then(|| payment.amount().get()),
            currency: sale.cart.currency().code().to_owned(),
            method_id: all.then_some(sale.method),
            capture: all.then(|| sale.capture.as_str().to_owned()),
            // A buyer must not be sent to pay what the gateway divides otherwise than was asked.
            redirect_url: redirect.filter(|_| all && payment.phase == Phase::Open && !held),
            customer: sale.customer.as_ref().filter(|_| all).map(|customer| CustomerView {
                id: customer.id.as_ref().map(ToString::to_string),
                email: customer.email.clone(),
                first_name: customer.first_name.clone(),
                last_name: customer.last_name.clone(),
                phone: customer.phone.clone(),
            }),
            amount_authorized: total(|split| split.amount_authorized.get()),
            amount_captured: total(|split| split.amount_captured.get()),
            amount_refunding: total(|split| split.amount_refunding.get()),
            amount_refunded: total(|split| split.amount_refunded.get()),
            amount_charged_back: total(|split| split.amount_charged_back.get()),
            amount_suspense: all.then(|| payment.amount_suspense.get()),
            lines: lines(payment)
                .into_iter()
                .filter(|line| own.is_none_or(|own| line.is_of(own)))
                .collect(),
            splits: payment
                .splits
                .iter()
                .filter(|split| sees(&split.party))
                .map(|split| split_view(payment, split))
                .collect(),
            allocation,
            fee_plans: all.then(|| sale.fee_plans.clone()),
            operations: all.then(|| {
                payment
                    .operations
                    .iter()
                    .map(|one| OperationView::of(payment, one))
                    .collect()
            }),
            held: all.then_some(held),
            discrepancies: all.then(|| {
                payment
                    .discrepancies
                    .iter()
                    .map(|one| DiscrepancyView::of(payment, one))
                    .collect()
            }),
            gateway: payment.seen.as_ref().filter(|_| all).map(|seen| GatewayView {
                host: seen.at.host.as_str().to_owned(),
                payment_id: seen.at.id.get(),
                status: GatewayStatusView {
                    id: seen.status.id,
                    info: seen.status.info.clone(),
                },
                reasons: reasons(&seen.status),
            }),
            charged: all.then(|| payment.charged().as_str().to_owned()),
            created_at: payment.created_at.to_string(),
            updated_at: payment.updated_at.to_string(),
            metadata: all.then(|| sale.metadata.clone()),
        }
    }
}

impl LineView {
    fn is_of(&self, seller: &SellerId) -> bool {
        self.seller.as_deref() == Some(seller.as_str())
    }
}

impl OperationView {
    /// An operation of this payment.
    pub fn of(payment: &Payment, operation: &Operation) -> Self {
        Self {
            id: OperationId::new(payment.id, operation.number).to_string(),
            kind: operation.kind.as_str().to_owned(),
            state: operation.state.as_str().to_owned(),
            attempts: operation.attempts(),
            created_at: operation.created_at.to_string(),
            settled_at: operation.settled_at.map(|at| at.to_string()),
            refusal: operation.refusal.as_ref().map(RefusalView::from),
            note: operation.note.clone(),
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

fn split_view(payment: &Payment, split: &Split) -> SplitView {
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
        reference: split.gateway_id.map(|id| id.to_string()),
    }
}

/// The lines in the buyer's money. One step captures all of every line or nothing.
fn lines(payment: &Payment) -> Vec<LineView> {
    let captured = !payment.amount_captured().is_zero();
    let view = |line: &LineShare| LineView {
        id: match &line.line {
            LineRef::Item(id) => id.to_string(),
            LineRef::Shipping(seller) => format!("shipping:{seller}"),
            LineRef::Fee(id) => format!("fee:{id}"),
        },
        seller: line.party.seller().map(ToString::to_string),
        amount: line.paid(),
        amount_captured: if captured { line.paid() } else { 0 },
        amount_refunded: 0,
    };
    payment.sale.allocation.lines().iter().map(view).collect()
}
