//! Where a replay plays: a running API, or one that is started here with a sandbox beside it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use domain::ids::SellerId;
use domain::money::Currency;
use engine::keys::KeyDraft;
use futures_util::{StreamExt, TryStreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::TempDir;

use super::Args;
use super::order::{PLAN, fee_plan, sites};
use super::sale::{ATTEMPTS_MAX, RETRY_AFTER};
use super::statement;
use super::sums::{Shares, Sums};
use crate::client::{self, Api, CallError, Http, Reply};
use crate::config::{Config, Sources};
use crate::server::{self, Running};

/// On whose behalf payments are made: the same in every run, because references at the gateway are derived from it.
const PRINCIPAL: &str = "replay";
/// Registrations and balances asked at one time.
const AT_ONCE: usize = 16;

/// Where a replay plays.
pub(super) struct Stage {
    /// The API with the key of its storefront.
    pub shop: Api,
    /// The same with the key of its operators, who capture and give back.
    pub ops: Api,
    /// For what needs no key: the page where buyers pay, and the sandbox's books.
    pub http: Http,
    /// Whether nobody has ever sold anything here.
    pub is_empty: bool,
    /// Where it is, for people.
    pub place: Place,
    /// The sandbox, where it was started here.
    pub sandbox: Option<String>,
    admin: Api,
    keys: Vec<String>,
    running: Option<Running>,
    /// Holds the temporary database for as long as it is needed.
    _directory: Option<TempDir>,
}

/// Where a replay has played.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Place {
    /// The API's URL, or that it was started here.
    pub api: String,
    /// The database, without its password; nothing where the API is another process.
    pub database: Option<String>,
}

/// A key as the API makes it.
#[derive(Deserialize)]
struct NewKey {
    id: String,
    key: SecretString,
}

/// The answer of a balance.
#[derive(Deserialize)]
struct Balances {
    balances: Vec<Balance>,
}

#[derive(Deserialize)]
struct Balance {
    currency: String,
    #[serde(flatten)]
    sums: Sums,
}

/// What statements come to.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub shares: Shares,
    /// Parties whose statement does not add up by itself, and why.
    pub broken: BTreeMap<String, String>,
}

/// A server of our own, before anything is asked of it.
struct Started {
    running: Running,
    admin_key: SecretString,
    directory: Option<TempDir>,
    database: String,
}

impl Stage {
    /// Finds the API, or starts one, and gets keys of a storefront and of operators for this run.
    pub async fn set(args: &Args, sources: &Sources) -> anyhow::Result<Self> {
        let Some(url) = &args.api else {
            return Self::start(sources).await;
        };
        let key = args
            .api_key
            .clone()
            .context("--api needs --api-key (or APPORTION_API_KEY): an admin key of that API")?;
        ensure!(
            !key.expose_secret().starts_with("ap_live_"),
            "replay plays the buyer: it takes test keys only"
        );
        let http = Http::anywhere()?;
        let admin = Api::new(http.clone(), url, key);
        let place = Place {
            api: url.clone(),
            database: None,
        };
        Self::open(http, admin, place).await
    }

    async fn start(sources: &Sources) -> anyhow::Result<Self> {
        crate::logs::begin_quietly();
        let Started {
            running,
            admin_key,
            directory,
            database,
        } = start_here(sources).await?;
        let http = Http::local();
        let mut admin = Api::new(http.clone(), &running.url, admin_key);
        let mut keys = Vec::new();
        // The bootstrap key is dead where an administrator has ever made a key; then the desk makes one for this run.
        if admin.get("/v1/api_keys?limit=1").await?.status == 401 {
            let draft = KeyDraft {
                role: "admin".to_owned(),
                principal: PRINCIPAL.to_owned(),
                seller: None,
                live: false,
            };
            let (view, secret) = running.engine().create_key(draft).await?;
            admin = admin.with_key(secret);
            keys.push(view.id);
        }
        let place = Place {
            api: "started in this process".to_owned(),
            database: Some(database),
        };
        let mut stage = Self::open(http, admin, place).await?;
        keys.append(&mut stage.keys);
        stage.sandbox = client::sandbox_of(&running);
        Ok(Self {
            is_empty: directory.is_some(),
            running: Some(running),
            _directory: directory,
            keys,
            ..stage
        })
    }

    async fn open(http: Http, admin: Api, place: Place) -> anyhow::Result<Self> {
        let shop = new_key(&admin, "storefront").await?;
        let ops = match new_key(&admin, "ops").await {
            Ok(ops) => ops,
            Err(error) => {
                // Nobody is left to take the first one back.
                admin.delete(&format!("/v1/api_keys/{}", shop.id)).await?;
                return Err(error);
            }
        };
        Ok(Self {
            shop: admin.with_key(shop.key),
            ops: admin.with_key(ops.key),
            http,
            is_empty: false,
            place,
            sandbox: None,
            admin,
            keys: vec![shop.id, ops.id],
            running: None,
            _directory: None,
        })
    }

    /// Takes back the keys of this run, an administrator's last, and stops what was started.
    pub async fn leave(self) -> anyhow::Result<()> {
        let mut revoked = Ok(());
        for id in self.keys.iter().rev() {
            let path = format!("/v1/api_keys/{id}");
            let taken = patiently(|| self.admin.delete(&path), &[200]).await;
            let taken = taken.with_context(|| format!("the key of this run, {id}, could not be revoked"));
            revoked = revoked.and(taken.map(drop));
        }
        if let Some(running) = self.running {
            running.stop().await;
        }
        revoked
    }

