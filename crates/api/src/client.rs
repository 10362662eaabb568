//! What the demo and replays call the API and the sandbox with: a storefront's view, over real HTTP.

mod local;

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Method, Request};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use local::{admin_key, sandbox_of};

/// The longest a call may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 * 1024 * 1024;

/// Makes calls; clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Http {
    pool: Pool<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// The API, called with one key.
#[derive(Clone)]
pub(crate) struct Api {
    http: Http,
    base: String,
    key: SecretString,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Whether the API had seen the request before (`Idempotent-Replayed: true`).
    pub replayed: bool,
    /// The header `Location`.
    pub location: Option<String>,
    body: Bytes,
}

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The call cannot be made.
    #[error("the call cannot be made: {0}")]
    Unusable(String),
    /// No answer: what was asked may have happened or not.
    #[error("no answer from {0}")]
    Lost(String),
    /// An answer, and not one of those that were wanted.
    #[error("{status} {code}: {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem's code; empty where the answer is no problem of ours.
        code: String,
        /// The problem's own words.
        detail: String,
    },
    /// An answer that does not say what it should.
    #[error("an answer that cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// What a problem says, as far as it is told on.
#[derive(serde::Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(serde::Deserialize)]
struct Fault {
    pointer: String,
    code: String,
    detail: String,
}

impl Http {
    /// For listeners of this machine: no certificate is trusted.
    pub fn local() -> Self {
        let config = ClientConfig::builder()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        Self::over(
            HttpsConnectorBuilder::new()
                .with_tls_config(config)
                .https_or_http()
                .enable_http1()
                .build(),
        )
    }

    /// For any server: certificates are judged as this machine judges them.
    pub fn anywhere() -> anyhow::Result<Self> {
        let trusting = HttpsConnectorBuilder::new().try_with_platform_verifier()?;
        Ok(Self::over(trusting.https_or_http().enable_http1().build()))
    }

    fn over(connector: HttpsConnector<HttpConnector>) -> Self {
        Self {
            pool: Pool::builder(TokioExecutor::new()).build(connector),
        }
    }

    /// Reads something that needs no key.
    pub async fn get(&self, url: &str) -> Result<Reply, CallError> {
        self.call(request(Method::GET, url), Bytes::new()).await
    }

    /// Sends JSON where no key is needed.
    pub async fn post(&self, url: &str, body: &impl Serialize) -> Result<Reply, CallError> {
        let request = request(Method::POST, url).header(CONTENT_TYPE, "application/json");
        self.call(request, serde_json::to_vec(body)?.into()).await
    }

    /// Presses a button on a web page. The form is sent as it is: nothing in it may need escaping.
    pub async fn press(&self, url: &str, form: &'static str) -> Result<Reply, CallError> {
        let request = request(Method::POST, url).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.call(request, Bytes::from_static(form.as_bytes())).await
    }

    async fn call(&self, request: hyper::http::request::Builder, body: Bytes) -> Result<Reply, CallError> {
        let request = request
            .body(Full::new(body))
            .map_err(|error| CallError::Unusable(error.to_string()))?;
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let lost = |why: &dyn std::fmt::Display| CallError::Lost(format!("{host}: {why}"));
        let exchange = async {
            let (head, body) = self
                .pool
                .request(request)
                .await
                .map_err(|error| lost(&innermost(&error)))?
                .into_parts();
            let body = Limited::new(body, ANSWER_MAX)
                .collect()
                .await
                .map_err(|error| lost(&error))?
                .to_bytes();
            let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
            Ok(Reply {
                status: head.status.as_u16(),
                replayed: text("idempotent-replayed") == Some("true"),
                location: text(LOCATION.as_str()).map(str::to_owned),
                body,
            })
        };
        match tokio::time::timeout(TIMEOUT, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => Err(lost(&format_args!("nothing within {} s", TIMEOUT.as_secs()))),
        }
    }
}

impl Api {
    /// The API at `base`, with this key.
    pub fn new(http: Http, base: &str, key: SecretString) -> Self {
        Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            key,
        }
    }

    /// The same API with another key.
    pub fn with_key(&self, key: SecretString) -> Self {
        Self { key, ..self.clone() }
    }

    /// The key it is called with.
    pub fn key(&self) -> &SecretString {
        &self.key
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Reply, CallError> {
        self.call(Method::GET, path, None, Bytes::new()).await
    }

    /// Reads in another form than JSON.
    pub async fn get_as(&self, path: &str, accept: &'static str) -> Result<Reply, CallError> {
        let request = self.request(Method::GET, path)?.header(ACCEPT, accept);
        self.http.call(request, Bytes::new()).await
    }

    /// Writes whole.
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Result<Reply, CallError> {
        self.call(Method::PUT, path, None, serde_json::to_vec(body)?.into())
            .await
    }

    /// Asks for something that moves no money.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Reply, CallError> {
        self.call(Method::POST, path, None, serde_json::to_vec(body)?.into())
            .await
    }

    /// Asks for something that may move money, under a name that makes repeating harmless.
    pub async fn post_once(&self, path: &str, key: &str, body: &impl Serialize) -> Result<Reply, CallError> {
        self.call(Method::POST, path, Some(key), serde_json::to_vec(body)?.into())
            .await
    }

    /// Removes.
    pub async fn delete(&self, path: &str) -> Result<Reply, CallError> {
        self.call(Method::DELETE, path, None, Bytes::new()).await
    }

    async fn call(&self, method: Method, path: &str, once: Option<&str>, body: Bytes) -> Result<Reply, CallError> {
        let mut request = self.request(method, path)?;
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        self.http.call(request, body).await
    }

    fn request(&self, method: Method, path: &str) -> Result<hyper::http::request::Builder, CallError> {
        let bearer = format!("Bearer {}", self.key.expose_secret());
        let mut bearer =
            HeaderValue::try_from(bearer).map_err(|_| CallError::Unusable("the key is no key".to_owned()))?;
        bearer.set_sensitive(true);
        Ok(request(method, &format!("{}{path}", self.base)).header(AUTHORIZATION, bearer))
    }
}

impl Reply {
    /// The reply, if its status is one of these.
    pub fn expect(self, wanted: &[u16]) -> Result<Self, CallError> {
        if wanted.contains(&self.status) {
            return Ok(self);
        }
        let (code, detail) = match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) => problem.in_words(),
            Err(_) => (String::new(), "no word why".to_owned()),
        };
        Err(CallError::Refused {
            status: self.status,
            code,
            detail,
        })
    }

    /// What it is, byte by byte.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// What it says.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Problem {
    /// Its first fault says more than it does itself.
    fn in_words(self) -> (String, String) {
        match self.errors.into_iter().next() {
            Some(Fault { pointer, code, detail }) => (code, format!("{detail} ({pointer})")),
            None => (self.code, self.detail),
        }
    }
}

impl CallError {
    /// Whether the same request under the same key may fare better in a moment.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Lost(_) => true,
            Self::Refused { status, .. } => matches!(status, 429 | 502 | 503 | 504),
            Self::Unusable(_) | Self::Unreadable(_) => false,
        }
    }
}

fn request(method: Method, url: &str) -> hyper::http::request::Builder {
    Request::builder().method(method).uri(url)
}

/// The reason at the bottom: what is above it says little more than that something failed.
fn innermost<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error
}
