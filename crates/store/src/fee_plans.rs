//! Fee plans: each version is written once and never changed.

use std::collections::BTreeSet;

use diesel::prelude::*;
use domain::fee_plan::FeePlan;
use domain::ids::FeePlanId;

use crate::error::StoreError;
use crate::schema::fee_plans;
use crate::text;
use crate::tx::Tx;

impl Tx<'_> {
    /// A plan's latest version.
    pub fn latest(&mut self, plan: &FeePlanId) -> Result<Option<FeePlan>, StoreError> {
        let document = fee_plans::table
            .filter(fee_plans::plan_id.eq(plan.as_str()))
            .order(fee_plans::version.desc())
            .limit(1)
            .select(fee_plans::document)
            .load::<String>(self.connection)?;
        document
            .first()
            .map(|document| text::document(document, plan.as_str()))
            .transpose()
    }

    /// One version of a plan.
    pub fn version(&mut self, plan: &FeePlanId, version: u32) -> Result<Option<FeePlan>, StoreError> {
        let number = i64::from(version);
        let document = fee_plans::table
            .filter(fee_plans::plan_id.eq(plan.as_str()))
            .filter(fee_plans::version.eq(number))
            .select(fee_plans::document)
            .get_result::<String>(self.connection)
            .optional()?;
        document
            .map(|document| text::document(&document, plan.as_str()))
            .transpose()
    }

    /// The latest versions of those of these plans that there are, by id.
    pub fn latest_many(&mut self, plans: &[FeePlanId]) -> Result<Vec<FeePlan>, StoreError> {
        let mut found = Vec::with_capacity(plans.len());
        for plan in plans.iter().collect::<BTreeSet<_>>() {
            found.extend(self.latest(plan)?);
        }
        Ok(found)
    }

    /// Writes a new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: there is such a version already.
    pub fn put_fee_plan(&mut self, plan: &FeePlan) -> Result<(), StoreError> {
        let version = i64::from(plan.version);
        let row = (
            fee_plans::plan_id.eq(plan.id.as_str()),
            fee_plans::version.eq(version),
            fee_plans::document.eq(text::json(plan)?),
        );
        diesel::insert_into(fee_plans::table)
            .values(row)
            .execute(self.connection)?;
        Ok(())
    }
}
