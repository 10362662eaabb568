//! The gateway itself, pure: no socket, no clock, no task. The caller says what time it is, hands in requests, carries the
//! notifications out and reports what came of them. The same calls with the same seed give the same answers.

mod acts;
mod add_splits;
mod alarms;
mod bank_details;
mod books;
mod books_view;
mod cancel;
mod capture;
mod card_document;
mod card_in;
mod cards;
mod codes;
mod config;
mod control;
mod create;
mod disputes;
mod document;
mod entries;
mod exchange;
mod fault;
mod fields;
mod list;
mod methods;
mod notify;
mod outbox;
mod pay_page;
mod payment;
mod refund;
mod refund_document;
mod refusal;
mod replays;
mod route;
mod seen;
mod shown;
mod stamp;
mod status;
mod struck;
mod switches;
mod tokens;
mod wallet;
mod wire_in;
mod written;

pub(crate) use self::control::{PREFIX as CONTROL_PREFIX, read as read_control, refused as control_refused};
pub use self::{
    acts::{Act, SplitPart},
    books_view::{Books, BooksQuery, SiteTotal, Total},
    config::{Config, ConfigPatch},
    control::Forged,
    entries::{CaptureEntry, CardEntry, DisputeEntry, KeptCardEntry, PaymentEntry, RefundEntry, SplitEntry},
    exchange::{Handled, Reply, Request, Response},
    fault::{Effect, Fault, When},
    methods::{Method, MethodPatch},
    outbox::{Credentials, Delivery, NotificationCounts},
    seen::{SeenDelivery, SeenRequest},
    status::Status,
    switches::{AddSplits, CancelOpen, RefundLimit, RefundedStatus, SettlesAs, SplitSum},
};

use self::{
    alarms::Alarms,
    document::{Distortion, Face, Moment},
    fault::{Faults, Stage},
    outbox::Outbox,
    payment::Payment,
    replays::Replays,
    route::not_found,
    seen::{Kept, Ring},
    wallet::Wallet,
};
use rand::{SeedableRng, rngs::StdRng};
use std::collections::{BTreeMap, HashMap};

/// The gateway and all it knows.
#[derive(Debug)]
pub struct Core {
    config: Config,
    rng: StdRng,
    books: books::Books,
    wallet: Wallet,
    alarms: Alarms,
    faults: Faults,
    /// Payments that are persistently shown wrong.
    distortions: HashMap<u64, Distortion>,
    /// A split that is shown wrong in the answer that is being made.
    distortion_now: Option<Distortion>,
    /// The provider does not answer the capture or cancel that is being asked for.
    provider_times_out: bool,
    /// What happens now is not notified.
    quiet: bool,
    outbox: Outbox,
    replays: Replays,
    requests: Ring<Kept>,
    deliveries: Ring<SeenDelivery>,
    /// Requests that were received and take effect later, by (due, number).
    late: BTreeMap<(u64, u64), Request>,
    clock_offset_micros: u64,
}

/// What acting on a request came to.
#[derive(Debug)]
struct Acted {
    response: Response,
    payment: Option<u64>,
    note: Option<String>,
}

impl Acted {
    fn plain(response: Response) -> Self {
        Self {
            response,
            payment: None,
            note: None,
        }
    }

    fn about(response: Response, payment: u64) -> Self {
        Self {
            response,
            payment: Some(payment),
            note: None,
        }
    }

    fn noted(response: Response, note: String) -> Self {
        Self {
            response,
            payment: None,
            note: Some(note),
        }
    }

    /// The same, and which payment it was about.
    fn with(self, payment: u64) -> Self {
        Self {
            payment: Some(payment),
            ..self
        }
    }
}

impl Core {
    /// An empty gateway. Every number and token it gives is drawn from `seed`.
    pub fn new(config: Config, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let books = books::Books::new(config.first_payment_id, &mut rng);
        Self {
            config,
            rng,
            books,
            wallet: Wallet::default(),
            alarms: Alarms::default(),
            faults: Faults::default(),
            distortions: HashMap::new(),
            distortion_now: None,
            provider_times_out: false,
            quiet: false,
            outbox: Outbox::default(),
            replays: Replays::default(),
            requests: Ring::default(),
            deliveries: Ring::default(),
            late: BTreeMap::new(),
            clock_offset_micros: 0,
        }
    }

    /// How it is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Acts on a request and says what the caller gets to see, and when. `now_micros`: microseconds since 1970 UTC.
    pub fn handle(&mut self, now_micros: u64, request: Request) -> Handled {
        let now = now_micros.saturating_add(self.clock_offset_micros);
        self.advance(now);
        if request.path.starts_with(CONTROL_PREFIX) {
            return Handled {
                reply: Reply::Answer(self.control(now_micros, &request)),
                delay_micros: 0,
            };
        }
        let api_delay_ms = if request.path.starts_with("/v1/") {
            self.config.delay_ms
        } else {
            0
        };
        let mut handled = match self.faults.strike(Stage::Request, &request, &mut self.rng) {
            None => {
                let acted = self.act(now, &request);
                let reply = Reply::Answer(acted.response.clone());
                self.witness(now, request, Some(acted), None);
                Handled { reply, delay_micros: 0 }
            }
            Some(effect) => self.handle_struck(now, request, effect),
        };
        handled.delay_micros = handled.delay_micros.saturating_add(api_delay_ms.saturating_mul(1_000));
        handled
    }

    /// When something is due next, in the caller's microseconds: a notification, a late request, an alarm.
    pub fn next_due(&self) -> Option<u64> {
        let late = self.late.first_key_value().map(|((due, _), _)| *due);
        let due = [self.outbox.next_due(), self.alarms.next_due(), late]
            .into_iter()
            .flatten()
            .min()?;
        Some(due.saturating_sub(self.clock_offset_micros))
    }

    /// How a payment is shown when nothing is wrong but what a fault has made wrong.
    fn face(&self, id: u64, moment: Moment) -> Face<'_> {
        Face {
            moment,
            public_url: &self.config.public_url,
            omit_splits: false,
            omit_token: false,
            only_split: None,
            distortion: self.distortion_now.or_else(|| self.distortions.get(&id).copied()),
            status: None,
            reference: None,
        }
    }

    fn pay_url(&self, payment: &Payment) -> String {
        format!(
            "{}/Home?PaymentToken={}",
            self.config.public_url,
            payment.payment_token()
        )
    }

    fn witness(&mut self, now: u64, request: Request, acted: Option<Acted>, fault: Option<&'static str>) {
        self.keep(now, request, acted, fault, false);
    }

    fn keep(&mut self, at: u64, request: Request, acted: Option<Acted>, fault: Option<&'static str>, late: bool) {
        let (status, payment, note) = match acted {
            Some(acted) => (Some(acted.response.status), acted.payment, acted.note),
            None => (None, None, None),
        };
        let number = self.requests.total().saturating_add(1);
        let request = seen::without_secrets(request);
        self.requests.push(
            Kept {
                number,
                at,
                request,
                status,
                payment,
                fault,
                late,
                note,
            },
            self.config.requests_kept,
        );
    }
}
