//! What is known of the database itself, such as whose it is.

use diesel::prelude::*;

use crate::error::StoreError;
use crate::schema::meta;
use crate::tx::Tx;

impl Tx<'_> {
    /// What is known under this name.
    pub fn meta(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(meta::table
            .filter(meta::name.eq(name))
            .select(meta::value)
            .get_result(self.connection)
            .optional()?)
    }

    /// Writes it down unless something is known under this name; answers what is known now.
    pub fn set_meta_once(&mut self, name: &str, value: &str) -> Result<String, StoreError> {
        if let Some(known) = self.meta(name)? {
            return Ok(known);
        }
        diesel::insert_into(meta::table)
            .values((meta::name.eq(name), meta::value.eq(value)))
            .execute(self.connection)?;
        Ok(value.to_owned())
    }
}
