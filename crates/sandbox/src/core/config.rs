//! How the sandbox behaves, and how a running one is told to behave otherwise.

use super::methods::{self, Method, MethodPatch};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Requests kept for the books, unless told otherwise.
const REQUESTS_KEPT: usize = 10_000;
/// Minutes a buyer has, when the request does not say.
const TOKEN_LIFETIME_MINUTES: u32 = 5;
/// Waits between the attempts to notify, in milliseconds: often at first, then rarer; the last one repeats.
const RETRY_DELAYS_MS: &[u64] = &[1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000];

/// What the gateway does when splits do not add up to the payment: no document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitSum {
    /// Nothing: it will not catch our mistakes.
    #[default]
    Unchecked,
    /// Refuses splits that exceed the payment (code 118).
    AtMost,
    /// Refuses splits that do not add up to the payment exactly (code 118).
    Exact,
}

/// Everything that can be set. The fields below `requests_kept` turn round what the documents leave open.
#[derive(Debug, Clone)]
pub struct Config {
    /// The marketplace's SiteID: the user name of requests and notifications.
    pub site_id: u64,
    /// Its API key: their password.
    pub api_key: SecretString,
    /// Where notifications go; none are made without it.
    pub notification_url: Option<String>,
    /// Where buyers reach this sandbox, without a trailing slash: the start of every `RedirectURL`.
    pub public_url: String,
    /// How long every answer of the API is held back, in milliseconds.
    pub delay_ms: u64,
    /// The sites that may receive splits; all if `None`.
    pub linked_sites: Option<BTreeSet<u64>>,
    /// The methods by their `MethodID`.
    pub methods: BTreeMap<u32, Method>,
    /// Minutes a buyer has when the request does not say.
    pub token_lifetime_minutes: u32,
    /// Waits between the attempts to notify, in milliseconds; the last one repeats until seven days are over.
    pub retry_delays_ms: Vec<u64>,
    /// The number of the first payment; drawn if `None`, so that two sandboxes seldom give the same numbers.
    pub first_payment_id: Option<u64>,
    /// How many requests (and deliveries) the books remember.
    pub requests_kept: usize,
    /// A second payment under one `MerchantTransactionID` is accepted rather than refused with code 20.
    pub accept_duplicate_payments: bool,
    /// Whether splits must add up.
    pub split_sum: SplitSum,
    /// `GET /v1/payments/{id}` answers with `Splits: null`.
    pub get_omits_splits: bool,
    /// Lists leave out the splits and other details, as the documents' example does.
    pub list_omits_details: bool,
    /// Lists ignore the filter `merchantTransactionID`.
    pub filter_ignored: bool,
    /// A POST repeated with the same `RequestId` is answered as the first time, for 24 hours.
    pub replay_request_ids: bool,
}

impl Config {
    /// The sandbox of the marketplace `site_id`, every open question answered as the README says.
    pub fn new(site_id: u64, api_key: SecretString) -> Self {
        Self {
            site_id,
            api_key,
            notification_url: None,
            public_url: "http://127.0.0.1".to_owned(),
            delay_ms: 0,
            linked_sites: None,
            methods: methods::table(),
            token_lifetime_minutes: TOKEN_LIFETIME_MINUTES,
            retry_delays_ms: RETRY_DELAYS_MS.to_vec(),
            first_payment_id: None,
            requests_kept: REQUESTS_KEPT,
            accept_duplicate_payments: false,
            split_sum: SplitSum::default(),
            get_omits_splits: false,
            list_omits_details: true,
            filter_ignored: false,
            replay_request_ids: false,
        }
    }

    /// Applies a change whole, or refuses it whole with a sentence that says why.
    pub(crate) fn apply(&mut self, patch: ConfigPatch) -> Result<(), String> {
        patch.check()?;
        let ConfigPatch {
            notification_url,
            linked_sites,
            methods,
            api_key,
            ..
        } = patch;
        if let Some(url) = notification_url {
            self.notification_url = url;
        }
        if let Some(sites) = linked_sites {
            self.linked_sites = sites;
        }
        if let Some(key) = api_key {
            self.api_key = key;
        }
        for (id, change) in methods.unwrap_or_default() {
            let method = change.applied_to(id, self.methods.get(&id));
            self.methods.insert(id, method);
        }
        set(&mut self.delay_ms, patch.delay_ms);
        set(&mut self.token_lifetime_minutes, patch.token_lifetime_minutes);
        set(&mut self.retry_delays_ms, patch.retry_delays_ms);
        set(&mut self.requests_kept, patch.requests_kept);
        set(&mut self.accept_duplicate_payments, patch.accept_duplicate_payments);
        set(&mut self.split_sum, patch.split_sum);
        set(&mut self.get_omits_splits, patch.get_omits_splits);
        set(&mut self.list_omits_details, patch.list_omits_details);
        set(&mut self.filter_ignored, patch.filter_ignored);
        set(&mut self.replay_request_ids, patch.replay_request_ids);
        Ok(())
    }
}

