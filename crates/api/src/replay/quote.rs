//! The file as quotes: the rulebook alone, with no server, no gateway and no payment.

use std::time::Instant;

use anyhow::ensure;
use domain::allocation::allocate;
use domain::ids::{SellerId, SiteId};

use super::Args;
use super::order::{sites, terms};
use super::report::{self, Report};
use super::sheet::{LeftOut, Sheet};
use super::sums::Shares;

/// The marketplace's own account, as far as arithmetic needs one.
const COMMISSION_SITE: u32 = 1;

/// Divides every cart.
pub(super) fn all(args: &Args, sheet: &Sheet) -> anyhow::Result<Report> {
    ensure!(!sheet.orders.is_empty(), "{}", report::nothing(sheet));
    let commission = SiteId::try_new(COMMISSION_SITE)?;
    let terms = terms(&sites(&sheet.sellers(), Some(commission)), args.fee_percent, commission)?;
    let mut owed = Shares::default();
    let mut refused = Vec::new();
    let started = Instant::now();
    for order in &sheet.orders {
        match allocate(&order.cart, &terms) {
            Ok(allocation) => {
                for share in allocation.parties() {
                    let own = owed.of_split(share.party.seller().map(SellerId::as_str));
                    own.captured = own.captured.saturating_add(share.net.get());
                }
            }
            Err(faults) => refused.extend(faults.into_iter().map(|fault| LeftOut {
                line: 0,
                order: Some(order.id.to_string()),
                reason: fault.detail,
            })),
        }
    }
    Ok(Report::of_quotes(args, sheet, &owed, &refused, started.elapsed()))
}
