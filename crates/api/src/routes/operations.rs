//! What operators look after: operations that have not ended, and differences.

use actix_web::{get, post, web};
use domain::ids::OperationId;
use engine::operations::OperationStatusView;
use engine::views::{DiscrepancyView, Page};

use super::filters::{DiscrepancyFilter, OperationFilter};
use super::reply::{self, Reply};
use crate::door::Door;
use crate::extract::{Caller, Named, Parameters};
use crate::problem::Problem;

/// Operations that have not ended, or those in one state, oldest first.
#[utoipa::path(tag = "Operations", params(OperationFilter),
    responses((status = 200, description = "A page of operations", body = Page<OperationStatusView>)))]
#[get("/v1/operations")]
pub(super) async fn list_operations(
    door: web::Data<Door>,
    caller: Caller,
    query: Parameters<OperationFilter>,
) -> Reply {
    let OperationFilter { state, limit, cursor } = query.0;
    reply::ok(door.engine.operations(&caller.0, state, cursor, limit.0).await?)
}

/// Asks the gateway about an operation's payment now, and answers what is known then.
#[utoipa::path(tag = "Operations", params(("operation" = String, Path, description = "op_…")),
    responses((status = 200, description = "The operation", body = OperationStatusView)))]
#[post("/v1/operations/{operation}/inquire")]
pub(super) async fn inquire_operation(door: web::Data<Door>, caller: Caller, id: Named<OperationId>) -> Reply {
    reply::ok(door.engine.inquire(&caller.0, id.0).await?)
}

/// Differences between what was asked and what the gateway shows, oldest payments first; and notifications about payments
/// that nobody here knows.
///
/// Each says in one sentence what differs, whether it holds the payment, and what usually settles it.
#[utoipa::path(tag = "Operations", params(DiscrepancyFilter),
    responses((status = 200, description = "A page of differences", body = Page<DiscrepancyView>)))]
#[get("/v1/discrepancies")]
pub(super) async fn list_discrepancies(
    door: web::Data<Door>,
    caller: Caller,
    query: Parameters<DiscrepancyFilter>,
) -> Reply {
    reply::ok(
        door.engine
            .discrepancies(&caller.0, query.0.into())
            .await
            .map_err(Problem::of_query)?,
    )
}
