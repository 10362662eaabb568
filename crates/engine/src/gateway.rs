//! The one trait between the desk and the wire, and the wire's answer to it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::finding::{GatewayRefusal, What};
use domain::ids::Reference;
use domain::operation::{Operation, OperationKind};
use domain::payment::Payment;
use domain::sight::{GatewayRef, Host, Sight};
use gateway_client::{Call, Client, GatewayError, Refusal};
use tokio::time::Instant;

use crate::clock::Ids;

/// What we want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// How a payment of the gateway stands.
    Payment(GatewayRef),
    /// Which payments the gateway has under a reference of ours.
    Reference(Host, Reference),
}

/// The gateway, as the desk knows it: it carries out operations and answers questions. Neither can fail: whatever
/// happens on the wire is something learned.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Makes one attempt of an operation, unless `not_after` has passed.
    async fn execute(&self, payment: &Payment, operation: &Operation, not_after: Instant) -> What;

    /// Asks.
    async fn inquire(&self, question: &Question) -> What;
}

/// The wire as the desk sees it.
pub struct Wire {
    client: Client,
    ids: Arc<dyn Ids>,
    patience: Duration,
}

impl Wire {
    /// A gateway behind this client; `patience` bounds how long a question may wait for its turn.
    pub fn new(client: Client, ids: Arc<dyn Ids>, patience: Duration) -> Self {
        Self { client, ids, patience }
    }

    /// Each question is a request of its own.
    fn call(&self) -> Call {
        let not_after = Instant::now().checked_add(self.patience).unwrap_or_else(Instant::now);
        Call {
            request_id: uuid::Uuid::from_u128(self.ids.random()),
            not_after,
        }
    }
}

#[async_trait]
impl Gateway for Wire {
    async fn execute(&self, payment: &Payment, operation: &Operation, not_after: Instant) -> What {
        let answer = match operation.kind {
            OperationKind::Authorize => self.client.create(Host::Pay, payment, operation, not_after).await,
        };
        answer.map_or_else(learned, |sight| What::Shown(Box::new(sight)))
    }

    async fn inquire(&self, question: &Question) -> What {
        match question {
            Question::Payment(at) => self
                .client
                .get(*at, self.call())
                .await
                .map_or_else(learned, |sight| What::Shown(Box::new(sight))),
            Question::Reference(host, reference) => match self.client.look_up(*host, reference, self.call()).await {
                Ok(found) if found.proves_absence() => What::Absent,
                Ok(found) => shown(found.sights),
                Err(error) => learned(error),
            },
        }
    }
}

fn shown(mut sights: Vec<Sight>) -> What {
    match (sights.pop(), sights.is_empty()) {
        (Some(only), true) => What::Shown(Box::new(only)),
        (Some(last), false) => {
            sights.push(last);
            What::ShownMany(sights)
        }
        (None, _) => What::Unknown("the look-up returned payments of others, so it proves nothing".to_owned()),
    }
}

/// What a failure teaches; the wire has classified it by what may be concluded.
fn learned(error: GatewayError) -> What {
    match error {
        GatewayError::NotSent { why } => What::NotSent(why),
        GatewayError::Refused(refusal) => {
            if refusal.credentials {
                tracing::error!(
                    status = refusal.http_status,
                    "the gateway refuses our credentials; every call will fail"
                );
            }
            What::Refused(gateway_refusal(refusal))
        }
        GatewayError::AlreadyThere(refusal) => What::AlreadyThere(gateway_refusal(refusal)),
        // The gateway named this payment once: that it does not find it now proves nothing.
        GatewayError::Missing => What::Unknown("the gateway says it does not have this payment".to_owned()),
        GatewayError::Unknown { why } | GatewayError::Garbled { why } => What::Unknown(why),
    }
}

fn gateway_refusal(refusal: Refusal) -> GatewayRefusal {
    GatewayRefusal {
        http_status: refusal.http_status,
        reasons: refusal.reasons,
    }
}
