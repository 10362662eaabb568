//! What a payment would be, without one.

use domain::cart::CartDraft;

use crate::desk::Engine;
use crate::error::Error;
use crate::views::{AllocationView, PlannedSplitView, QuoteView};

impl Engine {
    /// Divides a cart. Nothing is written, nothing is sent.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with the cart.
    pub async fn quote(&self, cart: CartDraft) -> Result<QuoteView, Error> {
        let divided = self.desk.divide(cart).await?;
        let allocation = &divided.allocation;
        Ok(QuoteView {
            amount: allocation.total().get(),
            currency: allocation.currency().code().to_owned(),
            allocation: AllocationView::from(allocation),
            splits: allocation.splits().into_iter().map(PlannedSplitView::from).collect(),
            digest: divided.digest,
            warnings: Vec::new(),
        })
    }
}
