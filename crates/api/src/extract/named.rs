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

/// The two parameters of a path: a thing, and one inside it. What cannot be a name is not found.
#[derive(Debug)]
pub struct Inside<A, B> {
    /// The first.
    pub outer: A,
    /// The second.
    pub inner: B,
}

impl<A: FromStr, B: FromStr> FromRequest for Inside<A, B> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut texts = request.match_info().iter().map(|(_, text)| text);
        let outer = texts.next().and_then(|text| text.parse().ok());
        let inner = texts.next().and_then(|text| text.parse().ok());
        let both = outer.zip(inner).map(|(outer, inner)| Self { outer, inner });
        ready(both.ok_or_else(Problem::not_found))
    }
}
