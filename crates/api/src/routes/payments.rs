//! Payments.

use actix_web::{get, post, web};
use domain::ids::PaymentId;
use engine::timeline::MomentView;
use engine::views::{Page, PaymentView};

use super::filters::PaymentFilter;
use super::reply::{self, Reply};
use crate::body::PaymentBody;
use crate::door::Door;
use crate::extract::{Caller, Named, Parameters, Submitted};

/// Creates a payment.
///
/// The cart is divided, and the gateway is asked for one payment with a split for each party. Send the buyer to
/// `redirect_url`. While the gateway's answer is not known the answer is 202 and the payment is `processing`: it is being
/// found out; repeat the request with the same key, or read the payment.
#[utoipa::path(tag = "Payments", request_body = PaymentBody,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 201, description = "The payment", body = PaymentView),
              (status = 202, description = "The gateway's answer is not known yet", body = PaymentView)))]
#[post("/v1/payments")]
pub(super) async fn create_payment(door: web::Data<Door>, caller: Caller, request: Submitted<PaymentBody>) -> Reply {
    let outcome = door
        .engine
        .checkout(&caller.0, request.submission, request.body.into())
        .await?;
    let location = format!("/v1/payments/{}", outcome.view.id);
    reply::outcome(&outcome, location)
}

/// One payment. A seller's key sees its own share and nothing else.
#[utoipa::path(tag = "Payments", params(("payment" = String, Path, description = "pay_…")),
    responses((status = 200, description = "The payment", body = PaymentView)))]
#[get("/v1/payments/{payment}")]
pub(super) async fn get_payment(door: web::Data<Door>, caller: Caller, id: Named<PaymentId>) -> Reply {
    reply::ok(door.engine.payment(&caller.0, id.0).await?)
}

/// Payments, newest first.
#[utoipa::path(tag = "Payments", params(PaymentFilter),
    responses((status = 200, description = "A page of payments", body = Page<PaymentView>)))]
#[get("/v1/payments")]
pub(super) async fn list_payments(door: web::Data<Door>, caller: Caller, query: Parameters<PaymentFilter>) -> Reply {
    reply::ok(door.engine.payments(&caller.0, query.0.into()).await?)
}

/// Everything that happened to a payment, in order: operations, attempts, findings, notifications, postings and
/// discrepancies.
#[utoipa::path(tag = "Payments", params(("payment" = String, Path, description = "pay_…")),
    responses((status = 200, description = "From the first to the last", body = Page<MomentView>)))]
#[get("/v1/payments/{payment}/timeline")]
pub(super) async fn get_timeline(door: web::Data<Door>, caller: Caller, id: Named<PaymentId>) -> Reply {
    reply::ok(door.engine.timeline(&caller.0, id.0).await?)
}
