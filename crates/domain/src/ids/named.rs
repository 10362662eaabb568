//! The names others choose: checked once, then carried as they are.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::IdError;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $accepts:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// What would be accepted, in words.
            pub const ACCEPTS: &'static str = $accepts;

            /// The name as its giver wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(IdError { kind: $kind, accepts: $accepts }) }
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }
    };
}

fn made_of(text: &str, longest: usize, accepts: fn(u8) -> bool) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(accepts)
}

fn word(text: &str) -> bool {
    made_of(text, 64, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
    })
}

fn printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// What callers may name their own things.
const WORD: &str = "1 to 64 of the characters 0-9 A-Z a-z . _ -";

named!(
    /// Who is owed. `marketplace` is not a seller's name: it is how [`Party::Marketplace`] is written.
    ///
    /// [`Party::Marketplace`]: crate::seller::Party::Marketplace
    SellerId, "a seller id", "1 to 64 of the characters 0-9 A-Z a-z . _ -, and not the word marketplace",
    |text| word(text) && text != "marketplace"
);
named!(
    /// A fee plan, without its version.
    FeePlanId, "a fee plan id", WORD, word
);
named!(
    /// The marketplace's customer.
    CustomerId, "a customer id", WORD, word
);
named!(
    /// The marketplace's order.
    OrderId, "an order id", WORD, word
);
named!(
    /// A line, discount or fee of a cart.
    LineId, "a line id", WORD, word
);
named!(
    /// The gateway's `MerchantTransactionID`: what we and the gateway both call a payment, split, capture or refund.
    Reference, "a reference", "1 to 50 of the characters 0-9 A-Z a-z _ -",
    |text| made_of(text, 50, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
);
named!(
    /// On whose behalf a key speaks; it survives the key's rotation.
    Principal, "a principal", "1 to 64 printable ASCII characters",
    |text| made_of(text, 64, printable)
);
named!(
    /// What makes a repeated request the same request.
    IdempotencyKey, "an idempotency key", "1 to 255 printable ASCII characters",
    |text| made_of(text, 255, printable)
);

impl Reference {
    /// The reference of the part with this number: as derived as the whole's, and as short as the gateway takes.
    #[must_use]
    pub fn part(&self, number: u16) -> Self {
        let whole: String = self.0.chars().take(44).collect();
        Self(format!("{whole}-{number}"))
    }
}

impl Principal {
    /// Ourselves: nobody's key speaks on our behalf.
    #[must_use]
    pub fn ourselves() -> Self {
        Self("apportion".to_owned())
    }
}

impl IdempotencyKey {
    /// The key of the operation with this number that we open ourselves.
    #[must_use]
    pub fn own(operation: u16) -> Self {
        Self(format!("own-{operation}"))
    }
}
