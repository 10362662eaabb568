//! A desk over an empty database, with a gateway that does as it is told and a clock that stands still.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use domain::cart::{CartDraft, FeeDraft, LineDraft, ShippingDraft};
use domain::fee_plan::{AppliesTo, CommissionOnRefund, FeePlanDraft, MatchDraft, RuleDraft};
use domain::finding::What;
use domain::ids::{GatewayId, OperationId, PaymentId, SiteId};
use domain::operation::Operation;
use domain::payment::{Pace, Payment};
use domain::sale::Steps;
use domain::seller::{SellerDraft, SellerStatus};
use domain::sight::{GatewayRef, GatewayStatus, Host, Sight, SplitSight, Standing};
use domain::time::Timestamp;
use engine::checkout::NewPayment;
use engine::clock::{Clock, SystemIds};
use engine::gateway::{Gateway, Question, Told};
use engine::notifications::Doorkeeper;
use engine::reconcile::Period;
use engine::settings::MethodTerms;
use engine::{Caller, Engine, Parts, Role, Settings, Submission};
use gateway_client::{CardSecret, ListedPage};
use secrecy::SecretString;
use store::Store;
use tokio::time::Instant;

/// The marketplace's own site.
pub const COMMISSION_SITE: u32 = 33_000;

/// The first administrator's configured key.
pub const BOOTSTRAP: &str = "the-first-administrator-has-no-other-key";

pub struct World {
    pub engine: Engine,
    pub store: Store,
    pub clock: Arc<StillClock>,
    pub gateway: Arc<Obedient>,
    _files: tempfile::TempDir,
}

/// A clock that moves when it is told to.
pub struct StillClock(Mutex<Timestamp>);

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl StillClock {
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(by);
    }
}

/// A gateway that takes every payment, and shows it as it was told to.
#[derive(Default)]
pub struct Obedient {
    payments: Mutex<BTreeMap<String, Sight>>,
    /// Whether answers to commands are lost.
    pub mute: Mutex<bool>,
}

impl Obedient {
    /// What it shows of the payment with this reference from now on.
    pub fn show(&self, reference: &str, id: u16, standing: Standing) {
        let mut payments = self.payments.lock().unwrap();
        payments.get_mut(reference).unwrap().status = status(id, standing);
    }

    /// From now on it shows another amount than was asked.
    pub fn show_amount(&self, reference: &str, amount: i64) {
        self.payments.lock().unwrap().get_mut(reference).unwrap().amount = amount.try_into().unwrap();
    }
}

fn status(id: u16, standing: Standing) -> GatewayStatus {
    GatewayStatus {
        id,
        info: format!("{standing:?}"),
        reasons: Vec::new(),
        standing,
    }
}

#[async_trait]
impl Gateway for Obedient {
    async fn execute(&self, payment: &Payment, operation: &Operation, _: Option<&CardSecret>, _: Instant) -> Told {
        let mut payments = self.payments.lock().unwrap();
        let number = 3_000_000 + u64::try_from(payments.len()).unwrap();
        let splits = payment.splits.iter().map(|split| SplitSight {
            id: GatewayId::new(number * 100 + u64::from(split.number)),
            site: split.site,
            amount: split.amount,
            captured: None,
            status: None,
        });
        let sight = Sight {
            at: GatewayRef {
                host: Host::Pay,
                id: GatewayId::new(number),
            },
            reference: Some(operation.reference.clone()),
            amount: payment.amount(),
            currency: payment.sale.cart.currency(),
            captured: None,
            status: status(1, Standing::Open),
            redirect_url: Some("https://pay.example/page".to_owned()),
            splits: splits.collect(),
            refunds: None,
        };
        payments.insert(operation.reference.to_string(), sight.clone());
        if *self.mute.lock().unwrap() {
            return What::Unknown("the answer was lost".to_owned()).into();
        }
        What::Shown(Box::new(sight)).into()
    }

    async fn inquire(&self, question: &Question) -> Told {
        let payments = self.payments.lock().unwrap();
        let found = match question {
            Question::Payment { at, .. } => payments.values().find(|sight| sight.at == *at),
            Question::Reference(_, reference) => payments.get(reference.as_str()),
        };
        let what = found.map_or(What::Absent, |sight| What::Shown(Box::new(sight.clone())));
        what.into()
    }

    async fn list(&self, _: Host, _: Period, _: u32) -> Result<ListedPage, String> {
        Err("it keeps no list".to_owned())
    }

    async fn forget(&self, _: &SecretString) -> bool {
        true
    }
}

impl World {
    pub async fn new() -> Self {
        Self::over(|_| {}).await
    }

    /// A world as of [`World::with_sellers`], whose database is put to this trial.
    pub async fn tried(trial: Arc<dyn store::Trial>) -> Self {
        let world = Self::over(|settings| (settings.inline, settings.trial) = (true, Some(trial))).await;
        world.furnished().await
    }

    async fn over(set: impl FnOnce(&mut store::Settings)) -> Self {
        let files = tempfile::tempdir().unwrap();
        let clock = Arc::new(StillClock(Mutex::new("2030-01-31T12:00:00Z".parse().unwrap())));
        let stamps = Arc::clone(&clock);
        let url = format!("sqlite://{}", files.path().join("books.db").display());
        let mut settings = store::Settings::new(url);
        set(&mut settings);
        let store = Store::open(&settings, Arc::new(move || stamps.now())).unwrap();
        store.migrate().unwrap();
        let gateway = Arc::new(Obedient::default());
        let engine = desk(&store, &gateway, &clock);
        Self {
            engine,
            store,
            clock,
            gateway,
            _files: files,
        }
    }

