//! Each section of the configuration from its keys. Every key is read before the first `?`, so that all mistakes are
//! found in one run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::payment::Pace;
use domain::sale::Steps;
use engine::card_safe::CardSafe;
use engine::settings::MethodTerms;
use secrecy::SecretString;

use super::methods::{AUTHORIZATION_DAYS, documented};
use super::read::Reader;
use super::{Config, Database, Gateway, Log, Profile, Recovery, SandboxSettings, Server};

/// The longest any pause may be: a week, in milliseconds.
const WEEK_MS: u64 = 604_800_000;

pub(super) fn config(read: &mut Reader<'_>, profile: Option<Profile>) -> Option<Config> {
    let server = server(read);
    let database = database(read);
    let gateway = gateway(read);
    let bootstrap_admin_key = read.secret("auth.bootstrap_admin_key");
    let installation = read.required("installation");
    let default_fee_plan = read.parsed("default_fee_plan");
    let recovery = recovery(read);
    let cards = cards(read);
    let log = log(read);
    let sandbox = sandbox(read);
    Some(Config {
        profile,
        server: server?,
        database: database?,
        gateway: gateway?,
        bootstrap_admin_key,
        installation: installation?.into(),
        default_fee_plan,
        recovery: recovery?,
        cards: cards?,
        log: log?,
        sandbox: sandbox?,
    })
}

fn server(read: &mut Reader<'_>) -> Option<Server> {
    let listen = read.parsed("server.listen");
    let admin_listen = read.parsed("server.admin_listen");
    let workers = read.number("server.workers", 0..=256);
    let max_body_kib = read.number("server.max_body_kib", 1..=1024);
    Some(Server {
        listen: listen?,
        admin_listen: admin_listen?,
        workers: usize::try_from(workers?).ok()?,
        max_body_bytes: usize::try_from(max_body_kib?.saturating_mul(1024)).ok()?,
    })
}

fn database(read: &mut Reader<'_>) -> Option<Database> {
    let url = read.required("database.url");
    let allow_plaintext = read.parsed("database.allow_plaintext");
    let batch_max = read.number("database.batch_max", 1..=1024);
    let read_connections = read.number("database.read_connections", 1..=64);
    Some(Database {
        url: url?,
        allow_plaintext: allow_plaintext?,
        batch_max: batch_max.and_then(|most| usize::try_from(most).ok()),
        read_connections: u32::try_from(read_connections?).ok()?,
    })
}

fn gateway(read: &mut Reader<'_>) -> Option<Gateway> {
    let base_url = read.text("gateway.base_url");
    let cards_base_url = read.text("gateway.cards_base_url");
    let site_id = site(read, "gateway.site_id");
    let api_key = read.required("gateway.api_key");
    let previous_api_key = read.secret("gateway.previous_api_key");
    let timeout = read.milliseconds("gateway.timeout_ms", 100..=120_000);
    let connect_timeout = read.milliseconds("gateway.connect_timeout_ms", 50..=60_000);
    let send_within = read.milliseconds("gateway.send_within_ms", 10..=60_000);
    let commission_site_id = site(read, "gateway.commission_site_id");
    let confirmed_currencies = read.list("gateway.confirmed_currencies");
    let methods = methods(read);
    Some(Gateway {
        base_url,
        cards_base_url,
        site_id: site_id?,
        api_key: api_key?.into(),
        previous_api_key,
        timeout: timeout?,
        connect_timeout: connect_timeout?,
        send_within: send_within?,
        commission_site_id: commission_site_id?,
        confirmed_currencies: confirmed_currencies?,
        methods,
    })
}

fn site(read: &mut Reader<'_>, name: &str) -> Option<domain::ids::SiteId> {
    read.required(name)?;
    let number: u32 = read.parsed(name)?;
    let site = domain::ids::SiteId::try_new(number);
    if let Err(error) = &site {
        read.mistake(
            name,
            format!("{number}: {error}"),
            "the number the gateway gave to the site",
        );
    }
    site.ok()
}

