//! Configuration: who wins, what is refused, what is hidden.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::{Config, KEYS, Profile, Sources};
use tempfile::TempDir;

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn sources(directory: &Path, pairs: &[(&str, &str)]) -> Sources {
    Sources {
        directory: directory.to_owned(),
        environment: environment(pairs),
        ..Sources::default()
    }
}

fn written(name: &str, text: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    directory
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a real installation would give.
const PRODUCTION: &[(&str, &str)] = &[
    ("APPORTION_PROFILE", "production"),
    ("APPORTION__INSTALLATION", "0123456789abcdef0123456789abcdef"),
    ("APPORTION__GATEWAY__SITE_ID", "30201"),
    ("APPORTION__GATEWAY__API_KEY", "the-real-key"),
    ("APPORTION__GATEWAY__COMMISSION_SITE_ID", "33511"),
];

#[test]
fn without_anything_the_sandbox_is_the_gateway() {
    let config = Config::load(&sources(&repository(), &[])).unwrap();
    assert_eq!(config.profile, Some(Profile::Sandbox));
    assert!(config.starts_sandbox());
    assert!(config.server.listen.ip().is_loopback());
    assert_eq!(config.database.url, "sqlite://apportion.db");
}

#[test]
fn a_process_that_was_started_elsewhere_knows_its_profiles() {
    let elsewhere = tempfile::tempdir().unwrap();
    let here = Config::load(&sources(&repository(), &[])).unwrap();
    let there = Config::load(&sources(elsewhere.path(), &[])).unwrap();
    assert_eq!(format!("{here:?}"), format!("{there:?}"));
}

#[test]
fn later_sources_win_and_are_named() {
    let directory = written(
        "config/default.toml",
        "[server]\nlisten = \"127.0.0.1:1\"\nworkers = 1\nmax_body_kib = 1\n",
    );
    let mut sources = sources(
        directory.path(),
        &[
            ("APPORTION__SERVER__WORKERS", "2"),
            ("APPORTION__SERVER__MAX_BODY_KIB", "2"),
        ],
    );
    sources.flags.push(("server.max_body_kib".to_owned(), "3".to_owned()));
    let (shown, config) = Config::read(&sources);
    let server = config.unwrap().server;
    assert_eq!(
        (server.listen.port(), server.workers, server.max_body_bytes),
        (1, 2, 3 * 1024)
    );
    let source = |key: &str| shown.iter().find(|one| one.key == key).unwrap().source.clone();
    assert_eq!(source("server.listen"), "config/default.toml");
    assert_eq!(source("server.workers"), "APPORTION__SERVER__WORKERS");
    assert_eq!(source("server.max_body_kib"), "flag");
    assert_eq!(source("server.admin_listen"), "default");
    assert_eq!(source("gateway.base_url"), "not set");
}

#[test]
fn every_mistake_is_named_at_once_with_its_fix() {
    let directory = tempfile::tempdir().unwrap();
    let mistakes = Config::load(&sources(
        directory.path(),
        &[
            ("APPORTION__SERVER__LISTN", "127.0.0.1:80"),
            ("APPORTION__SERVER__LISTEN", "here"),
            ("APPORTION__SERVER__WORKERS", "many"),
            ("APPORTION__SERVER__MAX_BODY_KIB", "0"),
            ("APPORTION__DATABASE__URL", "mysql://user:secret-word@host/db"),
            ("APPORTION__GATEWAY__API_KEY", "with:colon"),
            ("APPORTION__GATEWAY__CONFIRMED_CURRENCIES", "JPY,XYZ"),
            ("APPORTION__GATEWAY__METHODS__9999__AUTHORIZATION_DAYS", "7"),
            ("APPORTION__LOG__FORMAT", "xml"),
            ("APPORTION__GATEWAY__COMMISSION_SITE_ID", "0"),
        ],
    ))
    .unwrap_err();
    let keys: Vec<&str> = mistakes.0.iter().map(|one| one.key.as_str()).collect();
    for key in [
        "server.listn",
        "server.listen",
        "server.workers",
        "server.max_body_kib",
        "gateway.confirmed_currencies",
        "gateway.methods.9999.steps",
        "gateway.commission_site_id",
        "log.format",
    ] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
    assert!(mistakes.0.iter().all(|one| !one.fix.is_empty() && !one.what.is_empty()));
    let unknown = mistakes.0.iter().find(|one| one.key == "server.listn").unwrap();
    assert!(unknown.fix.contains("server.listen"), "{unknown:?}");
    assert!(!mistakes.to_string().contains("secret-word"));
}

#[test]
fn keys_are_checked_against_each_other() {
    let directory = tempfile::tempdir().unwrap();
    let mistakes = Config::load(&sources(
        directory.path(),
        &[
            ("APPORTION__DATABASE__URL", "mysql://user:secret-word@host/db"),
            ("APPORTION__GATEWAY__API_KEY", "with:colon"),
            ("APPORTION__GATEWAY__CONNECT_TIMEOUT_MS", "20000"),
            ("APPORTION__RECOVERY__FIRST_QUESTION_MS", "9000000"),
            ("APPORTION__SERVER__LISTEN", "0.0.0.0:8080"),
            ("APPORTION__AUTH__BOOTSTRAP_ADMIN_KEY", "admin"),
            ("APPORTION__INSTALLATION", "short"),
        ],
    ))
    .unwrap_err();
    let keys: Vec<&str> = mistakes.0.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "auth.bootstrap_admin_key",
            "database.url",
            "gateway.api_key",
            "gateway.connect_timeout_ms",
            "installation",
            "recovery.first_question_ms",
            "server.listen",
        ]
    );
    assert!(!mistakes.to_string().contains("secret-word"));
    assert!(!mistakes.to_string().contains("with:colon"));
}

