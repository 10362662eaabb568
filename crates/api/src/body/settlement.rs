//! What the gateway paid out.

use domain::date::Date;
use domain::fault::{Fault, Faults};
use domain::ids::SellerId;
use domain::money::{Amount, Currency};
use engine::Error;
use engine::settlements::NewSettlement;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::amount::{amount, name};

/// A payout of the gateway to a seller.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementBody {
    /// Who was paid.
    #[schema(example = "s1")]
    pub seller: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
    /// Minor units, more than 0.
    #[schema(example = 125_000)]
    pub amount: i64,
    /// The payout's own name, 1 to 255 characters: a seller has one settlement of this name.
    #[schema(example = "2026-W47")]
    pub reference: String,
    /// The day on which it was paid.
    #[schema(example = "2026-11-20", format = Date)]
    pub settled_on: String,
}

impl SettlementBody {
    /// The same in the desk's words.
    pub fn told(self) -> Result<NewSettlement, Error> {
        let mut faults = Faults::new();
        let seller = name::<SellerId>(&self.seller, "/seller", "seller_unknown", &mut faults);
        let currency = name::<Currency>(&self.currency, "/currency", "currency_unknown", &mut faults);
        let settled_on = name::<Date>(&self.settled_on, "/settled_on", "field_invalid", &mut faults);
        let amount = amount(self.amount, "/amount", &mut faults);
        if amount == Amount::ZERO {
            faults.push(Fault::new("/amount", "amount_zero", "more than 0"));
        }
        let plain = !self.reference.chars().any(char::is_control);
        if !plain || !(1..=255).contains(&self.reference.chars().count()) {
            let detail = "1 to 255 characters, none of them control characters";
            faults.push(Fault::new("/reference", "text_invalid", detail));
        }
        match (seller, currency, settled_on) {
            (Some(seller), Some(currency), Some(settled_on)) if faults.is_empty() => Ok(NewSettlement {
                seller,
                currency,
                amount,
                reference: self.reference,
                settled_on,
            }),
            _ => Err(Error::Invalid(faults)),
        }
    }
}
