//! No code without an explanation: every code that stands in the sources is in the table.

use std::path::Path;

use crate::problem::codes;

/// What begins a place in the sources that names a code.
const MAKERS: &[&str] = &[
    "Fault::new(",
    "Error::fault(",
    "Problem::at(",
    "Problem::bad_request(",
    "Problem::unauthorized(",
    "code: \"",
];

#[test]
fn every_code_in_the_sources_is_explained() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut unexplained = Vec::new();
    let mut seen = 0;
    for room in ["domain", "engine", "api"] {
        walk(&crates.join(room).join("src"), &mut |path, text| {
            for code in named(text) {
                seen += 1;
                if codes::meaning(&code).is_none() {
                    unexplained.push(format!("{code} in {}", path.display()));
                }
            }
        });
    }
    assert!(
        seen > 60,
        "only {seen} codes were found: this test looks in the wrong places"
    );
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}

fn walk(directory: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or("");
        if path.is_dir() && name != "tests" {
            walk(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Texts that look like codes in the first lines after something that makes a fault or a problem.
fn named(text: &str) -> Vec<String> {
    let mut codes = Vec::new();
    for maker in MAKERS {
        for (at, _) in text.match_indices(maker) {
            let after: String = text[at..].chars().take(200).collect();
            let end = after.find(");").unwrap_or(after.len());
            let quoted = after[..end].split('"').skip(1).step_by(2);
            codes.extend(quoted.filter(|word| looks_like_a_code(word)).take(1).map(str::to_owned));
        }
    }
    codes
}

fn looks_like_a_code(word: &str) -> bool {
    word.contains('_') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[test]
fn titles_are_the_codes_in_words() {
    assert_eq!(codes::title("order_has_live_payment"), "Order has live payment");
    assert!(codes::table().contains("| `nothing_to_pay` |"));
}
