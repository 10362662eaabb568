//! Amounts as the gateway counts them.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::lenient;

/// An amount in hundredths of the currency's unit, whatever the currency: 11.54 EUR is 1154 and ¥100 is 10000.
///
/// Reads a number or digits in a string. Writes digits in a string, as the gateway's documents mostly do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(
    /// Hundredths of the currency's unit.
    pub u64,
);

impl From<u64> for Amount {
    fn from(hundredths: u64) -> Self {
        Self(hundredths)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::digits(deserializer)?.ok_or_else(|| D::Error::custom("the amount is missing"))
    }
}

/// Writes a plain number: the documents' captures and refunds of a split do.
pub(crate) fn as_number<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(amount.0)
}

/// Writes an absent amount as `""`: the `CapturedAmount` of a split that was not captured on its own.
#[expect(clippy::ref_option, reason = "the signature is serde's")]
pub(crate) fn or_empty<S: Serializer>(amount: &Option<Amount>, serializer: S) -> Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => amount.serialize(serializer),
        None => serializer.serialize_str(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<u64> {
        serde_json::from_str::<Amount>(json).ok().map(|amount| amount.0)
    }

    #[test]
    fn reads_numbers_and_digits_and_nothing_else() {
        assert_eq!(read("100"), Some(100));
        assert_eq!(read("\"100\""), Some(100));
        assert_eq!(read("\"007\""), Some(7));
        for junk in [
            "\"\"", "null", "-1", "1.0", "1e2", "\"+1\"", "\"1.00\"", "\" 1\"", "true", "[]", "{}",
        ] {
            assert_eq!(read(junk), None, "{junk}");
        }
        assert_eq!(read("\"99999999999999999999\""), None);
    }

    #[test]
    fn writes_digits_in_a_string() {
        assert_eq!(serde_json::to_string(&Amount(100)).unwrap(), "\"100\"");
    }
}
