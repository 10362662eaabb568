//! What operators make of what the gateway shows.

use actix_web::{post, web};
use domain::ids::{DiscrepancyId, OperationId};
use engine::operations::OperationStatusView;
use engine::resolutions::LostFate;
use engine::views::DiscrepancyView;

use super::reply::{self, Reply};
use crate::body::{NoteBody, ResolutionBody};
use crate::door::Door;
use crate::extract::{Caller, Named, Submitted};

/// Resolves a difference: the gateway is asked now, and what was chosen is done with its answer.
///
/// `accept_gateway` posts what the gateway shows, where every cent of it has an owner here (else `cannot_accept`);
/// `ask_again` tells what it then looks like; `dismiss` closes it, unless amounts differ still (`amounts_differ`). Where the
/// gateway does not answer the choice stands, and its next answer settles it.
#[utoipa::path(tag = "Operations", request_body = ResolutionBody,
    params(("discrepancy" = String, Path, description = "dis_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The difference as it is now", body = DiscrepancyView),
              (status = 202, description = "The gateway has not answered yet", body = DiscrepancyView)))]
#[post("/v1/discrepancies/{discrepancy}/resolve")]
pub(super) async fn resolve_discrepancy(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<DiscrepancyId>,
    request: Submitted<ResolutionBody>,
) -> Reply {
    let (resolution, note) = request.body.chosen()?;
    let outcome = door
        .engine
        .resolve(&caller.0, id.0, request.submission, resolution, note)
        .await?;
    reply::done(&outcome)
}

/// Sends an added split or a refund again whose answer was lost, if the gateway shows nothing of it when it is asked now.
///
/// Only once its quiet period is over and its absence was shown twice, because the gateway may take a second one; else
/// `absence_not_proved` says what is missing. What the gateway turns out to have is adopted, and nothing is sent.
#[utoipa::path(tag = "Operations", request_body = NoteBody,
    params(("operation" = String, Path, description = "op_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The operation as it is now", body = OperationStatusView),
              (status = 202, description = "The gateway has not answered yet", body = OperationStatusView)))]
#[post("/v1/operations/{operation}/resend")]
pub(super) async fn resend_operation(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<OperationId>,
    request: Submitted<NoteBody>,
) -> Reply {
    decide(&door, &caller, id.0, request, LostFate::Resend).await
}

/// Gives an added split or a refund up whose answer was lost, if the gateway shows nothing of it when it is asked now: what
/// it had reserved is free again.
///
/// Under the same conditions as sending it again.
#[utoipa::path(tag = "Operations", request_body = NoteBody,
    params(("operation" = String, Path, description = "op_…"),
           ("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 200, description = "The operation as it is now", body = OperationStatusView),
              (status = 202, description = "The gateway has not answered yet", body = OperationStatusView)))]
#[post("/v1/operations/{operation}/give_up")]
pub(super) async fn give_operation_up(
    door: web::Data<Door>,
    caller: Caller,
    id: Named<OperationId>,
    request: Submitted<NoteBody>,
) -> Reply {
    decide(&door, &caller, id.0, request, LostFate::GiveUp).await
}

async fn decide(door: &Door, caller: &Caller, id: OperationId, request: Submitted<NoteBody>, fate: LostFate) -> Reply {
    let note = request.body.told()?;
    let outcome = door
        .engine
        .decide_lost(&caller.0, id, request.submission, fate, note)
        .await?;
    reply::done(&outcome)
}
