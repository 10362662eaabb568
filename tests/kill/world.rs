//! One world: a gateway, a database, the servers between them, and a street full of clients.

use crate::dice::Dice;
use crate::gateway::Gateway;
use crate::inspection::{self, Seen, UNDECIDED};
use crate::server::Server;
use crate::shopper::Street;
use crate::trigger::Trigger;
use anyhow::{Result, bail};
use domain::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use store::Store;
use tests::carts::COMMISSION_SITE;
use tests::stage::{ADMIN_KEY, API_KEY, furnish};
use tokio::task::JoinSet;

/// How long a kill's consequences may last.
const DECIDED_WITHIN: Duration = Duration::from_secs(60);

/// What every world is made with.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The release binary.
    pub apportion: PathBuf,
    /// Servers that share the database.
    pub instances: usize,
    /// Clients at one time.
    pub clients: usize,
    /// How long a client thinks between two steps at most, in milliseconds.
    pub thinks_ms: u64,
    /// What chance begins with.
    pub seed: u64,
    /// Whether what was acknowledged may be forgotten: a standby that trails was promoted.
    pub forgives: bool,
}

/// A world that goes on.
pub struct World {
    /// The servers.
    pub servers: Vec<Arc<Server>>,
    /// Who kills them.
    pub trigger: Arc<Trigger>,
    /// Where clients shop.
    pub street: Arc<Street>,
    /// The other side.
    pub gateway: Arc<Gateway>,
    /// Chance.
    pub dice: Arc<Dice>,
    /// What the database holds.
    pub store: Store,
    /// When it began, in microseconds since 1970 UTC.
    pub begun: u64,
    since: u64,
    shoppers: JoinSet<()>,
}

/// Waiting is short here, so that a campaign is: the figures of recovery are those of these settings.
pub const PACE: [(&str, &str); 8] = [
    ("gateway.timeout_ms", "300"),
    ("gateway.connect_timeout_ms", "150"),
    ("gateway.send_within_ms", "200"),
    ("recovery.interval_ms", "50"),
    ("recovery.quiet_period_ms", "250"),
    ("recovery.first_question_ms", "100"),
    ("recovery.longest_question_ms", "2000"),
    ("recovery.patience_ms", "30000"),
];

impl World {
    /// Makes one over an empty database and lets the clients in.
    pub async fn begins(plan: &Plan, database: &str, folder: &Path) -> Result<Self> {
        let dice = Arc::new(Dice::new(plan.seed));
        let gateway = Arc::new(Gateway::new(plan.seed, Arc::clone(&dice)));
        let begun = gateway.now();
        let mut servers = Vec::new();
        for number in 0..plan.instances {
            let door = gateway.listens(number).await?;
            let commission_site = COMMISSION_SITE.to_string();
            let own = [
                ("database.url", database),
                ("gateway.base_url", &format!("http://{door}")),
                ("gateway.api_key", API_KEY),
                ("gateway.commission_site_id", &commission_site),
                ("auth.bootstrap_admin_key", ADMIN_KEY),
                ("installation", "the-installation-of-a-campaign"),
                ("server.workers", "1"),
                ("log.level", "warn"),
            ];
            let settings = own
                .into_iter()
                .chain(PACE)
                .map(|(key, value)| (key.to_owned(), value.to_owned()));
            let settings: Vec<_> = settings.collect();
            servers.push(Arc::new(Server::new(
                &plan.apportion,
                &format!("server-{number}"),
                &settings,
                folder,
            )?));
        }
        servers[0].carries_out(&["migrate"])?;
        for server in &servers {
            server.starts()?;
            server.is_ready().await?;
        }
        let keys = furnish(&tests::http::client(), &format!("http://{}", servers[0].address)).await;
        let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
        let trigger = Arc::new(Trigger::new(servers.clone()));
        gateway.serves(Arc::clone(&trigger), addresses.clone())?;
        gateway.fails(true);
        let (side, chance) = (Arc::clone(&gateway), Arc::clone(&dice));
        let mut street = Street::new(addresses, keys, side, Arc::clone(&trigger), chance, plan.thinks_ms);
        street.forgives = plan.forgives;
        let street = Arc::new(street);
        let mut shoppers = JoinSet::new();
        for _ in 0..plan.clients {
            shoppers.spawn(Arc::clone(&street).shop());
        }
        let mut settings = store::Settings::new(database);
        settings.read_only = true;
        let clock = Arc::new(|| Timestamp::from_micros(0));
        let store = tokio::task::spawn_blocking(move || Store::open(&settings, clock)).await??;
        Ok(Self {
            servers,
            trigger,
            street,
            begun,
            since: begun,
            gateway,
            dice,
            store,
            shoppers,
        })
    }

    /// Waits until nothing that was begun before `cut` is undecided, but for refunds that only a person may repeat. How
    /// long that took, and how many operations had been undecided at the first look.
    pub async fn is_decided(&self, cut: u64, from: Instant) -> Result<(Duration, usize)> {
        let cut = Timestamp::from_micros(i64::try_from(cut).unwrap_or(i64::MAX)).to_string();
        let mut first = None;
        loop {
            let mut undecided = Vec::new();
            for state in UNDECIDED {
                // A server that was just killed by nobody here would be a finding of its own.
                for operation in inspection::operations(&self.street, state).await? {
                    let before = operation["created_at"].as_str().is_some_and(|at| at < cut.as_str());
                    if before && !inspection::is_lost_refund(&self.street, &operation) {
                        undecided.push(operation);
                    }
                }
            }
            let at_first = *first.get_or_insert(undecided.len());
            if undecided.is_empty() {
                return Ok((from.elapsed(), at_first));
            }
            if from.elapsed() > DECIDED_WITHIN {
                bail!("after {DECIDED_WITHIN:?} this is still undecided: {undecided:?}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Has everybody stand still and nothing go wrong, and compares everything; `all`: since the beginning.
    pub async fn is_inspected(&mut self, all: bool) -> Result<Seen> {
        let still = self.street.open.write().await;
        self.gateway.fails(false);
        let since = (!all).then_some(self.since);
        let seen = inspection::inspect(&self.street, &self.servers[0], &self.store, since).await?;
        self.since = self.gateway.now();
        self.gateway.fails(true);
        drop(still);
        self.nobody_complains()?;
        Ok(seen)
    }

    /// Fails with what clients and servers have to say.
    pub fn nobody_complains(&self) -> Result<()> {
        let wrong = self.street.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        if !wrong.is_empty() {
            bail!("clients were answered wrongly:\n  {}", wrong.join("\n  "));
        }
        for server in &self.servers {
            server.has_not_ended()?;
        }
        Ok(())
    }

    /// The clients leave, and the servers with them.
    pub async fn ends(mut self) {
        self.shoppers.shutdown().await;
        for server in &self.servers {
            server.is_killed();
        }
    }
}