fn methods(read: &mut Reader<'_>) -> BTreeMap<u32, MethodTerms> {
    let mut methods = documented();
    for number in read.methods() {
        let steps_key = format!("gateway.methods.{number}.steps");
        let days_key = format!("gateway.methods.{number}.authorization_days");
        let Ok(id) = number.parse::<u32>() else {
            read.mistake(
                &steps_key,
                "a method's number has at most 32 bits",
                "the gateway's MethodID",
            );
            continue;
        };
        let steps = read
            .number(&steps_key, 1..=2)
            .map(|steps| if steps == 1 { Steps::One } else { Steps::Two });
        let days = read
            .number(&days_key, 1..=365)
            .and_then(|days| u16::try_from(days).ok());
        let known = methods.get(&id);
        let Some(steps) = steps.or(known.map(|terms| terms.steps)) else {
            read.mistake(
                &steps_key,
                "this method is not one the gateway documents, and its steps are not set",
                "1 or 2",
            );
            continue;
        };
        let authorization_days = days
            .or(known.map(|terms| terms.authorization_days))
            .unwrap_or(AUTHORIZATION_DAYS);
        methods.insert(
            id,
            MethodTerms {
                steps,
                authorization_days,
            },
        );
    }
    methods
}

fn recovery(read: &mut Reader<'_>) -> Option<Recovery> {
    let interval = read.milliseconds("recovery.interval_ms", 10..=600_000);
    let quiet = read.milliseconds("recovery.quiet_period_ms", 0..=WEEK_MS);
    let first = read.milliseconds("recovery.first_question_ms", 10..=WEEK_MS);
    let longest = read.milliseconds("recovery.longest_question_ms", 10..=WEEK_MS);
    let patience = read.milliseconds("recovery.patience_ms", 1_000..=WEEK_MS);
    let resend_refund_after = read.number("recovery.resend_refund_after", 1..=720);
    let orphan_after = read.milliseconds("recovery.orphan_after_ms", 1_000..=86_400_000);
    let pace = Pace {
        first: first?,
        longest: longest?,
        quiet: quiet?,
        resend_refund_after: resend_refund_after.map(|hours| Duration::from_secs(hours.saturating_mul(3600))),
        patience: patience?,
    };
    Some(Recovery {
        interval: interval?,
        pace,
        orphan_after: orphan_after?,
    })
}

/// The keys are read here, so that one that cannot be is a mistake of the configuration and not of a payment.
fn cards(read: &mut Reader<'_>) -> Option<Arc<CardSafe>> {
    let keys: Vec<String> = read.list("cards.keys").unwrap_or_default();
    let keys: Vec<SecretString> = keys.into_iter().map(SecretString::from).collect();
    match CardSafe::try_new(&keys) {
        Ok(safe) => Some(Arc::new(safe)),
        Err(what) => {
            let fix = "a name, a colon and the output of `openssl rand -base64 32`";
            read.mistake("cards.keys", what, fix);
            None
        }
    }
}

fn log(read: &mut Reader<'_>) -> Option<Log> {
    let format = read.text("log.format");
    let level = read.text("log.level");
    let json = match format.as_deref() {
        Some("json") => true,
        Some("text") => false,
        _ => {
            read.mistake("log.format", "it is neither text nor json", "text or json");
            return None;
        }
    };
    let level = level?;
    if let Err(error) = level.parse::<tracing_subscriber::EnvFilter>() {
        read.mistake(
            "log.level",
            format!("{level:?}: {error}"),
            "error, warn, info, debug or trace",
        );
    }
    Some(Log { json, level })
}

fn sandbox(read: &mut Reader<'_>) -> Option<SandboxSettings> {
    let listen = read.parsed("sandbox.listen");
    let delay = read.milliseconds("sandbox.delay_ms", 0..=60_000);
    let public_url = read.text("sandbox.public_url");
    let notification_url = read.text("sandbox.notification_url");
    Some(SandboxSettings {
        listen: listen?,
        delay: delay?,
        public_url,
        notification_url,
    })
}
