//! What differs from run to run is given a name, so that transcripts can be compared.

use crate::json::Json;
use regex_lite::{Captures, Regex};
use std::collections::BTreeMap;

/// Gives stable names to what is drawn or read from a clock. The same id has the same name throughout a story.
pub struct Mask {
    ids: BTreeMap<String, usize>,
    patterns: Vec<(Regex, &'static str)>,
    id: Regex,
}

impl Default for Mask {
    fn default() -> Self {
        let patterns = [
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
            (r"127\.0\.0\.1:\d+", "<host>"),
            (r"\bap_test_[0-9A-Za-z_-]+", "<api key>"),
            (r"\b[0-9a-f]{64}\b", "<digest>"),
            (r"\b[0-9a-zA-Z]{32}\b", "<reference>"),
            (r"\btest\d{10}\b", "<reference>"),
            // Which commit an entry came with is a matter of what was asked at the same time.
            (r"\b\d{16}-((pay|set)_[A-Z]\d*)-\d+-\d+", "<moment>-$1"),
        ];
        Self {
            ids: BTreeMap::new(),
            patterns: patterns.map(|(pattern, name)| (regex(pattern), name)).to_vec(),
            id: regex(r"\b(pay|spl|op|ref|dis|evt|key|ent|card|set)_([0-9a-hjkmnp-tv-z]{26})"),
        }
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is right")
}

impl Mask {
    /// A text with everything that is drawn or read from a clock named.
    pub fn text(&mut self, text: &str) -> String {
        let ids = &mut self.ids;
        let named = self.id.replace_all(text, |found: &Captures<'_>| {
            let next = ids.len();
            let number = *ids.entry(found[2].to_owned()).or_insert(next);
            format!("{}_{}", &found[1], letter(number))
        });
        let mut masked = named.into_owned();
        for (pattern, name) in &self.patterns {
            masked = pattern.replace_all(&masked, *name).into_owned();
        }
        masked
    }

    /// A JSON value, likewise.
    pub fn json(&mut self, value: Json) -> Json {
        value.map(&mut |text| self.text(text), &|name| match name {
            "request_id" => Some("<request>"),
            // How often it was asked in vain until now.
            "absences" => Some("<count>"),
            _ => None,
        })
    }
}

/// A, B, … Z, A1, B1, …
fn letter(number: usize) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = &letters[number % 26..=number % 26];
    if number < 26 {
        letter.to_owned()
    } else {
        format!("{letter}{}", number / 26)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_has_the_same_name() {
        let mut mask = Mask::default();
        let one = "pay_01jabcdefghjkmnpqrstvwxyz0";
        assert_eq!(mask.text(one), "pay_A");
        assert_eq!(
            mask.text(&format!(
                "{} at 2026-01-02T03:04:05.678Z",
                one.replace("pay", "spl") + "_2"
            )),
            "spl_A_2 at <time>"
        );
        assert_eq!(
            mask.text("pay_01jabcdefghjkmnpqrstvwxyz1 on http://127.0.0.1:4711/x"),
            "pay_B on http://<host>/x"
        );
    }
}
