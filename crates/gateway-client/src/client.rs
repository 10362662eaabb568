//! One call: connection, credentials, limits, and what its failure proves.

use std::error::Error;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ids::SiteId;
use domain::sight::Host;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use crate::answer::Answer;
use crate::error::GatewayError;

/// The longest answer that is read, in bytes.
pub const BODY_MAX_BYTES: usize = 1 << 20;
/// How long an idle connection is kept for the next call.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many idle connections are kept per host.
const IDLE_MAX: usize = 64;

/// Where the gateway is, who we are, and how long we wait.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The method host, `https://…`; a path before `/v1` is kept.
    pub base_url: String,
    /// The card host; may be the same.
    pub cards_base_url: String,
    /// The marketplace's own site.
    pub site_id: SiteId,
    /// Its key.
    pub api_key: SecretString,
    /// The longest a call may take, connecting and reading included.
    pub timeout: Duration,
    /// The longest that connecting may take, looking the name up and TLS included. Cut to half of `timeout`, so that not
    /// having connected, which proves that nothing was sent, is always told apart from not having been answered.
    pub connect_timeout: Duration,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A base URL that cannot be called.
    #[error("`{key}` must be an http or https URL without credentials, query and fragment")]
    BaseUrl {
        /// The setting.
        key: &'static str,
    },
    /// A key that HTTP Basic cannot carry.
    #[error("`api_key` must not be empty, and not contain a colon")]
    ApiKey,
    /// The machine's TLS or its certificates.
    #[error("TLS could not be set up: {0}")]
    Tls(#[source] reqwest::Error),
}

/// What every call carries besides its content.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The gateway's idempotency header.
    pub request_id: Uuid,
    /// The call is not started after this; one that would be is [`GatewayError::NotSent`].
    pub not_after: Instant,
}

/// The gateway's client. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: Url,
    cards_base_url: Url,
}

/// A request as it will travel.
pub(crate) struct Outgoing<'a> {
    pub(crate) host: Host,
    pub(crate) method: Method,
    /// The path as it is logged: without ids.
    pub(crate) template: &'static str,
    pub(crate) path: &'a [&'a str],
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) request_id: &'a str,
    pub(crate) not_after: Instant,
}

impl<'a> Outgoing<'a> {
    /// A command without query and body.
    pub(crate) fn post(
        host: Host,
        template: &'static str,
        path: &'a [&'a str],
        request_id: &'a str,
        not_after: Instant,
    ) -> Self {
        Self {
            host,
            method: Method::POST,
            template,
            path,
            query: &[],
            body: None,
            request_id,
            not_after,
        }
    }
}

/// A request's body.
pub(crate) fn written(body: &impl Serialize) -> Result<Option<Vec<u8>>, GatewayError> {
    let bytes = serde_json::to_vec(body);
    bytes
        .map(Some)
        .map_err(|_| GatewayError::not_sent("the request cannot be written"))
}

impl Client {
    /// A client that has not connected yet.
    pub fn try_new(settings: Settings) -> Result<Self, SettingsError> {
        // Another client of this process may have installed it already, and the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base_url = checked_url("base_url", &settings.base_url)?;
        let cards_base_url = checked_url("cards_base_url", &settings.cards_base_url)?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, authorization(settings.site_id, &settings.api_key)?);
        let mut http = reqwest::Client::builder()
            .default_headers(headers)
            .http1_only()
            .tcp_nodelay(true)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_MAX)
            .connect_timeout(settings.connect_timeout.min(settings.timeout / 2))
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy();
        if base_url.scheme() == "http" && cards_base_url.scheme() == "http" {
            // Nothing will be verified, so a machine without certificates will do.
            http = http.tls_certs_only([]);
        }
        Ok(Self {
            http: http.build().map_err(SettingsError::Tls)?,
            base_url,
            cards_base_url,
        })
    }

    /// Makes one call and reads the whole answer.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Answer, GatewayError> {
        let started = Instant::now();
        if started >= outgoing.not_after {
            return Err(GatewayError::not_sent("it is too late to start"));
        }
        let url = self.url(&outgoing)?;
        let mut request = self
            .http
            .request(outgoing.method.clone(), url)
            .header("RequestId", outgoing.request_id);
        if let Some(body) = outgoing.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        } else if outgoing.method == Method::POST {
            // Without it, some servers turn the request away as one of unknown length.
            request = request.header(CONTENT_LENGTH, "0");
        }
        let request = request
            .build()
            .map_err(|_| GatewayError::not_sent("the request cannot be built"))?;
        let received = match self.http.execute(request).await {
            Ok(response) => read(response).await,
            Err(error) => Err(failure(&error)),
        };
        tracing::debug!(
            method = %outgoing.method,
            host = outgoing.host.as_str(),
            path = outgoing.template,
            status = received.as_ref().ok().map(|answer| answer.http_status),
            error = received.as_ref().err().map(tracing::field::display),
            milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request_id = outgoing.request_id,
            "gateway call"
        );
        received
    }

    fn url(&self, outgoing: &Outgoing<'_>) -> Result<Url, GatewayError> {
        let mut url = match outgoing.host {
            Host::Pay => self.base_url.clone(),
            Host::Cards => self.cards_base_url.clone(),
        };
        url.path_segments_mut()
            .map_err(|()| GatewayError::not_sent("the gateway's URL has no path"))?
            .pop_if_empty()
            .extend(outgoing.path);
        if !outgoing.query.is_empty() {
            url.query_pairs_mut().extend_pairs(outgoing.query);
        }
        Ok(url)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Client")
            .field("base_url", &self.base_url.as_str())
            .finish_non_exhaustive()
    }
}

fn checked_url(key: &'static str, text: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(text).map_err(|_| SettingsError::BaseUrl { key })?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host() && url.fragment().is_none();
    if is_plain && is_web {
        Ok(url)
    } else {
        Err(SettingsError::BaseUrl { key })
    }
}

fn authorization(site: SiteId, key: &SecretString) -> Result<HeaderValue, SettingsError> {
    // The gateway's readers insist on exactly two parts.
    if key.expose_secret().is_empty() || key.expose_secret().contains(':') {
        return Err(SettingsError::ApiKey);
    }
    let credentials = SecretString::from(format!("{site}:{}", key.expose_secret()));
    let header = SecretString::from(format!("Basic {}", STANDARD.encode(credentials.expose_secret())));
    let mut header = HeaderValue::from_str(header.expose_secret()).map_err(|_| SettingsError::ApiKey)?;
    header.set_sensitive(true);
    Ok(header)
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
