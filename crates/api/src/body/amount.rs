//! Amounts and names as they are sent, on their way into the rulebook's types.

use std::fmt::Display;
use std::str::FromStr;

use domain::amounts;
use domain::fault::{Fault, Faults};
use domain::money::Amount;

/// An amount, if it can be one.
pub(super) fn amount(minor_units: i64, at: &str, faults: &mut Faults) -> Amount {
    amounts::amount(minor_units, at, faults).unwrap_or_default()
}

/// A name or a day, if it can be one; what cannot be is told under this code, in the words of what was wanted.
pub(super) fn name<T: FromStr<Err: Display>>(
    text: &str,
    at: &str,
    code: &'static str,
    faults: &mut Faults,
) -> Option<T> {
    let named = text.parse();
    named
        .map_err(|error: T::Err| faults.push(Fault::new(at, code, error.to_string())))
        .ok()
}
