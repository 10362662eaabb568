//! One world: a gateway, a database, an engine that dies and comes back, and the people around it.

use domain::ids::SiteId;
use domain::payment::Pace;
use domain::sale::Steps;
use engine::clock::Ids;
use engine::gateway::Wire;
use engine::notifications::Doorkeeper;
use engine::settings::MethodTerms;
use engine::{Engine, Parts, Settings};
use gateway_client::{Answer, Client};
use sandbox::core::{Config, Core, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use store::Store;
use tests::carts::COMMISSION_SITE;
use tokio::sync::Notify;

use crate::dice::{Dice, Drawn};
use crate::network::{Network, TIMEOUT, whole};
use crate::people::Shopper;
use crate::tally::Tally;
use crate::time::Time;

/// The marketplace at the gateway.
pub const SITE: u32 = 30_201;
/// Its key.
pub const KEY: &str = "a-key-of-the-simulation";
/// Crashes of one world, at most: each costs a new start.
const CRASHES_MAX: u64 = 16;
/// After how long an added split or a refund is sent again, where it is at all.
const RESEND_AFTER: Duration = Duration::from_secs(86_400);

/// Everything but the engine: it outlives every crash.
pub struct World {
    /// What decides everything.
    pub seed: u64,
    pub dice: Dice,
    pub time: Arc<Time>,
    pub core: Mutex<Core>,
    pub shoppers: Vec<Mutex<Shopper>>,
    /// Rung when the gateway may have something due.
    pub bell: Notify,
    /// What was done at the gateway by others than us: payment, and what.
    pub outside: Mutex<BTreeSet<(u64, &'static str)>>,
    /// Whether a refund that is lost may be sent again.
    pub resends_refunds: bool,
    store: Mutex<Option<Store>>,
    tally: Mutex<Tally>,
    late: Mutex<BTreeMap<(u64, u64), Request>>,
    sent: Mutex<BTreeMap<(String, Vec<u8>), u64>>,
    unanswered: Mutex<BTreeSet<u64>>,
    calm: AtomicBool,
    crashing: AtomicBool,
    crashes: AtomicU64,
    crashed: Notify,
    folder: tempfile::TempDir,
}

impl World {
    /// A world of so many payments, as `seed` says.
    pub fn new(seed: u64, payments: u64) -> Self {
        let dice = Dice::new(seed);
        let mut config = Config::new(u64::from(SITE), KEY.into());
        config.notification_url = Some("http://shop.invalid/notifications".to_owned());
        config.requests_kept = 1;
        config.list_omits_details = dice.happens(800);
        config.capture_settles_after_ms = dice.between(200, 90_000);
        config.refund_settles_after_ms = dice.between(200, 90_000);
        let shoppers = (0..payments).map(|number| Mutex::new(Shopper::new(number, &dice)));
        Self {
            seed,
            core: Mutex::new(Core::new(config, dice.draw())),
            shoppers: shoppers.collect(),
            resends_refunds: dice.happens(500),
            dice,
            time: Arc::new(Time::new()),
            bell: Notify::new(),
            outside: Mutex::default(),
            store: Mutex::default(),
            tally: Mutex::default(),
            late: Mutex::default(),
            sent: Mutex::default(),
            unanswered: Mutex::default(),
            calm: AtomicBool::new(false),
            crashing: AtomicBool::new(false),
            crashes: AtomicU64::new(0),
            crashed: Notify::new(),
            folder: folder(),
        }
    }

    /// An engine over this world's database, as after a start.
    pub fn engine(self: &Arc<Self>) -> Engine {
        let url = format!("sqlite://{}", self.folder.path().join("books.db").display());
        let mut settings = store::Settings::new(url);
        (settings.inline, settings.read_connections) = (true, 1);
        let time = Arc::clone(&self.time);
        let store = Store::open(&settings, Arc::new(move || engine::clock::Clock::now(&*time))).expect("a database");
        store.migrate().expect("a database that is ours");
        let ids: Arc<dyn Ids> = Arc::new(Drawn {
            dice: self.dice.clone(),
            time: Arc::clone(&self.time),
        });
        let site_id = SiteId::try_new(SITE).expect("a site");
        let settings = gateway_client::Settings {
            base_url: "http://pay.invalid".to_owned(),
            cards_base_url: "http://pay.invalid".to_owned(),
            site_id,
            api_key: KEY.into(),
            timeout: TIMEOUT,
            connect_timeout: TIMEOUT,
        };
        let client = Client::over(Arc::new(Network(Arc::clone(self))), &settings).expect("settings that are right");
        *self.store.lock().unwrap() = Some(store.clone());
        Engine::new(Parts {
            store,
            gateway: Arc::new(Wire::new(client, Arc::clone(&ids), TIMEOUT)),
            door: Doorkeeper {
                site: site_id,
                api_key: KEY.into(),
                previous_api_key: None,
            },
            clock: Arc::clone(&self.time) as _,
            ids,
            settings: self.settings(),
        })
    }

    /// The database, to look at it beside the engine.
    pub fn store(&self) -> Store {
        self.store.lock().unwrap().clone().expect("an engine lives")
    }

    /// The engine is gone: nobody holds its database any more.
    pub fn close(&self) {
        *self.store.lock().unwrap() = None;
    }

    fn settings(&self) -> Settings {
        let seconds = Duration::from_secs;
        let steps = |steps, authorization_days| MethodTerms {
            steps,
            authorization_days,
        };
        Settings {
            installation: "an installation of the simulation".to_owned(),
            commission_site: SiteId::try_new(COMMISSION_SITE).expect("a site"),
            confirmed_currencies: Vec::new(),
            default_fee_plan: None,
            cards: Arc::default(),
            methods: BTreeMap::from([
                (9, steps(Steps::One, 0)),
                (75, steps(Steps::Two, 7)),
                (1130, steps(Steps::Two, 7)),
            ]),
            pace: Pace {
                first: seconds(2),
                longest: seconds(3600),
                quiet: seconds(900),
                resend_refund_after: self.resends_refunds.then_some(RESEND_AFTER),
                patience: seconds(86_400),
            },
            send_within: seconds(5),
            timeout: TIMEOUT,
            sweep_every: seconds(5),
            orphan_after: seconds(600),
            bootstrap_admin_key: None,
        }
    }

    /// What is counted.
    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap()
    }

    /// Something that must never be.
    pub fn violation(&self, what: impl std::fmt::Display) {
        let mut tally = self.tally();
        let payments = tally.payments;
        tally.payments_until_violation.get_or_insert(payments);
        tally.violations.push(format!("seed {}: {what}", self.seed));
    }

    /// Something happened: it is part of the trace.
    pub fn happened(&self, what: &impl Hash) {
        let at = self.time.micros();
        self.tally().happened(at, what);
    }

    /// Whether nothing goes wrong any more.
    pub fn calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// From now on nothing goes wrong.
    pub fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    /// Hands a request to the gateway.
    pub fn handle(&self, request: Request) -> Answer {
        let handled = self.core.lock().unwrap().handle(self.time.micros(), request);
        self.bell.notify_one();
        let answer = whole(handled.reply);
        self.happened(&(answer.http_status, &answer.body));
        answer
    }

    /// A request that is believed lost arrives so many microseconds later, whatever has become of who sent it.
    pub fn later(&self, after: u64, request: Request) {
        let number = self.dice.draw();
        let due = self.time.micros() + after;
        self.late.lock().unwrap().insert((due, number), request);
        self.bell.notify_one();
    }

    /// When the gateway has something to do by itself.
    pub fn next_due(&self) -> Option<u64> {
        let late = self.late.lock().unwrap().first_key_value().map(|((due, _), _)| *due);
        let core = self.core.lock().unwrap().next_due();
        late.into_iter().chain(core).min()
    }

    /// Requests whose time has come arrive.
    pub fn deliver_late(&self) {
        let now = self.time.micros();
        loop {
            let due = {
                let mut late = self.late.lock().unwrap();
                match late.first_key_value() {
                    Some(((due, _), _)) if *due <= now => late.pop_first(),
                    _ => None,
                }
            };
            let Some((_, request)) = due else { return };
            let name = (request.path.clone(), request.body.clone());
            let sent = self.sent.lock().unwrap().get(&name).copied().unwrap_or_default();
            let method = request.method.clone();
            let answer = self.handle(request);
            if method == "POST" {
                self.tally().reached(match (sent, answer.http_status) {
                    (..=1, ..300) => "late arrival, taken",
                    (..=1, _) => "late arrival, refused",
                    (_, ..300) => "late arrival after resend, taken",
                    _ => "late arrival after resend, refused",
                });
            }
        }
    }

    /// Counts a request; commands by what they ask.
    pub fn count_call(&self, request: &Request) {
        self.tally().calls += 1;
        if request.method == "POST" {
            let name = (request.path.clone(), request.body.clone());
            *self.sent.lock().unwrap().entry(name).or_default() += 1;
        }
    }

    /// While it is held, the engine has not heard yet what the gateway did to this payment.
    pub fn unanswered(&self, payment: Option<u64>) -> Option<Unanswered<'_>> {
        let payment = payment?;
        self.unanswered.lock().unwrap().insert(payment);
        Some(Unanswered(self, payment))
    }

    /// Whether the engine has yet to hear what the gateway did to this payment.
    pub fn is_unanswered(&self, payment: u64) -> bool {
        self.unanswered.lock().unwrap().contains(&payment)
    }

    /// Whether others than us did something to a payment at the gateway.
    pub fn is_touched(&self, payment: Option<u64>) -> bool {
        let outside = self.outside.lock().unwrap();
        payment.is_none_or(|payment| outside.iter().any(|(one, _)| *one == payment))
    }

    /// The process dies here; who calls never comes back. A world that has crashed often enough goes on instead.
    pub async fn crash(&self, name: &str) {
        if self.calm() || self.crashes.load(Ordering::Relaxed) >= CRASHES_MAX {
            return;
        }
        if !self.crashing.swap(true, Ordering::Relaxed) {
            self.crashes.fetch_add(1, Ordering::Relaxed);
            self.tally().fault(name);
            self.happened(&name);
            self.crashed.notify_one();
        }
        std::future::pending::<()>().await;
    }

    /// Ready when the process is to die.
    pub async fn crashed(&self) {
        self.crashed.notified().await;
        self.crashing.store(false, Ordering::Relaxed);
    }

    /// What was counted, once everything is over.
    pub fn counted(&self) -> Tally {
        std::mem::take(&mut *self.tally())
    }
}

/// See [`World::unanswered`].
pub struct Unanswered<'a>(&'a World, u64);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.unanswered.lock().unwrap().remove(&self.1);
    }
}

/// In memory where the system has such a place: durability is not what is tried here.
fn folder() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder for the database")
}
