//! Request bodies: exactly what is documented, and not yet believed.

mod amount;
mod capture;
mod cart;
mod fee_plan;
mod payment;
mod reconciliation;
mod refund;
mod registration;
mod resolution;
mod settlement;
mod splits;

pub use capture::{CaptureBody, SplitCaptureBody, TakeBody};
pub use cart::QuoteBody;
pub use fee_plan::FeePlanBody;
pub use payment::PaymentBody;
pub use reconciliation::ReconciliationBody;
pub(crate) use reconciliation::read as read_moment;
pub use refund::{EmptyBody, RefundBody};
pub use registration::{ApiKeyBody, SellerBody};
pub use resolution::{NoteBody, ResolutionBody};
pub use settlement::SettlementBody;
pub use splits::SplitsBody;
