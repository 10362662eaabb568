//! What callers see. Names are API.md's; amounts are minor units of the payment's currency, times are RFC 3339 UTC.

mod allocation;
mod capture;
mod card;
mod parts;
mod payment;
mod refund;
mod settlement;

use serde::Serialize;
use utoipa::ToSchema;

pub use allocation::{AllocationView, PartyView, PlannedSplitView, QuoteView, ReasonView};
pub use capture::{AnswerView, CapturePlanView, CapturePreviewView, SplitCaptureView};
pub use card::CardView;
pub use parts::{
    CustomerView, DiscrepancyView, GatewayReasonView, GatewayStatusView, GatewayView, LineView, OperationView,
    RefusalView, SplitView, SuggestionView,
};
pub use payment::PaymentView;
pub use refund::{
    AdjustmentView, RefundCallView, RefundLineView, RefundPartView, RefundPreviewPartyView, RefundPreviewView,
    RefundReasonView, RefundView,
};
pub use settlement::SettlementView;

/// One page of a list, newest first unless the list says otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub data: Vec<T>,
    /// Whether there are more behind them.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of at most `limit` items out of one more than that.
    pub fn cut(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| has_more).map(cursor);
        Self {
            data: items,
            has_more,
            next_cursor,
        }
    }
}
