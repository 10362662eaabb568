//! Asking the gateway about a payment, and settling what it says.

use domain::finding::{Door, Finding};
use domain::ids::PaymentId;
use domain::notification::Notification;
use domain::payment::Payment;
use domain::sight::{GatewayRef, Host};

use crate::desk::Desk;
use crate::error::Error;
use crate::gateway::Question;
use crate::perform::CONFLICTS_MAX;
use crate::settle::Settled;

impl Desk {
    /// Asks about a payment until the answer belongs to the version it was asked at.
    pub(crate) async fn ask(&self, id: PaymentId, bell: Option<&Notification>) -> Result<Payment, Error> {
        for _ in 0..CONFLICTS_MAX {
            let payment = self.payment(id).await?;
            let question = question(&payment, bell.and_then(|bell| bell.about))?;
            let what = self.gateway.inquire(&question).await;
            let finding = Finding {
                door: Door::Question {
                    version: payment.version,
                },
                what,
            };
            if let Settled::Payment(payment) = self.settle(payment, &finding, bell.cloned()).await? {
                return Ok(*payment);
            }
        }
        Err(Error::Contended)
    }
}

/// What to ask: about the gateway's id once one is known, else about our reference.
fn question(payment: &Payment, rung: Option<GatewayRef>) -> Result<Question, Error> {
    let known = payment.seen.as_ref().map(|seen| seen.at);
    match (known, payment.authorize()) {
        // A bell about another id than ours: ask about that one, so that a second payment comes to light.
        (Some(known), _) => Ok(Question::Payment(rung.unwrap_or(known))),
        (None, Some(create)) => Ok(Question::Reference(Host::Pay, create.reference.clone())),
        (None, None) => Err(Error::Internal(format!(
            "{} was never asked of the gateway",
            payment.id
        ))),
    }
}
