//! The gateway's JSON, field for field, in both directions.
//!
//! Reading is tolerant: amounts and ids as number, digits in a string, `""` or null; unknown fields ignored; fields that
//! nobody decides by never make an answer unreadable. Writing is exact: requests omit what is absent, responses carry the
//! nulls that the gateway's own examples carry, in their order.

pub mod address;
pub mod amount;
pub mod capture;
pub mod cards;
pub mod customer;
pub mod date;
pub mod dispute;
pub mod id;
mod lenient;
pub mod opaque;
pub mod payment;
pub mod payment_list;
pub mod private;
pub mod refund;
pub mod rejection;
pub mod scalar;
pub mod split;
pub mod status;

pub use address::{Address, AddressRequest};
pub use amount::Amount;
pub use capture::{CaptureRequest, SplitCapture};
pub use cards::{Card, CardAuthentication, CardAuthenticationEnvelope, CardPayment, CardRequest, CreditCardToken};
pub use customer::{Customer, CustomerRequest};
pub use dispute::Dispute;
pub use id::Id;
pub use opaque::Opaque;
pub use payment::{Payment, PaymentEnvelope, PaymentRequest};
pub use payment_list::PaymentList;
pub use private::Private;
pub use refund::{Refund, RefundEnvelope, RefundList, RefundRequest};
pub use rejection::{ErrorBody, Rejected};
pub use scalar::Scalar;
pub use split::{Split, SplitRequest, SplitsEnvelope};
pub use status::{Reason, Status};
