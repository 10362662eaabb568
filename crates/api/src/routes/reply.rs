//! Answers that several routes give.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, HttpResponseBuilder};
use engine::Outcome;
use serde::Serialize;

use crate::problem::Problem;

/// What a handler answers.
pub type Reply = Result<HttpResponse, Problem>;

/// Seconds after which an open question is worth asking again.
const ASK_AGAIN: u32 = 1;

/// What a payment of a few lines takes as a body.
const BODY_BYTES: usize = 8 * 1024;

/// 200 with this.
pub fn ok(view: impl Serialize) -> Reply {
    json(HttpResponse::Ok(), view)
}

/// 201 for what is new, 200 for what was there.
pub fn put(view: impl Serialize, created: bool) -> Reply {
    let response = if created {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    json(response, view)
}

/// What became of a request that may move money: 201, or 202 while the gateway's answer is not known.
pub fn outcome<T: Serialize>(outcome: &Outcome<T>, location: String) -> Reply {
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, location));
    told(outcome, response)
}

/// The same for what changes something that is there: 200, or 202.
pub fn done<T: Serialize>(outcome: &Outcome<T>) -> Reply {
    told(outcome, HttpResponse::Ok())
}

fn told<T: Serialize>(outcome: &Outcome<T>, mut response: HttpResponseBuilder) -> Reply {
    if !outcome.settled {
        response.status(StatusCode::ACCEPTED);
        response.insert_header((header::RETRY_AFTER, ASK_AGAIN));
    }
    if outcome.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    json(response, &outcome.view)
}

/// A body that grows while it is written is copied again and again.
fn json(mut response: HttpResponseBuilder, view: impl Serialize) -> Reply {
    let mut body = Vec::with_capacity(BODY_BYTES);
    serde_json::to_writer(&mut body, &view).map_err(|_| Problem::internal())?;
    Ok(response.content_type(ContentType::json()).body(body))
}
