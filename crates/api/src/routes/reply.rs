//! Answers that several routes give.

use actix_web::HttpResponse;
use actix_web::http::header;
use engine::Outcome;
use serde::Serialize;

use crate::problem::Problem;

/// What a handler answers.
pub type Reply = Result<HttpResponse, Problem>;

/// Seconds after which an open question is worth asking again.
const ASK_AGAIN: u32 = 1;

/// 200 with this.
pub fn ok(view: impl Serialize) -> Reply {
    Ok(HttpResponse::Ok().json(view))
}

/// 201 for what is new, 200 for what was there.
pub fn put(view: impl Serialize, created: bool) -> Reply {
    let mut response = if created {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(response.json(view))
}

/// What became of a request that may move money: 201, or 202 while the gateway's answer is not known.
pub fn outcome<T: Serialize>(outcome: &Outcome<T>, location: String) -> Reply {
    let mut response = if outcome.settled {
        HttpResponse::Created()
    } else {
        HttpResponse::Accepted()
    };
    response.insert_header((header::LOCATION, location));
    if !outcome.settled {
        response.insert_header((header::RETRY_AFTER, ASK_AGAIN));
    }
    if outcome.replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    Ok(response.json(&outcome.view))
}
