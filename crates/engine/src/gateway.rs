//! The one trait between the desk and the wire, and the wire's answer to it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::finding::{GatewayRefusal, What};
use domain::ids::Reference;
use domain::operation::{Operation, OperationKind};
use domain::payment::Payment;
use domain::sight::{GatewayRef, Host, Sight};
use gateway_client::{Call, CardSecret, Client, GatewayError, KeptCard, ListedPage, Refusal, Shown};
use secrecy::SecretString;
use tokio::time::Instant;

use crate::clock::Ids;
use crate::reconcile::Period;

/// What we want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// How a payment of the gateway stands.
    Payment {
        /// Which.
        at: GatewayRef,
        /// Whether to ask for its refunds, too.
        refunds: bool,
    },
    /// Which payments the gateway has under a reference of ours.
    Reference(Host, Reference),
}

/// What the gateway told: what we learned of the payment, and a card that it kept for us.
#[derive(Debug)]
pub struct Told {
    /// What was learned.
    pub what: What,
    /// A card whose token came with it: it goes to the vault, sealed, and nowhere else.
    pub card: Option<KeptCard>,
}

/// The gateway, as the desk knows it: it carries out operations and answers questions. Neither can fail: whatever
/// happens on the wire is something learned.
#[async_trait]
pub trait Gateway: Send + Sync {
    /// Makes one attempt of an operation, unless `not_after` has passed. `card` lives for this one call.
    async fn execute(
        &self,
        payment: &Payment,
        operation: &Operation,
        card: Option<&CardSecret>,
        not_after: Instant,
    ) -> Told;

    /// Asks.
    async fn inquire(&self, question: &Question) -> Told;

    /// One page of the gateway's own list of the payments of one host that were made in a period, from this place on;
    /// why not, where it cannot be read.
    async fn list(&self, host: Host, period: Period, place: u32) -> Result<ListedPage, String>;

    /// Has a kept card's token cancelled. `false` where that is not known to have happened.
    async fn forget(&self, token: &SecretString) -> bool;
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

    async fn ask_payment(&self, at: GatewayRef, refunds: bool) -> Told {
        let mut shown = match self.client.get(at, self.call()).await {
            Ok(shown) => shown,
            Err(error) => return learned(error).into(),
        };
        if refunds {
            // Without the list the payment is learned all the same, and the refunds are asked for again.
            match self.client.refunds(at, self.call()).await {
                Ok(list) => shown.sight.refunds = Some(list),
                Err(error) => tracing::debug!(%error, "the refunds of a payment could not be read"),
            }
        }
        shown.into()
    }
}

#[async_trait]
impl Gateway for Wire {
    async fn execute(
        &self,
        payment: &Payment,
        operation: &Operation,
        card: Option<&CardSecret>,
        not_after: Instant,
    ) -> Told {
        let host = payment.sale.host();
        let client = &self.client;
        let sight = |sight: Sight| What::Shown(Box::new(sight));
        let what = match operation.kind() {
            OperationKind::Authorize => {
                let answer = client.create(host, payment, operation, card, not_after).await;
                return answer.map_or_else(|error| learned(error).into(), Told::from);
            }
            OperationKind::Capture => client.capture(host, payment, operation, not_after).await.map(sight),
            OperationKind::Cancel => client.cancel(host, payment, operation, not_after).await.map(sight),
            OperationKind::AddSplits => client
                .add_splits(host, payment, operation, not_after)
                .await
                .map(What::Added),
            OperationKind::Refund => {
                let answer = client.refund(host, payment, operation, not_after).await;
                answer.map(|refund| What::Refund(Box::new(refund)))
            }
            OperationKind::Ready
            | OperationKind::Abandon
            | OperationKind::Resolve
            | OperationKind::Resend
            | OperationKind::GiveUp => Ok(What::NotSent("nothing is asked of the gateway".to_owned())),
        };
        what.unwrap_or_else(learned).into()
    }

    async fn inquire(&self, question: &Question) -> Told {
        match question {
            Question::Payment { at, refunds } => self.ask_payment(*at, *refunds).await,
            Question::Reference(host, reference) => match self.client.look_up(*host, reference, self.call()).await {
                Ok(found) if found.proves_absence() => What::Absent.into(),
                Ok(found) => match (host, found.sights.as_slice()) {
                    // Asked for by its number, a payment of the card host also shows the card that it kept.
                    (Host::Cards, [only]) => self.ask_payment(only.at, false).await,
                    _ => shown(found.sights).into(),
                },
                Err(error) => learned(error).into(),
            },
        }
    }

    async fn list(&self, host: Host, period: Period, place: u32) -> Result<ListedPage, String> {
        let Period { from, to } = period;
        let listed = self.client.list(host, from, to, place, self.call()).await;
        listed.map_err(|error| error.to_string())
    }

    async fn forget(&self, token: &SecretString) -> bool {
        let forgotten = self.client.forget_card(token, self.call()).await;
        forgotten
            .inspect_err(|error| tracing::warn!(%error, "a card's token was not cancelled at the gateway"))
            .is_ok()
    }
}

impl From<What> for Told {
    fn from(what: What) -> Self {
        Self { what, card: None }
    }
}

impl From<Shown> for Told {
    fn from(shown: Shown) -> Self {
        Self {
            what: What::Shown(Box::new(shown.sight)),
            card: shown.card,
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
