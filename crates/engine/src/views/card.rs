//! Kept cards.

use domain::card::Card;
use serde::Serialize;
use utoipa::ToSchema;

/// A card that a customer kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CardView {
    /// `card_…`: pay with it as `card: {id, security_code}`.
    pub id: String,
    /// The last four digits.
    pub last4: String,
    /// The last month in which it is valid, 1 to 12.
    pub expiry_month: u8,
    /// The year of that month.
    pub expiry_year: u16,
    /// The name on it.
    pub holder: Option<String>,
    /// When it was kept.
    pub created_at: String,
}

impl From<&Card> for CardView {
    fn from(card: &Card) -> Self {
        Self {
            id: card.id.to_string(),
            last4: card.last4.clone(),
            expiry_month: card.expiry_month,
            expiry_year: card.expiry_year,
            holder: card.holder.clone(),
            created_at: card.created_at.to_string(),
        }
    }
}
