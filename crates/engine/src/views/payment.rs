//! A payment as its callers see it; a seller sees its own share and nothing else.

use std::collections::BTreeMap;

use domain::ids::SellerId;
use domain::payment::{Payment, Phase};
use domain::split::Split;
use serde::Serialize;
use utoipa::ToSchema;

use super::allocation::AllocationView;
use super::capture::CapturePlanView;
use super::parts::{CustomerView, DiscrepancyView, GatewayView, LineView, OperationView, SplitView, lines, split_view};
use super::refund::RefundView;
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
    /// When its authorization lapses: what is not captured by then is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorized_until: Option<String>,
    /// When the one capture is made at the latest, with what everybody is ready to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture_by: Option<String>,
    /// What everybody is ready to take, of a payment that is captured by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture_plan: Option<CapturePlanView>,
    /// Where to send the buyer; only while the buyer must act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerView>,
    /// Authorized, captured included, whether or not a split names its owner yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_authorized: Option<i64>,
    /// Captured, whether or not a split names its owner yet.
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
    /// Captured, and no split names its owner yet. It cannot be refunded until one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_unallocated: Option<i64>,
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
    /// What went back to the buyer, or was asked to.
    pub refunds: Vec<RefundView>,
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

impl PaymentView {
    /// The payment as this caller may see it.
    pub fn of(payment: &Payment, caller: &Caller) -> Self {
        let view = Self::whole(payment, caller);
        match caller.seller() {
            Some(seller) => view.for_seller(seller),
            None => view,
        }
    }

    fn whole(payment: &Payment, caller: &Caller) -> Self {
        let total = |amount: fn(&Split) -> i64| {
            Some(
                payment
                    .splits
                    .iter()
                    .fold(0_i64, |sum, split| sum.saturating_add(amount(split))),
            )
        };
        let held = payment.is_held();
        let redirect = payment.seen.as_ref().and_then(|seen| seen.redirect_url.clone());
        let sale = &payment.sale;
        let differences = payment.discrepancies.iter();
        Self {
            id: payment.id.to_string(),
            live: sale.live,
            order: sale.order.to_string(),
            status: payment.phase.as_str().to_owned(),
            refunded: payment.refunded().as_str().to_owned(),
            amount: Some(payment.amount().get()),
            currency: sale.cart.currency().code().to_owned(),
            method_id: Some(sale.method),
            capture: Some(sale.capture.as_str().to_owned()),
            authorized_until: payment.authorized_until.map(|at| at.to_string()),
            capture_by: capture_by(payment),
            capture_plan: CapturePlanView::of(payment, caller),
            // A buyer must not be sent to pay what the gateway divides otherwise than was asked.
            redirect_url: redirect.filter(|_| payment.phase == Phase::Open && !held),
            customer: sale.customer.as_ref().map(CustomerView::from),
            amount_authorized: total(|split| split.amount_authorized.get())
                .map(|named| named.saturating_add(payment.amount_unallocated.get())),
            amount_captured: Some(payment.amount_captured().get()),
            amount_refunding: total(|split| split.amount_refunding.get()),
            amount_refunded: total(|split| split.amount_refunded.get()),
            amount_charged_back: total(|split| split.amount_charged_back.get()),
            amount_unallocated: Some(payment.amount_unallocated.get()),
            amount_suspense: Some(payment.amount_suspense.get()),
            lines: lines(payment),
            splits: payment.splits.iter().map(|split| split_view(payment, split)).collect(),
            allocation: AllocationView::from(&sale.allocation),
            fee_plans: Some(sale.fee_plans.clone()),
            refunds: refunds(payment, caller),
            operations: Some(
                payment
                    .operations
                    .iter()
                    .map(|one| OperationView::of(payment, one))
                    .collect(),
            ),
            held: Some(held),
            discrepancies: Some(differences.map(|one| DiscrepancyView::of(payment, one)).collect()),
            gateway: payment.seen.as_ref().map(GatewayView::from),
            charged: Some(payment.charged().as_str().to_owned()),
            created_at: payment.created_at.to_string(),
            updated_at: payment.updated_at.to_string(),
            metadata: Some(sale.metadata.clone()),
        }
    }

    /// What a seller may see: every field is named here, so that a new one is not shown by oversight.
    fn for_seller(self, seller: &SellerId) -> Self {
        let own = |of: &Option<String>| of.as_deref() == Some(seller.as_str());
        let mut allocation = self.allocation;
        allocation.parties.retain(|party| party.party == seller.as_str());
        allocation.total = allocation
            .parties
            .iter()
            .fold(0, |sum, party| sum.saturating_add(party.net));
        Self {
            id: self.id,
            live: self.live,
            order: self.order,
            status: self.status,
            refunded: self.refunded,
            amount: None,
            currency: self.currency,
            method_id: None,
            capture: None,
            authorized_until: self.authorized_until,
            capture_by: self.capture_by,
            capture_plan: self.capture_plan,
            redirect_url: None,
            customer: None,
            amount_authorized: None,
            amount_captured: None,
            amount_refunding: None,
            amount_refunded: None,
            amount_charged_back: None,
            amount_unallocated: None,
            amount_suspense: None,
            lines: self.lines.into_iter().filter(|line| own(&line.seller)).collect(),
            splits: self.splits.into_iter().filter(|split| own(&split.seller)).collect(),
            allocation,
            fee_plans: None,
            refunds: self.refunds,
            operations: None,
            held: None,
            discrepancies: None,
            gateway: None,
            charged: None,
            created_at: self.created_at,
            updated_at: self.updated_at,
            metadata: None,
        }
    }
}

fn capture_by(payment: &Payment) -> Option<String> {
    let planned = payment.readiness.as_ref().map(|readiness| readiness.capture_by);
    planned.or(payment.sale.capture_by).map(|at| at.to_string())
}

/// The refunds that concern the caller, oldest first.
fn refunds(payment: &Payment, caller: &Caller) -> Vec<RefundView> {
    let views = payment.refunds.iter().map(|one| RefundView::of(payment, one, caller));
    views
        .filter(|view| caller.seller().is_none() || view.concerns_caller())
        .collect()
}
