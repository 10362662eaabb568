//! What must hold between keys, and what production asks for.

use secrecy::ExposeSecret;
use url::Url;

use super::read::Reader;
use super::{Config, Profile};

/// The shortest installation secret, in characters.
const INSTALLATION_MIN: usize = 16;
/// The shortest bootstrap key, in characters after its prefix.
const KEY_MIN: usize = 32;

/// Notes what cannot work, or must not.
pub(super) fn check(config: &Config, implied: bool, read: &mut Reader<'_>) {
    let tls = config.is_production();
    let hosts = [
        ("gateway.base_url", config.gateway.base_url.as_deref(), tls),
        ("gateway.cards_base_url", config.gateway.cards_base_url.as_deref(), tls),
        ("sandbox.public_url", config.sandbox.public_url.as_deref(), false),
        (
            "sandbox.notification_url",
            config.sandbox.notification_url.as_deref(),
            false,
        ),
    ];
    for (name, value, tls) in hosts {
        url(read, name, value, tls);
    }
    database(config, read);
    if config.installation.expose_secret().chars().count() < INSTALLATION_MIN {
        let fix = format!("at least {INSTALLATION_MIN} characters, such as the output of `openssl rand -hex 32`");
        read.mistake("installation", "it is too short to be a secret", fix);
    }
    let api_key = config.gateway.api_key.expose_secret();
    if api_key.is_empty() || api_key.contains(':') {
        read.mistake(
            "gateway.api_key",
            "it is empty or has a colon",
            "the key as the gateway's dashboard shows it",
        );
    }
    if config.gateway.connect_timeout > config.gateway.timeout {
        read.mistake(
            "gateway.connect_timeout_ms",
            "it is longer than the whole call may take",
            "at most gateway.timeout_ms",
        );
    }
    if config.recovery.pace.first > config.recovery.pace.longest {
        read.mistake(
            "recovery.first_question_ms",
            "it is longer than the longest pause",
            "at most recovery.longest_question_ms",
        );
    }
    bootstrap_key(config, read);
    if implied && !config.server.listen.ip().is_loopback() {
        let fix =
            "set gateway.base_url and its credentials, or APPORTION_PROFILE=sandbox to serve the sandbox to others";
        read.mistake(
            "server.listen",
            "without a gateway the API is for this machine only",
            fix,
        );
    }
    if config.starts_sandbox() && config.profile == Some(Profile::Production) {
        read.mistake(
            "gateway.base_url",
            "production never starts a sandbox",
            "set the gateway's host",
        );
    }
    if config.starts_sandbox() && !cfg!(feature = "sandbox") {
        read.mistake(
            "gateway.base_url",
            "this binary was built without the sandbox",
            "set the gateway's host",
        );
    }
}

fn url(read: &mut Reader<'_>, name: &str, value: Option<&str>, tls: bool) {
    let Some(value) = value else { return };
    match Url::parse(value) {
        Ok(url) if tls && url.scheme() != "https" => {
            read.mistake(
                name,
                "production speaks to the gateway over TLS only",
                "an https:// URL",
            );
        }
        Ok(url) if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() => {
            read.mistake(name, "it is not the URL of a host", "an https:// URL");
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            read.mistake(
                name,
                "it has credentials in it",
                "gateway.site_id and gateway.api_key are the credentials",
            );
        }
        Ok(_) => {}
        Err(error) => read.mistake(name, format!("{value:?}: {error}"), "an https:// URL"),
    }
}

fn database(config: &Config, read: &mut Reader<'_>) {
    let fix = "sqlite://apportion.db, or postgres://user:password@host/name";
    match config.database.url.split_once("://") {
        Some(("sqlite", path)) if !path.is_empty() => {}
        Some(("postgres" | "postgresql", rest)) if !rest.is_empty() => {}
        // What was given is not repeated: it may hold a password.
        _ => read.mistake(
            "database.url",
            "it names neither an SQLite file nor a PostgreSQL database",
            fix,
        ),
    }
}

fn bootstrap_key(config: &Config, read: &mut Reader<'_>) {
    let Some(key) = &config.bootstrap_admin_key else { return };
    let key = key.expose_secret();
    let name = "auth.bootstrap_admin_key";
    let secret = key.strip_prefix("ap_test_").or_else(|| key.strip_prefix("ap_live_"));
    if secret.is_none_or(|secret| secret.len() < KEY_MIN) {
        read.mistake(
            name,
            "it does not look like a key",
            format!("ap_test_ or ap_live_ and at least {KEY_MIN} characters"),
        );
    } else if config.is_production() && key.starts_with("ap_test_") {
        read.mistake(name, "production refuses test keys", "a key that begins with ap_live_");
    }
}
