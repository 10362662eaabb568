//! The HTTP shell: bytes in, the core's verdict out.

use crate::{
    core::{CONTROL_PREFIX, Config, Core, Forged, Handled, Reply, Request, Response, control_refused, read_control},
    notifier,
    shared::Shared,
};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    body::SizedStream,
    dev::ServerHandle,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use futures_timer::Delay;
use futures_util::{StreamExt, stream};
use reqwest::Client;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::sync::oneshot;

/// The largest request body, in bytes.
const BODY_MAX: usize = 1_048_576;
/// How long an idle connection is kept: longer than clients keep theirs, so that it is they who close.
const KEEP_ALIVE: Duration = Duration::from_secs(120);
/// How long requests under way may take to finish when the sandbox stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 1;
/// Lets the first part of a cut answer reach the wire before the connection is closed.
const CUT_AFTER: Duration = Duration::from_millis(20);

/// What a sandbox needs to start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Where buyers reach it, if not there.
    pub public_url: Option<String>,
    /// Threads that serve HTTP.
    pub workers: usize,
    /// Where its random numbers start; drawn if `None`.
    pub seed: Option<u64>,
    /// How it behaves. Its `public_url` is overwritten.
    pub config: Config,
}

impl Settings {
    /// A sandbox on a free port of this machine.
    pub fn new(site_id: u64, api_key: secrecy::SecretString) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            workers: 1,
            seed: None,
            config: Config::new(site_id, api_key),
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        error: io::Error,
    },
    /// The client for notifications cannot be built.
    #[error("cannot make notifications: {0}")]
    Client(#[from] reqwest::Error),
}

/// The sandbox.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts a sandbox beside the caller, who must be inside a tokio runtime: the notifier runs there, HTTP on its own threads.
    ///
    /// # Errors
    /// If the address is taken, or no HTTP client can be made.
    pub async fn start(settings: Settings) -> Result<Running, StartError> {
        let Settings {
            listen,
            public_url,
            workers,
            seed,
            mut config,
        } = settings;
        let failed = |error| StartError::Listen { address: listen, error };
        let listener = std::net::TcpListener::bind(listen).map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let url = format!("http://{}", reachable(addr));
        config.public_url = public_url
            .unwrap_or_else(|| url.clone())
            .trim_end_matches('/')
            .to_owned();
        let shared = Arc::new(Shared::new(Core::new(config, seed.unwrap_or_else(rand::random))));
        let client = notifier::client()?;

        let shell = web::Data::new(Shell {
            shared: Arc::clone(&shared),
            client: client.clone(),
        });
        let app = move || {
            App::new()
                .app_data(shell.clone())
                .app_data(web::PayloadConfig::new(BODY_MAX))
                .default_service(web::to(serve))
        };
        let server = HttpServer::new(app)
            .workers(workers)
            .keep_alive(KEEP_ALIVE)
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .disable_signals()
            .listen(listener)
            .map_err(failed)?
            .run();
        let handle = server.handle();
        tokio::spawn(server);
        let (stop_notifier, stopped) = oneshot::channel();
        tokio::spawn(notifier::run(Arc::clone(&shared), client, stopped));
        tracing::info!(%addr, "the sandbox listens");
        Ok(Running {
            addr,
            url,
            shared,
            handle,
            _stop_notifier: stop_notifier,
        })
    }
}

/// A sandbox that runs; dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Its base URL, without a trailing slash.
    pub url: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
    /// Dropped with this value, which is what stops the notifier.
    _stop_notifier: oneshot::Sender<()>,
}

impl Running {
    /// Works on the core directly, at the present time (microseconds since 1970 UTC). Keep it short: HTTP waits.
    pub fn with_core<R>(&self, work: impl FnOnce(&mut Core, u64) -> R) -> R {
        self.shared.with(work)
    }

    /// Stops listening, lets requests under way finish within a second, and stops notifying.
    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The command is sent at once; only waiting for it to be carried out would need the future.
        drop(self.handle.stop(false));
    }
}

/// What a handler needs.
#[derive(Debug)]
struct Shell {
    shared: Arc<Shared>,
    client: Client,
}

async fn serve(shell: web::Data<Shell>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let request = read(&request, &body);
    if request.method == "POST" && request.path.trim_end_matches('/') == format!("{CONTROL_PREFIX}/notify") {
        return answer(notify(&shell, &request.body).await);
    }
    let Handled { reply, delay_micros } = shell.shared.with(|core, now| core.handle(now, request));
    if delay_micros > 0 {
        // tokio's own timer counts whole milliseconds, and is most of one late.
        Delay::new(Duration::from_micros(delay_micros)).await;
    }
    match reply {
        Reply::Answer(response) => answer(response),
        Reply::Cut { response, bytes } => cut(response, bytes),
        Reply::Closed => closed(),
    }
}

/// `POST /_sandbox/notify`: sends what was asked for and says what came back.
async fn notify(shell: &Shell, body: &[u8]) -> Response {
    let forged = read_control::<Forged>(body).and_then(|forged| shell.shared.with(|core, _| core.forge(forged)));
    match forged {
        Err(error) => control_refused(&error),
        Ok(delivery) => {
            let status = notifier::attempt(&shell.client, &delivery).await;
            let error = status.as_ref().err().map(|error| error.to_string());
            Response::json(200, &serde_json::json!({ "status": status.ok(), "error": error }))
        }
    }
}

fn read(request: &HttpRequest, body: &Bytes) -> Request {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    Request {
        method: request.method().as_str().to_owned(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        authorization: header("authorization"),
        request_id: header("requestid"),
        body: body.to_vec(),
    }
}

fn answer(response: Response) -> HttpResponse {
    let mut head = HttpResponse::build(status(&response));
    head.insert_header((header::CONTENT_TYPE, response.content_type));
    head.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(location) = response.location {
        head.insert_header((header::LOCATION, location));
    }
    head.body(response.body)
}

/// Announces the whole answer, sends its beginning, and closes.
fn cut(response: Response, bytes: usize) -> HttpResponse {
    let mut head = HttpResponse::build(status(&response));
    head.insert_header((header::CONTENT_TYPE, response.content_type));
    let announced = u64::try_from(response.body.len()).unwrap_or(u64::MAX);
    let mut body = response.body;
    body.truncate(bytes);
    let beginning = stream::once(async move { Ok(Bytes::from(body)) });
    let end = stream::once(async {
        tokio::time::sleep(CUT_AFTER).await;
        Err(io::Error::other("cut by a fault"))
    });
    head.body(SizedStream::new(announced, Box::pin(beginning.chain(end))))
}

/// A body that fails before the head was flushed: the connection is closed without a byte.
fn closed() -> HttpResponse {
    let failing = stream::once(async { Err::<Bytes, _>(io::Error::other("closed by a fault")) });
    HttpResponse::Ok().body(SizedStream::new(1, Box::pin(failing)))
}

fn status(response: &Response) -> StatusCode {
    StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An address that can be connected to: listening everywhere means reachable here.
fn reachable(addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        SocketAddr::from((Ipv4Addr::LOCALHOST, addr.port()))
    } else {
        addr
    }
}
