//! What a story needs before it begins: a gateway, a database, an API between them, and people with keys.

use crate::carts::{COMMISSION_SITE, FEE_PLAN, SELLERS};
use crate::database::{Backend, Database};
use crate::http::{self, Asked};
use crate::transcript::Transcript;
use crate::world::{Keys, World};
use api::config::{Config, Sources};
use sandbox::core::ConfigPatch;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The marketplace's site and key at the gateway.
pub const SITE: u64 = 30201;
/// Its key.
pub const API_KEY: &str = "the-key-of-the-sandbox";
/// The key that makes the others.
pub const ADMIN_KEY: &str = "ap_test_stories0000000000000000000000000000";
/// The sandbox draws its numbers and tokens from here, so that they are the same in every telling.
const SEED: u64 = 7;

/// A story that is about to be told on one of the databases.
pub struct Stage {
    story: &'static str,
    backend: Backend,
    settings: BTreeMap<String, String>,
}

impl Stage {
    /// The usual stage. The gateway is asked at once when it notifies and otherwise hardly ever, so that a story which
    /// ends well shows that the doorbell was heard.
    pub fn new(story: &'static str, backend: Backend) -> Self {
        let usual = [
            ("server.listen", "127.0.0.1:0"),
            ("server.admin_listen", "127.0.0.1:0"),
            ("server.workers", "1"),
            ("gateway.api_key", API_KEY),
            ("gateway.timeout_ms", "1500"),
            ("gateway.connect_timeout_ms", "500"),
            ("auth.bootstrap_admin_key", ADMIN_KEY),
            ("installation", "the-installation-of-a-story"),
            ("recovery.interval_ms", "20"),
            ("recovery.quiet_period_ms", "300"),
            ("recovery.first_question_ms", "60000"),
            ("recovery.longest_question_ms", "60000"),
        ];
        let settings = usual.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        Self {
            story,
            backend,
            settings,
        }
        .with("gateway.commission_site_id", &COMMISSION_SITE.to_string())
    }

    /// With a setting of its own.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.settings.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The gateway is asked soon and often: for what nobody tells us.
    #[must_use]
    pub fn curious(self) -> Self {
        self.with("recovery.first_question_ms", "100")
            .with("recovery.longest_question_ms", "300")
    }

    /// Starts the gateway and the API, and gives everybody a key.
    pub async fn open(self) -> World {
        let scene = self.built().await;
        api::server::migrate(&scene.config()).expect("the database can be migrated");
        scene.inhabited(None).await
    }

    /// Starts the gateway and makes a database. The API is the story's to start.
    pub async fn built(self) -> Scene {
        let database = Database::create(self.backend).await;
        let sandbox = start_sandbox(None).await;
        let own = [("database.url", &database.url), ("gateway.base_url", &sandbox.url)];
        let mut settings: BTreeMap<_, _> = own.map(|(key, value)| (key.to_owned(), value.clone())).into();
        settings.extend(self.settings);
        Scene {
            story: self.story,
            settings,
            database,
            sandbox,
        }
    }
}

/// A stage with a gateway and a database, and no API yet.
pub struct Scene {
    /// Everything that the API is to be told.
    pub settings: BTreeMap<String, String>,
    /// The gateway.
    pub sandbox: sandbox::Running,
    story: &'static str,
    database: Database,
}

impl Scene {
    /// These settings over the sandbox profile, whatever the environment says.
    pub fn config(&self) -> Config {
        Config::load(&Sources::isolated(self.settings.clone())).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// Everything that is in the database.
    pub async fn contents(&self) -> Vec<u8> {
        self.database.contents().await
    }

    /// Starts the API in this process. Without keys the database is new, and everybody is given one.
    pub async fn inhabited(self, keys: Option<Keys>) -> World {
        let config = self.config();
        let api = api::server::start(&config).await.expect("the API starts");
        point_notifications(&self.sandbox, &api.url);
        let client = http::client();
        let keys = match keys {
            Some(keys) => keys,
            None => furnish(&client, &api.url).await,
        };
        World::new(
            Transcript::of(self.story),
            client,
            self.database,
            config,
            self.sandbox,
            api,
            keys,
        )
    }
}

/// A sandbox that gives the same numbers in every telling, on this address or a free one.
pub async fn start_sandbox(listen: Option<&str>) -> sandbox::Running {
    let mut settings = sandbox::Settings::new(SITE, API_KEY.to_owned().into());
    settings.seed = Some(SEED);
    if let Some(listen) = listen {
        settings.listen = listen.parse().expect("it is an address");
    }
    // What is not answered with 204 is brought again soon: stories are short.
    settings.config.retry_delays_ms = vec![200];
    sandbox::Sandbox::start(settings).await.expect("the sandbox starts")
}

/// Tells the gateway where its notifications go.
pub fn point_notifications(sandbox: &sandbox::Running, api_url: &str) {
    let url = Some(Some(format!("{api_url}/gateway/notifications")));
    let patch = ConfigPatch {
        notification_url: url,
        ..ConfigPatch::default()
    };
    sandbox
        .with_core(|core, _| core.configure(patch))
        .expect("the sandbox can be configured");
}

/// A fee plan, three sellers, and a key for everybody.
pub async fn furnish(client: &reqwest::Client, api: &str) -> Keys {
    let admin = format!("Bearer {ADMIN_KEY}");
    let put = async |method: &'static str, path: String, body: Value| {
        let asked = Asked::with_body(method, path, &body);
        let answer = http::call(client, api, Some(&admin), &asked)
            .await
            .expect("the API answers");
        answer.expect(201)
    };
    let plan = json!({"rules": [{"percent_bp": 1500, "applies_to": "items"}]});
    put("PUT", format!("/v1/fee_plans/{FEE_PLAN}"), plan).await;
    for (seller, name, site) in SELLERS {
        let body = json!({"name": name, "site_id": site, "fee_plan": FEE_PLAN, "status": "active"});
        put("PUT", format!("/v1/sellers/{seller}"), body).await;
    }
    let key = async |role: &str, principal: &str, seller: Option<&str>| {
        let body = json!({"role": role, "principal": principal, "seller": seller});
        let answer = put("POST", "/v1/api_keys".to_owned(), body).await;
        format!("Bearer {}", answer.text_at("key"))
    };
    let mut sellers = BTreeMap::new();
    for (seller, _, _) in SELLERS {
        sellers.insert(
            seller,
            key("seller", &format!("dashboard-{seller}"), Some(seller)).await,
        );
    }
    // Making the first admin key closes the door that the bootstrap key opened; stories leave it open.
    Keys {
        storefront: key("storefront", "shop", None).await,
        ops: key("ops", "desk", None).await,
        admin,
        sellers,
    }
}