#[test]
fn production_has_no_default_that_could_lose_money() {
    let mistakes = Config::load(&sources(&repository(), &[("APPORTION_PROFILE", "production")])).unwrap_err();
    let keys: Vec<&str> = mistakes.0.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "gateway.api_key",
            "gateway.commission_site_id",
            "gateway.site_id",
            "installation"
        ]
    );

    let config = Config::load(&sources(&repository(), PRODUCTION)).unwrap();
    assert!(config.is_production() && !config.starts_sandbox());
    assert!(config.gateway.base_url.unwrap().starts_with("https://"));
    assert!(config.gateway.confirmed_currencies.is_empty());
}

#[test]
fn production_refuses_plaintext_test_keys_and_the_sandbox() {
    let given = [
        PRODUCTION,
        &[
            ("APPORTION__GATEWAY__BASE_URL", "http://pay.example"),
            (
                "APPORTION__AUTH__BOOTSTRAP_ADMIN_KEY",
                "ap_test_0123456789abcdef0123456789abcdef",
            ),
        ],
    ]
    .concat();
    let mistakes = Config::load(&sources(&repository(), &given)).unwrap_err();
    let keys: Vec<&str> = mistakes.0.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["auth.bootstrap_admin_key", "gateway.base_url"]);
    let bare = written("config/production.toml", "");
    let mistakes = Config::load(&sources(bare.path(), PRODUCTION)).unwrap_err();
    assert!(mistakes.0.iter().any(|one| one.key == "gateway.base_url"), "{mistakes}");
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    let directory = written("key", "from-a-file\n");
    let path = directory.path().join("key").display().to_string();
    let (shown, config) = Config::read(&sources(
        directory.path(),
        &[
            ("APPORTION__GATEWAY__API_KEY_FILE", &path),
            (
                "APPORTION__DATABASE__URL",
                "postgres://user:hidden-word@127.0.0.1/db?password=hidden-word",
            ),
        ],
    ));
    let config = config.unwrap();
    assert_eq!(
        secrecy::ExposeSecret::expose_secret(&config.gateway.api_key),
        "from-a-file"
    );
    let text = format!("{shown:?} {config:?}");
    assert!(!text.contains("from-a-file") && !text.contains("hidden-word"), "{text}");
    let missing = sources(directory.path(), &[("APPORTION__INSTALLATION_FILE", "/nowhere")]);
    assert!(
        Config::load(&missing)
            .unwrap_err()
            .0
            .iter()
            .any(|one| one.key == "installation")
    );
}

#[test]
fn methods_may_be_added_and_changed() {
    let directory = tempfile::tempdir().unwrap();
    let config = Config::load(&sources(
        directory.path(),
        &[
            ("APPORTION__GATEWAY__METHODS__9__AUTHORIZATION_DAYS", "3"),
            ("APPORTION__GATEWAY__METHODS__9999__STEPS", "2"),
        ],
    ))
    .unwrap();
    assert_eq!(config.gateway.methods[&9].authorization_days, 3);
    assert_eq!(config.gateway.methods[&9].steps, domain::sale::Steps::One);
    assert_eq!(config.gateway.methods[&9999].steps, domain::sale::Steps::Two);
    assert_eq!(config.gateway.methods[&40].steps, domain::sale::Steps::Two);
}

#[test]
fn the_reference_is_read_as_the_defaults() {
    let plain = tempfile::tempdir().unwrap();
    let uncommented: String = crate::config::reference()
        .lines()
        .map(|line| {
            let value = line
                .strip_prefix("# ")
                .filter(|rest| rest.contains(" = ") && !rest.contains("APPORTION__"));
            let known = value.filter(|rest| {
                let last = rest.split(" = ").next().unwrap();
                KEYS.iter().any(|key| key.default.is_some() && key.name.ends_with(last))
            });
            format!("{}\n", known.unwrap_or(line))
        })
        .collect();
    let directory = written("config/default.toml", &uncommented);
    let from_file = Config::load(&sources(directory.path(), &[])).unwrap();
    let built_in = Config::load(&sources(plain.path(), &[])).unwrap();
    assert_eq!(format!("{from_file:?}"), format!("{built_in:?}"));
}
