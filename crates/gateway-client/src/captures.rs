//! Capturing what is authorized.

use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::sight::{Host, Sight};
use tokio::time::Instant;

use crate::answer::{self, Asked};
use crate::client::{Client, Outgoing, written};
use crate::error::GatewayError;
use crate::request::{self, Capture};
use crate::wire;

impl Client {
    /// Takes exactly what the operation's plan says: all of it, of one split by its own call, or of several splits.
    ///
    /// The answer to the capture of a single split lists that split alone.
    pub async fn capture(
        &self,
        host: Host,
        payment: &Payment,
        operation: &Operation,
        not_after: Instant,
    ) -> Result<Sight, GatewayError> {
        let Work::Capture { plan, only } = &operation.work else {
            return Err(GatewayError::not_sent("the operation is no capture"));
        };
        let at = request::place(host, payment).map_err(GatewayError::not_sent)?;
        let capture = request::capture(payment, plan, *only).map_err(GatewayError::not_sent)?;
        let id = at.id.to_string();
        let request_id = &operation.request_id;
        let path = ["v1", "payments", &id, "capture"];
        let whole = Outgoing::post(host, "/v1/payments/{id}/capture", &path, request_id, not_after);
        let answer = match capture {
            Capture::Full => self.send(whole).await,
            Capture::Splits(splits) => {
                let body = written(&wire::CaptureRequest::of(splits))?;
                self.send(Outgoing { body, ..whole }).await
            }
            Capture::Split(split, amount) => {
                let (split, amount) = (split.to_string(), amount.0.to_string());
                let path = ["v1", "payments", &id, "splits", &split, "capture"];
                let template = "/v1/payments/{id}/splits/{split}/capture?amount={amount}";
                let outgoing = Outgoing {
                    query: &[("amount", &amount)],
                    ..Outgoing::post(host, template, &path, request_id, not_after)
                };
                self.send(outgoing).await
            }
        }?;
        Ok(answer::payment_at(at, Asked::Capture, &answer)?.sight)
    }
}
