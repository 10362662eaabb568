//! Our books beside the gateway's.

use actix_web::{post, web};
use engine::reconcile::ReconciliationView;

use super::reply::{self, Reply};
use crate::body::ReconciliationBody;
use crate::door::Door;
use crate::extract::{Caller, Json};

/// Compares a period of our books with the gateway's, one page at a time: repeat it with `cursor` until `has_more` is false.
///
/// Every payment of ours that was made in the period is asked about, with its refunds, and what is new is booked: disputes
/// and refunds of which no notification arrived. Then the gateway's own list of the period is walked for payments that
/// nobody here knows.
#[utoipa::path(tag = "Operations", request_body = ReconciliationBody,
    responses((status = 200, description = "What was compared, and everything but what agreed", body = ReconciliationView)))]
#[post("/v1/reconciliations")]
pub(super) async fn reconcile(door: web::Data<Door>, caller: Caller, body: Json<ReconciliationBody>) -> Reply {
    let asked = body.0.read()?;
    let engine = door.engine.clone();
    let live = Some(caller.0.live);
    let report = engine
        .reconcile(asked.period, live, asked.cursor.as_deref(), asked.limit)
        .await?;
    reply::ok(report)
}
