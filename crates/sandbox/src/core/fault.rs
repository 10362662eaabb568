//! What can be made to go wrong, when, and how often.

use super::{exchange::Request, outbox::Credentials};
use rand::{RngExt, rngs::StdRng};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Faults that may be set at one time.
const FAULTS_MAX: usize = 1_000;
/// The longest delay of a fault: a day, in milliseconds.
const DELAY_MAX_MS: u64 = 86_400_000;

/// Which requests a fault is for. A notification is matched by the request that caused it; what the clock causes
/// by the method `CLOCK` and the path `/expired`, `/lapsed`, `/settled` or `/refunded`. What is left out matches everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// The HTTP method, in any case.
    pub method: Option<String>,
    /// A regular expression that must be found in the path (without its trailing slashes and without the query).
    pub path_regex: Option<String>,
    /// Only the n-th matching request since the fault was set, counted from 1.
    pub nth: Option<u64>,
    /// How likely each matching request is hit, from 0 to 1; drawn from the core's own seeded generator.
    pub probability: Option<f64>,
}

/// What goes wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The connection is closed; nothing happens.
    LoseRequest {},
    /// It happens; then the connection is closed without an answer.
    LoseAnswer {},
    /// The connection is closed; it happens so many milliseconds later.
    DeliverLateMs {
        /// Milliseconds.
        ms: u64,
    },
    /// It happens at once; the answer takes so many milliseconds.
    DelayMs {
        /// Milliseconds.
        ms: u64,
    },
    /// This HTTP status is the answer, and nothing happens unless `acted`.
    Status {
        /// 200 to 599.
        status: u16,
        /// Whether it happens all the same.
        #[serde(default)]
        acted: bool,
        /// The body of the answer; `{"Message": …}` without it.
        #[serde(default)]
        body: Option<Value>,
    },
    /// It happens; the answer is cut after so many bytes of its body.
    CutAt {
        /// Bytes.
        bytes: usize,
    },
    /// 200 with a page of HTML is the answer.
    Garble {
        /// Whether it happens; true unless said otherwise.
        #[serde(default = "yes")]
        acted: bool,
    },
    /// A capture or a cancel fails at the provider (codes 157, 122; cards 18), and can be asked for again. Anything else happens.
    ProviderTimeout {},
    /// It happens; one split's amount is wrong in the answer.
    WrongSplit {
        /// Which split, counted from 0; the last one if there are fewer.
        #[serde(default)]
        split: usize,
        /// What is shown as its amount; one more than the truth without it and without `captured`.
        #[serde(default)]
        amount: Option<u64>,
        /// What is shown as its captured amount.
        #[serde(default)]
        captured: Option<u64>,
        /// In every later answer and notification too, until the faults are cleared.
        #[serde(default)]
        persistent: bool,
    },
    /// The notification is sent so many times more.
    DuplicateNotification {
        /// Further copies.
        #[serde(default = "one")]
        copies: u8,
    },
    /// The notification waits, so that later ones overtake it.
    ReorderNotifications {
        /// Milliseconds; 2000 without it.
        #[serde(default = "two_seconds")]
        ms: u64,
    },
    /// The notification is never sent.
    DropNotification {},
    /// A notification about the payment that the request created, showed or changed is made up and sent.
    ForgeNotification {
        /// The status it claims; 2 (Success) without it.
        #[serde(default = "success")]
        status: u8,
        /// How it is signed; wrongly unless said otherwise.
        #[serde(default = "wrong")]
        credentials: Credentials,
        /// As in the documents' own sample: another `MerchantTransactionID`, and a second split that is 3 larger.
        #[serde(default)]
        contradictory: bool,
    },
}

/// A fault as it is asked for: `{"when": {…}, "times": n, "do": "…", …}`.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    /// Which requests.
    pub when: When,
    /// How often at most; without a limit if `None`.
    pub times: Option<u64>,
    /// What goes wrong.
    #[serde(flatten)]
    pub effect: Effect,
}

impl Fault {
    /// A fault that hits every request whose path matches.
    pub fn always(path_regex: &str, effect: Effect) -> Self {
        let when = When {
            path_regex: Some(path_regex.to_owned()),
            ..When::default()
        };
        Self {
            when,
            times: None,
            effect,
        }
    }

    /// A fault that hits the first request whose path matches, and no other.
    pub fn once(path_regex: &str, effect: Effect) -> Self {
        Self {
            times: Some(1),
            ..Self::always(path_regex, effect)
        }
    }

