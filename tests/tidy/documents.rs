//! The texts: links lead somewhere, nobody's machine is mentioned, nothing is left as a note to oneself.

use crate::report;
use crate::tree::{self, TextFile};
use std::path::{Component, Path, PathBuf};

#[test]
fn links_lead_somewhere() {
    let mut complaints = Vec::new();
    let texts = tree::texts();
    let mut seen = 0;
    for file in texts.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(&file.text) {
            // Other hosts are theirs to keep; a path with :: is rustdoc's to check.
            if target.contains("://") || target.starts_with("mailto:") || target.contains("::") {
                continue;
            }
            seen += 1;
            if let Some(problem) = broken(file, &target, &texts) {
                complaints.push(format!("{}:{line}: {target}: {problem}", file.path));
            }
        }
    }
    assert!(seen > 0, "no document links to another: the links were not found");
    report("Links in documents lead to files and headings that exist:", complaints);
}

#[test]
fn no_machine_is_mentioned() {
    // Written in two pieces, so that this file passes its own rule.
    let folders = [
        concat!("/", "home/"),
        concat!("/", "Users/"),
        concat!("/", "root/"),
        concat!("/", "work/"),
        concat!("C:", "\\"),
    ];
    let mut complaints = Vec::new();
    for file in tree::texts() {
        for (number, line) in file.text.lines().enumerate() {
            for folder in folders {
                let Some(at) = line.find(folder) else { continue };
                // A longer path that only contains such a folder belongs to nobody's machine.
                let inside = line[..at]
                    .chars()
                    .next_back()
                    .is_some_and(|c| c.is_alphanumeric() || "_.}$".contains(c));
                if !inside {
                    complaints.push(format!("{}:{}: {folder}", file.path, number + 1));
                }
            }
        }
    }
    report("No path of a developer's machine is written down:", complaints);
}

#[test]
fn nothing_is_left_as_a_note_to_oneself() {
    let notes = [concat!("FIX", "ME"), concat!("TO", "DO")];
    let mut complaints = Vec::new();
    for file in tree::texts() {
        for (number, line) in file.text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.into_iter().any(|word| notes.contains(&word)) {
                complaints.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    report(
        "What is to be done is done, or tracked where others see it:",
        complaints,
    );
}

/// Every inline link outside code, with its line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second piece stands between backquotes.
        let prose: String = line
            .split('`')
            .enumerate()
            .map(|(at, piece)| if at % 2 == 0 { piece } else { "code" })
            .collect();
        for piece in prose.split("](").skip(1) {
            if let Some((target, _)) = piece.split_once(')') {
                found.push((number + 1, target.to_owned()));
            }
        }
    }
    found
}

fn broken(file: &TextFile, target: &str, texts: &[TextFile]) -> Option<&'static str> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let wanted = if path.is_empty() {
        PathBuf::from(&file.path)
    } else {
        plain(&folder.join(path))
    };
    if !tree::root().join(&wanted).exists() {
        return Some("there is no such file");
    }
    let wanted = wanted.to_string_lossy().replace('\\', "/");
    let document = texts
        .iter()
        .find(|text| text.path == wanted && wanted.ends_with(".md"))?;
    let heads = document.text.lines().filter(|line| line.starts_with('#'));
    let found = anchor.is_empty() || heads.map(anchor_of).any(|head| head == anchor);
    (!found).then_some("there is no such heading")
}

fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Without `.` and `..`, which a comparison of paths does not see through.
fn plain(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                parts.pop();
            }
            Component::CurDir => {}
            other => parts.push(other),
        }
    }
    parts
}
