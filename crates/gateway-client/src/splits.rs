//! Adding splits to a payment that has ended in success or failure.

use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::sight::{GatewayRef, Host, SplitSight};
use tokio::time::Instant;

use crate::answer::{self, Answer, Asked};
use crate::client::{Client, Outgoing, written};
use crate::error::GatewayError;
use crate::{request, sight, wire};

impl Client {
    /// `POST /v1/payments/{id}/splits`: names more owners of the payment.
    ///
    /// The answer is what the gateway lists, in its order; whether that is what was asked for is the caller's to compare.
    pub async fn add_splits(
        &self,
        host: Host,
        payment: &Payment,
        operation: &Operation,
        not_after: Instant,
    ) -> Result<Vec<SplitSight>, GatewayError> {
        let Work::AddSplits(added) = &operation.work else {
            return Err(GatewayError::not_sent("the operation adds no splits"));
        };
        let at = request::place(host, payment).map_err(GatewayError::not_sent)?;
        let splits = request::addition(payment, operation, added).map_err(GatewayError::not_sent)?;
        let id = at.id.to_string();
        let path = ["v1", "payments", &id, "splits"];
        let template = "/v1/payments/{id}/splits";
        let outgoing = Outgoing {
            body: written(&splits)?,
            ..Outgoing::post(host, template, &path, &operation.request_id, not_after)
        };
        let answer = self.send(outgoing).await?;
        shown(at, payment, &answer)
    }
}

/// What the answer lists, if all of it can be read and there is something.
fn shown(at: GatewayRef, payment: &Payment, answer: &Answer) -> Result<Vec<SplitSight>, GatewayError> {
    if !answer.is_success() {
        return Err(answer::refused(at.host, Asked::Change, answer));
    }
    let envelope = serde_json::from_slice::<wire::SplitsEnvelope<wire::Split>>(&answer.body);
    let envelope = envelope.map_err(|_| GatewayError::garbled("the body lists no splits"))?;
    let (id, currency) = (wire::Id(at.id.get()), payment.sale.cart.currency());
    let splits = envelope.splits.into_iter();
    let splits = splits.map(|split| sight::split_sight(id, currency, split));
    let splits = splits.collect::<Result<Vec<_>, _>>().map_err(GatewayError::garbled)?;
    if splits.is_empty() {
        return Err(GatewayError::garbled("the answer lists no split"));
    }
    Ok(splits)
}
