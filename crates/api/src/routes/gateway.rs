//! The gateway's doorbell.

use actix_web::http::{StatusCode, header};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, post, web};

use super::reply::Reply;
use crate::door::Door;
use crate::extract::bytes;
use crate::problem::Problem;

/// Takes a notification of the gateway.
///
/// It is stored and acknowledged; then the gateway is asked, and only that answer is believed. Credentials are HTTP
/// Basic: the marketplace's SiteID and API key.
#[utoipa::path(tag = "From the gateway", request_body(content = serde_json::Value, description = "As the gateway sends it"),
    responses((status = 204, description = "Stored")))]
#[post("/gateway/notifications")]
pub(super) async fn take_notification(door: web::Data<Door>, request: HttpRequest, payload: Payload) -> Reply {
    let body = bytes(&request, payload.into_inner()).await?;
    let authorization = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(header::HeaderValue::as_bytes);
    match door.engine.ring(authorization, &body).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(engine::Error::Invalid(faults)) => Err(Problem::faults(faults).with_status(StatusCode::BAD_REQUEST)),
        Err(error @ engine::Error::Unauthorized) => Err(Problem::from(error).challenging("Basic")),
        Err(error) => Err(error.into()),
    }
}
