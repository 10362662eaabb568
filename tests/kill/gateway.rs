//! The other side, which outlives every kill: the sandbox's core behind sockets of our own, so that the server can be
//! killed between any two things that the gateway does.

use crate::dice::Dice;
use crate::point::{Call, Point};
use crate::trigger::Trigger;
use crate::wire::{self, Message, Wire};
use anyhow::{Context, Result, bail};
use sandbox::core::{
    BooksQuery, Config, ConfigPatch, Core, Credentials, Delivery, Effect, Fault, PaymentEntry, Reply, Request,
};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tests::stage::{API_KEY, SITE};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Where a buyer's page is, as the gateway says. Nobody goes there: buyers are on this side.
pub const PUBLIC_URL: &str = "http://gateway.invalid";
/// Notifications under way at one time.
const BELLS_AT_ONCE: usize = 32;
/// How long the receiver of a notification has.
const BELL_MAX: Duration = Duration::from_secs(5);

/// The gateway.
pub struct Gateway {
    core: Mutex<Core>,
    changed: Notify,
    begun: (u64, Instant),
    dice: Arc<Dice>,
    /// Known once there are servers.
    served: OnceLock<(Arc<Trigger>, Vec<SocketAddr>)>,
    /// How many notifications about each payment were answered with 204.
    rung: Mutex<BTreeMap<u64, u64>>,
    /// The references of the refunds that were made here: what was refused with an answer that nobody got is not there.
    refunds: Mutex<HashSet<String>>,
}

