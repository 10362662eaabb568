//! Every key there is: its default, what it means, and whether it is a secret. `config/default.toml` is written from
//! this table, so the reference cannot differ from what the binary reads.

/// One configuration key.
#[derive(Debug)]
pub struct Key {
    /// Its dotted name, such as `server.listen`; `*` stands for the number of a method.
    pub name: &'static str,
    /// The value when nobody gives one, as TOML; none for what has no sensible default.
    pub default: Option<&'static str>,
    /// An example, as TOML, for keys without a default.
    pub example: &'static str,
    /// Whether it is masked when shown, and may be read from the file named by `…_FILE`.
    pub secret: bool,
    /// What it means, with its unit and range.
    pub doc: &'static str,
}

const fn key(name: &'static str, default: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        default: Some(default),
        example: default,
        secret: false,
        doc,
    }
}

const fn unset(name: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        default: None,
        example,
        secret: false,
        doc,
    }
}

const fn secret(name: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key {
        name,
        default: None,
        example,
        secret: true,
        doc,
    }
}

/// Every key, in the order in which people read them.
pub const KEYS: &[Key] = &[
    key(
        "server.listen",
        "\"127.0.0.1:8080\"",
        "Where the API listens. Port 0 takes any free one.",
    ),
    key(
        "server.admin_listen",
        "\"127.0.0.1:9090\"",
        "Where /metrics (and /livez, /readyz once more) listen: keep it away from the public.",
    ),
    key(
        "server.workers",
        "0",
        "Threads that serve requests, 0 to 256; 0 means one per core.",
    ),
    key(
        "server.max_body_kib",
        "256",
        "The largest request body, in KiB, 1 to 1024.",
    ),
    key(
        "database.url",
        "\"sqlite://apportion.db\"",
        "sqlite://path or postgres://user:password@host/name. May be given by a file, as secrets may.",
    ),
    key(
        "database.allow_plaintext",
        "false",
        "Lets a PostgreSQL that is not on loopback speak without TLS.",
    ),
    unset(
        "database.batch_max",
        "1",
        "How many commits may share one database transaction, 1 to 1024; without it, what is best for the database. 1 on a distributed PostgreSQL.",
    ),
    key("database.read_connections", "4", "Connections for reading, 1 to 64."),
    unset(
        "gateway.base_url",
        "\"https://paytest.smart2pay.com\"",
        "The gateway's host for alternative payment methods. Without it (and without the production profile) the sandbox is started beside the API.",
    ),
    unset(
        "gateway.cards_base_url",
        "\"https://securetest.smart2pay.com\"",
        "The gateway's host for cards; without it, gateway.base_url.",
    ),
    unset(
        "gateway.site_id",
        "30201",
        "The marketplace's SiteID: the user name of every call, and of the gateway's notifications.",
    ),
    secret("gateway.api_key", "\"…\"", "Its API key: their password."),
    secret(
        "gateway.previous_api_key",
        "\"…\"",
        "The API key before the last rotation: accepted from notifications only.",
    ),
    key(
        "gateway.timeout_ms",
        "10000",
        "The total time limit of one call to the gateway, in milliseconds, 100 to 120000.",
    ),
    key(
        "gateway.connect_timeout_ms",
        "3000",
        "How much of it connecting may take, in milliseconds, 50 to 60000.",
    ),
    key(
        "gateway.send_within_ms",
        "5000",
        "How long a call that was committed may wait before its first byte leaves, in milliseconds, 10 to 60000. A lost request is looked for after this and the total time limit.",
    ),
    unset(
        "gateway.commission_site_id",
        "33511",
        "The site that receives the marketplace's share. No seller may have it.",
    ),
    key(
        "gateway.confirmed_currencies",
        "[]",
        "Currencies that do not have two decimals and are confirmed to work at the gateway, such as [\"JPY\", \"KWD\"]; others are refused.",
    ),
    unset(
        "gateway.methods.*.steps",
        "1",
        "Per method number: 1 if paying captures, 2 if it authorizes and a capture takes the money. The methods the gateway documents are known.",
    ),
    unset(
        "gateway.methods.*.authorization_days",
        "7",
        "Per method number: how many days an authorization lasts, 1 to 365; 7 unless said.",
    ),
    secret(
        "auth.bootstrap_admin_key",
        "\"ap_test_…\"",
        "An admin key that works until the first admin key was ever created. At least 32 characters after ap_test_ or ap_live_.",
    ),
    secret(
        "installation",
        "\"…\"",
        "The secret that references at the gateway are derived from, at least 16 characters. It never changes for the life of a database: it is written there at the first start, and refused if it differs later.",
    ),
    unset(
        "default_fee_plan",
        "\"standard\"",
        "The fee plan of sellers that have none. Without it they pay no commission.",
    ),
    key(
        "recovery.interval_ms",
        "1000",
        "How often work that is due is looked for, in milliseconds, 10 to 600000.",
    ),
    key(
        "recovery.quiet_period_ms",
        "60000",
        "How long a lost request must stay absent at the gateway, after its own time limit, before it is sent again, in milliseconds.",
    ),
    key(
        "recovery.first_question_ms",
        "2000",
        "Before the gateway is first asked about a payment that waits, in milliseconds; four times as long each time after.",
    ),
    key(
        "recovery.longest_question_ms",
        "3600000",
        "The longest time between two questions, in milliseconds.",
    ),
    key(
        "recovery.patience_ms",
        "86400000",
        "How long an operation may stay undecided before a person must look, in milliseconds.",
    ),
    unset(
        "recovery.resend_refund_after",
        "24",
        "After how many hours of looking and finding nothing a refund, or added splits, are sent again, 1 to 720. Without it a person decides, because the gateway does not say that it refuses duplicates.",
    ),
    key(
        "recovery.orphan_after_ms",
        "600000",
        "How long a notification about a payment that nobody here knows is tried again before it is shown as an orphan, in milliseconds, 1000 to 86400000.",
    ),
    secret(
        "cards.keys",
        "[\"2026:…\"]",
        "What kept cards' tokens are sealed with: a name, a colon and the base64 of 32 random bytes. The first seals, all of them open: put a new key in front, restart, and remove the old one. Without a key no card is kept.",
    ),
    key("log.format", "\"text\"", "text, or json: one object per line."),
    key(
        "log.level",
        "\"info,actix_server=warn\"",
        "error, warn, info, debug or trace; or per module, such as \"info,engine=debug\".",
    ),
    key(
        "sandbox.listen",
        "\"127.0.0.1:8081\"",
        "Where the sandbox listens. Port 0 takes any free one.",
    ),
    key(
        "sandbox.delay_ms",
        "0",
        "How long the sandbox holds back every answer, in milliseconds, 0 to 60000.",
    ),
    unset(
        "sandbox.public_url",
        "\"http://localhost:8081\"",
        "Where buyers reach the sandbox's pages; without it, where it listens.",
    ),
    unset(
        "sandbox.notification_url",
        "\"http://127.0.0.1:8080/gateway/notifications\"",
        "Where the sandbox sends notifications; without it, to the API started with it or at server.listen.",
    ),
];

/// The key of this name, the number of a method being any.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| match key.name.split_once('*') {
        None => key.name == name,
        Some((before, after)) => name
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after))
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())),
    })
}
