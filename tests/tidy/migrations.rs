//! Both databases are migrated in step.

use crate::report;
use crate::tree;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn migrations_are_in_step() {
    let mut complaints = Vec::new();
    let sqlite = migrations("sqlite", &mut complaints);
    let postgres = migrations("postgres", &mut complaints);
    for name in sqlite.symmetric_difference(&postgres) {
        complaints.push(format!("{name} exists for one database only"));
    }
    if sqlite.is_empty() {
        complaints.push("there is no migration".to_owned());
    }
    for (at, name) in sqlite.iter().enumerate() {
        if !name.starts_with(&format!("{:04}_", at + 1)) {
            complaints.push(format!("{name}: the numbers are four digits and have no gap"));
        }
    }
    report(
        "Every migration exists for SQLite and for PostgreSQL, with an up and a down:",
        complaints,
    );
}

fn migrations(backend: &str, complaints: &mut Vec<String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(tree::root().join("migrations").join(backend)).expect("there are migrations") {
        let folder = entry.expect("a folder can be listed").path();
        let name = folder
            .file_name()
            .expect("a folder has a name")
            .to_string_lossy()
            .into_owned();
        for file in ["up.sql", "down.sql"] {
            let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
            if text.trim().is_empty() {
                complaints.push(format!("migrations/{backend}/{name}/{file} is missing or empty"));
            }
        }
        names.insert(name);
    }
    names
}
