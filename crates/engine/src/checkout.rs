//! From a storefront's request to a payment at the gateway.

mod draft;
mod terms;

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::allocation::{Allocation, allocate};
use domain::cart::{Cart, CartDraft};
use domain::fault::{Fault, Faults};
use domain::ids::OperationId;
use domain::operation::{Asked, Command, OperationState};
use domain::payment::{Charged, Phase};
use domain::sale::Sale;

pub use draft::{AddressDraft, CODES, CustomerDraft, NewPayment};
pub(crate) use terms::TermsCache;

use crate::caller::Caller;
use crate::desk::{Desk, Engine, Outcome, Submission};
use crate::error::Error;
use crate::identity;
use crate::perform::Performed;
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
        let sale = desk.sale(caller, request).await?;
        let command = Command::Authorize(Arc::new(sale));
        let Submission { key, fingerprint } = submission;
        let asked = Asked {
            principal: caller.principal.clone(),
            key,
            part: 0,
            fingerprint,
        };
        // On a task of its own: a browser that hangs up cancels nothing.
        let desk = Arc::clone(desk);
        let performed = tokio::spawn(async move { desk.perform(&command, None, asked).await }).await;
        let performed = performed.map_err(|error| Error::Internal(format!("a command ended early: {error}")))??;
        outcome(&performed, caller)
    }
}

/// What the caller is told of a command that was carried out.
fn outcome(performed: &Performed, caller: &Caller) -> Result<Outcome<PaymentView>, Error> {
    let Performed {
        payment,
        operation: number,
        replayed,
    } = performed;
    let state = payment.operation(*number).map(|operation| operation.state);
    if !replayed {
        if state == Some(OperationState::NotSent) {
            return Err(Error::Unavailable {
                what: "gateway",
                charged: Charged::No,
                payment: Some(payment.id),
            });
        }
        if payment.phase == Phase::Failed {
            let told = payment
                .operation(*number)
                .and_then(|operation| operation.refusal.clone());
            let shown = payment.seen.as_ref().map(|seen| domain::finding::GatewayRefusal {
                http_status: 201,
                reasons: seen.status.reasons.clone(),
            });
            let refusal = told
                .or(shown)
                .ok_or_else(|| Error::Internal("failed without a refusal".to_owned()))?;
            let operation = OperationId::new(payment.id, *number);
            return Err(Error::RefusedByGateway {
                payment: payment.id,
                operation,
                refusal,
            });
        }
    }
    let settled = state.is_some_and(OperationState::is_settled);
    Ok(Outcome {
        view: PaymentView::of(payment, caller),
        replayed: *replayed,
        settled,
    })
}

impl Desk {
    /// Everything that is fixed about a payment, or everything that is wrong with the request, at once.
    async fn sale(&self, caller: &Caller, request: NewPayment) -> Result<Sale, Error> {
        let (checked, mut faults) = draft::check(&request, &self.settings);
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
