//! What handlers ask for, read from the request or answered with a problem.

mod body;
mod named;
mod query;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

pub use body::{Json, Submitted};
pub(crate) use body::{bytes, parsed};
pub use named::{Inside, Named};
pub(crate) use query::read as parameters;
pub use query::{Limit, Parameters, spelled};

use crate::problem::Problem;

/// The authenticated caller. Only the guard puts one into a request, so a route that the table does not list has none.
#[derive(Clone, Debug)]
pub struct Caller(pub engine::Caller);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .extensions()
                .get::<engine::Caller>()
                .cloned()
                .map(Self)
                .ok_or_else(Problem::internal),
        )
    }
}
