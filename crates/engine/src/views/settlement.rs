//! What the gateway paid out.

use domain::settlement::Settlement;
use domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A payout of the gateway to a seller, as it was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettlementView {
    /// `set_…`
    pub id: String,
    /// Who was paid.
    pub seller: String,
    /// ISO 4217.
    pub currency: String,
    /// How much, in minor units.
    pub amount: i64,
    /// The payout's own name.
    pub reference: String,
    /// The day on which it was paid.
    pub settled_on: String,
    /// When it entered the books.
    pub recorded_at: String,
}

impl SettlementView {
    /// A settlement that was recorded at this moment.
    pub fn of(settlement: &Settlement, recorded_at: Timestamp) -> Self {
        Self {
            id: settlement.id.to_string(),
            seller: settlement.seller.to_string(),
            currency: settlement.amount.currency.to_string(),
            amount: settlement.amount.amount.get(),
            reference: settlement.reference.clone(),
            settled_on: settlement.settled_on.to_string(),
            recorded_at: recorded_at.to_string(),
        }
    }
}
