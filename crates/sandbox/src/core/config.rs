//! How the sandbox behaves, and how a running one is told to behave otherwise.

use super::{
    methods::{self, Method, MethodPatch},
    status::Status,
    switches::{AddSplits, CancelOpen, RefundLimit, RefundedStatus, SettlesAs, SplitSum},
};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Writes down, from one list of settings and their defaults, the configuration, a change to it, and how it is shown.
macro_rules! configuration {
    ($( $(#[doc = $doc:expr])+ $name:ident: $type:ty = $default:expr; )+) => {
        /// Everything that can be set. Most fields turn round what the documents leave open.
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
            /// The sites that may receive splits; all if `None`.
            pub linked_sites: Option<BTreeSet<u64>>,
            /// The methods by their `MethodID`.
            pub methods: BTreeMap<u32, Method>,
            /// The number of the first payment; drawn if `None`, so that two sandboxes seldom give the same numbers.
            pub first_payment_id: Option<u64>,
            $( $(#[doc = $doc])+ pub $name: $type, )+
        }

        impl Config {
            /// The sandbox of the marketplace `site_id`, every open question answered as the README says.
            pub fn new(site_id: u64, api_key: SecretString) -> Self {
                Self {
                    site_id,
                    api_key,
                    notification_url: None,
                    public_url: "http://127.0.0.1".to_owned(),
                    linked_sites: None,
                    methods: methods::table(),
                    first_payment_id: None,
                    $( $name: $default, )+
                }
            }

            /// Applies a change whole, or refuses it whole with a sentence that says why.
            pub(crate) fn apply(&mut self, patch: ConfigPatch) -> Result<(), String> {
                patch.check()?;
                set(&mut self.notification_url, patch.notification_url);
                set(&mut self.linked_sites, patch.linked_sites);
                set(&mut self.api_key, patch.api_key);
                for (id, change) in patch.methods.unwrap_or_default() {
                    let method = change.applied_to(id, self.methods.get(&id));
                    self.methods.insert(id, method);
                }
                $( set(&mut self.$name, patch.$name); )+
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
            /// See [`Config::linked_sites`]; `null` links every site.
            #[serde(deserialize_with = "present")]
            pub linked_sites: Option<Option<BTreeSet<u64>>>,
            /// Methods to add or change, by their `MethodID`.
            pub methods: Option<BTreeMap<u32, MethodPatch>>,
            $( #[doc = concat!("See [`Config::", stringify!($name), "`].")] pub $name: Option<$type>, )+
        }

        /// What a sandbox says about its configuration: everything but the key.
        #[derive(Debug, Serialize)]
        pub(crate) struct ConfigView<'a> {
            site_id: u64,
            notification_url: Option<&'a str>,
            public_url: &'a str,
            linked_sites: Option<&'a BTreeSet<u64>>,
            methods: &'a BTreeMap<u32, Method>,
            $( $name: &'a $type, )+
        }

        impl<'a> From<&'a Config> for ConfigView<'a> {
            fn from(config: &'a Config) -> Self {
                Self {
                    site_id: config.site_id,
                    notification_url: config.notification_url.as_deref(),
                    public_url: &config.public_url,
                    linked_sites: config.linked_sites.as_ref(),
                    methods: &config.methods,
                    $( $name: &config.$name, )+
                }
            }
        }
    };
}

configuration! {
    /// How long every answer of the API is held back, in milliseconds.
    delay_ms: u64 = 0;
    /// Minutes a buyer has when the request does not say.
    token_lifetime_minutes: u32 = 5;
    /// Waits between the attempts to notify, in milliseconds, often at first, then rarer; the last one repeats until
    /// seven days are over.
    retry_delays_ms: Vec<u64> = vec![1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000];
    /// How many requests (and deliveries) the books remember.
    requests_kept: usize = 10_000;
    /// A second payment under one `MerchantTransactionID` is accepted rather than refused with code 20.
    accept_duplicate_payments: bool = false;
    /// Whether splits must add up, at creation and when they are added.
    split_sum: SplitSum = SplitSum::Unchecked;
    /// `GET /v1/payments/{id}` answers with `Splits: null`.
    get_omits_splits: bool = false;
    /// `GET /v1/payments/{id}` answers without the `CreditCardToken`.
    get_omits_token: bool = false;
    /// Lists leave out the splits and other details, as the documents' example does.
    list_omits_details: bool = true;
    /// Lists ignore the filter `merchantTransactionID`.
    filter_ignored: bool = false;
    /// A POST repeated with the same `RequestId` is answered as the first time, for 24 hours.
    replay_request_ids: bool = false;
    /// The same for whatever concerns cards, where the documents promise it.
    replay_card_request_ids: bool = true;
    /// When splits may be added to a payment.
    add_splits: AddSplits = AddSplits::Always;
    /// Splits that are still authorized may be captured after others were, rather than refused with code 17.
    accept_second_capture: bool = false;
    /// A capture of several splits must list every split (code 2 otherwise).
    capture_lists_all: bool = false;
    /// A split, or a payment, whose whole amount is captured through an amount is shown as captured, not as 35.
    whole_parts_are_whole: bool = false;
    /// How long a capture or a cancel that is only asked for (13, 33, 34) takes, in milliseconds.
    capture_settles_after_ms: u64 = 1_000;
    /// How a capture or cancel that was only asked for ends: done, back to Authorized, or not by itself.
    capture_settles_as: SettlesAs = SettlesAs::Success;
    /// Whether an open payment may be cancelled.
    cancel_open: CancelOpen = CancelOpen::UnlessVisited;
    /// The status of an authorization that lapses.
    lapsed_status: Status = Status::EXPIRED;
    /// The lapse releases, and notifies, what a partial capture left authorized.
    lapse_releases_splits: bool = false;
    /// Up to what a refund may go.
    refund_limit: RefundLimit = RefundLimit::Captured;
    /// A refund of more than that is accepted and fails later, rather than refused with code 2206.
    excess_refund_fails_later: bool = false;
    /// A second refund under one `MerchantTransactionID` is accepted rather than refused with code 20.
    accept_duplicate_refunds: bool = true;
    /// A payment with splits may be refunded as a whole too.
    refund_payment_with_splits: bool = false;
    /// How long a refund stays open, in milliseconds. Refunds of cards are never open.
    refund_settles_after_ms: u64 = 1_000;
    /// How an open refund ends: done, failed, or not by itself.
    refund_settles_as: SettlesAs = SettlesAs::Success;
    /// Whose status becomes 21 or 22 when refunds succeed.
    refunded_status: RefundedStatus = RefundedStatus::Cards;
    /// Notifications of refunds have no `SplitID`, as the documents' older example.
    refund_notification_omits_split: bool = false;
    /// The HTTP status of a card payment that is recorded and declined.
    card_decline_status: u16 = 400;
    /// Every card payment sends the buyer to their bank first, not only those with `3DSecure: true`.
    cards_always_3d_secure: bool = false;
}

impl ConfigPatch {
    fn check(&self) -> Result<(), String> {
        if let Some(Some(url)) = &self.notification_url {
            url::Url::parse(url).map_err(|error| format!("notification_url: {error}"))?;
        }
        if self.retry_delays_ms.as_ref().is_some_and(Vec::is_empty) {
            return Err("retry_delays_ms: at least one delay is needed".to_owned());
        }
        if self
            .card_decline_status
            .is_some_and(|status| !matches!(status, 201 | 400 | 402))
        {
            return Err("card_decline_status: 201, 400 or 402".to_owned());
        }
        for (id, method) in self.methods.iter().flatten() {
            method.check().map_err(|error| format!("methods.{id}.{error}"))?;
        }
        Ok(())
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
