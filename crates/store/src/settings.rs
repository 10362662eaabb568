//! Which database, and what is demanded of it before it is used.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use crate::error::StoreError;
use crate::trial::Trial;

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct Settings {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Whether a PostgreSQL that is not on loopback may be spoken to without TLS.
    pub allow_plaintext: bool,
    /// At most so many commits in one database transaction; without it, what is best for the backend. 1 on a
    /// PostgreSQL that is distributed.
    pub batch_max: Option<usize>,
    /// How many connections read at one time.
    pub read_connections: u32,
    /// Whether everything happens on the caller's thread: for a simulation that owns time and order.
    pub inline: bool,
    /// What stands between an inline vault and whoever uses it.
    pub trial: Option<Arc<dyn Trial>>,
    /// Whether nothing may be written: for looking beside a process that writes.
    pub read_only: bool,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file, one writing process.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

impl Backend {
    /// The word for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

impl Settings {
    /// The database at `url`, everything else as is best for a server.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            allow_plaintext: false,
            batch_max: None,
            read_connections: 4,
            inline: false,
            trial: None,
            read_only: false,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("url", &without_password(&self.url))
            .field("allow_plaintext", &self.allow_plaintext)
            .field("batch_max", &self.batch_max)
            .field("read_connections", &self.read_connections)
            .field("inline", &self.inline)
            .field("trial", &self.trial.is_some())
            .field("read_only", &self.read_only)
            .finish()
    }
}

/// A URL that can be shown: its password, wherever it stands, is not in it.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        // What cannot be read cannot be cleaned; of a path there is nothing to hide.
        return if url.starts_with(SQLITE) {
            url.to_owned()
        } else {
            "an unreadable database url".to_owned()
        };
    };
    if parsed.scheme() == "sqlite" {
        return url.to_owned();
    }
    if parsed.password().is_some() && parsed.set_password(Some("***")).is_err() {
        return format!("{}://…", parsed.scheme());
    }
    if parsed.query_pairs().any(|(name, _)| is_secret(&name)) {
        let kept: Vec<(String, String)> = parsed
            .query_pairs()
            .filter(|(name, _)| !is_secret(name))
            .map(|(n, v)| (n.into(), v.into()))
            .collect();
        parsed.query_pairs_mut().clear().extend_pairs(kept);
    }
    parsed.into()
}

/// A place that has been judged safe to use.
#[derive(Clone)]
pub(crate) enum Place {
    /// A file.
    Sqlite {
        /// Where.
        path: PathBuf,
        /// Whether nothing may be written.
        read_only: bool,
    },
    /// A server.
    Postgres {
        /// With everything libpq needs to know, the password too: never shown.
        url: String,
    },
}

impl Place {
    /// Chooses the backend by the URL's scheme, and refuses what is not safe.
    pub fn of(settings: &Settings) -> Result<Self, StoreError> {
        if let Some(path) = settings.url.strip_prefix(SQLITE) {
            return sqlite(path, settings.read_only);
        }
        if settings.url.starts_with("postgres://") || settings.url.starts_with("postgresql://") {
            return postgres(settings);
        }
        Err(refused("database.url must begin with sqlite:// or postgres://"))
    }

    /// The backend that it is.
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite { .. } => Backend::Sqlite,
            Self::Postgres { .. } => Backend::Postgres,
        }
    }
}

fn sqlite(path: &str, read_only: bool) -> Result<Place, StoreError> {
    let unfit = path.is_empty() || path.starts_with(':') || path.contains(['?', '#', '\0']);
    if unfit {
        return Err(refused(
            "database.url must name a file: sqlite://path/to/file.db, without parameters",
        ));
    }
    let path = Path::new(path);
    if read_only && !path.exists() {
        return Err(refused(&format!("there is no database file at {}", path.display())));
    }
    // A relative path that begins with `file:` would be read as a URI.
    let path = std::path::absolute(path).map_err(|error| refused(&error.to_string()))?;
    Ok(Place::Sqlite { path, read_only })
}

fn postgres(settings: &Settings) -> Result<Place, StoreError> {
    let mut url = Url::parse(&settings.url).map_err(|_| refused("database.url is not a URL that can be read"))?;
    let parameter = |wanted: &str| {
        url.query_pairs()
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
            .last()
    };
    let hosts = [
        url.host_str().map(str::to_owned).filter(|host| !host.is_empty()),
        parameter("host"),
        parameter("hostaddr"),
    ];
    let hosts: Vec<String> = hosts
        .into_iter()
        .flatten()
        .flat_map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    if hosts.is_empty() {
        return Err(refused("database.url must name a host"));
    }
    let encrypted =
        parameter("sslmode").is_some_and(|mode| matches!(mode.as_str(), "require" | "verify-ca" | "verify-full"));
    if encrypted && !cfg!(feature = "postgres-tls") {
        return Err(refused(
            "this build cannot speak TLS to PostgreSQL: build it with the feature postgres-tls",
        ));
    }
    if !encrypted && !settings.allow_plaintext && !hosts.iter().all(|host| is_loopback(host)) {
        return Err(refused(
            "a PostgreSQL that is not on this machine must speak TLS: add ?sslmode=verify-full (or require) to \
             database.url, or set database.allow_plaintext where the network is trusted",
        ));
    }
    let missing: Vec<(&str, &str)> = LIBPQ_DEFAULTS
        .iter()
        .copied()
        .filter(|(name, _)| parameter(name).is_none())
        .collect();
    url.query_pairs_mut().extend_pairs(missing);
    // libpq does not read `+` as a space.
    let query = url.query().map(|query| query.replace('+', "%20"));
    url.set_query(query.as_deref());
    Ok(Place::Postgres { url: url.into() })
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    // A path is a socket on this machine.
    host == "localhost" || host.starts_with('/') || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_secret(parameter: &str) -> bool {
    matches!(parameter, "password" | "sslpassword" | "passfile")
}

fn refused(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

const SQLITE: &str = "sqlite://";

/// What libpq would otherwise wait for without end: a server that is gone, a network that swallows. Seconds, but for
/// `tcp_user_timeout`, which is milliseconds.
const LIBPQ_DEFAULTS: [(&str, &str); 6] = [
    ("application_name", "apportion"),
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "15000"),
];
