//! From configuration to a desk.

use std::sync::Arc;

use domain::ids::SiteId;
use engine::open::{DatabaseSettings, GatewaySettings, Wiring};
use engine::{Engine, Settings};
use secrecy::ExposeSecret;

use crate::config::Config;

/// What the database may be opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everything.
    Write,
    /// Looking, also beside a process that writes.
    Read,
}

/// Opens the database and prepares the wire to `gateway`, or to where the configuration says it is.
pub(crate) fn open(config: &Config, gateway: Option<&str>, access: Access) -> anyhow::Result<Engine> {
    Ok(Engine::open(wiring(config, gateway, access))?)
}

fn wiring(config: &Config, gateway: Option<&str>, access: Access) -> Wiring {
    // A command that opens the books without a gateway beside it names where the sandbox would be.
    let beside = || format!("http://{}", config.sandbox.listen);
    let base_url = gateway
        .map(str::to_owned)
        .or_else(|| config.gateway.base_url.clone())
        .unwrap_or_else(beside);
    let cards_base_url = config
        .gateway
        .cards_base_url
        .clone()
        .unwrap_or_else(|| base_url.clone());
    Wiring {
        database: DatabaseSettings {
            allow_plaintext: config.database.allow_plaintext,
            batch_max: config.database.batch_max,
            read_connections: config.database.read_connections,
            read_only: access == Access::Read,
            ..DatabaseSettings::new(config.database.url.clone())
        },
        gateway: GatewaySettings {
            base_url,
            cards_base_url,
            site_id: config.gateway.site_id,
            api_key: config.gateway.api_key.clone(),
            previous_api_key: config.gateway.previous_api_key.clone(),
            timeout: config.gateway.timeout,
            connect_timeout: config.gateway.connect_timeout,
        },
        settings: settings(config, config.gateway.commission_site_id),
    }
}

pub(crate) fn settings(config: &Config, commission_site: SiteId) -> Settings {
    Settings {
        installation: config.installation.expose_secret().to_owned(),
        commission_site,
        confirmed_currencies: config.gateway.confirmed_currencies.clone(),
        default_fee_plan: config.default_fee_plan.clone(),
        cards: Arc::clone(&config.cards),
        methods: config.gateway.methods.clone(),
        pace: config.recovery.pace,
        send_within: config.gateway.send_within,
        timeout: config.gateway.timeout,
        sweep_every: config.recovery.interval,
        orphan_after: config.recovery.orphan_after,
        bootstrap_admin_key: config
            .bootstrap_admin_key
            .as_ref()
            .map(|key| key.expose_secret().to_owned()),
    }
}
