//! One world: a gateway, a database, an engine that dies and comes back, and the people around it.

use domain::ids::SiteId;
use domain::payment::Pace;
use domain::sale::Steps;
use engine::card_safe::CardSafe;
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
use store::{Store, StoreError, Tx};
use tests::carts::COMMISSION_SITE;
use tokio::sync::Notify;

use crate::dice::{Dice, Drawn};
use crate::disk::Disk;
use crate::network::{Network, TIMEOUT, whole};
use crate::people::Shopper;
use crate::promises::Promises;
use crate::question::Questions;
use crate::tally::Tally;
use crate::time::Time;
use crate::witness::Sent;
use crate::{switches, template};

/// The marketplace at the gateway.
pub const SITE: u32 = 30_201;
/// Its key.
pub const KEY: &str = "a-key-of-the-simulation";
/// What tokens of kept cards are sealed with: thirty-two bytes.
const CARD_KEY: &str = "world:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Crashes of one world, at most: each costs a new start.
const CRASHES_MAX: u64 = 16;
/// After how long an added split or a refund is sent again, where it is at all.
pub const RESEND_AFTER: Duration = Duration::from_secs(86_400);
/// How long a reference must stay absent before it is sent again, or given up.
pub const QUIET: Duration = Duration::from_secs(900);
/// By how much our clock is wrong, at most.
pub const CLOCK_JUMPS: Duration = Duration::from_secs(3_600);

/// The engines that share a database.
pub type Desks = Arc<Vec<Engine>>;

/// Requests that are still to arrive: when (and drawn, where at one moment), what becomes of each, and what it asks.
pub type Late = BTreeMap<(u64, u64), (&'static str, Request)>;

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
    /// Payments of the gateway that were once shown with a status that nobody knows.
    pub puzzling: Mutex<BTreeSet<u64>>,
    /// Whether a refund that is lost may be sent again.
    pub resends_refunds: bool,
    /// How the gateway answers what its documents leave open.
    pub switches: Vec<String>,
    /// Whether its look-ups ignore what is looked for, so that nothing is ever known to be absent.
    pub filter_ignored: bool,
    /// Whether it shows no splits when asked for a payment, so that what became of added ones is seen in no answer.
    pub splits_hidden: bool,
    /// Whether some of what happens at the gateway is told by nobody, and both books are compared before the end.
    pub compares: bool,
    /// How many engines share the database.
    pub instances: u64,
    /// What our clients were told.
    pub promises: Mutex<Promises>,
    /// What was handed to the network, by what it is.
    pub sent: Mutex<BTreeMap<String, Sent>>,
    /// What was asked about which version of a payment.
    pub questions: Mutex<Questions>,
    /// Whether everything that happens is told, one line each.
    pub traced: bool,
    store: Mutex<Option<Store>>,
    tally: Mutex<Tally>,
    pub late: Mutex<Late>,
    /// What arrived more often than it was sent.
    pub repeated: Mutex<BTreeSet<(String, Vec<u8>)>>,
    pub bells: Mutex<BTreeMap<String, u64>>,
    looking: AtomicBool,
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
        let switches = switches::draw(&dice, &mut config);
        let splits_hidden = config.get_omits_splits;
        let shoppers = (0..payments).map(|number| Mutex::new(Shopper::new(number, &dice)));
        Self {
            seed,
            filter_ignored: config.filter_ignored,
            splits_hidden,
            switches,
            compares: dice.happens(200),
            instances: if dice.happens(400) { 2 } else { 1 },
            promises: Mutex::default(),
            traced: false,
            core: Mutex::new(Core::new(config, dice.draw())),
            shoppers: shoppers.collect(),
            // Where no answer shows splits, their absence proves nothing: nobody there would have them added again.
            resends_refunds: dice.happens(500) && !splits_hidden,
            dice,
            time: Arc::new(Time::new()),
            bell: Notify::new(),
            outside: Mutex::default(),
            puzzling: Mutex::default(),
            store: Mutex::default(),
            tally: Mutex::default(),
            late: Mutex::default(),
            sent: Mutex::default(),
            repeated: Mutex::default(),
            questions: Mutex::default(),
            bells: Mutex::default(),
            looking: AtomicBool::new(false),
            unanswered: Mutex::default(),
            calm: AtomicBool::new(false),
            crashing: AtomicBool::new(false),
            crashes: AtomicU64::new(0),
            crashed: Notify::new(),
            folder: template::folder(),
        }
    }

    /// The engines over this world's database, as after a start.
    pub fn engines(self: &Arc<Self>) -> Desks {
        let mut settings = store::Settings::new(template::url(self.folder.path()));
        (settings.inline, settings.read_connections) = (true, 1);
        settings.trial = Some(Arc::new(Disk(Arc::clone(self))));
        let time = Arc::clone(&self.time);
        let store = Store::open(&settings, Arc::new(move || engine::clock::Clock::now(&*time))).expect("a database");
        *self.store.lock().unwrap() = Some(store.clone());
        Arc::new((0..self.instances).map(|_| self.engine(store.clone())).collect())
    }

    fn engine(self: &Arc<Self>, store: Store) -> Engine {
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

    /// One of the engines.
    pub fn any<'a>(&self, desks: &'a Desks) -> &'a Engine {
        let count = u64::try_from(desks.len()).expect("few");
        let one = if count == 1 { 0 } else { self.dice.between(0, count - 1) };
        &desks[usize::try_from(one).expect("few")]
    }

    /// Looks into the database, beside the engines and whatever befalls them.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let store = self.store.lock().unwrap().clone().expect("an engine lives");
        let looking = self.looking();
        let found = store.read(look).await;
        drop(looking);
        found
            .inspect_err(|error| self.violation(format!("the database cannot be read: {error}")))
            .ok()
    }

    /// While it is held, the database does not fail: it is us who look.
    pub fn looking(&self) -> Looking<'_> {
        self.looking.store(true, Ordering::Relaxed);
        Looking(self)
    }

    /// Whether it is us who look.
    pub fn is_looking(&self) -> bool {
        self.looking.load(Ordering::Relaxed)
    }

    /// The engine is gone: nobody holds its database any more.
    pub fn close(&self) {
        self.promises.lock().unwrap().nobody_hears();
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
            cards: Arc::new(CardSafe::try_new(&[CARD_KEY.into()]).expect("a key")),
            methods: BTreeMap::from([
                (6, steps(Steps::One, 7)),
                (9, steps(Steps::One, 0)),
                (75, steps(Steps::Two, 7)),
                (1130, steps(Steps::Two, 7)),
            ]),
            pace: Pace {
                first: seconds(2),
                longest: seconds(3600),
                quiet: QUIET,
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
        self.line(|| format!("VIOLATION {what}"));
        let mut tally = self.tally();
        let payments = tally.payments_begun;
        tally.payments_until_violation.get_or_insert(payments);
        tally.violations.push(format!("seed {}: {what}", self.seed));
    }

    /// Tells what happens, where somebody reads it.
    pub fn line(&self, words: impl FnOnce() -> String) {
        if self.traced {
            println!("{:>14.3}s  {}", self.time.seconds(), words());
        }
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

    /// Whether others than us did this to a payment at the gateway.
    pub fn by_others(&self, payment: u64, what: &'static str) -> bool {
        self.outside.lock().unwrap().contains(&(payment, what))
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
            self.line(|| name.to_owned());
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

/// See [`World::looking`].
pub struct Looking<'a>(&'a World);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.looking.store(false, Ordering::Relaxed);
    }
}
