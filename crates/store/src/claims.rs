//! Names that only one payment may hold.

use diesel::prelude::*;
use domain::ids::PaymentId;
use domain::payment::Claim;

use crate::error::StoreError;
use crate::row::row;
use crate::schema::claims;
use crate::text;
use crate::tx::Tx;

row! {
    /// A name that only one payment may hold.
    ClaimRow, ClaimArrays of claims {
        key { name: String }
        once { payment_id: String }
        changes {}
    }
}

impl Tx<'_> {
    /// Who holds this name.
    pub fn claim(&mut self, claim: &Claim) -> Result<Option<PaymentId>, StoreError> {
        let holder = claims::table
            .filter(claims::name.eq(claim.to_string()))
            .select(claims::payment_id)
            .get_result::<String>(self.connection)
            .optional()?;
        holder.map(|id| text::id(&id)).transpose()
    }
}
