//! Tidy: the rules of the house that a compiler does not know, checked by reading the tree.
//!
//! Each test lists everything that breaks its rule, with the file and the line, and says what to do about it. What is
//! excepted stands beside the rule, with its reason; an exception that is no longer needed fails too.

mod documents;
mod manifests;
mod migrations;
mod shape;
mod tree;
mod words;

/// Fails with every complaint at once, so that one run is enough to put a change right.
fn report(rule: &str, mut complaints: Vec<String>) {
    complaints.sort();
    complaints.dedup();
    assert!(complaints.is_empty(), "\n\n{rule}\n\n  {}\n", complaints.join("\n  "));
}
