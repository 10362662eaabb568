//! Calls over HTTP, as the people of a story make them.

use reqwest::{Client, Method};
use serde_json::Value;
use std::ops::Index;
use std::time::Duration;

/// How long a call of a story may take. The API answers a repeat of a running request within 10 s.
const CALL_MAX: Duration = Duration::from_secs(20);
/// The headers of an answer that are part of the contract.
const SHOWN: [&str; 4] = ["content-type", "idempotent-replayed", "retry-after", "www-authenticate"];

/// A call.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// From the first slash on.
    pub path: String,
    /// The headers that a reader of a transcript wants to see.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as it is sent.
    pub body: Option<String>,
}

impl Asked {
    /// A call without a body.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// A call with a JSON body.
    pub fn with_body(method: &'static str, path: impl Into<String>, body: &Value) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: Some(body.to_string()),
        }
    }

    /// The same call with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are part of the contract, but for the media type of plain JSON.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub json: Value,
}

impl Answer {
    /// One of the headers that are part of the contract.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The same answer, if it has this status.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The text under this name.
    pub fn text_at(&self, name: &str) -> String {
        self.json[name]
            .as_str()
            .unwrap_or_else(|| panic!("no text {name:?} in {}", self.text))
            .to_owned()
    }

    /// The payment's id.
    pub fn id(&self) -> String {
        self.text_at("id")
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        &self.json[name]
    }
}

/// A client that keeps connections, follows no redirect and asks no proxy.
pub fn client() -> Client {
    // A provider may have been installed before; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .timeout(CALL_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client can be made")
}

/// Makes a call. `authorization` is the whole header; it is never part of a transcript.
pub async fn call(
    client: &Client,
    base: &str,
    authorization: Option<&str>,
    asked: &Asked,
) -> Result<Answer, reqwest::Error> {
    let answer = call_once(client, base, authorization, asked).await?;
    // A server that saw no request on a connection for a while says 408 on it, at any time: it speaks of no call of ours.
    if answer.status == 408 {
        call_once(client, base, authorization, asked).await
    } else {
        Ok(answer)
    }
}

async fn call_once(
    client: &Client,
    base: &str,
    authorization: Option<&str>,
    asked: &Asked,
) -> Result<Answer, reqwest::Error> {
    let method = Method::from_bytes(asked.method.as_bytes()).expect("a method is a word");
    let mut request = client.request(method, format!("{base}{}", asked.path));
    if let Some(authorization) = authorization {
        request = request.header("Authorization", authorization);
    }
    if asked.body.is_some()
        && !asked
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        request = request.header("Content-Type", "application/json");
    }
    for (name, value) in &asked.headers {
        request = request.header(*name, value);
    }
    if let Some(body) = &asked.body {
        request = request.body(body.clone());
    }
    let response = request.send().await?;
    let status = response.status().as_u16();
    let header = |name: &&str| {
        Some((
            (*name).to_owned(),
            response.headers().get(*name)?.to_str().ok()?.to_owned(),
        ))
    };
    let headers = SHOWN
        .iter()
        .filter_map(header)
        .filter(|(_, value)| !value.starts_with("application/json"))
        .collect();
    let text = response.text().await?;
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(Answer {
        status,
        headers,
        text,
        json,
    })
}
