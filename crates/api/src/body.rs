//! Request bodies: exactly what is documented, and not yet believed.

mod cart;
mod fee_plan;
mod payment;
mod registration;

pub use cart::QuoteBody;
pub use fee_plan::FeePlanBody;
pub use payment::PaymentBody;
pub use registration::{ApiKeyBody, SellerBody};
