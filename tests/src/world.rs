//! A world to tell a story in: a real API and a real gateway over HTTP, a database of its own, and the people in it.

use crate::belief::{self, Loose};
use crate::database::Database;
use crate::http::{self, Answer, Asked};
use crate::people::{Admin, Buyer, Gateway, Ops, Seller, Storefront};
use crate::stage;
use crate::transcript::Transcript;
use api::config::Config;
use reqwest::Client;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

/// How long the world may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// Whole `Authorization` headers, by who has them.
pub struct Keys {
    /// Registers sellers and makes keys.
    pub admin: String,
    /// Sells.
    pub storefront: String,
    /// Operates.
    pub ops: String,
    /// One for each seller.
    pub sellers: BTreeMap<&'static str, String>,
}

/// A world. It must be closed, which is when its invariants are checked.
pub struct World {
    /// What was told so far.
    pub transcript: Transcript,
    /// Everybody's keys.
    pub keys: Keys,
    /// The gateway, as a value: for what its control plane over HTTP cannot tell.
    pub sandbox: sandbox::Running,
    /// How the API was configured.
    pub config: Config,
    client: Client,
    database: Option<Database>,
    api: Option<api::server::Running>,
    loose: Loose,
}

impl World {
    pub(crate) fn new(
        transcript: Transcript,
        client: Client,
        database: Database,
        config: Config,
        sandbox: sandbox::Running,
        api: api::server::Running,
        keys: Keys,
    ) -> Self {
        let (database, api) = (Some(database), Some(api));
        Self {
            transcript,
            keys,
            sandbox,
            config,
            client,
            database,
            api,
            loose: Loose::default(),
        }
    }

    /// The API's address.
    pub fn url(&self) -> &str {
        &self.api().url
    }

    /// The API in this process.
    pub fn api(&self) -> &api::server::Running {
        self.api.as_ref().expect("the API runs")
    }

    /// The shop.
    pub fn storefront(&self) -> Storefront<'_> {
        Storefront(self)
    }

    /// Who pays.
    pub fn buyer(&self) -> Buyer<'_> {
        Buyer(self)
    }

    /// The other side, and what goes wrong there.
    pub fn gateway(&self) -> Gateway<'_> {
        Gateway(self)
    }

    /// Who operates.
    pub fn ops(&self) -> Ops<'_> {
        Ops(self)
    }

    /// Who registers.
    pub fn admin(&self) -> Admin<'_> {
        Admin(self)
    }

    /// Who is owed.
    pub fn seller(&self, name: &'static str) -> Seller<'_> {
        Seller(self, name)
    }

    /// Says what a story leaves behind on purpose.
    pub fn leaves(&mut self, loose: Loose) {
        self.loose = loose;
    }

    /// Writes a sentence into the transcript.
    pub fn says(&self, sentence: &str) {
        self.transcript.says(sentence);
    }

    /// Stops the API as an operator would, and starts it again on the same database.
    pub async fn restarts(&mut self) {
        self.says("The API is stopped and started again.");
        self.api.take().expect("the API runs").stop().await;
        // A SQLite file has one writer: the last thread of the server that stopped may still be about to let it go.
        let start = async || {
            api::server::start(&self.config)
                .await
                .map_err(|error| format!("{error:#}"))
        };
        let api = self.until("the API starts again", start).await;
        stage::point_notifications(&self.sandbox, &api.url);
        self.api = Some(api);
    }

    /// Makes a call that is part of the story.
    pub(crate) async fn told(&self, authorization: Option<&str>, asked: Asked) -> Answer {
        let answer = self.untold(authorization, &asked).await;
        self.transcript.shows(&asked, &answer);
        answer
    }

    /// Makes a call that is part of the story, with somebody's key.
    pub async fn told_by(&self, authorization: &str, asked: Asked) -> Answer {
        self.told(Some(authorization), asked).await
    }

    /// Makes a call that is not.
    pub async fn untold(&self, authorization: Option<&str>, asked: &Asked) -> Answer {
        http::call(&self.client, self.url(), authorization, asked)
            .await
            .expect("the API answers")
    }

    /// Makes a call to the gateway that is part of the story.
    pub(crate) async fn told_to_gateway(&self, asked: Asked) -> Answer {
        let answer = self.untold_to_gateway(&asked).await;
        self.transcript.shows(&asked, &answer);
        answer
    }

    /// Makes a call to the gateway that is not.
    pub(crate) async fn untold_to_gateway(&self, asked: &Asked) -> Answer {
        http::call(&self.client, &self.sandbox.url, None, asked)
            .await
            .expect("the sandbox answers")
    }

    /// Looks until it is so. What it waits for is named in the failure.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Result<T, String>) -> T {
        let begun = Instant::now();
        loop {
            match look().await {
                Ok(seen) => return seen,
                Err(instead) if begun.elapsed() > PATIENCE => {
                    panic!("{what}: not within {PATIENCE:?}; instead: {instead}")
                }
                Err(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Ends the story: checks the invariants, compares the transcript, removes the database.
    pub async fn close(mut self) {
        belief::check(&self, &self.loose).await;
        self.transcript.compare();
        self.api.take().expect("the API runs").stop().await;
        self.database.take().expect("there is a database").remove().await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A story that failed has said why; one that ended without being closed was not checked.
        if self.database.is_some() && !thread::panicking() {
            panic!("a world was not closed: its invariants were not checked");
        }
    }
}
