//! The words of the house: names that say nothing, or that mean three things at once, are not used.

use crate::report;
use crate::tree;
use proc_macro2::{TokenStream, TokenTree};

/// Words that no identifier and no path contains, and what to say instead.
const BANNED: [(&str, &str); 7] = [
    ("transaction", "say payment, operation or Tx"),
    ("intent", "say payment or command"),
    ("manager", "say what it does"),
    ("service", "say what it does"),
    ("helper", "say what it does"),
    ("util", "say what it does"),
    ("utility", "say what it does"),
];

/// Identifiers that are other people's: under these paths, these names, because.
const FOREIGN: [(&[&str], &[&str], &str); 5] = [
    (
        &["crates/gateway-client/", "crates/sandbox/", "tests/"],
        &[
            "merchant_transaction_id",
            "originator_transaction_id",
            "method_transaction_id",
        ],
        "the gateway's own field names",
    ),
    (
        &["crates/", "tests/"],
        &["futures_util", "http_body_util", "hyper_util"],
        "packages' names",
    ),
    (
        &["crates/api/", "crates/sandbox/"],
        &[
            "default_service",
            "init_service",
            "Service",
            "service",
            "service_config",
            "ServiceConfig",
            "ServiceFactory",
            "ServiceRequest",
            "ServiceResponse",
        ],
        "actix-web's names",
    ),
    (
        &["crates/"],
        &["SERVICE_UNAVAILABLE", "ServiceUnavailable"],
        "HTTP's name of 503",
    ),
    (
        &["crates/store/"],
        &[
            "AnsiTransactionManager",
            "begin_transaction",
            "begin_transaction_sql",
            "BrokenTransactionManager",
            "commit_transaction",
            "rollback_transaction",
            "TransactionManager",
        ],
        "diesel's names",
    ),
];

#[test]
fn identifiers_use_the_words_of_the_house() {
    let mut complaints = Vec::new();
    for file in tree::texts().iter().filter(|file| file.path.ends_with(".rs")) {
        let tokens: TokenStream = file
            .text
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let mut identifiers = Vec::new();
        collect(tokens, &mut identifiers);
        for (name, line) in identifiers {
            let Some((word, instead)) = banned(&name) else { continue };
            if !is_foreign(&file.path, &name) {
                complaints.push(format!("{}:{line}: {name} contains {word}: {instead}", file.path));
            }
        }
    }
    report(
        "These words are not used in names (the gateway's own fields and library names are listed, with reasons):",
        complaints,
    );
}

#[test]
fn paths_use_the_words_of_the_house() {
    let mut complaints = Vec::new();
    for file in tree::texts() {
        for part in file.path.split(['/', '.', '-']) {
            if let Some((word, instead)) = banned(part) {
                complaints.push(format!("{} contains {word}: {instead}", file.path));
            }
        }
    }
    report("These words are not used in paths:", complaints);
}

fn is_foreign(path: &str, name: &str) -> bool {
    FOREIGN
        .iter()
        .any(|(paths, names, _)| paths.iter().any(|start| path.starts_with(start)) && names.contains(&name))
}

fn collect(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push((ident.to_string(), ident.span().start().line)),
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn banned(name: &str) -> Option<(&'static str, &'static str)> {
    let words = split(name);
    BANNED
        .into_iter()
        .find(|(word, _)| words.iter().any(|w| w == word || w.strip_suffix('s') == Some(word)))
}

/// `MerchantTransactionID` and `merchant_transaction_id` are the same three words.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        if letter != '_' {
            words
                .last_mut()
                .expect("there is always a word")
                .extend(letter.to_lowercase());
        }
        lower_before = letter.is_lowercase() || letter.is_ascii_digit();
    }
    words
}

#[test]
fn names_are_split_into_words() {
    assert_eq!(split("MerchantTransactionID"), ["merchant", "transaction", "id"]);
    assert_eq!(split("futures_util"), ["futures", "util"]);
    assert!(banned("PaymentIntents").is_some() && banned("utilization").is_none() && banned("intentional").is_none());
}
