//! Names in paths.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::problem::Problem;

/// The first parameter of the path. What cannot be a name is not found.
#[derive(Debug)]
pub struct Named<T>(pub T);

impl<T: FromStr> FromRequest for Named<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().iter().next().map_or("", |(_, text)| text);
        ready(text.parse().map(Self).map_err(|_| Problem::not_found()))
    }
}
