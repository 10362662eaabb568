//! The files of the tree, as the other checks see them.

use std::fs;
use std::path::{Path, PathBuf};

/// One file that holds text.
pub struct TextFile {
    /// From the root of the tree, with forward slashes.
    pub path: String,
    pub text: String,
}

impl TextFile {
    /// Whether the file exists to test: it is not held to the lengths that product code is held to.
    pub fn is_test(&self) -> bool {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        self.path.starts_with("tests/") && !self.path.starts_with("tests/src/")
            || self.path.contains("/tests/")
            || file == "tests.rs"
            || file.ends_with("_tests.rs")
    }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the workspace is there")
}

/// Every text file of the tree that people write, in the order of their paths.
pub fn texts() -> Vec<TextFile> {
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        found.len() > 50,
        "the tree was not read: only {} files under {}",
        found.len(),
        root.display()
    );
    found
}

/// Every Rust source, parsed.
pub fn sources() -> Vec<(TextFile, syn::File)> {
    let parse = |file: TextFile| {
        let parsed = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
        (file, parsed)
    };
    texts()
        .into_iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(parse)
        .collect()
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<TextFile>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed") {
        let entry = entry.expect("a folder can be listed");
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().expect("a file has a type").is_dir() {
            // Build output, version control, and what proptest remembers.
            if !matches!(name.as_str(), "target" | ".git" | "proptest-regressions") {
                walk(root, &path, found);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path
                .strip_prefix(root)
                .expect("below the root")
                .to_string_lossy()
                .replace('\\', "/");
            found.push(TextFile { path, text });
        }
    }
}
