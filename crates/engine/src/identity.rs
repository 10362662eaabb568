//! References are derived, never drawn: the same request derives the same one, even on a database restored from
//! yesterday, and the gateway refuses it twice (DESIGN §5).

use domain::ids::{OrderId, PaymentId, Reference};
use domain::operation::Asked;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// The reference of an operation: HMAC-SHA-256 keyed by the installation over the length-prefixed principal, key and
/// part, and the payment where there is one already: the same key on another payment is another wish. 32 characters.
pub(crate) fn reference(installation: &str, asked: &Asked, payment: Option<PaymentId>) -> Result<Reference, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(installation.as_bytes())
        .map_err(|error| Error::Internal(format!("installation secret: {error}")))?;
    let part = asked.part.to_string();
    let payment = payment.map(|payment| payment.to_string());
    let asked = [asked.principal.as_str(), asked.key.as_str(), part.as_str()];
    for field in asked.into_iter().chain(payment.as_deref()) {
        mac.update(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(field.as_bytes());
    }
    named(&hex(&mac.finalize().into_bytes()))
}

/// An order as the gateway's `OriginatorTransactionID`: itself where it fits `^[0-9a-zA-Z_-]{1,50}$`, else a digest.
pub(crate) fn originator(order: &OrderId) -> Result<Reference, Error> {
    order
        .as_str()
        .parse()
        .or_else(|_| named(&digest(order.as_str().as_bytes())))
}

/// SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn named(hex: &str) -> Result<Reference, Error> {
    let short = hex.get(..REFERENCE_CHARACTERS).unwrap_or(hex);
    short
        .parse()
        .map_err(|_| Error::Internal("a digest is a reference".to_owned()))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    text.extend(nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)));
    text
}

/// 128 bits: the gateway takes up to 50 characters, and shorter ones are easier to read aloud.
const REFERENCE_CHARACTERS: usize = 32;
