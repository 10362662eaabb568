//! What callers may attach to payments, refunds and sellers: kept and given back, never read.

use std::collections::BTreeMap;

use crate::fault::{Fault, Faults, escaped};

/// The caller's own keys and values.
pub type Metadata = BTreeMap<String, String>;

/// How many keys there may be.
pub const KEYS_MAX: usize = 50;
/// How many characters a key may have.
pub const KEY_CHARACTERS_MAX: usize = 40;
/// How many characters a value may have.
pub const VALUE_CHARACTERS_MAX: usize = 500;

/// The codes [`faults`] uses, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("metadata_too_many_keys", "There are more metadata keys than are kept."),
    ("metadata_key_invalid", "A metadata key is empty or too long."),
    ("metadata_value_too_long", "A metadata value is too long."),
];

/// What is wrong with metadata that stands at `pointer`.
#[must_use]
pub fn faults(metadata: &Metadata, pointer: &str) -> Faults {
    let mut faults = Faults::new();
    if metadata.len() > KEYS_MAX {
        faults.push(Fault::new(
            pointer,
            "metadata_too_many_keys",
            format!("at most {KEYS_MAX} keys"),
        ));
        return faults;
    }
    for (key, value) in metadata {
        let place = format!("{pointer}/{}", escaped(key));
        if !(1..=KEY_CHARACTERS_MAX).contains(&key.chars().count()) {
            let detail = format!("a key has 1 to {KEY_CHARACTERS_MAX} characters");
            faults.push(Fault::new(&place, "metadata_key_invalid", detail));
        }
        if value.chars().count() > VALUE_CHARACTERS_MAX {
            let detail = format!("a value has at most {VALUE_CHARACTERS_MAX} characters");
            faults.push(Fault::new(&place, "metadata_value_too_long", detail));
        }
    }
    faults
}