    /// Registers the file's sellers and their plan. Doing so again changes nothing.
    pub async fn register(&self, sellers: &BTreeSet<SellerId>, args: &Args) -> anyhow::Result<()> {
        let (path, plan) = (format!("/v1/fee_plans/{PLAN}"), fee_plan(args.fee_percent));
        let put = patiently(|| self.admin.put(&path, &plan), &[200, 201]).await;
        put.context("the fee plan is not accepted")?;
        stream::iter(sites(sellers, None))
            .map(|(seller, site)| async move {
                let path = format!("/v1/sellers/{seller}");
                let name = format!("Seller {seller}");
                let body = json!({ "name": name, "site_id": site, "fee_plan": PLAN, "status": "active" });
                let put = patiently(|| self.admin.put(&path, &body), &[200, 201]).await;
                put.map(drop)
                    .with_context(|| format!("seller {seller} is not accepted"))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// What these sellers and the marketplace have.
    pub async fn balances(&self, sellers: &BTreeSet<SellerId>, currency: Currency) -> anyhow::Result<Shares> {
        let of_all = self.each(sellers, |path| async move {
            let path = format!("{path}/balance");
            let reply = patiently(|| self.admin.get(&path), &[200]).await?;
            let balances = reply.json::<Balances>()?.balances;
            let own = balances.into_iter().find(|one| one.currency == currency.code());
            Ok(own.map(|one| one.sums).unwrap_or_default())
        });
        let mut shares = Shares::default();
        for (party, sums) in of_all.await? {
            *shares.of_split(party.as_deref()) = sums;
        }
        Ok(shares)
    }

    /// What the whole statements of these sellers and of the marketplace come to, line by line.
    pub async fn statements(&self, sellers: &BTreeSet<SellerId>, currency: Currency) -> anyhow::Result<Statements> {
        let of_all = self.each(sellers, |path| async move {
            let path = format!("{path}/entries?currency={}", currency.code());
            let reply = patiently(|| self.admin.get_as(&path, "text/csv"), &[200]).await?;
            Ok(statement::sums(reply.bytes()))
        });
        let mut statements = Statements::default();
        for (party, sums) in of_all.await? {
            match sums {
                Ok(sums) => *statements.shares.of_split(party.as_deref()) = sums,
                Err(why) => {
                    let party = party.unwrap_or_else(|| "marketplace".to_owned());
                    statements.broken.insert(party, why);
                }
            }
        }
        Ok(statements)
    }

    /// Asks something about each of these sellers, and about the marketplace (none), by the path of its own.
    async fn each<T, F>(
        &self,
        sellers: &BTreeSet<SellerId>,
        ask: impl Fn(String) -> F,
    ) -> anyhow::Result<Vec<(Option<String>, T)>>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let sellers = sellers
            .iter()
            .map(|seller| (Some(seller.to_string()), format!("/v1/sellers/{seller}")));
        let all = sellers.chain([(None, "/v1/marketplace".to_owned())]);
        stream::iter(all)
            .map(|(party, path)| {
                let asked = ask(path.clone());
                async move { asked.await.map(|answer| (party, answer)).context(path) }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

/// Makes a key for this run.
async fn new_key(admin: &Api, role: &str) -> anyhow::Result<NewKey> {
    let wish = json!({ "role": role, "principal": PRINCIPAL });
    let made = admin.post("/v1/api_keys", &wish).await;
    let made = made.and_then(|reply| reply.expect(&[201])?.json());
    made.with_context(|| format!("no {role} key for this run"))
}

/// Makes a call that may be repeated, until there is an answer or none is to be hoped for.
async fn patiently<F>(call: impl Fn() -> F, wanted: &[u16]) -> Result<Reply, CallError>
where
    F: Future<Output = Result<Reply, CallError>>,
{
    let mut attempts = 1;
    loop {
        match call().await.and_then(|reply| reply.expect(wanted)) {
            Err(error) if error.is_passing() && attempts < ATTEMPTS_MAX => {
                tokio::time::sleep(RETRY_AFTER.saturating_mul(attempts)).await;
                attempts = attempts.saturating_add(1);
            }
            outcome => return outcome,
        }
    }
}

/// Starts the API on free ports, on the configured database or an empty one, with the sandbox unless the configuration
/// names another gateway.
async fn start_here(sources: &Sources) -> anyhow::Result<Started> {
    let admin_key = client::admin_key();
    let (shown, configured) = Config::read(sources);
    let configured = configured?;
    ensure!(
        !configured.is_production(),
        "replay plays the buyer: it has no place in production"
    );

    let mut flags = sources.flags.clone();
    flags.push(("auth.bootstrap_admin_key".to_owned(), admin_key.clone()));
    let free = ["server.admin_listen"].into_iter();
    // A gateway elsewhere notifies the address it was told.
    let free = free.chain(
        ["server.listen", "sandbox.listen"]
            .into_iter()
            .filter(|_| configured.starts_sandbox()),
    );
    flags.extend(free.map(|key| (key.to_owned(), "127.0.0.1:0".to_owned())));
    let url = shown.into_iter().find(|one| one.key == "database.url");
    let (directory, database) = match url.filter(|url| url.source != "default") {
        Some(url) => (None, url.value.unwrap_or_default()),
        None => {
            let directory = TempDir::new().context("no temporary directory")?;
            flags.push((
                "database.url".to_owned(),
                format!("sqlite://{}", directory.path().join("replay.db").display()),
            ));
            (Some(directory), "an empty temporary SQLite database".to_owned())
        }
    };
    let config = Config::load(&Sources {
        flags,
        ..sources.clone()
    })?;
    let running = server::start(&config).await?;
    Ok(Started {
        running,
        admin_key: admin_key.into(),
        directory,
        database,
    })
}
