//! From a storefront's request to a payment at the gateway.

mod draft;
mod terms;

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::allocation::{Allocation, allocate};
use domain::cart::{Cart, CartDraft};
use domain::command::Command;
use domain::fault::{Fault, Faults};
use domain::sale::Sale;
use domain::time::Timestamp;

pub use draft::{AddressDraft, CODES, CardDraft, CustomerDraft, NewPayment};
pub(crate) use terms::TermsCache;

use crate::caller::Caller;
use crate::desk::{Desk, Engine, Outcome, Submission};
use crate::error::Error;
use crate::identity;
use crate::settings::Settings;
use crate::views::PaymentView;

/// A cart, divided.
pub(crate) struct Divided {
    pub cart: Cart,
    pub allocation: Allocation,
    pub fee_plans: Vec<String>,
    pub digest: String,
}

impl Engine {
    /// Creates a payment: divides the cart, asks the gateway, and answers what is known.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Refused`] before anything was written or sent; [`Error::RefusedByGateway`] when
    /// the payment exists as failed; [`Error::Unavailable`] when nothing was sent, or when an answer could not be kept.
    pub async fn checkout(
        &self,
        caller: &Caller,
        submission: Submission,
        request: NewPayment,
    ) -> Result<Outcome<PaymentView>, Error> {
        let desk = &self.desk;
        // A card that is unknown is told after everything that is wrong with the request itself.
        let card = desk.card_to_pay_with(caller, &request).await;
        let sale = desk.sale(caller, request).await.map_err(Error::of_command)?;
        let card = card.map_err(Error::of_command)?;
        let command = Command::Authorize(Arc::new(sale));
        let performed = self.perform(caller, submission, None, command, card).await?;
        performed.accepted()?;
        Ok(performed.outcome(PaymentView::of(&performed.payment, caller)))
    }
}

/// Everything but the cart that is wrong with a request.
pub(crate) fn faults(request: &NewPayment, settings: &Settings, now: Timestamp) -> Faults {
    draft::check(request, settings, now).1
}

impl Desk {
    /// Everything that is fixed about a payment, or everything that is wrong with the request, at once.
    async fn sale(&self, caller: &Caller, request: NewPayment) -> Result<Sale, Error> {
        let (checked, mut faults) = draft::check(&request, &self.settings, self.clock.now());
        let divided = match self.divide(request.cart).await {
            Ok(divided) => Some(divided),
            Err(Error::Invalid(more)) => {
                faults.extend(more);
                None
            }
            Err(other) => return Err(other),
        };
        let (Some(checked), Some(divided), true) = (checked, divided, faults.is_empty()) else {
            return Err(Error::Invalid(faults));
        };
        if request.quote_digest.is_some_and(|pinned| pinned != divided.digest) {
            let detail = "the same cart would now be divided otherwise; ask for a new quote, show it, and pin that one";
            return Err(Error::fault("/quote_digest", "quote_changed", detail));
        }
        Ok(Sale {
            live: caller.live,
            originator: identity::originator(&checked.order)?,
            order: checked.order,
            cart: divided.cart,
            allocation: divided.allocation,
            fee_plans: divided.fee_plans,
            method: checked.method,
            steps: checked.steps,
            capture: checked.capture,
            authorization_days: checked.authorization_days,
            capture_by: checked.capture_by,
            capture_unanswered: request.capture_unanswered,
            split: request.split,
            save_card: request.save_card,
            card: request.card.map(|card| card.id),
            return_url: request.return_url,
            description: request.description,
            statement_descriptor: request.statement_descriptor,
            customer: checked.customer,
            billing_address: checked.billing_address,
            language: request.language,
            token_lifetime_minutes: checked.token_lifetime_minutes,
            allow_another: request.allow_another,
            metadata: request.metadata,
        })
    }

    /// Checks a cart and divides it under today's terms. Faults point into `/cart`.
    pub(crate) async fn divide(&self, draft: CartDraft) -> Result<Divided, Error> {
        let within = |faults: Faults| Error::Invalid(faults.into_iter().map(|fault| fault.under("/cart")).collect());
        let cart = Cart::try_new(draft).map_err(within)?;
        cart.require_enabled(&self.settings.confirmed_currencies)
            .map_err(|fault| within(vec![fault]))?;
        let (terms, fee_plans) = self.terms(&cart).await?;
        let allocation = allocate(&cart, &terms).map_err(within)?;
        let sites: BTreeSet<_> = allocation.parties().iter().map(|share| share.site).collect();
        if sites.len() != allocation.parties().len() {
            let detail = "two of the parties have one gateway site; give each seller its own";
            return Err(Error::Invalid(vec![Fault::new("/cart", "site_taken", detail)]));
        }
        let digest = identity::digest(allocation.canonical().as_bytes());
        Ok(Divided {
            cart,
            allocation,
            fee_plans,
            digest,
        })
    }
}
