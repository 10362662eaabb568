//! Cards that customers keep. The vault carries their tokens sealed, and has no key.

use diesel::prelude::*;
use domain::card::{Card, Sealed};
use domain::ids::{CardId, CustomerId};
use domain::time::Timestamp;

use crate::error::StoreError;
use crate::row::row;
use crate::schema::cards;
use crate::text;
use crate::tx::Tx;

row! {
    /// One card.
    CardRow, CardArrays of cards {
        key { card_id: String }
        once {
            customer_id: String, live: bool, last4: String, expiry_month: i32, expiry_year: i32, holder: Option<String>,
            token_sealed: String, key_id: String, payment_id: String, created_at: i64, deleted_at: Option<i64>,
        }
        changes {}
    }
}

impl CardRow {
    pub fn of(card: &Card) -> Self {
        Self {
            card_id: card.id.to_string(),
            customer_id: card.customer.to_string(),
            live: card.live,
            last4: card.last4.clone(),
            expiry_month: i32::from(card.expiry_month),
            expiry_year: i32::from(card.expiry_year),
            holder: card.holder.clone(),
            token_sealed: card.token.text.clone(),
            key_id: card.token.key.clone(),
            payment_id: card.payment.to_string(),
            created_at: card.created_at.micros(),
            deleted_at: card.deleted_at.map(Timestamp::micros),
        }
    }
}

impl TryFrom<CardRow> for Card {
    type Error = StoreError;

    fn try_from(row: CardRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: text::id(&row.card_id)?,
            customer: text::id(&row.customer_id)?,
            live: row.live,
            last4: row.last4,
            expiry_month: text::number(row.expiry_month)?,
            expiry_year: text::number(row.expiry_year)?,
            holder: row.holder,
            token: Sealed {
                key: row.key_id,
                text: row.token_sealed,
            },
            payment: text::id(&row.payment_id)?,
            created_at: Timestamp::from_micros(row.created_at),
            deleted_at: text::moment(row.deleted_at),
        })
    }
}

impl Tx<'_> {
    /// One card, deleted or not.
    pub fn card(&mut self, id: CardId) -> Result<Option<Card>, StoreError> {
        let row = cards::table
            .filter(cards::card_id.eq(id.to_string()))
            .select(CardRow::as_select())
            .get_result(self.connection)
            .optional()?;
        row.map(Card::try_from).transpose()
    }

    /// The cards that a customer keeps and has not deleted, newest first; no more than a person can choose from.
    pub fn cards_of(&mut self, customer: &CustomerId, live: bool) -> Result<Vec<Card>, StoreError> {
        let rows = cards::table
            .filter(cards::customer_id.eq(customer.as_str()))
            .filter(cards::live.eq(live))
            .filter(cards::deleted_at.is_null())
            .order(cards::card_id.desc())
            .limit(CARDS_MAX)
            .select(CardRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(Card::try_from).collect()
    }

    /// Cards, deleted ones too, whose tokens are sealed with another key than this, by id; `after` continues.
    pub fn cards_sealed_otherwise(
        &mut self,
        key: &str,
        after: Option<CardId>,
        limit: usize,
    ) -> Result<Vec<Card>, StoreError> {
        let rows = cards::table
            .filter(cards::key_id.ne(key))
            .filter(cards::card_id.gt(after.map_or_else(String::new, |id| id.to_string())))
            .order(cards::card_id)
            .limit(text::limit(limit))
            .select(CardRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(Card::try_from).collect()
    }

    /// Deletes a card from now on; `false` when it was deleted already, or there is none.
    pub fn delete_card(&mut self, id: CardId, at: Timestamp) -> Result<bool, StoreError> {
        let one = cards::table
            .filter(cards::card_id.eq(id.to_string()))
            .filter(cards::deleted_at.is_null());
        let deleted = diesel::update(one)
            .set(cards::deleted_at.eq(at.micros()))
            .execute(self.connection)?;
        Ok(deleted == 1)
    }

    /// Keeps a card's token sealed anew; `false` when it is no longer sealed as it `was`.
    pub fn reseal_card(&mut self, id: CardId, was: &Sealed, token: &Sealed) -> Result<bool, StoreError> {
        let one = cards::table
            .filter(cards::card_id.eq(id.to_string()))
            .filter(cards::key_id.eq(&was.key))
            .filter(cards::token_sealed.eq(&was.text));
        let resealed = diesel::update(one)
            .set((cards::key_id.eq(&token.key), cards::token_sealed.eq(&token.text)))
            .execute(self.connection)?;
        Ok(resealed == 1)
    }
}

/// How many cards of one customer are listed.
const CARDS_MAX: i64 = 100;
