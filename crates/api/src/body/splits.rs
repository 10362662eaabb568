//! Splits to be added.

use domain::fault::{Fault, Faults};
use engine::Error;
use engine::splits::{NamedSplit, SplitsWish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::{amount, name};
use super::capture::read;
use super::cart::CartBody;

/// Which splits to add: explicit amounts, another cart, or (`{}`) the payment's own cart, sold with `split: "later"`.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitsBody {
    /// Who is owed what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splits: Option<Vec<NamedSplitBody>>,
    /// `commission`: the marketplace gets what the splits leave over. Without it, that stays unallocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
    /// A cart that is divided as any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<CartBody>,
}

/// A split with an amount of its own.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedSplitBody {
    /// Who is owed.
    #[schema(example = "s1")]
    pub seller: String,
    /// Minor units of the payment's currency, more than 0.
    #[schema(example = 1000)]
    pub amount: i64,
    /// Your own name for it: 1 to 50 of `0-9 A-Z a-z _ -`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Who gets what splits leave over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// The marketplace.
    Commission,
}

impl SplitsBody {
    /// The same in the desk's words.
    pub fn wish(self) -> Result<SplitsWish, Error> {
        let mut faults = Faults::new();
        let wish = match (self.splits, self.cart) {
            (None, None) => SplitsWish::Own,
            (None, Some(cart)) => SplitsWish::Cart(Box::new(cart.into())),
            (Some(splits), None) => SplitsWish::Named {
                splits: named(splits, &mut faults),
                rest_to_commission: self.rest.is_some(),
            },
            (Some(_), Some(_)) => {
                faults.push(Fault::new("/cart", "field_invalid", "splits or a cart, not both"));
                SplitsWish::Own
            }
        };
        if self.rest.is_some() && !matches!(wish, SplitsWish::Named { .. }) {
            faults.push(Fault::new(
                "/rest",
                "field_invalid",
                "rest goes with splits only: a cart leaves nothing over",
            ));
        }
        read(faults, || wish)
    }
}

fn named(splits: Vec<NamedSplitBody>, faults: &mut Faults) -> Vec<NamedSplit> {
    let mut named = Vec::with_capacity(splits.len());
    for (n, split) in splits.into_iter().enumerate() {
        let at = |field: &str| format!("/splits/{n}/{field}");
        let seller = name(&split.seller, &at("seller"), "seller_unknown", faults);
        let amount = amount(split.amount, &at("amount"), faults);
        let reference = split
            .reference
            .map(|text| name(&text, &at("reference"), "field_invalid", faults));
        named.extend(seller.map(|seller| NamedSplit {
            seller,
            amount,
            reference: reference.flatten(),
        }));
    }
    named
}
