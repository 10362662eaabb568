//! What kept cards' tokens are sealed with: XChaCha20-Poly1305, under keys of the configuration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::card::{Card, Sealed};
use domain::ids::{CardId, CustomerId};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

/// The keys: the first seals, all of them open, so that a key is changed by putting a new one in front.
#[derive(Default)]
pub struct CardSafe {
    keys: Vec<(String, XChaCha20Poly1305)>,
}

impl CardSafe {
    /// Keys as they are configured: a name, a colon, and the base64 of 32 bytes.
    ///
    /// # Errors
    /// Which of them cannot be read, in words; never the key itself.
    pub fn try_new(keys: &[SecretString]) -> Result<Self, String> {
        let mut safe = Self::default();
        for (number, key) in (1..).zip(keys) {
            let unreadable = || format!("key {number} is not a name, a colon and the base64 of 32 bytes");
            let (name, key) = key.expose_secret().split_once(':').ok_or_else(unreadable)?;
            let bytes = Zeroizing::new(STANDARD.decode(key).map_err(|_| unreadable())?);
            let cipher = XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| unreadable())?;
            if name.is_empty() || safe.keys.iter().any(|(known, _)| known == name) {
                return Err(format!("key {number} has no name, or another's"));
            }
            safe.keys.push((name.to_owned(), cipher));
        }
        Ok(safe)
    }

    /// Whether there is no key, so that no card can be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The name of the key that seals.
    pub(crate) fn sealing_key(&self) -> Option<&str> {
        self.keys.first().map(|(name, _)| name.as_str())
    }

    /// Seals a token for this card of this customer, and for no other.
    pub(crate) fn seal(
        &self,
        card: CardId,
        customer: &CustomerId,
        token: &SecretString,
        nonce: [u8; 24],
    ) -> Option<Sealed> {
        let (key, cipher) = self.keys.first()?;
        let bound = bound_to(card, customer);
        let payload = Payload {
            msg: token.expose_secret().as_bytes(),
            aad: bound.as_bytes(),
        };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        let text = STANDARD.encode([nonce.as_slice(), &sealed].concat());
        Some(Sealed { key: key.clone(), text })
    }

    /// The token of a card; none where its key is no longer configured, or somebody changed what was stored.
    pub(crate) fn open(&self, card: &Card) -> Option<SecretString> {
        let (_, cipher) = self.keys.iter().find(|(name, _)| *name == card.token.key)?;
        let sealed = STANDARD.decode(&card.token.text).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        let bound = bound_to(card.id, &card.customer);
        let payload = Payload {
            msg: sealed,
            aad: bound.as_bytes(),
        };
        let token = Zeroizing::new(cipher.decrypt(&XNonce::from(*nonce), payload).ok()?);
        std::str::from_utf8(&token).ok().map(SecretString::from)
    }
}

impl std::fmt::Debug for CardSafe {
    /// Keys are secrets; their names are not.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.keys.iter().map(|(name, _)| name).collect();
        f.debug_struct("CardSafe").field("keys", &names).finish()
    }
}

/// A sealed token moved to another card, or another customer's, does not open.
fn bound_to(card: CardId, customer: &CustomerId) -> String {
    format!("{card} {customer}")
}

#[cfg(test)]
mod tests {
    use domain::ids::PaymentId;
    use domain::time::Timestamp;

    use super::*;

    fn safe(names: &[&str]) -> CardSafe {
        let key = |name: &&str| {
            SecretString::from(format!(
                "{name}:{}",
                STANDARD.encode(name.repeat(32).as_bytes().first_chunk::<32>().unwrap())
            ))
        };
        CardSafe::try_new(&names.iter().map(key).collect::<Vec<_>>()).unwrap()
    }

    fn kept(safe: &CardSafe, customer: &str) -> Card {
        let (id, customer) = (CardId::from_u128(7), customer.parse().unwrap());
        let sealed = safe
            .seal(id, &customer, &SecretString::from("the-token"), [9; 24])
            .unwrap();
        Card {
            id,
            customer,
            live: false,
            last4: "1111".to_owned(),
            expiry_month: 12,
            expiry_year: 2030,
            holder: None,
            token: sealed,
            payment: PaymentId::from_u128(1),
            created_at: Timestamp::MIN,
            deleted_at: None,
        }
    }

    #[test]
    fn a_token_opens_for_its_card_and_customer_only() {
        let safe = safe(&["a"]);
        let card = kept(&safe, "c1");
        assert!(!card.token.text.contains("token"));
        assert_eq!(safe.open(&card).unwrap().expose_secret(), "the-token");
        let moved = Card {
            customer: "c2".parse().unwrap(),
            ..card.clone()
        };
        assert!(safe.open(&moved).is_none());
        let other = Card {
            id: CardId::from_u128(8),
            ..card
        };
        assert!(safe.open(&other).is_none());
    }

    #[test]
    fn an_older_key_still_opens_and_a_removed_one_does_not() {
        let card = kept(&safe(&["a"]), "c1");
        assert!(safe(&["b", "a"]).open(&card).is_some());
        assert!(safe(&["b"]).open(&card).is_none());
    }

    #[test]
    fn a_key_that_cannot_be_read_is_named_by_its_place() {
        for bad in [
            "",
            "name",
            "name:short",
            ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        ] {
            let error = CardSafe::try_new(&[SecretString::from(bad)]).unwrap_err();
            assert!(error.starts_with("key 1"), "{error}");
        }
    }
}
