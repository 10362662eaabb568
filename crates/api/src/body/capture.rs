//! What to capture.

use domain::capture_plan::{CaptureAsk, SellerTake, SplitAmount, Take};
use domain::fault::{Fault, Faults};
use domain::ids::{PaymentId, SplitId};
use domain::refund::Units;
use engine::Error;
use engine::captures::CaptureWish;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::{amount, name};

/// What to capture: `{}` is everything, `sellers` speaks in the buyer's money, `splits` in exact amounts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureBody {
    /// Seller by seller, in the buyer's money; nothing of sellers that are not named. Fees in full unless nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sellers: Option<Vec<TakeBody>>,
    /// Exact amounts; nothing of splits that are not named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splits: Option<Vec<SplitAmountBody>>,
    /// Whether what is left may be stranded: neither captured nor cancelled until its authorization lapses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_stranded: bool,
}

/// How much to take for the goods of a seller: lines, or an amount.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBody {
    /// Whose goods.
    #[schema(example = "s1")]
    pub seller: String,
    /// These units, and the seller's shipping in full if there are any; nothing of its other lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<UnitsBody>>,
    /// So much of the buyer's money; 0 is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 3687)]
    pub amount: Option<i64>,
}

/// So many units of a line.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitsBody {
    /// The line.
    #[schema(example = "l1")]
    pub id: String,
    /// How many.
    #[schema(example = 1)]
    pub quantity: u32,
}

/// A split and an amount.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitAmountBody {
    /// `spl_…`
    pub split: String,
    /// Minor units.
    #[schema(example = 3548)]
    pub amount: i64,
}

/// What to capture of one split.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitCaptureBody {
    /// Minor units.
    #[schema(example = 3548)]
    pub amount: i64,
    /// Whether everything else may be stranded: neither captured nor cancelled until its authorization lapses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_stranded: bool,
}

impl CaptureBody {
    /// The same in the rulebook's words.
    pub fn wish(self, payment: PaymentId) -> Result<CaptureWish, Error> {
        let mut faults = Faults::new();
        let ask = match (self.sellers, self.splits) {
            (None, None) => CaptureAsk::Everything,
            (Some(sellers), None) => {
                let takes = (0..)
                    .zip(sellers)
                    .map(|(n, take): (usize, _)| take.take(&format!("/sellers/{n}"), &mut faults));
                CaptureAsk::Sellers(takes.flatten().collect())
            }
            (None, Some(splits)) => {
                let amounts = (0..)
                    .zip(splits)
                    .map(|(n, one): (usize, _)| one.amount(payment, n, &mut faults));
                CaptureAsk::Splits(amounts.flatten().collect())
            }
            (Some(_), Some(_)) => {
                faults.push(Fault::new("/splits", "field_invalid", "sellers or splits, not both"));
                CaptureAsk::Everything
            }
        };
        read(faults, || CaptureWish {
            ask,
            only: None,
            accept_stranded: self.accept_stranded,
        })
    }
}

impl TakeBody {
    /// The same in the rulebook's words.
    pub fn seller_take(self) -> Result<SellerTake, Error> {
        let mut faults = Faults::new();
        let take = self.take("", &mut faults);
        let take = read(faults, || take)?;
        take.ok_or(Error::NotFound)
    }

    fn take(self, at: &str, faults: &mut Faults) -> Option<SellerTake> {
        let seller = name(&self.seller, &format!("{at}/seller"), "seller_not_in_payment", faults);
        let take = match (self.lines, self.amount) {
            (Some(lines), None) => Take::Lines(units(lines, at, faults)),
            (None, Some(minor_units)) => Take::Amount(amount(minor_units, &format!("{at}/amount"), faults)),
            _ => {
                faults.push(Fault::new(
                    format!("{at}/amount"),
                    "field_missing",
                    "lines or an amount, one of them",
                ));
                return None;
            }
        };
        seller.map(|seller| SellerTake { seller, take })
    }
}

impl SplitAmountBody {
    fn amount(self, payment: PaymentId, n: usize, faults: &mut Faults) -> Option<SplitAmount> {
        let amount = amount(self.amount, &format!("/splits/{n}/amount"), faults);
        let split = self
            .split
            .parse::<SplitId>()
            .ok()
            .filter(|split| split.payment == payment);
        if split.is_none() {
            let detail = "a split of this payment";
            faults.push(Fault::new(format!("/splits/{n}/split"), "split_not_in_payment", detail));
        }
        split.map(|split| SplitAmount {
            split: split.number,
            amount,
        })
    }
}

impl SplitCaptureBody {
    /// The same in the rulebook's words.
    pub fn wish(self, split: SplitId) -> Result<CaptureWish, Error> {
        let mut faults = Faults::new();
        let amount = amount(self.amount, "/amount", &mut faults);
        read(faults, || CaptureWish {
            ask: CaptureAsk::Splits(vec![SplitAmount {
                split: split.number,
                amount,
            }]),
            only: Some(split.number),
            accept_stranded: self.accept_stranded,
        })
    }
}

/// Units of lines, in order.
pub(super) fn units(lines: Vec<UnitsBody>, at: &str, faults: &mut Faults) -> Vec<Units> {
    let mut units = Vec::with_capacity(lines.len());
    for (n, line) in lines.into_iter().enumerate() {
        let id = name(&line.id, &format!("{at}/lines/{n}/id"), "line_not_in_payment", faults);
        units.extend(id.map(|id| Units {
            id,
            quantity: line.quantity,
        }));
    }
    units
}

/// The wish, if nothing is wrong with it.
pub(super) fn read<T>(faults: Faults, wish: impl FnOnce() -> T) -> Result<T, Error> {
    if faults.is_empty() {
        Ok(wish())
    } else {
        Err(Error::Invalid(faults))
    }
}
