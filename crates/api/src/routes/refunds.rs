//! Giving back to the buyer.

use actix_web::{get, post, web};
use domain::ids::{PaymentId, RefundId};
use engine::views::{Page, RefundPreviewView, RefundView};

use super::reply::{self, Reply};
use crate::body::{EmptyBody, RefundBody};
use crate::door::Door;
use crate::extract::{Caller, Json, Named, Submitted};

/// What a refund would do to everybody. Nothing is sent. A seller's key sees its own row.
#[utoipa::path(tag = "Refunds", request_body = RefundBody, params(("payment" = String, Path, description = "pay_…")),
    responses((status = 200, description = "Who would give what, and why", body = RefundPreviewView)))]
#[post("/v1/payments/{payment}/refunds/preview")]
pub(super) async fn preview_refund(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    body: Json<RefundBody>,
) -> Reply {
    let wish = body.0.wish()?;
    reply::ok(door.engine.preview_refund(&caller.0, id.0, wish).await?)
}

/// Gives back: everything left, an amount for a seller's goods, or units of lines.
///
/// A refund that touches several splits has parts, sent one after another. `open` means that the gateway has accepted it;
/// it ends by itself. A seller's key gives back its own goods, and its fee plan decides about the commission.
#[utoipa::path(tag = "Refunds", request_body = RefundBody,
    params(("payment" = String, Path, description = "pay_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 201, description = "The refund", body = RefundView),
              (status = 202, description = "The gateway's answer is not known yet", body = RefundView)))]
#[post("/v1/payments/{payment}/refunds")]
pub(super) async fn create_refund(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<PaymentId>,
    request: Submitted<RefundBody>,
) -> Reply {
    let wish = request.body.wish()?;
    let outcome = door.engine.refund(&caller.0, id.0, request.submission, wish).await?;
    let location = format!("/v1/refunds/{}", outcome.view.id);
    reply::outcome(&outcome, location)
}

/// The refunds of a payment, newest first, all of them.
#[utoipa::path(tag = "Refunds", params(("payment" = String, Path, description = "pay_…")),
    responses((status = 200, description = "Its refunds", body = Page<RefundView>)))]
#[get("/v1/payments/{payment}/refunds")]
pub(super) async fn list_refunds(door: web::Data<Door>, caller: Caller, id: Named<PaymentId>) -> Reply {
    reply::ok(door.engine.refunds(&caller.0, id.0).await?)
}

/// One refund. A seller's key sees its own part.
#[utoipa::path(tag = "Refunds", params(("refund" = String, Path, description = "ref_…")),
    responses((status = 200, description = "The refund", body = RefundView)))]
#[get("/v1/refunds/{refund}")]
pub(super) async fn get_refund(door: web::Data<Door>, caller: Caller, id: Named<RefundId>) -> Reply {
    reply::ok(door.engine.get_refund(&caller.0, id.0).await?)
}

/// Sends the failed parts of a refund with several parts again.
#[utoipa::path(tag = "Refunds", request_body = EmptyBody,
    params(("refund" = String, Path, description = "ref_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The refund", body = RefundView),
              (status = 202, description = "The gateway's answer is not known yet", body = RefundView)))]
#[post("/v1/refunds/{refund}/retry")]
pub(super) async fn retry_refund(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<RefundId>,
    request: Submitted<EmptyBody>,
) -> Reply {
    let outcome = door.engine.retry_refund(&caller.0, id.0, request.submission).await?;
    reply::done(&outcome)
}

/// Gives up the failed parts of a refund with several parts: what they claimed is free again.
#[utoipa::path(tag = "Refunds", request_body = EmptyBody,
    params(("refund" = String, Path, description = "ref_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The refund", body = RefundView)))]
#[post("/v1/refunds/{refund}/abandon")]
pub(super) async fn abandon_refund(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<RefundId>,
    request: Submitted<EmptyBody>,
) -> Reply {
    let outcome = door.engine.abandon_refund(&caller.0, id.0, request.submission).await?;
    reply::done(&outcome)
}