    /// Another instance over the same database.
    pub fn another(&self) -> Engine {
        desk(&self.store, &self.gateway, &self.clock)
    }

    /// A world with a fee plan and two sellers, `s1` and `s2`.
    pub async fn with_sellers() -> Self {
        Self::new().await.furnished().await
    }

    async fn furnished(self) -> Self {
        self.engine
            .put_fee_plan(&admin(), "standard", plan(1500))
            .await
            .unwrap();
        for (id, site) in [("s1", 33_001), ("s2", 33_002)] {
            self.engine.put_seller(&admin(), id, seller(site)).await.unwrap();
        }
        self
    }

    /// Sells one line of each seller: 10.00 of s1 with 2.00 shipping, 20.00 of s2, and a fee of 0.50.
    pub async fn sells(&self, order: &str) -> Sold {
        let submission = Submission {
            key: order.parse().unwrap(),
            fingerprint: order.to_owned(),
        };
        let outcome = self
            .engine
            .checkout(&caller(Role::Storefront), submission, self::order(order))
            .await
            .unwrap();
        let payment: PaymentId = outcome.view.id.parse().unwrap();
        let stored = self.store.read(move |tx| tx.payment(payment)).await.unwrap().unwrap();
        Sold {
            payment,
            operation: OperationId::new(payment, 1),
            reference: stored.operations[0].reference.to_string(),
        }
    }

    /// Sells, and lets the buyer pay.
    pub async fn sells_and_is_paid(&self, order: &str) -> Sold {
        let sold = self.sells(order).await;
        self.gateway.show(&sold.reference, 2, Standing::Captured);
        self.clock.advance(Duration::from_secs(1));
        self.engine.inquire(&ops(), sold.operation).await.unwrap();
        sold
    }

    /// The payment as it is stored.
    pub async fn payment(&self, id: PaymentId) -> Payment {
        let found = self.store.read(move |tx| tx.payment_as_stored(id)).await;
        found.unwrap().unwrap()
    }
}

fn desk(store: &Store, gateway: &Arc<Obedient>, clock: &Arc<StillClock>) -> Engine {
    Engine::new(Parts {
        store: store.clone(),
        gateway: gateway.clone(),
        door: Doorkeeper {
            site: site(1),
            api_key: "key".into(),
            previous_api_key: None,
        },
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        settings: settings(),
    })
}

/// A payment that was asked of the gateway.
pub struct Sold {
    pub payment: PaymentId,
    pub operation: OperationId,
    pub reference: String,
}

/// What [`World::sells`] asks for.
pub fn order(name: &str) -> NewPayment {
    NewPayment {
        order: name.to_owned(),
        cart: cart(),
        method_id: Some(9),
        return_url: "https://shop.example/thanks".to_owned(),
        ..NewPayment::default()
    }
}

pub fn caller(role: Role) -> Caller {
    Caller {
        principal: role.as_str().parse().unwrap(),
        role,
        live: false,
    }
}

pub fn admin() -> Caller {
    caller(Role::Admin)
}

pub fn ops() -> Caller {
    caller(Role::Ops)
}

pub fn of_seller(id: &str) -> Caller {
    caller(Role::Seller(id.parse().unwrap()))
}

pub fn site(number: u32) -> SiteId {
    SiteId::try_new(number).unwrap()
}

pub fn seller(site: i64) -> SellerDraft {
    SellerDraft {
        name: format!("Shop at {site}"),
        site_id: site,
        fee_plan: Some("standard".to_owned()),
        status: SellerStatus::Active,
        metadata: BTreeMap::new(),
    }
}

pub fn plan(percent_bp: i64) -> FeePlanDraft {
    let rule = RuleDraft {
        matches: MatchDraft::default(),
        percent_bp,
        fixed: BTreeMap::new(),
        min: BTreeMap::new(),
        max: BTreeMap::new(),
        applies_to: AppliesTo::Items,
    };
    FeePlanDraft {
        rules: vec![rule],
        commission_on_refund: CommissionOnRefund::Return,
    }
}

fn cart() -> CartDraft {
    let line = |id: &str, seller: &str, unit_price| LineDraft {
        id: id.to_owned(),
        seller: seller.to_owned(),
        name: id.to_owned(),
        quantity: 1,
        unit_price,
        category: None,
        sku: None,
    };
    CartDraft {
        currency: "EUR".to_owned(),
        lines: vec![line("l1", "s1", 1000), line("l2", "s2", 2000)],
        shipping: vec![ShippingDraft {
            seller: "s1".to_owned(),
            amount: 200,
        }],
        discounts: Vec::new(),
        fees: vec![FeeDraft {
            id: "service".to_owned(),
            amount: 50,
        }],
    }
}

fn settings() -> Settings {
    let seconds = Duration::from_secs;
    Settings {
        installation: "an installation of tests".to_owned(),
        commission_site: site(COMMISSION_SITE),
        confirmed_currencies: Vec::new(),
        default_fee_plan: None,
        cards: Arc::default(),
        methods: BTreeMap::from([(
            9,
            MethodTerms {
                steps: Steps::One,
                authorization_days: 0,
            },
        )]),
        pace: Pace {
            first: seconds(2),
            longest: seconds(3600),
            quiet: seconds(900),
            resend_refund_after: None,
            patience: seconds(86_400),
        },
        send_within: seconds(5),
        timeout: seconds(30),
        sweep_every: seconds(1),
        orphan_after: seconds(600),
        bootstrap_admin_key: Some(BOOTSTRAP.to_owned()),
    }
}
