//! Configuration: read once, typed, and refused whole with every mistake named.

mod keys;
mod layers;
mod methods;
mod read;
mod rules;
mod sections;
mod show;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{FeePlanId, SiteId};
use domain::money::Currency;
use domain::payment::Pace;
use engine::card_safe::CardSafe;
use engine::settings::MethodTerms;
use secrecy::SecretString;

pub use keys::{KEYS, Key};
pub use layers::Sources;
pub use show::{Shown, reference};

/// Everything the process was told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The profile, given or, without a gateway, implied.
    pub profile: Option<Profile>,
    /// The listeners.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// The gateway.
    pub gateway: Gateway,
    /// An admin key that works until the first one was created.
    pub bootstrap_admin_key: Option<SecretString>,
    /// The secret that references are derived from.
    pub installation: SecretString,
    /// The fee plan of sellers that have none.
    pub default_fee_plan: Option<FeePlanId>,
    /// The rhythm of the sweep.
    pub recovery: Recovery,
    /// What kept cards' tokens are sealed with.
    pub cards: Arc<CardSafe>,
    /// Logs.
    pub log: Log,
    /// The sandbox, where one is started.
    pub sandbox: SandboxSettings,
}

/// The listeners and their limits.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where metrics and health listen.
    pub admin_listen: SocketAddr,
    /// Threads that serve requests; 0 is one per core.
    pub workers: usize,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
}

/// Where the vault is.
#[derive(Clone)]
pub struct Database {
    /// `sqlite://path` or `postgres://…`; may hold a password.
    pub url: String,
    /// Whether a PostgreSQL that is not on loopback may speak without TLS.
    pub allow_plaintext: bool,
    /// How many commits may share a database transaction; none: what is best for the backend.
    pub batch_max: Option<usize>,
    /// Connections for reading.
    pub read_connections: u32,
}

/// Where the gateway is and who we are there.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Its host; none means that the sandbox is started beside the API.
    pub base_url: Option<String>,
    /// Its host for cards; none means the same one.
    pub cards_base_url: Option<String>,
    /// The marketplace's site.
    pub site_id: SiteId,
    /// Its key.
    pub api_key: SecretString,
    /// Its key before the last rotation.
    pub previous_api_key: Option<SecretString>,
    /// The longest a call may take.
    pub timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
    /// How long a committed attempt may wait before its first byte leaves.
    pub send_within: Duration,
    /// The site that receives the marketplace's share.
    pub commission_site_id: SiteId,
    /// Currencies without two decimals that work at the gateway.
    pub confirmed_currencies: Vec<Currency>,
    /// What each method takes.
    pub methods: BTreeMap<u32, MethodTerms>,
}

/// The rhythm of the sweep.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    /// How often it looks for due work.
    pub interval: Duration,
    /// When the gateway is asked, and for how long.
    pub pace: Pace,
    /// After how long a notification about an unknown payment is shown as an orphan.
    pub orphan_after: Duration,
}

/// How logs are written.
#[derive(Clone, Debug)]
pub struct Log {
    /// Whether each line is a JSON object.
    pub json: bool,
    /// Which lines are written, as `tracing` filters say it.
    pub level: String,
}

/// Where the sandbox listens and how it behaves at its start.
#[derive(Clone, Debug)]
pub struct SandboxSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How long it holds back every answer.
    pub delay: Duration,
    /// Where buyers reach it.
    pub public_url: Option<String>,
    /// Where it sends notifications.
    pub notification_url: Option<String>,
}

/// What kind of installation this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Money is not real.
    Sandbox,
    /// Money is real: nothing has a default that could lose it.
    Production,
}

/// One thing that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Mistake {
    /// The key.
    pub key: String,
    /// Where its value came from.
    pub source: String,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl Config {
    /// Reads everything, answering either a configuration that can work or all that is wrong.
    ///
    /// # Errors
    /// Every mistake, in the order of the keys' names.
    pub fn load(sources: &Sources) -> Result<Self, Mistakes> {
        Self::read(sources).1
    }

    /// Reads everything, and shows what was read whether or not it can work.
    pub fn read(sources: &Sources) -> (Vec<Shown>, Result<Self, Mistakes>) {
        let mut mistakes = Vec::new();
        let asked = sources.profile().unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            None
        });
        let mut leaves = layers::merged(sources, asked, &mut mistakes);
        let implied = asked.is_none() && !leaves.contains_key("gateway.base_url");
        let profile = if implied { Some(Profile::Sandbox) } else { asked };
        if implied {
            mistakes.retain(|mistake| mistake.key == "profile");
            leaves = layers::merged(sources, profile, &mut mistakes);
        }
        let mut reader = read::Reader::new(&leaves, &mut mistakes);
        let config = sections::config(&mut reader, profile);
        if let Some(config) = &config {
            rules::check(config, implied, &mut reader);
        }
        let shown = show::shown(&leaves, profile, implied);
        mistakes.sort_by(|one, other| one.key.cmp(&other.key));
        match config {
            Some(config) if mistakes.is_empty() => (shown, Ok(config)),
            _ => (shown, Err(Mistakes(mistakes))),
        }
    }

    /// Whether the sandbox is the gateway and is started beside the API.
    #[must_use]
    pub fn starts_sandbox(&self) -> bool {
        self.gateway.base_url.is_none()
    }

    /// Whether keys made here are live ones.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.profile == Some(Profile::Production)
    }
}

impl Profile {
    /// Its name in `APPORTION_PROFILE` and its file's.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    fn from_name(name: &str) -> Result<Self, Mistake> {
        match name {
            "sandbox" => Ok(Self::Sandbox),
            "production" => Ok(Self::Production),
            _ => {
                let what = format!("there is no profile {name:?}");
                Err(Mistake::new(
                    "profile",
                    "APPORTION_PROFILE",
                    what,
                    "sandbox or production",
                ))
            }
        }
    }

    /// Its file as the binary carries it, for a process that was started elsewhere.
    const fn built_in(self) -> &'static str {
        match self {
            Self::Sandbox => include_str!("../../../config/sandbox.toml"),
            Self::Production => include_str!("../../../config/production.toml"),
        }
    }
}

impl Mistake {
    fn new(key: &str, source: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            source: source.to_owned(),
            what: what.into(),
            fix: fix.into(),
        }
    }
}

impl Database {
    /// The URL without its password, for people.
    #[must_use]
    pub fn shown_url(&self) -> String {
        show::without_password(&self.url)
    }
}

impl fmt::Debug for Database {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.shown_url())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration has {} mistake(s):", self.0.len())?;
        self.0.iter().try_for_each(|one| {
            write!(
                f,
                "\n  {} ({}): {}\n      fix: {}",
                one.key, one.source, one.what, one.fix
            )
        })
    }
}

impl std::error::Error for Mistakes {}
