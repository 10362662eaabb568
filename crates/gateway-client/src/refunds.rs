//! Giving back, and asking what was given back.

use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::sight::{GatewayRef, Host, RefundSight};
use reqwest::Method;
use serde::Deserialize;
use tokio::time::Instant;

use crate::answer::{self, Answer, Asked};
use crate::client::{Call, Client, Outgoing, written};
use crate::error::GatewayError;
use crate::{request, sight, wire};

/// A payment's refunds. No document shows pages of them, so one that counts more than it lists is not whole.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct List {
    refunds: Option<Vec<wire::Refund>>,
    count: Option<wire::Id>,
    total_count: Option<wire::Id>,
    total_pages: Option<wire::Id>,
    error: Option<wire::Scalar>,
}

impl Client {
    /// `POST /v1/payments/{id}/splits/{split}/refunds`: gives back one part of a refund.
    ///
    /// A refund that the gateway recorded and failed at once is an answer like any other, not an error.
    pub async fn refund(
        &self,
        host: Host,
        payment: &Payment,
        operation: &Operation,
        not_after: Instant,
    ) -> Result<RefundSight, GatewayError> {
        let Work::Refund {
            refund,
            split: Some(split),
        } = operation.work
        else {
            return Err(GatewayError::not_sent("the operation asks nothing back"));
        };
        let at = request::place(host, payment).map_err(GatewayError::not_sent)?;
        let (split, refund) = request::refund(payment, operation, refund, split).map_err(GatewayError::not_sent)?;
        let (id, split) = (at.id.to_string(), split.to_string());
        let path = ["v1", "payments", &id, "splits", &split, "refunds"];
        let template = "/v1/payments/{id}/splits/{split}/refunds";
        let outgoing = Outgoing {
            body: written(&wire::RefundEnvelope { refund })?,
            ..Outgoing::post(host, template, &path, &operation.request_id, not_after)
        };
        let answer = self.send(outgoing).await?;
        answer::refund(at, &answer)
    }

    /// `GET /v1/payments/{id}/refunds`: every refund of the payment, those of its splits included. Anything less than the
    /// whole list is an error, so that a refund that is not in it is not there.
    pub async fn refunds(&self, at: GatewayRef, call: Call) -> Result<Vec<RefundSight>, GatewayError> {
        let answer = self
            .send(Outgoing {
                host: at.host,
                method: Method::GET,
                template: "/v1/payments/{id}/refunds",
                path: &["v1", "payments", &at.id.to_string(), "refunds"],
                query: &[],
                body: None,
                request_id: &call.request_id.to_string(),
                not_after: call.not_after,
            })
            .await?;
        listed(at, &answer)
    }
}

fn listed(at: GatewayRef, answer: &Answer) -> Result<Vec<RefundSight>, GatewayError> {
    if !answer.is_success() {
        return Err(answer::refused(at.host, Asked::List, answer));
    }
    let list = serde_json::from_slice::<List>(&answer.body);
    let list = list.map_err(|_| GatewayError::garbled("the body is not a list of refunds"))?;
    let refunds = list
        .refunds
        .ok_or_else(|| GatewayError::garbled("the list has no refunds"))?;
    let listed = u64::try_from(refunds.len()).unwrap_or(u64::MAX);
    let is_cut = list.count.max(list.total_count).is_some_and(|count| count.0 != listed)
        || list.total_pages.is_some_and(|pages| pages.0 > 1);
    if list.error.is_some() || is_cut {
        return Err(GatewayError::garbled("the list is not whole"));
    }
    let refunds = refunds.into_iter().map(|refund| sight::refund(at, refund));
    refunds.collect::<Result<_, _>>().map_err(GatewayError::garbled)
}
