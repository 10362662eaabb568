//! JSON bodies: within limits, without card numbers, and exactly as documented.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use domain::ids::IdempotencyKey;
use engine::Submission;
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::cards;
use crate::door::Door;
use crate::problem::{Problem, unreadable};

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// The JSON body of a request that may move money, with its key and its digest.
#[derive(Debug)]
pub struct Submitted<T> {
    /// The body.
    pub body: T,
    /// Its key and digest.
    pub submission: Submission,
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { read(&request, payload).await.map(Self) })
    }
}

impl<T: DeserializeOwned + Serialize + 'static> FromRequest for Submitted<T> {
    type Error = Problem;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let key = idempotency_key(&request)?;
            let body = read(&request, payload).await?;
            let fingerprint = fingerprint(&request, &body)?;
            Ok(Self {
                body,
                submission: Submission { key, fingerprint },
            })
        })
    }
}

async fn read<T: DeserializeOwned>(request: &HttpRequest, payload: Payload) -> Result<T, Problem> {
    let media_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = media_type.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "send the body as Content-Type: application/json";
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type_unsupported",
            detail,
        ));
    }
    parsed(&bytes(request, payload).await?)
}

/// What a whole body says, unless a card number stands in it or it is not as documented.
pub(crate) fn parsed<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if let Some(pointer) = cards::find(bytes) {
        return Err(Problem::card_number(pointer));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| unreadable(&error))?;
    reader
        .end()
        .map_err(|error| Problem::bad_request("json_malformed", format!("the body is not JSON: {error}")))?;
    Ok(value)
}

/// The whole body, unless it is larger than is allowed.
pub(crate) async fn bytes(request: &HttpRequest, mut payload: Payload) -> Result<Bytes, Problem> {
    let limit = request
        .app_data::<web::Data<Door>>()
        .ok_or_else(Problem::internal)?
        .max_body_bytes;
    let too_large = || {
        let detail = format!("a body has at most {limit} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let announced = announced.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    if announced > limit {
        return Err(too_large());
    }
    let interrupted = || Problem::bad_request("body_interrupted", "the body did not arrive in full, or not in time");
    let read = async {
        let mut body = BytesMut::with_capacity(announced);
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| interrupted())?;
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(BODY_TIMEOUT, read)
        .await
        .map_err(|_| interrupted())?
}

fn idempotency_key(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        let detail = "send an Idempotency-Key header: a name of your own for this wish, the same when you repeat it";
        return Err(Problem::bad_request("idempotency_key_missing", detail));
    };
    let key = value.to_str().ok().and_then(|text| text.parse().ok());
    key.ok_or_else(|| Problem::bad_request("idempotency_key_invalid", IdempotencyKey::ACCEPTS))
}

/// A digest of method, path and what the body says, however it was written. A field that must not be kept, such as a
/// security code, is not serialized and so is not in it.
fn fingerprint<T: Serialize>(request: &HttpRequest, body: &T) -> Result<String, Problem> {
    let body = serde_json::to_vec(body).map_err(|_| Problem::internal())?;
    let mut digest = Sha256::new();
    digest.update(request.method().as_str());
    digest.update(b"\n");
    digest.update(request.path());
    digest.update(b"\n");
    digest.update(&body);
    let digest = digest.finalize();
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Ok(nibbles
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect())
}
