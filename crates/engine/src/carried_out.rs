//! A command, carried out for a caller: on a task of its own, and what the caller is told of it.

use std::sync::Arc;

use domain::command::Command;
use domain::finding::GatewayRefusal;
use domain::ids::{OperationId, PaymentId, SellerId};
use domain::operation::{Asked, Operation, OperationKind, OperationState};
use domain::payment::{Charged, Payment, Phase};
use gateway_client::CardSecret;

use crate::caller::Caller;
use crate::desk::{Engine, Outcome, Submission};
use crate::error::Error;
use crate::perform::Performed;

impl Engine {
    /// Carries out a command under the caller's key.
    pub(crate) async fn perform(
        &self,
        caller: &Caller,
        submission: Submission,
        target: Option<PaymentId>,
        command: Command,
        card: Option<CardSecret>,
    ) -> Result<Performed, Error> {
        let asked = Asked {
            principal: caller.principal.clone(),
            key: submission.key,
            part: 0,
            fingerprint: submission.fingerprint,
        };
        // On a task of its own: a browser that hangs up cancels nothing.
        let desk = Arc::clone(&self.desk);
        let performed = tokio::spawn(async move { desk.perform(&command, target, asked, card).await }).await;
        let performed = performed.map_err(|error| Error::Internal(format!("a command ended early: {error}")))?;
        performed.map_err(Error::of_command)
    }

    /// The payment, if the caller may see it; what it may not see does not exist.
    pub(crate) async fn visible(&self, caller: &Caller, id: PaymentId) -> Result<Arc<Payment>, Error> {
        let payment = self.desk.payment(id).await?;
        let concerns = |seller: &SellerId| concerns(&payment, seller);
        if payment.sale.live != caller.live || !caller.seller().is_none_or(concerns) {
            return Err(Error::NotFound);
        }
        Ok(payment)
    }
}

/// Whether a seller has a part in a payment.
pub(crate) fn concerns(payment: &Payment, seller: &SellerId) -> bool {
    let sold = payment.sale.cart.lines().iter().any(|line| line.seller() == seller);
    sold || payment.splits.iter().any(|split| split.party.seller() == Some(seller))
}

impl Performed {
    /// The operation that was asked for; of a refund with several parts the first.
    fn operation(&self) -> Option<&Operation> {
        self.payment.operation(self.operation)
    }

    /// What the caller is told instead of a view: that nothing left, or that the gateway refused. A repeat is told what
    /// is known.
    pub(crate) fn accepted(&self) -> Result<(), Error> {
        let Some(operation) = self.operation().filter(|_| !self.replayed) else {
            return Ok(());
        };
        let alone = self.parts().count() == 1;
        let refused = match (operation.kind(), operation.state) {
            (_, OperationState::NotSent) if alone => {
                return Err(Error::Unavailable {
                    what: "gateway",
                    charged: Charged::No,
                    payment: Some(self.payment.id),
                });
            }
            (OperationKind::Authorize, _) => self.payment.phase == Phase::Failed,
            (_, state) => state == OperationState::Refused && alone,
        };
        if refused {
            return Err(Error::RefusedByGateway {
                kind: operation.kind(),
                payment: self.payment.id,
                operation: OperationId::new(self.payment.id, operation.number),
                refusal: self.refusal(operation),
            });
        }
        Ok(())
    }

    /// This view, with what is known of the operation.
    pub(crate) fn outcome<T>(&self, view: T) -> Outcome<T> {
        let open = self.parts().any(|one| !one.state.is_settled());
        Outcome {
            view,
            replayed: self.replayed,
            settled: !open,
        }
    }

    /// All operations under the key.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Operation> {
        self.payment.under_one_key(self.operation)
    }

    fn refusal(&self, operation: &Operation) -> GatewayRefusal {
        let shown = self.payment.seen.as_ref().map(|seen| seen.status.reasons.clone());
        operation.refusal.clone().unwrap_or_else(|| GatewayRefusal {
            http_status: 200,
            reasons: shown.unwrap_or_default(),
        })
    }
}
