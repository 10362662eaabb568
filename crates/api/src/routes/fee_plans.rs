//! Commission.

use actix_web::{get, put, web};
use domain::ids::FeePlanId;
use engine::fee_plans::FeePlanView;

use super::reply::{self, Reply};
use crate::body::FeePlanBody;
use crate::door::Door;
use crate::extract::{Caller, Json, Named};
use crate::problem::Problem;

/// Writes a fee plan.
///
/// What differs from the latest version becomes a new version; versions never change, and a payment keeps the one it was
/// sold under.
#[utoipa::path(tag = "Fee plans", params(("plan" = String, Path, description = "Your name for the plan")),
    request_body = FeePlanBody,
    responses((status = 201, description = "A new version", body = FeePlanView),
              (status = 200, description = "The latest version says the same", body = FeePlanView)))]
#[put("/v1/fee_plans/{plan}")]
pub(super) async fn put_fee_plan(
    door: web::Data<Door>,
    caller: Caller,
    name: Named<String>,
    body: Json<FeePlanBody>,
) -> Reply {
    let (view, created) = door.engine.put_fee_plan(&caller.0, &name.0, body.0.into()).await?;
    reply::put(view, created)
}

/// The latest version of a fee plan.
#[utoipa::path(tag = "Fee plans", params(("plan" = String, Path, description = "Your name for the plan")),
    responses((status = 200, description = "The latest version", body = FeePlanView)))]
#[get("/v1/fee_plans/{plan}")]
pub(super) async fn get_fee_plan(door: web::Data<Door>, name: Named<FeePlanId>) -> Reply {
    reply::ok(door.engine.fee_plan(name.0).await?)
}

/// One version of a fee plan.
#[utoipa::path(tag = "Fee plans",
    params(("plan" = String, Path, description = "Your name for the plan"),
           ("version" = u32, Path, description = "From 1")),
    responses((status = 200, description = "That version", body = FeePlanView)))]
#[get("/v1/fee_plans/{plan}/versions/{version}")]
pub(super) async fn get_fee_plan_version(door: web::Data<Door>, path: web::Path<(String, String)>) -> Reply {
    let (plan, version) = path.into_inner();
    let (Ok(plan), Ok(version)) = (plan.parse::<FeePlanId>(), version.parse::<u32>()) else {
        return Err(Problem::not_found());
    };
    reply::ok(door.engine.fee_plan_version(plan, version).await?)
}
