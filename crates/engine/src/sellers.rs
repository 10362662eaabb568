//! Who is owed: registering sellers and looking them up.

use std::collections::BTreeMap;

use domain::ids::SellerId;
use domain::seller::{Seller, SellerDraft};
use serde::Serialize;
use store::{PutSeller, StoreError};
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::desk::Engine;
use crate::error::Error;
use crate::views::Page;

/// The codes that registering a seller uses besides those of the rulebook, each with its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("seller_id_invalid", "What names a seller is not such a name."),
    ("fee_plan_unknown", "The fee plan that a seller names does not exist."),
];

/// A seller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SellerView {
    /// The marketplace's name for it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The gateway account that receives for it, and for nobody else.
    pub site_id: u32,
    /// The rules of its commission; null: the configured plan.
    pub fee_plan: Option<String>,
    /// `active` or `suspended`.
    pub status: String,
    /// The caller's own keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When it was first registered.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl Engine {
    /// Registers a seller, or changes it. `true`: it is new. Payments keep the site and the plan they were sold under.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the draft; [`Error::Conflict`] `site_taken`.
    pub async fn put_seller(&self, caller: &Caller, id: &str, draft: SellerDraft) -> Result<(SellerView, bool), Error> {
        let id: SellerId = id
            .parse()
            .map_err(|error: domain::ids::IdError| Error::fault("", "seller_id_invalid", error.to_string()))?;
        let now = self.desk.clock.now();
        let seller = Seller::try_new(id, draft, now, now).map_err(Error::Invalid)?;
        let taken = |site| {
            let detail = format!("site {site} is another party's; money sent to a shared site could not be told apart");
            Err(Error::Conflict {
                code: "site_taken",
                detail,
            })
        };
        if seller.site == self.desk.settings.commission_site {
            return taken(seller.site);
        }
        let (site, plan) = (seller.site, seller.fee_plan.clone());
        // `None`: the fee plan does not exist.
        let put = move |tx: &mut store::Tx<'_>| -> Result<Option<(Seller, PutSeller)>, StoreError> {
            let mut seller = seller;
            if let Some(plan) = &seller.fee_plan
                && tx.latest(plan)?.is_none()
            {
                return Ok(None);
            }
            if let Some(known) = tx.seller(&seller.id)? {
                seller.created_at = known.created_at;
            }
            let put = tx.put_seller(&seller)?;
            Ok(Some((seller, put)))
        };
        let put = self.desk.store.write(put).await;
        // Also where the write's outcome is unknown: to look again costs one read.
        self.desk.terms.forget();
        match put? {
            Some((_, PutSeller::SiteTaken)) => taken(site),
            Some((seller, put)) => {
                let created = put == PutSeller::Created;
                tracing::info!(seller = %seller.id, by = %caller.principal, created, "a seller was registered");
                Ok((SellerView::from(seller), created))
            }
            None => {
                let plan = plan.map(|plan| plan.to_string()).unwrap_or_default();
                let detail = format!("a fee plan that exists; put {plan} first");
                Err(Error::fault("/fee_plan", "fee_plan_unknown", detail))
            }
        }
    }

    /// One seller; a seller's own key sees its own.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a seller that the caller may not see.
    pub async fn seller(&self, caller: &Caller, id: SellerId) -> Result<SellerView, Error> {
        caller.may_see_seller(&id)?;
        let found = self.desk.store.read(move |tx| tx.seller(&id)).await?;
        found.map(SellerView::from).ok_or(Error::NotFound)
    }

    /// Sellers by name, those behind `after`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub async fn sellers(&self, after: Option<SellerId>, limit: usize) -> Result<Page<SellerView>, Error> {
        let sellers = self
            .desk
            .store
            .read(move |tx| tx.list_sellers(after.as_ref(), limit.saturating_add(1)))
            .await?;
        let views = sellers.into_iter().map(SellerView::from).collect();
        Ok(Page::cut(views, limit, |view: &SellerView| view.id.clone()))
    }
}

impl From<Seller> for SellerView {
    fn from(seller: Seller) -> Self {
        Self {
            id: seller.id.to_string(),
            name: seller.name,
            site_id: seller.site.get(),
            fee_plan: seller.fee_plan.map(|plan| plan.to_string()),
            status: seller.status.to_string(),
            metadata: seller.metadata,
            created_at: seller.created_at.to_string(),
            updated_at: seller.updated_at.to_string(),
        }
    }
}
