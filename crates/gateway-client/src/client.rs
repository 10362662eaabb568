//! One call: its address, credentials and headers, and the time after which it is not started.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::ids::SiteId;
use domain::planted::{Defect, planted};
use domain::sight::Host;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Method, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use crate::answer::Answer;
use crate::error::GatewayError;
pub use crate::transport::BODY_MAX_BYTES;
use crate::transport::{Http, Transport};

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
    transport: Arc<dyn Transport>,
    headers: HeaderMap,
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
        let is_plain = |url: &str| url.starts_with("http://");
        let tls = !(is_plain(&settings.base_url) && is_plain(&settings.cards_base_url));
        let http = Http::try_new(settings.timeout, settings.connect_timeout, tls).map_err(SettingsError::Tls)?;
        Self::over(Arc::new(http), &settings)
    }

    /// A client whose requests are carried by something else: for a simulation that owns time and the network. The
    /// transport keeps `settings.timeout`.
    pub fn over(transport: Arc<dyn Transport>, settings: &Settings) -> Result<Self, SettingsError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, authorization(settings.site_id, &settings.api_key)?);
        Ok(Self {
            transport,
            headers,
            base_url: checked_url("base_url", &settings.base_url)?,
            cards_base_url: checked_url("cards_base_url", &settings.cards_base_url)?,
        })
    }

    /// Makes one call and reads the whole answer.
    pub(crate) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Answer, GatewayError> {
        let started = Instant::now();
        if started >= outgoing.not_after {
            return Err(GatewayError::not_sent("it is too late to start"));
        }
        let mut request = Request::new(outgoing.method.clone(), self.url(&outgoing)?);
        let headers = request.headers_mut();
        headers.clone_from(&self.headers);
        let id = HeaderValue::from_str(outgoing.request_id);
        headers.insert(
            "RequestId",
            id.map_err(|_| GatewayError::not_sent("the request cannot be built"))?,
        );
        if outgoing.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        } else if outgoing.method == Method::POST {
            // Without it, some servers turn the request away as one of unknown length.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *request.body_mut() = outgoing.body.map(Body::from);
        let received = match self.transport.carry(request).await {
            Err(GatewayError::Unknown { why }) if planted(Defect::LostTakenForUnsent) => {
                Err(GatewayError::NotSent { why })
            }
            received => received,
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
