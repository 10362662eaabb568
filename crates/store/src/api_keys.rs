//! API keys: what is needed to know one again, never the key itself.

use diesel::prelude::*;
use domain::ids::{KeyId, Principal, SellerId};
use domain::time::Timestamp;

use crate::connection::MultiBackend;
use crate::error::StoreError;
use crate::schema::api_keys;
use crate::text;
use crate::tx::Tx;

/// An API key, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Its public name.
    pub id: KeyId,
    /// A digest of the key, hexadecimal.
    pub hash: String,
    /// What it may do: `storefront`, `seller`, `ops` or `admin`.
    pub role: String,
    /// On whose behalf it speaks.
    pub principal: Principal,
    /// The seller it is bound to.
    pub seller: Option<SellerId>,
    /// Whether it moves real money.
    pub live: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
struct Row {
    key_id: String,
    digest: String,
    role: String,
    principal: String,
    seller_id: Option<String>,
    live: bool,
    created_at: i64,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for KeyRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: text::id(&row.key_id)?,
            hash: row.digest,
            role: row.role,
            principal: text::id(&row.principal)?,
            seller: row.seller_id.map(|seller| text::id(&seller)).transpose()?,
            live: row.live,
            created_at: Timestamp::from_micros(row.created_at),
            revoked_at: text::moment(row.revoked_at),
        })
    }
}

impl Tx<'_> {
    /// The key with this digest, revoked or not.
    pub fn key_by_hash(&mut self, hash: &str) -> Result<Option<KeyRow>, StoreError> {
        let row = api_keys::table
            .filter(api_keys::digest.eq(hash))
            .select(Row::as_select())
            .get_result(self.connection)
            .optional()?;
        row.map(KeyRow::try_from).transpose()
    }

    /// One key, revoked or not.
    pub fn key(&mut self, id: KeyId) -> Result<Option<KeyRow>, StoreError> {
        let row = api_keys::table
            .filter(api_keys::key_id.eq(id.to_string()))
            .select(Row::as_select())
            .get_result(self.connection)
            .optional()?;
        row.map(KeyRow::try_from).transpose()
    }

    /// Keys, newest first, revoked ones too; only older ones than `before`.
    pub fn list_keys(&mut self, before: Option<KeyId>, limit: usize) -> Result<Vec<KeyRow>, StoreError> {
        let mut query = api_keys::table
            .order(api_keys::key_id.desc())
            .limit(text::limit(limit))
            .select(Row::as_select())
            .into_boxed::<MultiBackend>();
        if let Some(before) = before {
            query = query.filter(api_keys::key_id.lt(before.to_string()));
        }
        let rows = query.load::<Row>(self.connection)?;
        rows.into_iter().map(KeyRow::try_from).collect()
    }

    /// How many admin keys are not revoked.
    pub fn live_admins(&mut self) -> Result<i64, StoreError> {
        Ok(api_keys::table
            .filter(api_keys::role.eq("admin"))
            .filter(api_keys::revoked_at.is_null())
            .count()
            .get_result(self.connection)?)
    }

    /// Keeps a new key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: there is a key of this name, or this key itself.
    pub fn insert_key(&mut self, key: &KeyRow) -> Result<(), StoreError> {
        let row = Row {
            key_id: key.id.to_string(),
            digest: key.hash.clone(),
            role: key.role.clone(),
            principal: key.principal.to_string(),
            seller_id: key.seller.as_ref().map(ToString::to_string),
            live: key.live,
            created_at: key.created_at.micros(),
            revoked_at: key.revoked_at.map(Timestamp::micros),
        };
        diesel::insert_into(api_keys::table)
            .values(&row)
            .execute(self.connection)?;
        Ok(())
    }

    /// Refuses a key from now on; `false` when it was refused already, or there is none.
    pub fn revoke_key(&mut self, id: KeyId, at: Timestamp) -> Result<bool, StoreError> {
        let one = api_keys::table
            .filter(api_keys::key_id.eq(id.to_string()))
            .filter(api_keys::revoked_at.is_null());
        let revoked = diesel::update(one)
            .set(api_keys::revoked_at.eq(at.micros()))
            .execute(self.connection)?;
        Ok(revoked == 1)
    }
}
