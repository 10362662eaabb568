//! Between domain values and what columns hold. What cannot be read back is `Corrupt`, and says where it stood.

use std::fmt::Display;
use std::str::FromStr;

use domain::money::Amount;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::error::{StoreError, corrupt};

/// An id that was written with `to_string`.
pub(crate) fn id<T: FromStr<Err: Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error| corrupt(format_args!("{text:?}: {error}")))
}

/// A closed enum's word, as serde writes it.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    let deserializer: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| corrupt(format_args!("{text:?}: {error}")))
}

/// A document, of which most are short.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    long_json(value, 384)
}

/// A document of about so many bytes: one that grows while it is written is copied again and again.
pub(crate) fn long_json<T: Serialize>(value: &T, bytes: usize) -> Result<String, StoreError> {
    let unwritten = |error: &dyn Display| corrupt(format_args!("a document that cannot be written: {error}"));
    let mut text = Vec::with_capacity(bytes);
    serde_json::to_writer(&mut text, value).map_err(|error| unwritten(&error))?;
    String::from_utf8(text).map_err(|error| unwritten(&error))
}

/// A document, read back. The text is not repeated in the error: it may hold a person's data.
pub(crate) fn document<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(format_args!("{what}: {error}")))
}

/// A number that fits.
pub(crate) fn number<From: Copy + Display, To: TryFrom<From>>(value: From) -> Result<To, StoreError> {
    To::try_from(value).map_err(|_| corrupt(format_args!("{value} is out of range")))
}

/// Minor units.
pub(crate) fn amount(minor_units: i64) -> Result<Amount, StoreError> {
    Amount::try_new(minor_units).map_err(|error| corrupt(format_args!("{minor_units}: {error}")))
}

/// A moment that may not have come.
pub(crate) fn moment(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// How many rows to ask for.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
