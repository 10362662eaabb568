//! What a capture does, split by split, and what everybody is ready to take.

use domain::capture_plan::{CapturePlan, Take, Unanswered};
use domain::ids::{SellerId, SplitId};
use domain::payment::Payment;
use domain::refund::Units;
use serde::Serialize;
use utoipa::ToSchema;

use super::refund::AdjustmentView;
use crate::caller::Caller;

/// What a capture would do. Nothing was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CapturePreviewView {
    /// What would be captured.
    pub amount: i64,
    /// What would be left: the gateway takes one capture, so it could be neither captured nor cancelled, and goes back to
    /// the buyer when the authorization lapses.
    pub stranded: i64,
    /// Each split.
    pub splits: Vec<SplitCaptureView>,
    /// What the splits cannot express, between a seller and the marketplace.
    pub adjustments: Vec<AdjustmentView>,
    /// What to know before it is done.
    pub warnings: Vec<String>,
}

/// What a capture does to one split.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SplitCaptureView {
    /// `spl_…`
    pub split: String,
    /// The seller; null for the marketplace's commission.
    pub seller: Option<String>,
    /// What is captured.
    pub amount: i64,
    /// What is left.
    pub stranded: i64,
}

/// What everybody is ready to take. A seller sees its own answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CapturePlanView {
    /// When the one capture is made, whoever has not answered by then.
    pub capture_by: String,
    /// What counts for those: `full` or `none`.
    pub unanswered: String,
    /// What was answered.
    pub answers: Vec<AnswerView>,
    /// Who has not answered.
    pub waiting_for: Vec<String>,
    /// What would be captured if time were up now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture: Option<CapturePreviewView>,
}

/// What one seller is ready to take, in the buyer's money.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Who.
    pub seller: String,
    /// How much, where it was said as an amount; 0 is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// Which units, where it was said by lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<UnitsView>>,
}

/// So many units of a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnitsView {
    /// The line.
    pub id: String,
    /// How many.
    pub quantity: u32,
}

impl CapturePreviewView {
    /// What this plan does to the payment.
    pub fn of(payment: &Payment, plan: &CapturePlan) -> Self {
        let mut warnings = Vec::new();
        if !plan.is_full() {
            warnings.push(
                "the gateway takes one capture for a payment: what is stranded can be neither captured nor cancelled \
                 afterwards; send \"accept_stranded\": true if that is meant"
                    .to_owned(),
            );
        }
        let split = |one: &domain::capture_plan::SplitCapture| SplitCaptureView {
            split: SplitId::new(payment.id, one.split).to_string(),
            seller: one.party.seller().map(ToString::to_string),
            amount: one.amount.get(),
            stranded: one.stranded.get(),
        };
        Self {
            amount: plan.amount.get(),
            stranded: plan.stranded.get(),
            splits: plan.splits.iter().map(split).collect(),
            adjustments: plan.adjustments.iter().map(AdjustmentView::from).collect(),
            warnings,
        }
    }
}

impl CapturePlanView {
    /// The plan of a payment that is captured by hand, once it is authorized.
    pub fn of(payment: &Payment, caller: &Caller) -> Option<Self> {
        let readiness = payment.readiness.as_ref()?;
        let own = |seller: &SellerId| caller.seller().is_none_or(|own| own == seller);
        let answers = readiness.answers.iter().filter(|(seller, _)| own(seller));
        let waiting = payment.unready().into_iter().filter(own);
        let plan = payment.planned_capture().filter(|_| caller.seller().is_none());
        Some(Self {
            capture_by: readiness.capture_by.to_string(),
            unanswered: match readiness.unanswered {
                Unanswered::Full => "full",
                Unanswered::None => "none",
            }
            .to_owned(),
            answers: answers.map(|(seller, take)| AnswerView::of(seller, take)).collect(),
            waiting_for: waiting.map(|seller| seller.to_string()).collect(),
            capture: plan.map(|plan| CapturePreviewView::of(payment, &plan)),
        })
    }
}

impl AnswerView {
    fn of(seller: &SellerId, take: &Take) -> Self {
        let unit = |units: &Units| UnitsView {
            id: units.id.to_string(),
            quantity: units.quantity,
        };
        let (amount, lines) = match take {
            Take::Everything => (None, None),
            Take::Amount(amount) => (Some(amount.get()), None),
            Take::Lines(lines) => (None, Some(lines.iter().map(unit).collect())),
        };
        Self {
            seller: seller.to_string(),
            amount,
            lines,
        }
    }
}
