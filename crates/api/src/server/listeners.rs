//! The two HTTP listeners.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, web};
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::door::Door;
use crate::frame::{RequestSpan, frame};
use crate::guard::guard;
use crate::problem::Problem;
use crate::routes;

/// How long an idle connection is kept: longer than the usual client keeps its own.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client may take to hang up.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long what is under way may take when the server stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 30;
/// Threads of the admin listener.
const ADMIN_WORKERS: usize = 1;

/// The API as a worker serves it.
pub(crate) fn app(
    door: Data<Door>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(door)
        .configure(|config| routes::routes(&mut ServiceConfig::new(config)))
        .configure(routes::pages)
        .default_service(web::to(|| async { HttpResponse::from_error(Problem::not_found()) }))
        // The last is the outermost.
        .wrap(from_fn(guard))
        .wrap(from_fn(frame))
        .wrap(TracingLogger::<RequestSpan>::new())
}

/// The API.
pub(super) fn api(listener: TcpListener, door: &Door, workers: usize) -> std::io::Result<Server> {
    let door = Data::new(door.clone());
    let workers = if workers == 0 {
        std::thread::available_parallelism().map_or(1, usize::from)
    } else {
        workers
    };
    let server = HttpServer::new(move || app(door.clone()))
        .workers(workers)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// Metrics, and health once more for those who may not reach the API.
pub(super) fn admin(listener: TcpListener, door: &Door) -> std::io::Result<Server> {
    let door = Data::new(door.clone());
    let app = move || {
        App::new()
            .app_data(door.clone())
            .route("/metrics", web::get().to(metrics))
            .route("/livez", web::get().to(|| async { HttpResponse::Ok().finish() }))
            .route("/readyz", web::get().to(readyz))
            .default_service(web::to(|| async { HttpResponse::from_error(Problem::not_found()) }))
    };
    let server = HttpServer::new(app)
        .workers(ADMIN_WORKERS)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .shutdown_timeout(1)
        .disable_signals();
    Ok(server.listen(listener)?.run())
}

async fn metrics() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(crate::metrics::rendered())
}

async fn readyz(door: Data<Door>) -> HttpResponse {
    routes::health(&door).await
}
