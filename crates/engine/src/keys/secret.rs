//! What a key is made of: 256 bits nobody can guess, in 43 characters that survive a shell and a double click.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::clock::Ids;

/// How keys for play money begin.
pub(super) const TEST_PREFIX: &str = "ap_test_";

/// How keys for real money begin.
const LIVE_PREFIX: &str = "ap_live_";

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 62 to the power of 43 is the first power above 2 to the power of 256.
const CHARACTERS: usize = 43;

/// A new token.
pub(super) fn draw(ids: &dyn Ids, live: bool) -> SecretString {
    // A draw has a version's fixed bits in it: the digest of three of them has 256 without any.
    let mut bits = Sha256::new();
    for _ in 0..3 {
        bits.update(ids.random().to_be_bytes());
    }
    let prefix = if live { LIVE_PREFIX } else { TEST_PREFIX };
    SecretString::from(format!("{prefix}{}", base62(bits.finalize().into())))
}

/// What of it is stored.
pub(super) fn digest_of(token: &SecretString) -> String {
    crate::identity::digest(token.expose_secret().as_bytes())
}

/// The number in base 62, least significant digit first, in a fixed number of characters.
#[expect(clippy::indexing_slicing, reason = "a remainder of 62 indexes sixty-two digits")]
fn base62(mut number: [u8; 32]) -> String {
    let mut text = String::with_capacity(CHARACTERS);
    for _ in 0..CHARACTERS {
        let mut rest = 0_u16;
        for byte in &mut number {
            let value = (rest << 8) | u16::from(*byte);
            let [_, quotient] = (value / 62).to_be_bytes();
            *byte = quotient;
            rest = value % 62;
        }
        text.push(char::from(DIGITS[usize::from(rest)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base62;

    #[test]
    fn base62_counts() {
        let number = |low: u128| {
            let mut bytes = [0_u8; 32];
            bytes[16..].copy_from_slice(&low.to_be_bytes());
            base62(bytes)
        };
        assert_eq!(number(0), "0".repeat(43));
        assert_eq!(number(61), format!("z{}", "0".repeat(42)));
        assert_eq!(number(62), format!("01{}", "0".repeat(41)));
        assert_eq!(number(62 * 62 + 10), format!("A01{}", "0".repeat(40)));
        // The largest number still fits: 62^43 is more than 2^256.
        assert_eq!(base62([255; 32]).len(), 43);
        assert_ne!(base62([255; 32]), base62([254; 32]));
    }
}
