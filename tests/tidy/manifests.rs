//! Who may depend on whom. A new arrow between our own crates is an architectural change.

use crate::report;
use crate::tree;
use std::collections::BTreeSet;
use std::fs;
use toml::{Table, Value};

/// Our crates, and which of ours each may name.
const ARROWS: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("gateway-client", &["domain"]),
    ("store", &["domain"]),
    ("engine", &["domain", "gateway-client", "store"]),
    ("sandbox", &["gateway-client"]),
    ("api", &["domain", "engine", "sandbox"]),
    (
        "tests",
        &["api", "domain", "engine", "gateway-client", "sandbox", "store"],
    ),
];

/// What the rulebook is written with: nothing here does I/O, tells time or draws.
const DOMAIN_MAY_USE: [&str; 4] = ["iso_currency", "serde", "thiserror", "time"];

/// Packages that only some crates may name, and why.
const RESERVED: [(&[&str], &[&str], &str); 3] = [
    (
        &["diesel", "libsqlite3-sys", "pq-sys", "r2d2"],
        &["store"],
        "only the vault knows SQL",
    ),
    (
        &["reqwest"],
        &["gateway-client", "sandbox", "tests"],
        "only the wire and the other side open connections",
    ),
    (&["actix-web"], &["api", "sandbox", "tests"], "only a door speaks HTTP"),
];

#[test]
fn arrows_between_crates() {
    let mut complaints = Vec::new();
    let members = members();
    let expected: BTreeSet<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found: BTreeSet<_> = members.iter().map(|(name, _)| name.clone()).collect();
    if expected != found {
        complaints.push(format!("the members are {found:?}, this rule knows {expected:?}"));
    }
    for (name, manifest) in &members {
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| known == name) else {
            continue;
        };
        for dependency in dependencies(manifest) {
            let ours = ARROWS.iter().any(|(known, _)| *known == dependency);
            if ours && !allowed.contains(&dependency.as_str()) {
                complaints.push(format!("{name} names {dependency}; it may name {allowed:?} of ours"));
            }
        }
    }
    report(
        "The arrows of the design point one way (README, the rooms):",
        complaints,
    );
}

#[test]
fn packages_stay_in_their_room() {
    let mut complaints = Vec::new();
    for (name, manifest) in members() {
        for (packages, allowed, why) in RESERVED {
            for package in dependencies(&manifest)
                .iter()
                .filter(|d| packages.contains(&d.as_str()))
            {
                if !allowed.contains(&name.as_str()) {
                    complaints.push(format!("{name} names {package}: {why}"));
                }
            }
        }
        if name == "domain" {
            for package in section(&manifest, "dependencies") {
                if !DOMAIN_MAY_USE.contains(&package.as_str()) {
                    complaints.push(format!("domain names {package}: the rulebook is pure"));
                }
            }
        }
    }
    report("Some packages may only be named by some crates:", complaints);
}

#[test]
fn the_sandbox_is_optional_in_the_api() {
    let members = members();
    let (_, api) = members
        .iter()
        .find(|(name, _)| name == "api")
        .expect("the api is a member");
    let sandbox = &api["dependencies"]["sandbox"];
    assert_eq!(
        sandbox.get("optional"),
        Some(&Value::Boolean(true)),
        "a build without the sandbox must stay possible"
    );
}

/// The only features that may say `planted`: the rulebook's switch, and the simulator that turns it on.
const PLANTED: [(&str, &[&str]); 2] = [("domain", &[]), ("tests", &["domain/planted"])];

#[test]
fn no_mistake_is_planted_in_the_product() {
    let mut complaints = Vec::new();
    let root = tree::root();
    let workspace = fs::read_to_string(root.join("Cargo.toml")).expect("the workspace has a manifest");
    if workspace.contains("planted") {
        complaints.push("the workspace's manifest turns `planted` on for everybody".to_owned());
    }
    for (name, mut manifest) in members() {
        let features = manifest.remove("features").unwrap_or(Value::Table(Table::new()));
        let enabled = PLANTED.iter().find(|(known, _)| *known == name).map(|(_, enables)| {
            let enables = enables.iter().map(|one| Value::from(*one));
            Value::Array(enables.collect())
        });
        if features.get("planted") != enabled.as_ref() {
            complaints.push(format!("{name}: its feature `planted` is not what the simulator needs"));
        }
        let mut others = features.as_table().cloned().unwrap_or_default();
        others.remove("planted");
        if format!("{others:?}{manifest:?}").contains("planted") {
            complaints.push(format!("{name} turns `planted` on by another feature or a dependency"));
        }
    }
    for file in tree::texts() {
        let builds = file.path.starts_with("docker/") || file.path.starts_with(".ci/") || file.path == "tests/run";
        let planted =
            |line: &&str| line.contains("--all-features") || line.contains("--features") && line.contains("planted");
        if let Some(line) = file.text.lines().find(planted).filter(|_| builds) {
            complaints.push(format!("{}: {line}", file.path));
        }
    }
    report(
        "Mistakes are planted by the simulator only, never in the product:",
        complaints,
    );
}

#[test]
fn versions_and_lints_come_from_the_workspace() {
    let mut complaints = Vec::new();
    for (name, manifest) in members() {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(table) = manifest.get(kind).and_then(Value::as_table) else {
                continue;
            };
            for (package, value) in table {
                if value.get("workspace") != Some(&Value::Boolean(true)) {
                    complaints.push(format!(
                        "{name}: {package} is pinned here, not in the workspace's one table"
                    ));
                }
            }
        }
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")) == Some(&Value::Boolean(true));
        // The harness and the stories fail by panicking, as tests do.
        if !inherits && name != "tests" {
            complaints.push(format!("{name}: [lints] workspace = true is missing"));
        }
    }
    report("There is one table of versions and one of lints:", complaints);
}

#[test]
fn packages_come_from_one_registry() {
    let lock = fs::read_to_string(tree::root().join("Cargo.lock")).expect("Cargo.lock is committed");
    let lock: Table = lock.parse().expect("Cargo.lock is TOML");
    let packages = lock["package"].as_array().expect("Cargo.lock lists packages");
    let sources = packages
        .iter()
        .filter_map(|package| package.get("source").and_then(Value::as_str));
    let other = sources.filter(|source| *source != "registry+https://github.com/rust-lang/crates.io-index");
    report(
        "Every package comes from crates.io:",
        other.map(ToOwned::to_owned).collect(),
    );
}

fn members() -> Vec<(String, Table)> {
    let root = tree::root();
    let mut folders = vec![root.join("tests")];
    for entry in fs::read_dir(root.join("crates")).expect("there are crates") {
        folders.push(entry.expect("a folder can be listed").path());
    }
    let read = |folder: std::path::PathBuf| {
        let text = fs::read_to_string(folder.join("Cargo.toml")).expect("a member has a manifest");
        let manifest: Table = text.parse().expect("a manifest is TOML");
        (
            manifest["package"]["name"]
                .as_str()
                .expect("a package has a name")
                .to_owned(),
            manifest,
        )
    };
    folders.into_iter().map(read).collect()
}

fn dependencies(manifest: &Table) -> Vec<String> {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .flat_map(|kind| section(manifest, kind))
        .collect()
}

fn section(manifest: &Table, kind: &str) -> Vec<String> {
    let table = manifest.get(kind).and_then(Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}
