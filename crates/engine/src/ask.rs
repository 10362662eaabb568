//! Asking the gateway about a payment, and settling what it says.

use std::sync::Arc;

use domain::discrepancy::DiscrepancyKind;
use domain::finding::{Door, Finding};
use domain::ids::PaymentId;
use domain::notification::{Notification, NotificationKind};
use domain::payment::Payment;
use domain::sight::GatewayRef;

use crate::desk::Desk;
use crate::error::Error;
use crate::gateway::Question;
use crate::perform::CONFLICTS_MAX;
use crate::settle::Settled;

impl Desk {
    /// Asks about a payment until the answer belongs to the version it was asked at.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        id: PaymentId,
        bell: Option<&Notification>,
    ) -> Result<Arc<Payment>, Error> {
        for _ in 0..CONFLICTS_MAX {
            let payment = self.payment(id).await?;
            let question = question(&payment, bell)?;
            let told = self.gateway.inquire(&question).await;
            let finding = Finding {
                door: Door::Question {
                    version: payment.version,
                },
                what: told.what,
            };
            let settled = self.settle(payment, &finding, told.card, bell.cloned()).await?;
            if let Settled::Payment(payment) = settled {
                return Ok(self.follow(payment).await);
            }
        }
        Err(Error::Contended)
    }
}

/// What to ask: about the gateway's id once one is known, else about our reference.
fn question(payment: &Payment, bell: Option<&Notification>) -> Result<Question, Error> {
    let known = payment.seen.as_ref().map(|seen| seen.at);
    let refund = bell.is_some_and(|bell| bell.kind == NotificationKind::Refund);
    // A refund's bell does not tell the host, so the same number there is no other payment.
    let same = |rung: GatewayRef| refund && known.is_some_and(|known| known.id == rung.id);
    let rung = bell.and_then(|bell| bell.about).filter(|rung| !same(*rung));
    let refunds = payment.asks_for_refunds() || refund;
    // Whether the gateway has another one under our reference is what is to be resolved.
    let twice = payment.resolving() == Some(DiscrepancyKind::DuplicateAtGateway);
    let known = known.filter(|_| !twice);
    match (known, payment.authorize()) {
        // A bell about another id than ours: ask about that one, so that a second payment comes to light.
        (Some(known), _) => Ok(Question::Payment {
            at: rung.unwrap_or(known),
            refunds,
        }),
        // The id that a bell names, and whose answer named our reference: a list that shows too much cannot hide it.
        (None, Some(_)) if let Some(at) = rung => Ok(Question::Payment { at, refunds }),
        (None, Some(create)) => Ok(Question::Reference(payment.sale.host(), create.reference.clone())),
        (None, None) => Err(Error::Internal(format!(
            "{} was never asked of the gateway",
            payment.id
        ))),
    }
}
