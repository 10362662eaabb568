//! The committed documents are what the code says.

use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_openapi_document_is_committed() {
    let path = root().join("crates/api/openapi.json");
    let kept = std::fs::read_to_string(path).unwrap();
    let made = crate::document().to_pretty_json().unwrap();
    assert!(
        kept.trim_end() == made.trim_end(),
        "run `apportion openapi > crates/api/openapi.json`"
    );
    let document: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = serde_json::to_value(crate::document()).unwrap();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn the_reference_of_the_configuration_is_committed() {
    let kept = std::fs::read_to_string(root().join("config/default.toml")).unwrap();
    assert!(
        kept == crate::config::reference(),
        "run `apportion config --reference > config/default.toml`"
    );
}
