//! What is wrong with a body that is not what is documented: where, and what would be.

use actix_web::http::StatusCode;
use domain::fault::escaped;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use super::Problem;
use crate::cards;

/// The problem of a body that could not be read.
pub fn unreadable(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let inner = error.inner();
    match inner.classify() {
        Category::Data => {
            let text = cleaned(&inner.to_string());
            let (code, pointer) = (kind(&text), pointer(error.path(), &text));
            // What is no JSON to its end was not searched for card numbers: what is said of it would quote one.
            if cards::in_text(&text) || cards::in_text(&pointer) {
                return Problem::card_number("");
            }
            Problem::at(StatusCode::BAD_REQUEST, pointer, code, text)
        }
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::bad_request("json_malformed", format!("the body is not JSON: {inner}"))
        }
    }
}

/// serde says what it minds in words only.
fn kind(text: &str) -> &'static str {
    let starts = |words: &str| text.starts_with(words);
    if starts("unknown field") {
        "unknown_field"
    } else if starts("missing field") {
        "field_missing"
    } else if starts("duplicate field") {
        "field_duplicate"
    } else if starts("invalid type") || starts("invalid value") || starts("invalid length") {
        "field_type"
    } else {
        "field_invalid"
    }
}

/// The place as a JSON pointer. What is missing has no place yet: the pointer names where it would be.
fn pointer(path: &Path, text: &str) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let named = text
        .strip_prefix("missing field `")
        .or_else(|| text.strip_prefix("unknown field `"));
    if let Some((name, _)) = named.and_then(|rest| rest.split_once('`')) {
        let ending = format!("/{}", escaped(name));
        if text.starts_with("missing") || !pointer.ends_with(&ending) {
            pointer.push_str(&ending);
        }
    }
    pointer
}

/// The pointer says where, so a line and a column would only confuse; and what we call an object is nobody's business.
fn cleaned(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(before, _)| before);
    match text.split_once("expected struct ") {
        Some((before, _)) => format!("{before}expected an object"),
        None => text.to_owned(),
    }
}