/// The body of `POST /_sandbox/config`: what is left out stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfigPatch {
    /// See [`Config::api_key`]; a rotated key counts at once, for requests and for notifications.
    pub api_key: Option<SecretString>,
    /// See [`Config::notification_url`]; `null` stops notifications.
    #[serde(deserialize_with = "present")]
    pub notification_url: Option<Option<String>>,
    /// See [`Config::delay_ms`].
    pub delay_ms: Option<u64>,
    /// See [`Config::linked_sites`]; `null` links every site.
    #[serde(deserialize_with = "present")]
    pub linked_sites: Option<Option<BTreeSet<u64>>>,
    /// Methods to add or change, by their `MethodID`.
    pub methods: Option<BTreeMap<u32, MethodPatch>>,
    /// See [`Config::token_lifetime_minutes`].
    pub token_lifetime_minutes: Option<u32>,
    /// See [`Config::retry_delays_ms`].
    pub retry_delays_ms: Option<Vec<u64>>,
    /// See [`Config::requests_kept`].
    pub requests_kept: Option<usize>,
    /// See [`Config::accept_duplicate_payments`].
    pub accept_duplicate_payments: Option<bool>,
    /// See [`Config::split_sum`].
    pub split_sum: Option<SplitSum>,
    /// See [`Config::get_omits_splits`].
    pub get_omits_splits: Option<bool>,
    /// See [`Config::list_omits_details`].
    pub list_omits_details: Option<bool>,
    /// See [`Config::filter_ignored`].
    pub filter_ignored: Option<bool>,
    /// See [`Config::replay_request_ids`].
    pub replay_request_ids: Option<bool>,
}

impl ConfigPatch {
    fn check(&self) -> Result<(), String> {
        if let Some(Some(url)) = &self.notification_url {
            url::Url::parse(url).map_err(|error| format!("notification_url: {error}"))?;
        }
        if self.retry_delays_ms.as_ref().is_some_and(Vec::is_empty) {
            return Err("retry_delays_ms: at least one delay is needed".to_owned());
        }
        for (id, method) in self.methods.iter().flatten() {
            if method.steps.is_some_and(|steps| !matches!(steps, 1 | 2)) {
                return Err(format!("methods.{id}.steps: 1 or 2"));
            }
        }
        Ok(())
    }
}

/// What a sandbox says about its configuration: everything but the key.
#[derive(Debug, Serialize)]
pub(crate) struct ConfigView<'a> {
    site_id: u64,
    notification_url: Option<&'a str>,
    public_url: &'a str,
    delay_ms: u64,
    linked_sites: Option<&'a BTreeSet<u64>>,
    methods: &'a BTreeMap<u32, Method>,
    token_lifetime_minutes: u32,
    retry_delays_ms: &'a [u64],
    requests_kept: usize,
    accept_duplicate_payments: bool,
    split_sum: SplitSum,
    get_omits_splits: bool,
    list_omits_details: bool,
    filter_ignored: bool,
    replay_request_ids: bool,
}

impl<'a> From<&'a Config> for ConfigView<'a> {
    fn from(config: &'a Config) -> Self {
        Self {
            site_id: config.site_id,
            notification_url: config.notification_url.as_deref(),
            public_url: &config.public_url,
            delay_ms: config.delay_ms,
            linked_sites: config.linked_sites.as_ref(),
            methods: &config.methods,
            token_lifetime_minutes: config.token_lifetime_minutes,
            retry_delays_ms: &config.retry_delays_ms,
            requests_kept: config.requests_kept,
            accept_duplicate_payments: config.accept_duplicate_payments,
            split_sum: config.split_sum,
            get_omits_splits: config.get_omits_splits,
            list_omits_details: config.list_omits_details,
            filter_ignored: config.filter_ignored,
            replay_request_ids: config.replay_request_ids,
        }
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Tells a field that is `null` from one that is left out.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(value).map(Some)
}
