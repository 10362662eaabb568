//! Names of things: ours are a prefix and 128 bits, the caller's are the caller's words, the gateway's are numbers.

mod minted;
mod named;
mod numbers;

pub use minted::{
    CardId, DiscrepancyId, KeyId, NotificationId, OperationId, PaymentId, RefundId, SettlementId, SplitId,
};
pub use named::{CustomerId, FeePlanId, IdempotencyKey, LineId, OrderId, Principal, Reference, SellerId};
pub use numbers::{GatewayId, SiteId};

/// Why a text or a number is not a name of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {kind}: {accepts}")]
pub struct IdError {
    /// What it should have been, such as "a seller id".
    pub kind: &'static str,
    /// What would be accepted.
    pub accepts: &'static str,
}

/// Reads and writes a type through its `Display` and `FromStr`, so that JSON and columns show what people see.
macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use serde_as_text;
