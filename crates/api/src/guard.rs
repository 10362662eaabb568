//! Between the socket and the routes: who calls, and may they.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use engine::Caller;

use crate::access::{self, Who};
use crate::door::Door;
use crate::frame::Route;
use crate::problem::Problem;

/// Refuses what the table of routes does not allow, before a byte of the body is read.
pub async fn guard<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let Some(Route(pattern)) = request.extensions().get::<Route>().cloned() else {
        return Err(Problem::not_found().into());
    };
    let Some(route) = access::route(request.method().as_str(), &pattern) else {
        let allow = access::methods(&pattern);
        let unlisted = if allow.is_empty() {
            Problem::not_found()
        } else {
            Problem::method_not_allowed(allow)
        };
        return Err(unlisted.into());
    };
    if let Who::Keys(roles) = route.who {
        let caller = authenticated(&request).await?;
        if !route.who.admits(&caller.role) {
            let (role, roles) = (caller.role.as_str(), roles.join(", "));
            let detail = format!("a key with the role {role} may not call this; use one of: {roles}");
            return Err(Problem::new(StatusCode::FORBIDDEN, "role_forbidden", detail).into());
        }
        request.extensions_mut().insert(caller);
    }
    next.call(request).await
}

async fn authenticated(request: &ServiceRequest) -> Result<Caller, Problem> {
    let door = request.app_data::<web::Data<Door>>().ok_or_else(Problem::internal)?;
    let header = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(bearer) else {
        let detail = "send Authorization: Bearer and an API key";
        return Err(Problem::unauthorized("credentials_missing", detail));
    };
    if door.production && token.starts_with("ap_test_") {
        return Err(Problem::unauthorized(
            "test_key_refused",
            "use a key that begins with ap_live_",
        ));
    }
    let caller = door.engine.authenticate(token).await.map_err(Problem::from)?;
    caller.ok_or_else(|| Problem::unauthorized("credentials_invalid", "the key is not known, or was revoked"))
}

/// The key in an `Authorization` header.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
