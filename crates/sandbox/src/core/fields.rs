//! The fields of requests, each read as the documents' expressions have it.

use super::wire_in::{Address, Loose};

/// Digits an amount may have.
const AMOUNT_DIGITS: usize = 12;
/// Digits of the numbers of sites, methods and options, and of the token's minutes.
const NUMBER_DIGITS: usize = 12;
/// Characters a reference may have.
const REFERENCE_LENGTH: usize = 50;
/// Characters a description may have.
const DESCRIPTION_LENGTH: usize = 255;
/// Characters a return URL may have after its scheme.
const URL_LENGTH: usize = 512;

/// An amount in hundredths; nothing moves nothing.
pub(crate) fn amount(text: &Loose) -> Option<u64> {
    digits(text.as_str(), AMOUNT_DIGITS).filter(|amount| *amount > 0)
}

/// The number of a site, a method, a split.
pub(crate) fn number(text: &Loose) -> Option<u64> {
    digits(text.as_str(), NUMBER_DIGITS)
}

/// Digits and nothing else.
pub(crate) fn digits(text: &str, at_most: usize) -> Option<u64> {
    let plain = (1..=at_most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Minutes that a payment's token lives.
pub(crate) fn minutes(text: &Loose) -> Option<u32> {
    number(text)
        .and_then(|minutes| u32::try_from(minutes).ok())
        .filter(|minutes| *minutes > 0)
}

pub(crate) fn is_reference(text: &Loose) -> bool {
    let text = text.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=REFERENCE_LENGTH).contains(&text.len()) && text.bytes().all(plain)
}

/// A text of the length that descriptions may have.
pub(crate) fn is_description(text: &Loose) -> bool {
    text.as_str().chars().count() <= DESCRIPTION_LENGTH
}

/// ISO 4217, in any case.
pub(crate) fn currency(text: &Loose) -> Option<[u8; 3]> {
    let code = text.as_str().to_ascii_uppercase();
    iso_currency::Currency::from_code(&code).and_then(|_| code.as_bytes().try_into().ok())
}

/// The country of an address: `Err` if it is not two letters.
pub(crate) fn country(address: Option<&Address>) -> Result<Option<[u8; 2]>, ()> {
    let Some(text) = address.and_then(|address| address.country.as_ref()) else {
        return Ok(None);
    };
    let letters = text.as_str().to_ascii_uppercase();
    let country: Option<[u8; 2]> = letters.as_bytes().try_into().ok();
    match country {
        Some(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(country),
        _ => Err(()),
    }
}

/// As the documents' expression has it: empty, or http(s) with `://` plain or percent-encoded.
pub(crate) fn is_url(text: &Loose) -> bool {
    let text = text.as_str();
    let rest = text
        .strip_prefix("http")
        .map(|rest| rest.strip_prefix('s').unwrap_or(rest));
    let rest = rest.and_then(|rest| rest.strip_prefix("://").or_else(|| rest.strip_prefix("%3A%2F%2F")));
    text.is_empty() || rest.is_some_and(|rest| (1..=URL_LENGTH).contains(&rest.chars().count()))
}

/// As the documents' expression has it: 100 characters, `@`, 40 characters, a dot, 8 letters.
pub(crate) fn is_email(text: &Loose) -> bool {
    let Some((local, domain)) = text.as_str().split_once('@') else {
        return false;
    };
    let Some((host, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is = |text: &str, at_most: usize, also: &str| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || also.contains(letter);
        (1..=at_most).contains(&text.len()) && text.chars().all(allowed)
    };
    let letters = (1..=8).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is(local, 100, "._%+-") && is(host, 40, ".-") && letters
}
