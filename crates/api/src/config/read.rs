//! From merged text to typed values; every mistake is noted, and reading goes on.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use super::Mistake;
use super::keys::find;
use super::layers::{Given, Leaf};

/// Reads typed values and collects what is wrong with them.
pub(super) struct Reader<'a> {
    leaves: &'a BTreeMap<String, Leaf>,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(leaves: &'a BTreeMap<String, Leaf>, mistakes: &'a mut Vec<Mistake>) -> Self {
        Self { leaves, mistakes }
    }

    /// Notes that this key's value, wherever it came from, cannot be.
    pub(super) fn mistake(&mut self, name: &str, what: impl Into<String>, fix: impl Into<String>) {
        let source = self.leaves.get(name).map_or("not set", |leaf| leaf.source.as_str());
        self.mistakes.push(Mistake::new(name, source, what, fix));
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.leaves.get(name).map(|leaf| leaf.given.clone())? {
            Given::One(text) => Some(text),
            Given::Many(_) | Given::Float => {
                self.mistake(name, "it is not a single text or whole number", example(name));
                None
            }
        }
    }

    /// The text; its absence is a mistake.
    pub(super) fn required(&mut self, name: &str) -> Option<String> {
        if !self.leaves.contains_key(name) {
            self.mistake(name, "it is needed and not set", example(name));
        }
        self.text(name)
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// The value that the text says, if it is set.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let secret = find(name).is_some_and(|key| key.secret);
                let what = if secret {
                    "it cannot be read".to_owned()
                } else {
                    format!("{text:?}: {error}")
                };
                self.mistake(name, what, example(name));
                None
            }
        }
    }

    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
        let number = self.parsed(name)?;
        if range.contains(&number) {
            return Some(number);
        }
        self.mistake(
            name,
            format!("{number} is out of range"),
            format!("{} to {}", range.start(), range.end()),
        );
        None
    }

    pub(super) fn milliseconds(&mut self, name: &str, range: RangeInclusive<u64>) -> Option<Duration> {
        self.number(name, range).map(Duration::from_millis)
    }

    /// A list; as one text, its items are separated by commas.
    pub(super) fn list<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Vec<T>> {
        let items = match self.leaves.get(name).map(|leaf| leaf.given.clone())? {
            Given::Many(items) => items,
            Given::One(text) => text
                .split(',')
                .map(|item| item.trim().to_owned())
                .filter(|item| !item.is_empty())
                .collect(),
            Given::Float => return None,
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match item.parse() {
                Ok(value) => values.push(value),
                Err(error) => self.mistake(name, format!("{item:?}: {error}"), example(name)),
            }
        }
        Some(values)
    }

    /// The numbers of the methods that something is said about.
    pub(super) fn methods(&self) -> Vec<String> {
        let mut numbers: Vec<String> = self
            .leaves
            .keys()
            .filter_map(|name| name.strip_prefix("gateway.methods.")?.split_once('.'))
            .map(|(number, _)| number.to_owned())
            .collect();
        numbers.dedup();
        numbers
    }
}

fn example(name: &str) -> String {
    let Some(key) = find(name) else { return String::new() };
    let variable = name.to_uppercase().replace('.', "__");
    if key.secret {
        format!("set APPORTION__{variable}, or APPORTION__{variable}_FILE to a file that has it")
    } else {
        format!("for example {name} = {}", key.example)
    }
}