    /// The same fault for one HTTP method only.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.when.method = Some(method.to_owned());
        self
    }

    /// Reads a fault from JSON, field by field: `deny_unknown_fields` does not see through a flattened struct.
    fn read(value: Value) -> Result<Self, String> {
        let Value::Object(mut fields) = value else {
            return Err("a fault is an object".to_owned());
        };
        let take = |value: Option<Value>| value.filter(|value| !value.is_null());
        let when = take(fields.remove("when")).map(serde_json::from_value).transpose();
        let times = take(fields.remove("times")).map(serde_json::from_value).transpose();
        Ok(Self {
            when: when.map_err(|error| format!("when: {error}"))?.unwrap_or_default(),
            times: times.map_err(|error| format!("times: {error}"))?,
            effect: serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?,
        })
    }

    fn check(&self) -> Result<(), String> {
        if self.when.nth == Some(0) {
            return Err("when.nth: counted from 1".to_owned());
        }
        if self
            .when
            .probability
            .is_some_and(|chance| !(0.0..=1.0).contains(&chance))
        {
            return Err("when.probability: from 0 to 1".to_owned());
        }
        match self.effect {
            Effect::DeliverLateMs { ms } | Effect::DelayMs { ms } | Effect::ReorderNotifications { ms }
                if ms > DELAY_MAX_MS =>
            {
                Err(format!("ms: at most {DELAY_MAX_MS}"))
            }
            Effect::Status { status, .. } if !(200..=599).contains(&status) => Err("status: 200 to 599".to_owned()),
            _ => Ok(()),
        }
    }
}

/// A fault that is set, and how often it was met and struck.
#[derive(Debug, Serialize)]
pub(crate) struct SetFault {
    #[serde(flatten)]
    fault: Fault,
    #[serde(skip)]
    path: Option<Regex>,
    matched: u64,
    fired: u64,
}

/// The faults that are set, in order.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<SetFault>);

/// Who is asking for a fault: requests, their notifications, or forgers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Request,
    Notification,
    Forgery,
}

impl Effect {
    fn stage(&self) -> Stage {
        match self {
            Self::DuplicateNotification { .. } | Self::ReorderNotifications { .. } | Self::DropNotification {} => {
                Stage::Notification
            }
            Self::ForgeNotification { .. } => Stage::Forgery,
            _ => Stage::Request,
        }
    }

    /// Its name in the books.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::LoseRequest {} => "lose_request",
            Self::LoseAnswer {} => "lose_answer",
            Self::DeliverLateMs { .. } => "deliver_late_ms",
            Self::DelayMs { .. } => "delay_ms",
            Self::Status { .. } => "status",
            Self::CutAt { .. } => "cut_at",
            Self::Garble { .. } => "garble",
            Self::ProviderTimeout {} => "provider_timeout",
            Self::WrongSplit { .. } => "wrong_split",
            Self::DuplicateNotification { .. } => "duplicate_notification",
            Self::ReorderNotifications { .. } => "reorder_notifications",
            Self::DropNotification {} => "drop_notification",
            Self::ForgeNotification { .. } => "forge_notification",
        }
    }
}

impl Faults {
    /// Reads the body of `POST /_sandbox/faults`; all of them or none.
    pub fn read(body: &[u8]) -> Result<Vec<Fault>, String> {
        let values: Vec<Value> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let named = values.into_iter().enumerate();
        named
            .map(|(at, value)| Fault::read(value).map_err(|error| format!("[{at}] {error}")))
            .collect()
    }

    /// Sets further faults, all or none.
    pub fn set(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        if self.0.len() + faults.len() > FAULTS_MAX {
            return Err(format!("at most {FAULTS_MAX} faults at one time"));
        }
        let mut added = Vec::with_capacity(faults.len());
        for (at, fault) in faults.into_iter().enumerate() {
            fault.check().map_err(|error| format!("[{at}] {error}"))?;
            let path = fault.when.path_regex.as_deref().map(Regex::new).transpose();
            let path = path.map_err(|error| format!("[{at}] when.path_regex: {error}"))?;
            added.push(SetFault {
                fault,
                path,
                matched: 0,
                fired: 0,
            });
        }
        self.0.extend(added);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn view(&self) -> &[SetFault] {
        &self.0
    }

    /// The first fault of this stage that strikes. Every one that matches counts the request, whoever strikes.
    pub fn strike(&mut self, stage: Stage, cause: &Request, rng: &mut StdRng) -> Option<Effect> {
        let mut struck = None;
        for set in self.0.iter_mut().filter(|set| set.fault.effect.stage() == stage) {
            if !set.matches(cause) {
                continue;
            }
            set.matched += 1;
            if struck.is_none() && set.is_ready(rng) {
                set.fired += 1;
                struck = Some(set.fault.effect.clone());
            }
        }
        struck
    }
}

impl SetFault {
    fn matches(&self, cause: &Request) -> bool {
        let method = self.fault.when.method.as_deref();
        method.is_none_or(|method| method.eq_ignore_ascii_case(&cause.method))
            && self
                .path
                .as_ref()
                .is_none_or(|path| path.is_match(cause.trimmed_path()))
    }

    fn is_ready(&self, rng: &mut StdRng) -> bool {
        self.fault.times.is_none_or(|times| self.fired < times)
            && self.fault.when.nth.is_none_or(|nth| self.matched == nth)
            && self.fault.when.probability.is_none_or(|chance| rng.random_bool(chance))
    }
}

fn yes() -> bool {
    true
}

fn one() -> u8 {
    1
}

fn two_seconds() -> u64 {
    2_000
}

fn success() -> u8 {
    2
}

fn wrong() -> Credentials {
    Credentials::Wrong
}
