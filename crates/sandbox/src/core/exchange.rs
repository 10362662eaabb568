//! What goes in and comes out of the core: a request and its answer, without a socket.

use serde::Serialize;
use std::fmt;

/// The content type of everything the gateway says to programs.
const JSON: &str = "application/json; charset=utf-8";
/// The content type of the page for people.
const HTML: &str = "text/html; charset=utf-8";

/// A request as it came over the wire, reduced to what the gateway looks at.
#[derive(Clone, Default)]
pub struct Request {
    /// The HTTP method in capitals.
    pub method: String,
    /// The path, as sent (trailing slashes included).
    pub path: String,
    /// The query string without its `?`.
    pub query: String,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `RequestId` header, the gateway's idempotency key.
    pub request_id: Option<String>,
    /// The body, empty if there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without a body or headers; the target may carry a query string.
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            ..Self::default()
        }
    }

    /// The same request with a body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same request with an `Authorization` header.
    #[must_use]
    pub fn with_authorization(mut self, authorization: impl Into<String>) -> Self {
        self.authorization = Some(authorization.into());
        self
    }

    /// The path without trailing slashes: the gateway's clients are careless about them.
    pub(crate) fn trimmed_path(&self) -> &str {
        match self.path.trim_end_matches('/') {
            "" => "/",
            path => path,
        }
    }
}

/// Bodies and credentials stay out of logs.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A whole answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The `Location` header of a redirect.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer in JSON.
    pub(crate) fn json(status: u16, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self {
                status,
                content_type: JSON,
                location: None,
                body,
            },
            Err(error) => Self::message(500, &format!("the answer cannot be written as JSON: {error}")),
        }
    }

    /// The gateway's shape for errors of its framework rather than of its business.
    pub(crate) fn message(status: u16, message: &str) -> Self {
        let body = serde_json::json!({ "Message": message }).to_string().into_bytes();
        Self {
            status,
            content_type: JSON,
            location: None,
            body,
        }
    }

    /// A page.
    pub(crate) fn html(status: u16, page: String) -> Self {
        Self {
            status,
            content_type: HTML,
            location: None,
            body: page.into_bytes(),
        }
    }

    /// 303: the browser goes on with a GET.
    pub(crate) fn see_other(location: String) -> Self {
        Self {
            status: 303,
            content_type: HTML,
            location: Some(location),
            body: Vec::new(),
        }
    }
}

/// Bodies stay out of logs.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What the caller gets to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The answer, whole.
    Answer(Response),
    /// The head of the answer and so many bytes of its body; then the connection is closed.
    Cut {
        /// The answer that would have been given.
        response: Response,
        /// How many bytes of its body arrive.
        bytes: usize,
    },
    /// The connection is closed without a byte.
    Closed,
}

/// The core's verdict on a request. It has already acted; only the reply may be late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// What to send.
    pub reply: Reply,
    /// How long to wait before sending it, in microseconds.
    pub delay_micros: u64,
}
