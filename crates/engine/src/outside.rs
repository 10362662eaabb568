//! The readers of what others write, as plain functions: for whoever tries them with what nobody would write.

use domain::fault::Faults;
use domain::time::Timestamp;

use crate::checkout::{self, NewPayment};
use crate::ledger;
use crate::settings::Settings;

/// Everything but the cart that keeps a request from being a payment.
#[must_use]
pub fn faults(request: &NewPayment, settings: &Settings, now: Timestamp) -> Faults {
    checkout::faults(request, settings, now)
}

/// The place in a statement that this text names, as we would write it.
#[must_use]
pub fn entry_cursor(text: &str) -> Option<String> {
    ledger::reread(text)
}
