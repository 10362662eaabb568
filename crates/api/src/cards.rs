//! Card numbers are refused wherever they stand in a body, before anything is logged or stored.

use serde_json::Value;

/// The digits of a card number.
const SHORTEST: usize = 15;
const LONGEST: usize = 19;

/// The JSON pointer of the first full card number in a body, if there is one.
///
/// `order`, `sku` and the ids of lines are the storefront's own numbers and may look like cards by chance.
#[must_use]
pub fn find(body: &[u8]) -> Option<String> {
    if !may_contain(body) {
        return None;
    }
    let value: Value = serde_json::from_slice(body).ok()?;
    look(&value, &mut Vec::new())
}

/// Most bodies have no run of digits long enough, and need no second reading. An escape may hide a digit.
fn may_contain(body: &[u8]) -> bool {
    let mut digits = 0_usize;
    for byte in body {
        match byte {
            b'0'..=b'9' => digits = digits.saturating_add(1),
            b' ' | b'-' => {}
            b'\\' => return true,
            _ => digits = 0,
        }
        if digits >= SHORTEST {
            return true;
        }
    }
    false
}

fn look(value: &Value, path: &mut Vec<String>) -> Option<String> {
    match value {
        Value::String(text) => (!is_the_storefronts_own(path) && in_text(text)).then(|| pointer(path)),
        Value::Number(number) => in_text(&number.to_string()).then(|| pointer(path)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| within(index.to_string(), item, path)),
        Value::Object(fields) => fields.iter().find_map(|(key, field)| {
            // The pointer names what holds the key, because the key is the number.
            if in_text(key) {
                Some(pointer(path))
            } else {
                within(key.clone(), field, path)
            }
        }),
        Value::Null | Value::Bool(_) => None,
    }
}

fn within(step: String, value: &Value, path: &mut Vec<String>) -> Option<String> {
    path.push(step);
    let found = look(value, path);
    path.pop();
    found
}

fn is_the_storefronts_own(path: &[String]) -> bool {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["order"] | [.., "lines", _, "id" | "sku"] | [.., "applies_to", "line"]
    )
}

fn pointer(path: &[String]) -> String {
    path.iter()
        .map(|step| format!("/{}", domain::fault::escaped(step)))
        .collect()
}

/// Whether a full card number stands in the text, spaces and dashes ignored.
#[must_use]
pub fn in_text(text: &str) -> bool {
    let mut groups: Vec<String> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| !letter.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // An identifier in hexadecimal is no card, whatever digits it has.
        let hexadecimal = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits_only = word.bytes().all(|byte| byte.is_ascii_digit());
        if digits_only && !word.is_empty() {
            groups.push(word.to_owned());
        } else if !word.is_empty() {
            if any_number(&groups) || (!hexadecimal && runs(word).any(is_card)) {
                return true;
            }
            groups.clear();
        }
        let mut letters = after.chars();
        match letters.next() {
            Some(' ' | '-') | None => {}
            Some(_) => {
                if any_number(&groups) {
                    return true;
                }
                groups.clear();
            }
        }
        rest = letters.as_str();
    }
    any_number(&groups)
}

fn runs(word: &str) -> impl Iterator<Item = &str> {
    word.split(|letter: char| !letter.is_ascii_digit())
}

/// Whether neighbouring groups of digits make up a card number.
fn any_number(groups: &[String]) -> bool {
    (0..groups.len()).any(|first| {
        let mut number = String::new();
        groups.iter().skip(first).any(|group| {
            number.push_str(group);
            is_card(&number)
        })
    })
}

fn is_card(digits: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len()) && is_issued(digits) && has_check_digit(digits)
}

/// Whether an issuer of cards has numbers that begin so and are so long.
fn is_issued(digits: &str) -> bool {
    let first = |count: usize| {
        digits
            .get(..count)
            .and_then(|prefix| prefix.parse::<u32>().ok())
            .unwrap_or(0)
    };
    let length = digits.len();
    match (first(1), first(2), first(3), first(4)) {
        // Visa.
        (4, ..) => matches!(length, 16 | 18 | 19),
        // American Express, and Diners Club's older numbers.
        (_, 34 | 37, ..) => length == 15,
        // Mastercard, Mir.
        (_, 51..=55, ..) | (_, _, _, 2200..=2204 | 2221..=2720) => length == 16,
        // JCB, Diners Club.
        (_, _, _, 3528..=3589) | (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => length >= 16,
        // Discover, UnionPay, RuPay, Maestro, Elo, Hipercard.
        (_, 50 | 56..=69 | 81 | 82, ..) => length >= 16,
        _ => false,
    }
}

/// The check digit that every card number ends with (Luhn).
fn has_check_digit(digits: &str) -> bool {
    let sum = digits.bytes().rev().enumerate().fold(0_u32, |sum, (place, byte)| {
        let digit = u32::from(byte.saturating_sub(b'0'));
        let weighed = if place % 2 == 0 { digit } else { digit * 2 };
        sum + weighed / 10 + weighed % 10
    });
    sum % 10 == 0
}
