//! The configuration as people read it: merged, with secrets masked; and the reference file.

use std::collections::BTreeMap;

use serde::Serialize;
use url::Url;

use super::Profile;
use super::keys::{KEYS, Key, find};
use super::layers::{Given, Leaf};

/// What stands in the place of a secret.
const MASK: &str = "********";

/// One value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The key.
    pub key: String,
    /// Its value, masked if it is a secret; none if it is not set.
    pub value: Option<String>,
    /// `default`, a file, a variable of the environment, `flag`, or `not set`.
    pub source: String,
}

pub(super) fn shown(leaves: &BTreeMap<String, Leaf>, profile: Option<Profile>, implied: bool) -> Vec<Shown> {
    let source = if implied {
        "no profile and no gateway"
    } else {
        "APPORTION_PROFILE"
    };
    let mut shown = vec![Shown {
        key: "profile".to_owned(),
        value: profile.map(|profile| profile.as_str().to_owned()),
        source: if profile.is_some() { source } else { "not set" }.to_owned(),
    }];
    for key in KEYS {
        let mut given = leaves
            .iter()
            .filter(|(name, _)| find(name).is_some_and(|found| found.name == key.name))
            .peekable();
        if given.peek().is_none() && !key.name.contains('*') {
            shown.push(Shown {
                key: key.name.to_owned(),
                value: None,
                source: "not set".to_owned(),
            });
        }
        shown.extend(given.map(|(name, leaf)| Shown {
            key: name.clone(),
            value: Some(value(key, &leaf.given)),
            source: leaf.source.clone(),
        }));
    }
    shown
}

fn value(key: &Key, given: &Given) -> String {
    match given {
        _ if key.secret => MASK.to_owned(),
        Given::One(text) if key.name == "database.url" => without_password(text),
        Given::One(text) => text.clone(),
        Given::Many(items) => format!("[{}]", items.join(", ")),
        Given::Float => "a number with a fraction".to_owned(),
    }
}

/// A database's URL without its password.
pub(super) fn without_password(text: &str) -> String {
    if text.starts_with("sqlite://") {
        return text.to_owned();
    }
    match Url::parse(text) {
        Ok(mut url) => {
            if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
                return MASK.to_owned();
            }
            // libpq takes passwords in the query too.
            if url.query().is_some_and(|query| query.contains("password")) {
                url.set_query(Some(MASK));
            }
            url.to_string()
        }
        Err(_) => MASK.to_owned(),
    }
}

/// `config/default.toml`: every key with its meaning; what has a default shows it, commented out.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# Every key there is, each with its default. Later ones win:\n\
         #   this file < config/<profile>.toml (APPORTION_PROFILE=sandbox|production) < environment < flags (--set key=value)\n\
         # A variable of the environment is APPORTION__SECTION__KEY, such as APPORTION__SERVER__LISTEN; a secret (and\n\
         # database.url) may be read from the file that APPORTION__SECTION__KEY_FILE names. `apportion config` shows the\n\
         # values in effect and where each came from. This file is written by `apportion config --reference`.\n\n",
    );
    let (top, sections): (Vec<&Key>, Vec<&Key>) = KEYS.iter().partition(|key| !key.name.contains('.'));
    let mut section = "";
    for key in top.into_iter().chain(sections) {
        let (name, last) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        if name != section {
            section = name;
            let header = name.replace('*', "9");
            // A commented key needs no header, but one that is uncommented does.
            text.push_str(&if name.contains('*') {
                format!("\n# [{header}]\n")
            } else {
                format!("\n[{header}]\n")
            });
        }
        text.push_str(&entry(key, last));
    }
    text
}

fn entry(key: &Key, last: &str) -> String {
    let mut text = String::new();
    let unset = if key.default.is_none() {
        " Not set unless given."
    } else {
        ""
    };
    let secret = if key.secret { " A secret." } else { "" };
    let mut line = String::from("#");
    for word in format!("{}{unset}{secret}", key.doc).split_whitespace() {
        if line.len() + word.len() >= 110 {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    format!("{text}{line}\n# {last} = {}\n", key.example)
}
