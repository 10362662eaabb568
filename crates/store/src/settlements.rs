//! Settlements as rows. They belong to no payment: their posting names them where others name theirs.

use diesel::prelude::*;
use domain::ids::{IdempotencyKey, Principal, SellerId, SettlementId};
use domain::money::Money;
use domain::settlement::Settlement;
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::row;
use crate::schema::settlements;
use crate::text;
use crate::tx::Tx;

row! {
    /// One settlement.
    SettlementRow, SettlementArrays of settlements {
        key { settlement_id: String }
        once {
            seller_id: String, currency: String, amount: i64, reference: String, settled_on: String, principal: String,
            idempotency_key: String, fingerprint: String, recorded_at: i64,
        }
        changes {}
    }
}

/// A settlement, and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSettlement {
    /// What was told.
    pub settlement: Settlement,
    /// When it was written.
    pub recorded_at: Timestamp,
}

impl SettlementRow {
    /// The writer says when.
    pub fn of(settlement: &Settlement) -> Self {
        Self {
            settlement_id: settlement.id.to_string(),
            seller_id: settlement.seller.to_string(),
            currency: settlement.amount.currency.to_string(),
            amount: settlement.amount.amount.get(),
            reference: settlement.reference.clone(),
            settled_on: settlement.settled_on.to_string(),
            principal: settlement.principal.to_string(),
            idempotency_key: settlement.key.to_string(),
            fingerprint: settlement.fingerprint.clone(),
            recorded_at: 0,
        }
    }
}

impl TryFrom<SettlementRow> for StoredSettlement {
    type Error = StoreError;

    fn try_from(row: SettlementRow) -> Result<Self, StoreError> {
        Ok(Self {
            settlement: Settlement {
                id: text::id(&row.settlement_id)?,
                seller: text::id(&row.seller_id)?,
                amount: Money::new(text::amount(row.amount)?, text::id(&row.currency)?),
                reference: row.reference,
                settled_on: text::id(&row.settled_on)?,
                principal: text::id(&row.principal)?,
                key: text::id(&row.idempotency_key)?,
                fingerprint: row.fingerprint,
            },
            recorded_at: Timestamp::from_micros(row.recorded_at),
        })
    }
}

/// The one settlement that meets a condition.
macro_rules! settlement_where {
    ($tx:expr, $condition:expr) => {{
        let row = settlements::table
            .filter($condition)
            .select(SettlementRow::as_select())
            .get_result($tx.connection)
            .optional()?;
        row.map(StoredSettlement::try_from).transpose()
    }};
}

impl Tx<'_> {
    /// One settlement.
    pub fn settlement(&mut self, id: SettlementId) -> Result<Option<StoredSettlement>, StoreError> {
        settlement_where!(self, settlements::settlement_id.eq(id.to_string()))
    }

    /// The settlement that was told under this key.
    pub fn settlement_by_key(
        &mut self,
        principal: &Principal,
        key: &IdempotencyKey,
    ) -> Result<Option<StoredSettlement>, StoreError> {
        let of_principal = settlements::principal.eq(principal.as_str());
        settlement_where!(self, of_principal.and(settlements::idempotency_key.eq(key.as_str())))
    }

    /// The settlement of a seller that has this name.
    pub fn settlement_by_reference(
        &mut self,
        seller: &SellerId,
        reference: &str,
    ) -> Result<Option<StoredSettlement>, StoreError> {
        let of_seller = settlements::seller_id.eq(seller.as_str());
        settlement_where!(self, of_seller.and(settlements::reference.eq(reference)))
    }
}
