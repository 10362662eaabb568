//! Amounts and names as they are sent, on their way into the rulebook's types.

use std::str::FromStr;

use domain::amounts;
use domain::fault::{Fault, Faults};
use domain::money::Amount;

/// An amount, if it can be one.
pub(super) fn amount(minor_units: i64, at: &str, faults: &mut Faults) -> Amount {
    amounts::amount(minor_units, at, faults).unwrap_or_default()
}

/// A name, if it can be one; what cannot be is not in the payment, as this code says.
pub(super) fn name<T: FromStr>(text: &str, at: &str, code: &'static str, faults: &mut Faults) -> Option<T> {
    let named = text.parse().ok();
    if named.is_none() {
        faults.push(Fault::new(at, code, format!("{text:?} is not such a name")));
    }
    named
}
