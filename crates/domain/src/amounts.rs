//! The checks that every amount, percentage and currency a caller sends goes through.

use crate::fault::{Fault, Faults};
use crate::money::{Amount, Currency, LIMIT, Money, MoneyError};

/// The largest percentage, in basis points: 100 %.
pub const PERCENT_BP_MAX: u16 = 10_000;

/// The codes these checks use, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    (
        "currency_unknown",
        "What names a currency is not an ISO 4217 code of one with a minor unit.",
    ),
    ("amount_negative", "An amount is less than 0."),
    (
        "amount_too_large",
        "An amount, or what amounts add up to, is more than 9999999999 minor units.",
    ),
    (
        "amount_not_representable",
        "The gateway, which counts in hundredths of the unit, cannot express an amount.",
    ),
    (
        "percent_out_of_range",
        "A percentage is not between 0 and 10000 basis points.",
    ),
];

/// An amount from 0 to [`LIMIT`].
#[must_use]
pub fn amount(minor_units: i64, at: &str, faults: &mut Faults) -> Option<Amount> {
    match Amount::try_new(minor_units) {
        Ok(amount) if amount <= LIMIT => Some(amount),
        Ok(_) => {
            faults.push(Fault::new(
                at,
                "amount_too_large",
                format!("at most {LIMIT} minor units"),
            ));
            None
        }
        Err(error) => {
            faults.push(Fault::new(at, "amount_negative", error.to_string()));
            None
        }
    }
}

/// The amount, if the gateway can express it.
pub(crate) fn representable(amount: Amount, currency: Currency, at: &str, faults: &mut Faults) -> Option<Amount> {
    if let Err(MoneyError::NotRepresentable { below, above, .. }) = Money::new(amount, currency).to_hundredths() {
        let quantum = currency.quantum();
        let detail = format!(
            "amounts of {currency} are multiples of {quantum} minor units: instead of {amount}, {below} or {above}"
        );
        faults.push(Fault::new(at, "amount_not_representable", detail));
        return None;
    }
    Some(amount)
}

/// From 0 to 10 000 basis points.
pub(crate) fn percent(basis_points: i64, at: &str, faults: &mut Faults) -> Option<u16> {
    let percent = u16::try_from(basis_points)
        .ok()
        .filter(|percent| *percent <= PERCENT_BP_MAX);
    if percent.is_none() {
        faults.push(Fault::new(
            at,
            "percent_out_of_range",
            format!("from 0 to {PERCENT_BP_MAX} basis points"),
        ));
    }
    percent
}
