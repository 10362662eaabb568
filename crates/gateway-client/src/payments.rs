//! Creating payments, cancelling them, and asking about them.

use domain::ids::{GatewayId, Reference};
use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::planted::{Defect, planted};
use domain::sight::{GatewayRef, Host, Sight};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

use crate::answer::{self, Answer, Asked};
use crate::card::CardSecret;
use crate::client::{Call, Client, Outgoing, written};
use crate::error::GatewayError;
use crate::sight::Shown;
use crate::{request, wire};

/// How many payments under one reference are looked at. Two are already a discrepancy.
const LOOKED_AT_MAX: usize = 5;

/// The gateway's answer to "what do you have under this reference?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUp {
    /// What carries the reference, each asked for in full.
    pub sights: Vec<Sight>,
    /// Whether every item that the gateway listed carries the reference, so that the list was about nothing else.
    pub is_filtered: bool,
}

/// What the list is read for; its items carry "only a limited amount of details", so each is then asked for by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Item {
    #[serde(rename = "ID")]
    id: Option<wire::Id>,
    #[serde(rename = "MerchantTransactionID")]
    reference: Option<wire::Scalar>,
}

impl LookUp {
    /// An empty list proves absence only if the gateway did filter; one that lists others' payments may hide ours.
    #[must_use]
    pub fn proves_absence(&self) -> bool {
        (self.is_filtered || planted(Defect::ForeignListProvesAbsence)) && self.sights.is_empty()
    }
}

impl Client {
    /// `POST /v1/payments`: asks for the payment, under the operation's reference and `RequestId`.
    ///
    /// A payment that the gateway recorded and failed at once is an answer like any other, not an error. The card is the
    /// kept one that pays, at the card host.
    pub async fn create(
        &self,
        host: Host,
        payment: &Payment,
        operation: &Operation,
        card: Option<&CardSecret>,
        not_after: Instant,
    ) -> Result<Shown, GatewayError> {
        let payment = request::create(host, payment, operation, card).map_err(GatewayError::not_sent)?;
        let path = ["v1", "payments"];
        let outgoing = Outgoing {
            body: written(&wire::PaymentEnvelope { payment })?,
            ..Outgoing::post(host, "/v1/payments", &path, &operation.request_id, not_after)
        };
        let answer = self.send(outgoing).await?;
        let shown = answer::payment(host, Asked::Create, &answer);
        match card {
            Some(card) => card.hidden_in(shown),
            None => shown,
        }
    }

    /// `POST /v1/payments/{id}/cancel`: ends the payment before any money is taken.
    pub async fn cancel(
        &self,
        host: Host,
        payment: &Payment,
        operation: &Operation,
        not_after: Instant,
    ) -> Result<Sight, GatewayError> {
        if operation.work != Work::Cancel {
            return Err(GatewayError::not_sent("the operation is no cancel"));
        }
        let at = request::place(host, payment).map_err(GatewayError::not_sent)?;
        let id = at.id.to_string();
        let path = ["v1", "payments", &id, "cancel"];
        let template = "/v1/payments/{id}/cancel";
        let answer = self
            .send(Outgoing::post(host, template, &path, &operation.request_id, not_after))
            .await?;
        Ok(answer::payment_at(at, Asked::Change, &answer)?.sight)
    }

    /// `GET /v1/payments/{id}`: asks what the gateway knows of one payment. [`GatewayError::Missing`] if nothing.
    pub async fn get(&self, at: GatewayRef, call: Call) -> Result<Shown, GatewayError> {
        let answer = self
            .send(Outgoing {
                host: at.host,
                method: Method::GET,
                template: "/v1/payments/{id}",
                path: &["v1", "payments", &at.id.to_string()],
                query: &[],
                body: None,
                request_id: &call.request_id.to_string(),
                not_after: call.not_after,
            })
            .await?;
        answer::payment_at(at, Asked::ById, &answer)
    }

    /// `GET /v1/payments?merchantTransactionID=…`, then each payment that it names by its id.
    pub async fn look_up(&self, host: Host, reference: &Reference, call: Call) -> Result<LookUp, GatewayError> {
        let answer = self
            .send(Outgoing {
                host,
                method: Method::GET,
                template: "/v1/payments?merchantTransactionID={reference}",
                path: &["v1", "payments"],
                query: &[("merchantTransactionID", reference.as_str())],
                body: None,
                request_id: &call.request_id.to_string(),
                not_after: call.not_after,
            })
            .await?;
        let items = items(host, &answer)?;
        let mut found = LookUp {
            sights: Vec::new(),
            is_filtered: true,
        };
        for (number, item) in (1_u128..).zip(items) {
            let named = item
                .reference
                .map(|named| named.to_string())
                .filter(|named| !named.is_empty());
            if named.is_some_and(|named| named != reference.as_str()) {
                found.is_filtered = false;
                continue;
            }
            if found.sights.len() >= LOOKED_AT_MAX {
                break;
            }
            let id = item
                .id
                .ok_or_else(|| GatewayError::garbled("a listed payment has no id"))?;
            let at = GatewayRef {
                host,
                id: GatewayId::new(id.0),
            };
            // A key may not be reused for another request: each of these calls has its own, next to the caller's.
            let request_id = Uuid::from_u128(call.request_id.as_u128().wrapping_add(number));
            let sight = match self.get(at, Call { request_id, ..call }).await {
                Err(GatewayError::Missing) => return Err(GatewayError::garbled("a listed payment is not there")),
                answer => answer?.sight,
            };
            if sight.reference.as_ref() == Some(reference) {
                found.sights.push(sight);
            } else {
                found.is_filtered = false;
            }
        }
        Ok(found)
    }
}

/// The listed items. Anything but a list is no evidence of anything.
fn items(host: Host, answer: &Answer) -> Result<Vec<Item>, GatewayError> {
    if !answer.is_success() {
        return Err(answer::refused(host, Asked::List, answer));
    }
    let list = serde_json::from_slice::<wire::PaymentList<Item>>(&answer.body);
    let list = list.map_err(|_| GatewayError::garbled("the body is not a list of payments"))?;
    let items = list
        .payments
        .ok_or_else(|| GatewayError::garbled("the list has no payments"))?;
    let counted = list.count.max(list.total_count).unwrap_or_default();
    if list.error.is_some() || items.is_empty() && counted > 0 {
        return Err(GatewayError::garbled("the list contradicts itself"));
    }
    Ok(items)
}
