//! A card that a customer keeps: what a buyer is shown of it, and the gateway's token, sealed.

use std::fmt;

use crate::ids::{CardId, CustomerId, PaymentId};
use crate::time::Timestamp;

/// A card that a customer keeps. Nothing of it can be paid with unless its token is unsealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Ours.
    pub id: CardId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Whether it was kept with a live key.
    pub live: bool,
    /// The last four digits of its number.
    pub last4: String,
    /// The last month in which it is valid, from 1.
    pub expiry_month: u8,
    /// The year of that month.
    pub expiry_year: u16,
    /// The name on it.
    pub holder: Option<String>,
    /// What the gateway takes for it.
    pub token: Sealed,
    /// The payment it was kept with; a payment keeps one card.
    pub payment: PaymentId,
    /// When it was kept.
    pub created_at: Timestamp,
    /// Since when it is of no further use.
    pub deleted_at: Option<Timestamp>,
}

/// A secret that only the holder of a key can read: it is carried as it is, and not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which key it is sealed with; never the key itself.
    pub key: String,
    /// Nonce and ciphertext, in base64.
    pub text: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key", &self.key).finish_non_exhaustive()
    }
}
