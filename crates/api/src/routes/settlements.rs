//! What the gateway paid out.

use actix_web::{post, web};
use engine::views::SettlementView;

use super::reply::{self, Reply};
use crate::body::SettlementBody;
use crate::door::Door;
use crate::extract::{Caller, Submitted};

/// Tells what the gateway paid out to a seller: its balance goes down by that.
#[utoipa::path(tag = "Settlements", request_body = SettlementBody,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable characters: your name for this wish")),
    responses((status = 201, description = "The settlement, in the books", body = SettlementView)))]
#[post("/v1/settlements")]
pub(super) async fn create_settlement(
    door: web::Data<Door>,
    caller: Caller,
    request: Submitted<SettlementBody>,
) -> Reply {
    let told = request.body.told()?;
    let outcome = door.engine.settle_out(&caller.0, request.submission, told).await?;
    reply::outcome(&outcome, format!("/v1/sellers/{}/entries", outcome.view.seller))
}
