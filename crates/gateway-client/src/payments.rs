//! Creating payments and asking about them.

use domain::ids::{GatewayId, Reference};
use domain::operation::Operation;
use domain::payment::Payment;
use domain::sight::{GatewayRef, Host, Sight};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

use crate::answer::{self, Answer, Asked};
use crate::client::{Call, Client, Outgoing};
use crate::error::GatewayError;
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
        self.is_filtered && self.sights.is_empty()
    }
}

impl Client {
    /// `POST /v1/payments`: asks for the payment, under the operation's reference and `RequestId`.
    ///
    /// A payment that the gateway recorded and failed at once is an answer like any other, not an error.
    pub async fn create(
        &self,
        host: Host,
        payment: &Payment,
        operation: &Operation,
        not_after: Instant,
    ) -> Result<Sight, GatewayError> {
        let payment = request::create(host, payment, operation).map_err(GatewayError::not_sent)?;
        let body = serde_json::to_vec(&wire::PaymentEnvelope { payment });
        let body = body.map_err(|_| GatewayError::not_sent("the request cannot be written"))?;
        let answer = self
            .send(Outgoing {
                host,
                method: Method::POST,
                template: "/v1/payments",
                path: &["v1", "payments"],
                query: &[],
                body: Some(body),
                request_id: &operation.request_id,
                not_after,
            })
            .await?;
        answer::payment(host, Asked::Command, &answer)
    }

    /// `GET /v1/payments/{id}`: asks what the gateway knows of one payment. [`GatewayError::Missing`] if nothing.
    pub async fn get(&self, at: GatewayRef, call: Call) -> Result<Sight, GatewayError> {
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
        let sight = answer::payment(at.host, Asked::ById, &answer)?;
        if sight.at == at {
            Ok(sight)
        } else {
            Err(GatewayError::garbled("the answer is about another payment"))
        }
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
                answer => answer?,
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
    if !(200..300).contains(&answer.http_status) {
        return match answer::refused_body(host, Asked::List, answer) {
            Err(error) => Err(error),
            Ok(_) => Err(GatewayError::unknown(format!(
                "HTTP {} instead of a list",
                answer.http_status
            ))),
        };
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