impl Gateway {
    /// With empty books.
    #[expect(
        clippy::disallowed_methods,
        reason = "the gateway is another party: its clock is its own"
    )]
    pub fn new(seed: u64, dice: Arc<Dice>) -> Self {
        let mut config = Config::new(SITE, API_KEY.to_owned().into());
        config.public_url = PUBLIC_URL.to_owned();
        config.retry_delays_ms = vec![150, 400, 1_000];
        config.capture_settles_after_ms = 300;
        config.refund_settles_after_ms = 300;
        config.requests_kept = 2_000;
        let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let wall = wall.map_or(0, |wall| u64::try_from(wall.as_micros()).unwrap_or(u64::MAX));
        Self {
            core: Mutex::new(Core::new(config, seed)),
            changed: Notify::new(),
            begun: (wall, Instant::now()),
            dice,
            served: OnceLock::new(),
            rung: Mutex::default(),
            refunds: Mutex::default(),
        }
    }

    /// Begins to notify these servers.
    pub fn serves(self: &Arc<Self>, trigger: Arc<Trigger>, servers: Vec<SocketAddr>) -> Result<()> {
        let notification_url = Some(Some("http://127.0.0.1/gateway/notifications".to_owned()));
        let patch = ConfigPatch {
            notification_url,
            ..ConfigPatch::default()
        };
        self.with(|core, _| core.configure(patch)).map_err(anyhow::Error::msg)?;
        self.served.set((trigger, servers)).ok().context("it serves already")?;
        tokio::spawn(Arc::clone(self).rings());
        Ok(())
    }

    /// Listens for one of the servers.
    pub async fn listens(self: &Arc<Self>, server: usize) -> Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let gateway = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gateway = Arc::clone(&gateway);
                tokio::spawn(async move {
                    // A connection ends when either side has had enough.
                    if let Ok(wire) = Wire::over(stream) {
                        let _ = gateway.converses(wire, server).await;
                    }
                });
            }
        });
        Ok(address)
    }

    /// Works on the core at the present time.
    pub fn with<R>(&self, work: impl FnOnce(&mut Core, u64) -> R) -> R {
        let mut core = self.lock();
        let before = core.next_due();
        let result = work(&mut core, self.now());
        if core.next_due() != before {
            self.changed.notify_one();
        }
        result
    }

    /// Everything goes wrong now and then, or nothing.
    pub fn fails(&self, fails: bool) {
        let set = self.with(|core, _| {
            core.clear_faults();
            if fails { core.set_faults(faults()) } else { Ok(()) }
        });
        set.expect("the faults of a campaign are the sandbox's");
    }

    /// The buyer does this at the page where they pay.
    pub fn buyer(&self, page: &str, outcome: &str) -> Result<()> {
        let path = page.strip_prefix(PUBLIC_URL).context("the page is the gateway's")?;
        let request = Request::new("POST", path).with_body(format!("outcome={outcome}"));
        match self.with(|core, now| core.handle(now, request)).reply {
            Reply::Answer(answer) if answer.status == 303 => Ok(()),
            other => bail!("the gateway's page answered {other:?}"),
        }
    }

    /// One payment in its books.
    pub fn payment(&self, id: u64) -> Option<PaymentEntry> {
        self.lock().payment(id)
    }

    /// How many notifications about each payment were answered with 204.
    pub fn rung(&self) -> BTreeMap<u64, u64> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a refund under this reference was ever made here.
    pub fn knows_refund(&self, reference: &str) -> bool {
        self.refunds().contains(reference)
    }

    /// Now, in microseconds since 1970 UTC.
    pub fn now(&self) -> u64 {
        let (wall, begun) = self.begun;
        wall + u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    async fn converses(&self, mut wire: Wire, server: usize) -> Result<()> {
        loop {
            let asked = wire.receive().await?;
            let request = read(&asked);
            let call = call(&request);
            let trigger = self.trigger()?;
            if trigger.reached(Point::Received(call), server).await && self.dice.happens(50) {
                // What a dead server had sent may get lost on the way.
                return Ok(());
            }
            let refund = (call == Call::Refund).then(|| reference_of(&request.body).unwrap_or_default());
            let number = request.path.split('/').nth(3).and_then(|number| number.parse().ok());
            let handled = self.with(|core, now| core.handle(now, request));
            self.refunds()
                .extend(refund.filter(|reference| self.has_refund(number, reference)));
            trigger.reached(Point::Acted(call), server).await;
            if handled.delay_micros > 0 {
                tokio::time::sleep(Duration::from_micros(handled.delay_micros)).await;
            }
            match handled.reply {
                Reply::Answer(answer) => {
                    let headers = [("content-type", answer.content_type)];
                    wire.send(&wire::answer(answer.status, &headers, &answer.body)).await?;
                    trigger.reached(Point::Answered(call), server).await;
                }
                Reply::Cut { response, bytes } => {
                    let headers = [("content-type", response.content_type)];
                    let whole = wire::answer(response.status, &headers, &response.body);
                    let end = whole.len() - response.body.len().saturating_sub(bytes);
                    wire.send(&whole[..end]).await?;
                    return Ok(());
                }
                Reply::Closed => return Ok(()),
            }
        }
    }

    /// Carries notifications out for as long as the campaign lasts.
    async fn rings(self: Arc<Self>) {
        let under_way = Arc::new(tokio::sync::Semaphore::new(BELLS_AT_ONCE));
        loop {
            let free = under_way.available_permits();
            let (due, next) = self.with(|core, now| (core.take_due(now, free), core.next_due()));
            for delivery in due {
                let Ok(permit) = Arc::clone(&under_way).acquire_owned().await else {
                    return;
                };
                let gateway = Arc::clone(&self);
                tokio::spawn(async move {
                    let status = tokio::time::timeout(BELL_MAX, gateway.delivers(&delivery)).await;
                    let status = status.ok().and_then(Result::ok);
                    drop(permit);
                    gateway.with(|core, now| core.delivered(now, delivery.id, status));
                    gateway.changed.notify_one();
                });
            }
            let wait = next.map_or(1_000_000, |next| {
                next.saturating_sub(self.now()).clamp(1_000, 1_000_000)
            });
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(Duration::from_micros(wait)) => {}
            }
        }
    }

    async fn delivers(&self, delivery: &Delivery) -> Result<u16> {
        let (trigger, servers) = self.served.get().context("there are servers")?;
        let server = self.dice.place(servers.len());
        let mut headers = vec![("content-type", "application/json; charset=utf-8")];
        headers.extend(delivery.authorization.as_deref().map(|value| ("authorization", value)));
        let request = wire::request("POST", "/gateway/notifications", &headers, &delivery.body);
        let mut wire = Wire::connect(servers[server]).await?;
        wire.send(&request).await?;
        trigger.reached(Point::BellSent, server).await;
        let status = wire.receive().await?.status();
        if status == 204 {
            let payment = number_of(&delivery.body).context("a notification names its payment")?;
            let count = |mut rung: MutexGuard<'_, BTreeMap<u64, u64>>| *rung.entry(payment).or_default() += 1;
            count(self.rung.lock().unwrap_or_else(PoisonError::into_inner));
            trigger.reached(Point::BellAnswered, server).await;
        }
        Ok(status)
    }

    fn trigger(&self) -> Result<&Trigger> {
        Ok(&self.served.get().context("there are servers")?.0)
    }

    fn has_refund(&self, payment: Option<u64>, reference: &str) -> bool {
        let query = BooksQuery {
            id: payment,
            requests: Some(0),
            ..BooksQuery::default()
        };
        let books = self.with(|core, now| core.books(now, &query));
        let mut refunds = books.payments.iter().flat_map(|payment| &payment.refunds);
        refunds.any(|refund| refund.reference == reference)
    }

    fn refunds(&self) -> MutexGuard<'_, HashSet<String>> {
        self.refunds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes wrong by itself, and how often. Requests that money goes back by are never lost without a trace: nobody may
