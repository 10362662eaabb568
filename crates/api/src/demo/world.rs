//! The stage of the story: an empty database, a sandbox and the API, all in this process, called over HTTP.

use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::shop::CURRENCY;
use super::told::{Balance, Balances, Booked, Books, List, Moment, NewKey, Payment};
use crate::client::{self, Api, Http, Reply};
use crate::config::{Config, Sources};
use crate::server::{self, Running};

/// How long anything may take to happen.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Everything that runs.
pub(super) struct World {
    pub running: Running,
    pub http: Http,
    /// The sandbox's address.
    pub sandbox: String,
    pub admin: Api,
    pub shop: Api,
    pub ops: Api,
    /// Holds the database.
    _directory: TempDir,
}

impl World {
    /// Starts everything, on free ports, with nothing in it.
    pub async fn start() -> anyhow::Result<Self> {
        let directory = TempDir::new().context("no temporary directory")?;
        let admin_key = client::admin_key();
        let database = format!("sqlite://{}", directory.path().join("demo.db").display());
        let config = Config::load(&Sources::isolated([
            ("server.listen", "127.0.0.1:0"),
            ("server.admin_listen", "127.0.0.1:0"),
            ("sandbox.listen", "127.0.0.1:0"),
            ("database.url", &database),
            ("auth.bootstrap_admin_key", &admin_key),
            // A reader does not like to wait: what is unknown is asked about at once.
            ("recovery.interval_ms", "20"),
        ]))?;
        let running = server::start(&config).await?;
        let sandbox =
            client::sandbox_of(&running).context("the demo needs the sandbox, which this binary was built without")?;
        let http = Http::local();
        // Nor for refunds, which take days at a bank.
        let soon = json!({ "refund_settles_after_ms": 50 });
        http.post(&format!("{sandbox}/_sandbox/config"), &soon)
            .await?
            .expect(&[200])?;
        let admin = Api::new(http.clone(), &running.url, SecretString::from(admin_key.as_str()));
        let shop = admin.with_key(new_key(&admin, json!({ "role": "storefront", "principal": "shop" })).await?);
        let ops = admin.with_key(new_key(&admin, json!({ "role": "ops", "principal": "operator" })).await?);
        Ok(Self {
            running,
            http,
            sandbox,
            admin,
            shop,
            ops,
            _directory: directory,
        })
    }

    /// A seller's own view of the API.
    pub async fn as_seller(&self, seller: &str) -> anyhow::Result<Api> {
        let wish = json!({ "role": "seller", "principal": seller, "seller": seller });
        Ok(self.admin.with_key(new_key(&self.admin, wish).await?))
    }

    /// Asks for a payment under a key.
    pub async fn create(&self, key: &str, body: &Value) -> anyhow::Result<Reply> {
        Ok(self.shop.post_once("/v1/payments", key, body).await?)
    }

    pub async fn payment(&self, id: &str) -> anyhow::Result<Payment> {
        Ok(self
            .shop
            .get(&format!("/v1/payments/{id}"))
            .await?
            .expect(&[200])?
            .json()?)
    }

    /// Looks at a payment until it is in this status.
    pub async fn until(&self, id: &str, status: &str) -> anyhow::Result<Payment> {
        let started = Instant::now();
        loop {
            let payment = self.payment(id).await?;
            if payment.status == status {
                return Ok(payment);
            }
            if started.elapsed() > PATIENCE {
                bail!("{id} is {} and does not become {status}", payment.status);
            }
            sleep(PAUSE).await;
        }
    }

    /// Plays the buyer: opens the page, and pays.
    pub async fn pay(&self, payment: &Payment) -> anyhow::Result<Reply> {
        let page = payment
            .redirect_url
            .as_deref()
            .context("the payment has no page to pay at")?;
        self.http.get(page).await?.expect(&[200])?;
        Ok(self.http.press(page, "outcome=success").await?.expect(&[303])?)
    }

    pub async fn timeline(&self, id: &str) -> anyhow::Result<Vec<Moment>> {
        let list: List<Moment> = self
            .ops
            .get(&format!("/v1/payments/{id}/timeline"))
            .await?
            .expect(&[200])?
            .json()?;
        Ok(list.data)
    }

    /// What a seller has, or the marketplace.
    pub async fn balance(&self, party: &str) -> anyhow::Result<Balance> {
        let path = if party == "marketplace" {
            "/v1/marketplace/balance".to_owned()
        } else {
            format!("/v1/sellers/{party}/balance")
        };
        let balances: Balances = self.ops.get(&path).await?.expect(&[200])?.json()?;
        Ok(balances
            .balances
            .into_iter()
            .find(|one| one.currency == CURRENCY)
            .unwrap_or_default())
    }

    /// The sandbox's own books, with what it knows of one payment, if any is named.
    pub async fn books(&self, payment: Option<u64>) -> anyhow::Result<Books> {
        let about = payment.map(|id| format!("&id={id}")).unwrap_or_default();
        let url = format!("{}/_sandbox/books?sites=true&cards=true{about}", self.sandbox);
        Ok(self.http.get(&url).await?.expect(&[200])?.json()?)
    }

    /// What the sandbox's own books have of a payment.
    pub async fn booked(&self, payment: u64) -> anyhow::Result<Booked> {
        let booked = self.books(Some(payment)).await?.payments.into_iter().next();
        booked.context("the sandbox has no such payment")
    }

    /// Tells the sandbox what goes wrong next.
    pub async fn fault(&self, fault: Value) -> anyhow::Result<()> {
        let url = format!("{}/_sandbox/faults", self.sandbox);
        self.http.post(&url, &json!([fault])).await?.expect(&[201])?;
        Ok(())
    }
}

async fn new_key(admin: &Api, wish: Value) -> anyhow::Result<SecretString> {
    let made: NewKey = admin.post("/v1/api_keys", &wish).await?.expect(&[201])?.json()?;
    Ok(made.key)
}
