//! Sellers.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::ids::{SellerId, SiteId};
use domain::seller::{Seller, SellerStatus};
use domain::time::Timestamp;

use crate::error::{StoreError, corrupt};
use crate::schema::sellers;
use crate::text;
use crate::tx::Tx;

/// What became of a seller that was to be registered or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutSeller {
    /// It is new.
    Created,
    /// It was there, and is now as given.
    Updated,
    /// Another seller has its site; nothing was written.
    SiteTaken,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sellers, primary_key(seller_id), treat_none_as_null = true)]
struct SellerRow {
    seller_id: String,
    name: String,
    site_id: i64,
    fee_plan: Option<String>,
    status: String,
    metadata: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<SellerRow> for Seller {
    type Error = StoreError;

    fn try_from(row: SellerRow) -> Result<Self, StoreError> {
        let site: u32 = text::number(row.site_id)?;
        Ok(Self {
            id: text::id(&row.seller_id)?,
            name: row.name,
            site: SiteId::try_new(site).map_err(corrupt)?,
            fee_plan: row.fee_plan.map(|plan| text::id(&plan)).transpose()?,
            status: text::id::<SellerStatus>(&row.status)?,
            metadata: text::document(&row.metadata, &row.seller_id)?,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

impl Tx<'_> {
    /// One seller.
    pub fn seller(&mut self, id: &SellerId) -> Result<Option<Seller>, StoreError> {
        let row = sellers::table
            .filter(sellers::seller_id.eq(id.as_str()))
            .select(SellerRow::as_select())
            .get_result(self.connection)
            .optional()?;
        row.map(Seller::try_from).transpose()
    }

    /// Those of these sellers that are registered, by id.
    pub fn sellers(&mut self, ids: &[SellerId]) -> Result<Vec<Seller>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        let wanted: BTreeSet<&str> = ids.iter().map(SellerId::as_str).collect();
        let wanted: Vec<&str> = wanted.into_iter().collect();
        // Four at a time, the last one repeated: a list of any length would be prepared anew for every cart.
        for four in wanted.chunks(4) {
            let mut names = four
                .iter()
                .copied()
                .chain(std::iter::repeat(four.last().copied().unwrap_or_default()));
            let mut is_next = || sellers::seller_id.eq(names.next().unwrap_or_default());
            let rows = sellers::table
                .filter(is_next().or(is_next()).or(is_next()).or(is_next()))
                .order(sellers::seller_id)
                .select(SellerRow::as_select())
                .load(self.connection)?;
            found.extend(rows);
        }
        found.into_iter().map(Seller::try_from).collect()
    }

    /// Sellers by id; `after` continues.
    pub fn list_sellers(&mut self, after: Option<&SellerId>, limit: usize) -> Result<Vec<Seller>, StoreError> {
        let rows = sellers::table
            .filter(sellers::seller_id.gt(after.map_or("", SellerId::as_str)))
            .order(sellers::seller_id)
            .limit(text::limit(limit))
            .select(SellerRow::as_select())
            .load(self.connection)?;
        rows.into_iter().map(Seller::try_from).collect()
    }

    /// Registers a seller, or changes it; when it was first registered stays as it was.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: somebody else wrote at the same moment.
    pub fn put_seller(&mut self, seller: &Seller) -> Result<PutSeller, StoreError> {
        let site = i64::from(seller.site.get());
        let of_site = sellers::table
            .filter(sellers::site_id.eq(site))
            .filter(sellers::seller_id.ne(seller.id.as_str()));
        let others: i64 = of_site.count().get_result(self.connection)?;
        if others > 0 {
            return Ok(PutSeller::SiteTaken);
        }
        let known = self.seller(&seller.id)?;
        let row = SellerRow {
            seller_id: seller.id.to_string(),
            name: seller.name.clone(),
            site_id: site,
            fee_plan: seller.fee_plan.as_ref().map(ToString::to_string),
            status: seller.status.as_str().to_owned(),
            metadata: text::json(&seller.metadata)?,
            created_at: known
                .as_ref()
                .map_or(seller.created_at, |known| known.created_at)
                .micros(),
            updated_at: seller.updated_at.micros(),
        };
        if known.is_none() {
            diesel::insert_into(sellers::table)
                .values(&row)
                .execute(self.connection)?;
            return Ok(PutSeller::Created);
        }
        let one = sellers::table.filter(sellers::seller_id.eq(seller.id.as_str()));
        diesel::update(one).set(&row).execute(self.connection)?;
        Ok(PutSeller::Updated)
    }
}