/// send such a request again before a day has passed, and a campaign is shorter.
fn faults() -> Vec<Fault> {
    let no_refund = r"^/v1/payments(/[0-9]+(/(capture|cancel))?)?$";
    let (every, any) = ("^/v1/", "");
    let status = |status, acted| Effect::Status {
        status,
        acted,
        body: None,
    };
    let often: [(&str, f64, Effect); 15] = [
        (no_refund, 0.010, Effect::LoseRequest {}),
        (no_refund, 0.010, status(500, false)),
        (no_refund, 0.005, status(429, false)),
        (every, 0.015, Effect::LoseAnswer {}),
        (every, 0.010, Effect::DeliverLateMs { ms: 200 }),
        (every, 0.005, Effect::DeliverLateMs { ms: 900 }),
        (every, 0.020, Effect::DelayMs { ms: 80 }),
        (every, 0.010, Effect::DelayMs { ms: 700 }),
        (every, 0.010, status(500, true)),
        (every, 0.010, Effect::CutAt { bytes: 60 }),
        (every, 0.005, Effect::Garble { acted: true }),
        (any, 0.050, Effect::DuplicateNotification { copies: 1 }),
        (any, 0.050, Effect::ReorderNotifications { ms: 300 }),
        (any, 0.050, Effect::DropNotification {}),
        // Rightly signed: what is signed wrongly is never taken, and would be brought again for ever.
        (
            any,
            0.010,
            Effect::ForgeNotification {
                status: 2,
                credentials: Credentials::Right,
                contradictory: false,
            },
        ),
    ];
    let fault = |(path, probability, effect)| {
        let mut fault = Fault::always(path, effect);
        fault.when.probability = Some(probability);
        fault
    };
    often.into_iter().map(fault).collect()
}

fn read(message: &Message) -> Request {
    let mut words = message.first.split(' ');
    let method = words.next().unwrap_or_default();
    let mut request = Request::new(method, words.next().unwrap_or("/")).with_body(message.body.clone());
    request.authorization = message.header("authorization").map(str::to_owned);
    request.request_id = message.header("requestid").map(str::to_owned);
    request
}

fn call(request: &Request) -> Call {
    let path = request.path.trim_end_matches('/');
    match request.method.as_str() {
        "POST" if path.ends_with("/capture") => Call::Capture,
        "POST" if path.ends_with("/refunds") => Call::Refund,
        "POST" if path.ends_with("/cancel") => Call::Cancel,
        "POST" => Call::Create,
        _ => Call::Question,
    }
}

/// The name of a refund that is asked for.
fn reference_of(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.pointer("/Refund/MerchantTransactionID")?.as_str()?.to_owned())
}

/// The payment that a notification is about.
fn number_of(body: &[u8]) -> Option<u64> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let at = |pointer: &str| {
        let value = body.pointer(pointer)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    at("/Payment/ID").or_else(|| at("/Refund/InitialPaymentID"))
}
