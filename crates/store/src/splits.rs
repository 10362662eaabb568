//! Splits as rows.

use domain::ids::{GatewayId, PaymentId, SiteId};
use domain::seller::Party;
use domain::split::Split;

use crate::error::{StoreError, corrupt};
use crate::row::row;
use crate::text;

row! {
    /// One split.
    SplitRow, SplitArrays of splits {
        key { payment_id: String, number: i32 }
        once { seller_id: Option<String>, site_id: i64, reference: Option<String> }
        changes {
            gateway_id: Option<i64>, status: Option<String>, amount: i64, amount_authorized: i64, amount_captured: i64,
            amount_refunding: i64, amount_refunded: i64, amount_charged_back: i64,
        }
    }
}

impl SplitRow {
    pub fn of(payment: PaymentId, split: &Split) -> Result<Self, StoreError> {
        Ok(Self {
            payment_id: payment.to_string(),
            number: i32::from(split.number),
            seller_id: split.party.seller().map(ToString::to_string),
            site_id: i64::from(split.site.get()),
            amount: split.amount.get(),
            reference: split.reference.as_ref().map(ToString::to_string),
            gateway_id: split.gateway_id.map(|id| id.get().cast_signed()),
            status: split.status.as_ref().map(text::json).transpose()?,
            amount_authorized: split.amount_authorized.get(),
            amount_captured: split.amount_captured.get(),
            amount_refunding: split.amount_refunding.get(),
            amount_refunded: split.amount_refunded.get(),
            amount_charged_back: split.amount_charged_back.get(),
        })
    }
}

impl TryFrom<SplitRow> for Split {
    type Error = StoreError;

    fn try_from(row: SplitRow) -> Result<Self, StoreError> {
        let site: u32 = text::number(row.site_id)?;
        Ok(Self {
            number: text::number(row.number)?,
            party: row
                .seller_id
                .map_or(Ok(Party::Marketplace), |id| text::id(&id).map(Party::Seller))?,
            site: SiteId::try_new(site).map_err(corrupt)?,
            amount: text::amount(row.amount)?,
            reference: row.reference.map(|reference| text::id(&reference)).transpose()?,
            gateway_id: row.gateway_id.map(|id| GatewayId::new(id.cast_unsigned())),
            status: row
                .status
                .map(|status| text::document(&status, &row.payment_id))
                .transpose()?,
            amount_authorized: text::amount(row.amount_authorized)?,
            amount_captured: text::amount(row.amount_captured)?,
            amount_refunding: text::amount(row.amount_refunding)?,
            amount_refunded: text::amount(row.amount_refunded)?,
            amount_charged_back: text::amount(row.amount_charged_back)?,
        })
    }
}
