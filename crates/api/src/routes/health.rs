//! Whether the server lives, and whether it wants traffic.

use actix_web::{HttpResponse, get, web};
use engine::open::Readiness as Check;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::Door;

/// What was checked.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Whether traffic is wanted.
    ready: bool,
    /// Each check.
    checks: Vec<Check>,
}

/// Whether the process answers at all.
#[utoipa::path(tag = "Health and documents", responses((status = 200, description = "It does")))]
#[get("/livez")]
pub(super) async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "live": true }))
}

/// Whether traffic is wanted: the database answers, its migrations are there, the server is not about to stop.
#[utoipa::path(tag = "Health and documents",
    responses((status = 200, description = "It is", body = Health),
              (status = 503, description = "It is not", body = Health)))]
#[get("/readyz")]
pub(super) async fn readyz(door: web::Data<Door>) -> HttpResponse {
    health(&door).await
}

/// The answer of `/readyz`, on whichever listener.
pub async fn health(door: &Door) -> HttpResponse {
    let mut checks = door.engine.readiness().await;
    checks.push(migrations(door).await);
    let draining = door.draining.has_begun();
    let detail = if draining { "the server is about to stop" } else { "no" };
    checks.push(Check {
        name: "draining",
        ok: !draining,
        detail: detail.to_owned(),
    });
    let ready = checks.iter().all(|check| check.ok);
    let mut response = if ready {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response.json(Health { ready, checks })
}

/// Whether the tables are those of this binary: another instance may have come or gone since the start.
async fn migrations(door: &Door) -> Check {
    let engine = door.engine.clone();
    let missing = web::block(move || engine.pending_migrations()).await;
    let (ok, detail) = match missing {
        Ok(Ok(missing)) if missing.is_empty() => (true, "all there".to_owned()),
        Ok(Ok(missing)) => (
            false,
            format!("missing: {}; run `apportion migrate`", missing.join(", ")),
        ),
        Ok(Err(error)) => (false, error.to_string()),
        Err(_) => (false, "could not be looked at".to_owned()),
    };
    Check {
        name: "migrations",
        ok,
        detail,
    }
}
