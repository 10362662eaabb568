//! Around every request: its id, its line in the log, its figures, and an answer even when we panic.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use futures_util::FutureExt;
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use crate::context::{self, Context};
use crate::problem::{MEDIA_TYPE, Problem};

/// The pattern of the route that a request takes: found once, because every route is tried for it.
#[derive(Clone)]
pub struct Route(pub String);

/// An answer from below, or a problem in its place.
pub type Framed<B> = ServiceResponse<EitherBody<B, BoxBody>>;

/// Gives a request its context and makes a problem of whatever else becomes of it than an answer.
pub async fn frame<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Result<Framed<B>, Error> {
    let started = Instant::now();
    let request_id = request
        .extensions()
        .get::<RequestId>()
        .map(ToString::to_string)
        .unwrap_or_default();
    let method = request.method().clone();
    let route = request.extensions().get::<Route>().cloned();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.0);
    let moves_money = method == Method::POST && route.starts_with("/v1/payments");
    let served = context::within(
        Context {
            request_id,
            moves_money,
        },
        async {
            let caught = AssertUnwindSafe(next.call(request)).catch_unwind().await;
            match caught {
                Ok(outcome) => finished(outcome),
                Err(_) => {
                    tracing::error!("a request panicked");
                    finished(Err(Problem::internal().into()))
                }
            }
        },
    );
    let outcome = served.await;
    let status = match &outcome {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    log(&route, status, started);
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("apportion_http_requests_total", &labels).increment(1);
    metrics::histogram!("apportion_http_request_seconds", &labels[..2]).record(started.elapsed());
    outcome
}

/// Runs within the request's context: problems are rendered here, because outside nobody knows the request's id.
fn finished<B: MessageBody + 'static>(outcome: Result<ServiceResponse<B>, Error>) -> Result<Framed<B>, Error> {
    match outcome {
        Ok(response) if is_bare(&response) => {
            let problem = bare(response.status());
            Ok(response.into_response(problem.error_response().map_into_right_body()))
        }
        Ok(mut response) => {
            if let Ok(id) = HeaderValue::from_str(&context::request_id()) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(context::REQUEST_ID), id);
            }
            Ok(response.map_into_left_body())
        }
        Err(error) => {
            let rendered: HttpResponse = match error.as_error::<Problem>() {
                Some(problem) => problem.error_response(),
                None => bare(error.as_response_error().status_code()).error_response(),
            };
            Err(InternalError::from_response("rendered", rendered).into())
        }
    }
}

/// Whether it is an error that somebody else than us has made.
fn is_bare<B>(response: &ServiceResponse<B>) -> bool {
    let status = response.status();
    let media_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    (status.is_client_error() || status.is_server_error())
        && media_type != Some(MEDIA_TYPE)
        && media_type != Some(mime_json())
}

/// `/readyz` answers 503 with its checks.
const fn mime_json() -> &'static str {
    "application/json"
}

fn bare(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        _ if status.is_client_error() => Problem::new(status, "request_invalid", "the request cannot be read"),
        _ => Problem::internal(),
    }
}

/// One line for each request: never a body, a key or a query.
fn log(route: &str, status: StatusCode, started: Instant) {
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = status.as_u16();
    if matches!(route, "/livez" | "/readyz") {
        tracing::debug!(status, micros, "answered");
    } else {
        tracing::info!(status, micros, "answered");
    }
}

/// The span that every line about a request stands in.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let route = request.match_pattern().map(Route);
        // A path that no route has may be anything, and is not repeated.
        let path = if route.is_some() { request.path() } else { "none" };
        let mut extensions = request.extensions_mut();
        let request_id = extensions
            .get::<RequestId>()
            .map(ToString::to_string)
            .unwrap_or_default();
        route.into_iter().for_each(|route| drop(extensions.insert(route)));
        tracing::info_span!("request", method = %request.method(), path, request_id)
    }

    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, Error>) {}
}
