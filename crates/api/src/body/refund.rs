//! What to give back, and what the gateway paid out.

use std::collections::BTreeMap;

use domain::fault::{Fault, Faults};
use domain::fee_plan::CommissionOnRefund;
use domain::ids::SellerId;
use domain::metadata;
use domain::refund::Ask;
use engine::Error;
use engine::refunds::RefundWish;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::{amount, name};
use super::capture::{UnitsBody, read, units};

/// What to give back: `{}` everything left, fees included; a seller and an amount; or lines, with or without shipping.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundBody {
    /// Whose goods, with `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "s1")]
    pub seller: Option<String>,
    /// What the buyer gets back for that seller's goods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 1999)]
    pub amount: Option<i64>,
    /// These units, valued as they were sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<UnitsBody>>,
    /// With `lines`: the sellers whose shipping goes back, all that is left of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Vec<String>>,
    /// What becomes of the commission: `return` or `keep`. Without it, each seller's fee plan decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "return")]
    pub commission: Option<CommissionOnRefund>,
    /// Why, in your words: up to 255 characters. The gateway shows it to the buyer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Your own name for it: up to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Your own keys (at most 50, of 40 characters) and values (of 500).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// Nothing: what is to be done is in the path.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmptyBody {}

impl RefundBody {
    /// The same in the desk's words.
    pub fn wish(self) -> Result<RefundWish, Error> {
        let mut faults = metadata::faults(&self.metadata, "/metadata");
        for (at, text) in [("/reason", &self.reason), ("/reference", &self.reference)] {
            let fits = |text: &String| (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control);
            if !text.as_ref().is_none_or(fits) {
                let detail = "1 to 255 characters, none of them control characters";
                faults.push(Fault::new(at, "text_invalid", detail));
            }
        }
        let ask = ask(self.seller, self.amount, self.lines, self.shipping, &mut faults);
        read(faults, || RefundWish {
            ask,
            commission: self.commission,
            reason: self.reason,
            reference: self.reference,
            metadata: self.metadata,
        })
    }
}

fn ask(
    seller: Option<String>,
    minor_units: Option<i64>,
    lines: Option<Vec<UnitsBody>>,
    shipping: Option<Vec<String>>,
    faults: &mut Faults,
) -> Ask {
    match (seller, minor_units, lines, shipping) {
        (None, None, None, None) => Ask::Everything,
        (Some(seller), Some(minor_units), None, None) => {
            let amount = amount(minor_units, "/amount", faults);
            name::<SellerId>(&seller, "/seller", "seller_not_in_payment", faults)
                .map_or(Ask::Everything, |seller| Ask::Amount { seller, amount })
        }
        (None, None, lines, shipping) => Ask::Lines {
            lines: units(lines.unwrap_or_default(), "", faults),
            shipping: (0_usize..)
                .zip(shipping.unwrap_or_default())
                .filter_map(|(n, seller)| name(&seller, &format!("/shipping/{n}"), "shipping_not_in_payment", faults))
                .collect(),
        },
        (Some(_), None, None, None) => {
            faults.push(Fault::new(
                "/amount",
                "field_missing",
                "what the buyer gets back for that seller's goods",
            ));
            Ask::Everything
        }
        (None, Some(_), None, None) => {
            faults.push(Fault::new("/seller", "field_missing", "the seller whose goods go back"));
            Ask::Everything
        }
        _ => {
            let detail = "a seller and an amount, or lines and shipping, or nothing at all for everything";
            faults.push(Fault::new("/lines", "field_invalid", detail));
            Ask::Everything
        }
    }
}
