//! JSON that keeps the order in which it was written, so that a transcript reads as the API speaks.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The longest line of a transcript, in characters, but for what is one value.
const WIDTH: usize = 200;

/// A JSON value whose objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`, a truth value or a number: nothing that a transcript changes.
    Plain(serde_json::Value),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text, or says that it is none.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// As people lay JSON out: what fits on a line stands on one.
    pub fn laid_out(&self) -> String {
        let mut out = String::new();
        self.lay_out(&mut out, 0, 0);
        out
    }

    /// `before` is what stands on the line already, in characters.
    fn lay_out(&self, out: &mut String, level: usize, before: usize) {
        let line = self.on_one_line();
        let (open, close, items): (_, _, Vec<(String, &Self)>) = match self {
            Self::List(items) => ('[', ']', items.iter().map(|item| (String::new(), item)).collect()),
            Self::Object(fields) => {
                let named = |(name, value)| (format!("{}: ", quoted(name)), value);
                (
                    '{',
                    '}',
                    fields.iter().map(|(name, value)| named((name, value))).collect(),
                )
            }
            Self::Plain(_) | Self::Text(_) => return out.push_str(&line),
        };
        if items.is_empty() || before + line.chars().count() <= WIDTH {
            return out.push_str(&line);
        }
        let last = items.len() - 1;
        out.push(open);
        for (at, (name, value)) in items.into_iter().enumerate() {
            let indent = "  ".repeat(level + 1);
            out.push_str(&format!("\n{indent}{name}"));
            value.lay_out(out, level + 1, indent.len() + name.chars().count() + 1);
            if at < last {
                out.push(',');
            }
        }
        out.push_str(&format!("\n{}{close}", "  ".repeat(level)));
    }

    fn on_one_line(&self) -> String {
        match self {
            Self::Plain(value) => value.to_string(),
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::on_one_line).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Object(fields) => {
                let field = |(name, value): &(String, Self)| format!("{}: {}", quoted(name), value.on_one_line());
                let fields: Vec<_> = fields.iter().map(field).collect();
                format!("{{{}}}", fields.join(", "))
            }
        }
    }

    /// The same value with every text changed, and with what stands under some names replaced.
    pub fn map(self, text: &mut impl FnMut(&str) -> String, named: &impl Fn(&str) -> Option<&'static str>) -> Self {
        match self {
            Self::Plain(value) => Self::Plain(value),
            Self::Text(value) => Self::Text(text(&value)),
            Self::List(items) => Self::List(items.into_iter().map(|item| item.map(text, named)).collect()),
            Self::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| match (named(&name), &value) {
                        (Some(mask), Self::Text(_) | Self::Plain(_)) => (name, Self::Text(mask.to_owned())),
                        _ => (text(&name), value.map(text, named)),
                    })
                    .collect(),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Plain(serde_json::Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Plain(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Plain(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Plain(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_on_a_line_stands_on_one() {
        let text = r#"{"b": 1, "a": ["x", null, {}]}"#;
        assert_eq!(Json::read(text).unwrap().laid_out(), text);
        let long = format!(r#"{{"z": "{}", "a": [1, 2]}}"#, "x".repeat(WIDTH));
        let expected = format!("{{\n  \"z\": \"{}\",\n  \"a\": [1, 2]\n}}", "x".repeat(WIDTH));
        assert_eq!(Json::read(&long).unwrap().laid_out(), expected);
    }
}
