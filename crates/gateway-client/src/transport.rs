//! What carries a request to the gateway and its answer back.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use reqwest::{Client, Request, Response};

use crate::answer::Answer;
use crate::error::GatewayError;

/// The longest answer that is read, in bytes.
pub const BODY_MAX_BYTES: usize = 1 << 20;
/// How long an idle connection is kept for the next call.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many idle connections are kept per host.
const IDLE_MAX: usize = 64;

/// An answer on its way.
pub type Carried<'a> = Pin<Box<dyn Future<Output = Result<Answer, GatewayError>> + Send + 'a>>;

/// Carries requests: over HTTP, or in a simulation over nothing.
pub trait Transport: Send + Sync {
    /// Carries one request, whole, and reads its whole answer; or says what its failure proves.
    fn carry(&self, request: Request) -> Carried<'_>;
}

/// Over HTTP.
pub(crate) struct Http(Client);

impl Http {
    /// Without `tls` nothing will be verified, so a machine without certificates will do.
    pub(crate) fn try_new(timeout: Duration, connect_timeout: Duration, tls: bool) -> Result<Self, reqwest::Error> {
        // Another client of this process may have installed it already, and the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = Client::builder()
            .http1_only()
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_MAX)
            .connect_timeout(connect_timeout.min(timeout / 2))
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy();
        if !tls {
            http = http.tls_certs_only([]);
        }
        http.build().map(Self)
    }
}

impl Transport for Http {
    fn carry(&self, request: Request) -> Carried<'_> {
        Box::pin(async {
            match self.0.execute(request).await {
                Ok(response) => read(response).await,
                Err(error) => Err(failure(&error)),
            }
        })
    }
}

/// Reads the body piece by piece, so that an endless one costs no more than the limit.
async fn read(mut response: Response) -> Result<Answer, GatewayError> {
    let http_status = response.status().as_u16();
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) if body.len().saturating_add(piece.len()) > BODY_MAX_BYTES => {
                let why = format!("HTTP {http_status} with a body of more than {BODY_MAX_BYTES} bytes");
                let is_success = (200..300).contains(&http_status);
                return Err(if is_success {
                    GatewayError::garbled(why)
                } else {
                    GatewayError::unknown(why)
                });
            }
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return Ok(Answer { http_status, body }),
            Err(error) => {
                let why = if error.is_timeout() { "timed out" } else { "broke off" };
                return Err(GatewayError::unknown(format!(
                    "HTTP {http_status} with a body that {why}"
                )));
            }
        }
    }
}

/// What a call without an answer proves. Only a failure to connect proves that nothing was sent; connecting includes
/// looking the name up and the TLS handshake, and the request's first byte comes after both.
fn failure(error: &reqwest::Error) -> GatewayError {
    let cause = root_cause(error);
    if error.is_connect() {
        return GatewayError::not_sent(format!("could not connect: {cause}"));
    }
    if error.is_builder() {
        return GatewayError::not_sent(format!("the request cannot be built: {cause}"));
    }
    if error.is_timeout() {
        return GatewayError::unknown("no answer in time");
    }
    GatewayError::unknown(format!("the connection failed: {cause}"))
}

/// The innermost error: it names neither the URL nor anything that was sent.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if cause.is::<reqwest::Error>() {
        "no reason given".to_owned()
    } else {
        cause.to_string()
    }
}
