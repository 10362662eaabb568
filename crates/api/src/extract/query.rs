//! Parameters of the query: unknown ones are refused, because a typo in a filter shows what was not asked for.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// The parameters of the query.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

/// What a query says, unless something in it is not documented or said twice.
pub(crate) fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let mut parameters = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if parameters
            .insert(name.to_string(), Value::String(value.into_owned()))
            .is_some()
        {
            let pointer = format!("?{name}");
            return Err(Problem::at(
                StatusCode::BAD_REQUEST,
                pointer,
                "parameter_invalid",
                "it is given twice",
            ));
        }
    }
    serde_path_to_error::deserialize(Value::Object(parameters)).map_err(|error| {
        let text = error.inner().to_string();
        let code = if text.starts_with("unknown field") {
            "unknown_parameter"
        } else {
            "parameter_invalid"
        };
        let detail = text.replace("unknown field", "unknown parameter");
        Problem::at(StatusCode::BAD_REQUEST, format!("?{}", error.path()), code, detail)
    })
}

/// A number, a time or a truth, which a query spells as text.
pub fn spelled<'de, T, D>(value: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(value)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// How many items a page has.
#[derive(Clone, Copy, Debug)]
pub struct Limit(pub usize);

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let limit = spelled(value)?.unwrap_or(Self::default().0);
        if (1..=LIMIT_MAX).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(D::Error::custom("it is 1 to 100"))
        }
    }
}

/// How many items a page may have.
const LIMIT_MAX: usize = 100;
