//! Taking what is authorized, and ending a payment before anything is taken.

use actix_web::{post, web};
use domain::ids::{PaymentId, SplitId};
use engine::views::{CapturePlanView, CapturePreviewView, PaymentView};

use super::reply::{self, Reply};
use crate::body::{CaptureBody, EmptyBody, SplitCaptureBody, TakeBody};
use crate::door::Door;
use crate::extract::{Caller, Inside, Json, Named, Submitted};

/// What a capture would do, split by split. Nothing is sent.
#[utoipa::path(tag = "Payments", request_body = CaptureBody, params(("payment" = String, Path, description = "pay_…")),
    responses((status = 200, description = "What would be captured, and what stranded", body = CapturePreviewView)))]
#[post("/v1/payments/{payment}/capture/preview")]
pub(super) async fn preview_capture(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    body: Json<CaptureBody>,
) -> Reply {
    let wish = body.0.wish(id.0)?;
    reply::ok(door.engine.preview_capture(&caller.0, id.0, &wish.ask).await?)
}

/// Captures what is authorized, or part of it.
///
/// The gateway takes one capture for a payment. What a capture leaves can be neither captured nor cancelled afterwards,
/// and goes back to the buyer when the authorization lapses: so less than everything needs `accept_stranded`.
#[utoipa::path(tag = "Payments", request_body = CaptureBody,
    params(("payment" = String, Path, description = "pay_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The payment", body = PaymentView),
              (status = 202, description = "The gateway's answer is not known yet, or it needs time", body = PaymentView)))]
#[post("/v1/payments/{payment}/capture")]
pub(super) async fn capture_payment(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    request: Submitted<CaptureBody>,
) -> Reply {
    let wish = request.body.wish(id.0)?;
    let outcome = door.engine.capture(&caller.0, id.0, request.submission, wish).await?;
    reply::done(&outcome)
}

/// Captures one split; everything else is stranded.
#[utoipa::path(tag = "Payments", request_body = SplitCaptureBody,
    params(("payment" = String, Path, description = "pay_…"), ("split" = String, Path, description = "spl_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The payment", body = PaymentView),
              (status = 202, description = "The gateway's answer is not known yet, or it needs time", body = PaymentView)))]
#[post("/v1/payments/{payment}/splits/{split}/capture")]
pub(super) async fn capture_split(
    door: web::Data<Door>,
    caller: Caller,
    id: Inside<PaymentId, SplitId>,
    request: Submitted<SplitCaptureBody>,
) -> Reply {
    let (payment, split) = (id.outer, id.inner);
    if split.payment != payment {
        return Err(crate::problem::Problem::not_found());
    }
    let wish = request.body.wish(split)?;
    let outcome = door
        .engine
        .capture(&caller.0, payment, request.submission, wish)
        .await?;
    reply::done(&outcome)
}

/// Says what a seller is ready to take. When all have, or at `capture_by`, the one capture is made with exactly that.
#[utoipa::path(tag = "Payments", request_body = TakeBody,
    params(("payment" = String, Path, description = "pay_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The plan of the capture", body = CapturePlanView)))]
#[post("/v1/payments/{payment}/ready")]
pub(super) async fn ready(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    request: Submitted<TakeBody>,
) -> Reply {
    let take = request.body.seller_take()?;
    let outcome = door.engine.ready(&caller.0, id.0, request.submission, take).await?;
    reply::done(&outcome)
}

/// Ends a payment before any money is taken.
#[utoipa::path(tag = "Payments", request_body = EmptyBody,
    params(("payment" = String, Path, description = "pay_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The payment", body = PaymentView),
              (status = 202, description = "The gateway's answer is not known yet, or it needs time", body = PaymentView)))]
#[post("/v1/payments/{payment}/cancel")]
pub(super) async fn cancel_payment(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    request: Submitted<EmptyBody>,
) -> Reply {
    let outcome = door.engine.cancel(&caller.0, id.0, request.submission).await?;
    reply::done(&outcome)
}
