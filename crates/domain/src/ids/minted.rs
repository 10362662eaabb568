//! The names we mint: a prefix, `_`, and 128 bits in 26 characters of lower-case Crockford base32. Things inside a
//! payment carry its 26 characters and a number, so that they are found without a search.

use std::fmt;
use std::str::FromStr;

use super::{IdError, serde_as_text};

/// Digits of five bits, without the letters that look like others (i, l, o) or spell words (u).
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits are 25 digits of five bits and one of three, the first.
const LENGTH: u32 = 26;

struct Base32(u128);

impl fmt::Display for Base32 {
    #[expect(clippy::indexing_slicing, reason = "five bits index thirty-two digits")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 26];
        for (digit, place) in (0..LENGTH).rev().zip(&mut text) {
            let [.., low] = (self.0 >> (5 * digit)).to_be_bytes();
            *place = DIGITS[usize::from(low & 31)];
        }
        // All at once: a payment's commit writes its name some thirty times.
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Reads what [`Base32`] writes and nothing else: upper case, other lengths and more than 128 bits are not canonical.
fn base32(text: &str) -> Option<u128> {
    let (first, rest) = text.as_bytes().split_first()?;
    if !matches!(*first, b'0'..=b'7') || rest.len() != 25 {
        return None;
    }
    text.bytes().try_fold(0_u128, |value, character| {
        let digit = DIGITS.iter().position(|digit| *digit == character)?;
        Some((value << 5) | u128::try_from(digit).ok()?)
    })
}

macro_rules! minted {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The name made of these 128 bits.
            #[must_use]
            pub fn from_u128(bits: u128) -> Self {
                Self(bits)
            }

            /// The 128 bits it is made of.
            #[must_use]
            pub fn as_u128(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), Base32(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let accepts = concat!($prefix, "_ and 26 characters of lower-case Crockford base32");
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(base32)
                    .map(Self)
                    .ok_or(IdError { kind: $kind, accepts })
            }
        }

        serde_as_text!($name);
    };
}

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            /// The payment it is a part of.
            pub payment: PaymentId,
            /// Which of the payment's things of this kind it is.
            pub number: u16,
        }

        impl $name {
            /// The payment's thing of this kind with this number.
            #[must_use]
            pub fn new(payment: PaymentId, number: u16) -> Self {
                Self { payment, number }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}_{}"), Base32(self.payment.0), self.number)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let accepts = concat!($prefix, "_, the payment's 26 characters, _ and a number");
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(inside_a_payment)
                    .map(|(payment, number)| Self { payment, number })
                    .ok_or(IdError { kind: $kind, accepts })
            }
        }

        serde_as_text!($name);
    };
}

fn inside_a_payment(text: &str) -> Option<(PaymentId, u16)> {
    let (payment, digits) = text.split_once('_')?;
    let number: u16 = digits.parse().ok()?;
    // "+7" and "07" are not how we write 7.
    (number.to_string() == digits).then_some((PaymentId(base32(payment)?), number))
}

minted!(
    /// A payment: the 128 bits of a time-ordered UUID, so that new payments sort last.
    PaymentId, "pay", "a payment id"
);
minted!(
    /// An API key's public name; it says nothing about the key itself.
    KeyId, "key", "a key id"
);
minted!(
    /// A notification as it was stored.
    NotificationId, "evt", "a notification id"
);
minted!(
    /// A card a customer kept; its token stays in the vault.
    CardId, "card", "a card id"
);
minted!(
    /// A payout to a seller that we were told of; it is no part of a payment.
    SettlementId, "set", "a settlement id"
);
numbered!(
    /// One split of a payment.
    SplitId, "spl", "a split id"
);
numbered!(
    /// One operation on a payment.
    OperationId, "op", "an operation id"
);
numbered!(
    /// One refund of a payment.
    RefundId, "ref", "a refund id"
);
numbered!(
    /// One discrepancy of a payment.
    DiscrepancyId, "dis", "a discrepancy id"
);
