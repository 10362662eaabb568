//! The gateway itself, pure: no socket, no clock, no task. The caller says what time it is, hands in requests, carries the
//! notifications out and reports what came of them. The same calls with the same seed give the same answers.

mod books;
mod books_view;
mod config;
mod control;
mod create;
mod document;
mod exchange;
mod fault;
mod list;
mod methods;
mod notify;
mod outbox;
mod pay_page;
mod payment;
mod refusal;
mod replays;
mod seen;
mod stamp;
mod status;
mod struck;
mod wire_in;

pub(crate) use self::control::{PREFIX as CONTROL_PREFIX, read as read_control, refused as control_refused};
pub use self::{
    books_view::{Books, BooksQuery, PaymentEntry, SiteTotal, SplitEntry, Total},
    config::{Config, ConfigPatch, SplitSum},
    control::Forged,
    exchange::{Handled, Reply, Request, Response},
    fault::{Effect, Fault, When},
    methods::{Method, MethodPatch},
    outbox::{Credentials, Delivery, NotificationCounts},
    seen::{SeenDelivery, SeenRequest},
    status::Status,
};

use self::{
    document::{Distortion, Face, Moment, PaymentBody, PaymentDocument},
    fault::{Faults, Stage},
    outbox::Outbox,
    payment::Payment,
    replays::Replays,
    seen::{Kept, Ring},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::{SeedableRng, rngs::StdRng};
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, HashMap};
use subtle::ConstantTimeEq;

/// The gateway and all it knows.
#[derive(Debug)]
pub struct Core {
    config: Config,
    rng: StdRng,
    books: books::Books,
    faults: Faults,
    /// Payments that are persistently shown wrong.
    distortions: HashMap<u64, Distortion>,
    /// A split that is shown wrong in the answer that is being made.
    distortion_now: Option<Distortion>,
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
            faults: Faults::default(),
            distortions: HashMap::new(),
            distortion_now: None,
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

    /// When something is due next, in the caller's microseconds: a notification, a late request, a payment that expires.
    pub fn next_due(&self) -> Option<u64> {
        let late = self.late.first_key_value().map(|((due, _), _)| *due);
        let due = [self.outbox.next_due(), self.books.next_expiry(), late]
            .into_iter()
            .flatten()
            .min()?;
        Some(due.saturating_sub(self.clock_offset_micros))
    }

    /// Does what the request asks.
    fn act(&mut self, now: u64, request: &Request) -> Acted {
        let path = request.trimmed_path().to_owned();
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let acted = match segments.as_slice() {
            ["Home"] => self.home(now, request),
            ["v1", ..] if !self.is_authentic(request) => Acted::plain(Response::message(
                401,
                "Authorization has been denied for this request.",
            )),
            ["v1", rest @ ..] => self.act_once(now, request, rest),
            _ => not_found(),
        };
        if let Some(id) = acted.payment {
            self.forge_about(now, id, request);
        }
        acted
    }

    /// The same as [`Core::route`], but for a POST whose `RequestId` was seen before.
    fn act_once(&mut self, now: u64, request: &Request, path: &[&str]) -> Acted {
        if !self.config.replay_request_ids || request.method != "POST" {
            return self.route(now, request, path);
        }
        match self.replays.find(now, request) {
            Ok(Some(response)) => Acted::noted(response, "answered as the first time".to_owned()),
            Ok(None) => {
                let acted = self.route(now, request, path);
                self.replays.remember(now, request, &acted.response);
                acted
            }
            Err(()) => {
                let refusals = [refusal::Refusal::new(2, "RequestId (used for another request)")];
                let number = self.books.draw_refusal();
                let response = refusal::response(number, &refusals, refusal::SaidBack::default());
                Acted::noted(response, refusal::note(&refusals))
            }
        }
    }

    /// The API: one arm per call.
    fn route(&mut self, now: u64, request: &Request, path: &[&str]) -> Acted {
        match (request.method.as_str(), path) {
            ("POST", ["payments"]) => self.create(now, &request.body),
            ("GET", ["payments"]) => self.list(&request.query),
            ("GET", ["payments", id]) => self.show(id),
            (_, ["payments"] | ["payments", _]) => {
                let message = format!(
                    "The requested resource does not support http method '{}'.",
                    request.method
                );
                Acted::plain(Response::message(405, &message))
            }
            _ => not_found(),
        }
    }

    /// Answers `GET /v1/payments/{id}`.
    fn show(&mut self, id: &str) -> Acted {
        match id.parse().ok().filter(|id| self.books.get(*id).is_some()) {
            Some(id) => Acted::about(self.payment_response(200, id, Moment::Later), id),
            None => not_found(),
        }
    }

    /// HTTP Basic with the marketplace's SiteID and API key.
    fn is_authentic(&self, request: &Request) -> bool {
        let header = request.authorization.as_deref().unwrap_or_default();
        let Some((scheme, encoded)) = header.split_once(' ') else {
            return false;
        };
        let given = BASE64_STANDARD.decode(encoded.trim()).unwrap_or_default();
        let right = format!("{}:{}", self.config.site_id, self.config.api_key.expose_secret());
        scheme.eq_ignore_ascii_case("basic") && bool::from(given.ct_eq(right.as_bytes()))
    }

    /// Does what the clock has brought: late requests take effect, open payments expire.
    fn advance(&mut self, now: u64) {
        while let Some(((due, number), request)) = self.late.pop_first() {
            if due > now {
                self.late.insert((due, number), request);
                break;
            }
            let acted = self.act(due, &request);
            self.keep(due, request, Some(acted), None, true);
        }
        while let Some(id) = self.books.take_expired(now) {
            if let Some(payment) = self.books.get_mut(id) {
                payment.enter(Status::EXPIRED);
            }
            self.notify(now, id, &Request::new("CLOCK", "/expired"));
        }
    }

    /// The answer that shows a payment.
    fn payment_response(&self, status: u16, id: u64, moment: Moment) -> Response {
        match self.books.get(id) {
            Some(payment) => {
                let document = PaymentDocument::new(payment, &self.face(id, moment));
                Response::json(status, &PaymentBody { payment: document })
            }
            None => not_found().response,
        }
    }

    /// How a payment is shown when nothing is wrong but what a fault has made wrong.
    fn face(&self, id: u64, moment: Moment) -> Face<'_> {
        Face {
            moment,
            public_url: &self.config.public_url,
            omit_splits: self.config.get_omits_splits && moment == Moment::Later,
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

fn not_found() -> Acted {
    Acted::plain(Response::message(
        404,
        "No HTTP resource was found that matches the request URI.",
    ))
}
