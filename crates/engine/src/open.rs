//! Putting a desk together from configuration: the vault, the wire, the machine's clock.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::SiteId;
use gateway_client::{Client, Settings as ClientSettings};
use secrecy::SecretString;
use serde::Serialize;
use store::Store;
pub use store::{Backend, Settings as DatabaseSettings};
use utoipa::ToSchema;

use crate::clock::{Clock, Ids, SystemClock, SystemIds};
use crate::desk::{Engine, Parts};
use crate::error::Error;
use crate::gateway::Wire;
use crate::notifications::Doorkeeper;
use crate::settings::Settings;

/// Everything a desk is told at start-up.
pub struct Wiring {
    /// Where the books are.
    pub database: DatabaseSettings,
    /// Where the gateway is, and who we are there.
    pub gateway: GatewaySettings,
    /// The rest.
    pub settings: Settings,
}

/// Where the gateway is, and who we are there.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// The host of alternative payment methods.
    pub base_url: String,
    /// The card host; may be the same.
    pub cards_base_url: String,
    /// The marketplace's site.
    pub site_id: SiteId,
    /// Its key.
    pub api_key: SecretString,
    /// The key before the last rotation; notifications only.
    pub previous_api_key: Option<SecretString>,
    /// The longest a call may take.
    pub timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
}

/// One thing that must be right before payments are taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `database` or `migrations`.
    pub name: &'static str,
    /// Whether it is right.
    pub ok: bool,
    /// What is wrong, and how to mend it.
    pub detail: String,
}

impl Engine {
    /// Opens the vault and prepares the wire. Nothing is migrated, nothing is sent.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Internal`] when the database cannot be opened, [`Error::Invalid`] when the
    /// gateway's settings cannot be.
    pub fn open(wiring: Wiring) -> Result<Self, Error> {
        let Wiring {
            database,
            gateway,
            settings,
        } = wiring;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn Ids> = Arc::new(SystemIds);
        let tells = Arc::clone(&clock);
        let store = Store::open(&database, Arc::new(move || tells.now())).map_err(|error| {
            // At start-up the reason matters more than its class: a person reads it.
            Error::Conflict {
                code: "database_unavailable",
                detail: error.to_string(),
            }
        })?;
        let door = Doorkeeper {
            site: gateway.site_id,
            api_key: gateway.api_key.clone(),
            previous_api_key: gateway.previous_api_key,
        };
        let client = Client::try_new(ClientSettings {
            base_url: gateway.base_url,
            cards_base_url: gateway.cards_base_url,
            site_id: gateway.site_id,
            api_key: gateway.api_key,
            timeout: gateway.timeout,
            connect_timeout: gateway.connect_timeout,
        });
        let client = client.map_err(|error| Error::fault("/gateway", "gateway_settings", error.to_string()))?;
        let gateway = Arc::new(Wire::new(client, Arc::clone(&ids), gateway.timeout));
        Ok(Self::new(Parts {
            store,
            gateway,
            door,
            clock,
            ids,
            settings,
        }))
    }

    /// Which kind of database the books are in.
    pub fn backend(&self) -> Backend {
        self.desk.store.backend()
    }

    /// Applies what is missing; the names of what was applied.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be changed.
    pub fn migrate(&self) -> Result<Vec<String>, Error> {
        Ok(self.desk.store.migrate()?)
    }

    /// The migrations that are missing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read.
    pub fn pending_migrations(&self) -> Result<Vec<String>, Error> {
        Ok(self.desk.store.pending_migrations()?)
    }

    /// Whether payments can be taken now.
    pub async fn readiness(&self) -> Vec<Readiness> {
        let database = self.desk.store.health().await;
        let detail = database
            .as_ref()
            .map_or_else(ToString::to_string, |()| "answers".to_owned());
        vec![Readiness {
            name: "database",
            ok: database.is_ok(),
            detail,
        }]
    }
}
