//! The payment methods the sandbox knows, and in how many steps each is paid.

use super::payment::CARD_HOST;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// What the buyer reads.
    pub name: String,
    /// 1: the buyer's success is the end (2 Success). 2: it is an authorization (9 Authorized), to be captured.
    pub steps: u8,
    /// The request's `Capture` field decides instead of `steps`: `false` authorizes only.
    pub capture_decides: bool,
    /// An inactive method is refused with code 9.
    pub active: bool,
    /// Whether a payment without the customer's e-mail is refused with code 101.
    pub requires_email: bool,
    /// Whether payments and refunds without `Articles` are refused with code 128.
    pub requires_articles: bool,
    /// The buyer is given a reference and pays elsewhere.
    pub offline: bool,
    /// A capture is only asked for: 13 CaptureRequested, and the outcome is notified.
    pub capture_is_requested: bool,
    /// Days until an authorization lapses.
    pub authorization_days: u32,
    /// In which ways money goes back, the usual one first.
    pub refund_types: Vec<u8>,
    /// Whether less than everything can be refunded.
    pub partial_refunds: bool,
    /// Days after its creation within which a payment can be refunded; no limit if `None`.
    pub refund_days: Option<u32>,
}

impl Method {
    /// Whether a payment by this method ends at Authorized when the buyer has done their part.
    pub fn authorizes_only(&self, capture: Option<bool>) -> bool {
        match capture {
            Some(capture) if self.capture_decides => !capture,
            _ => self.steps == 2,
        }
    }
}

/// A change to one method; what is left out stays, or is an active one-step method if it is new.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MethodPatch {
    /// See [`Method::name`].
    pub name: Option<String>,
    /// See [`Method::steps`]: 1 or 2.
    pub steps: Option<u8>,
    /// See [`Method::capture_decides`].
    pub capture_decides: Option<bool>,
    /// See [`Method::active`].
    pub active: Option<bool>,
    /// See [`Method::requires_email`].
    pub requires_email: Option<bool>,
    /// See [`Method::requires_articles`].
    pub requires_articles: Option<bool>,
    /// See [`Method::offline`].
    pub offline: Option<bool>,
    /// See [`Method::capture_is_requested`].
    pub capture_is_requested: Option<bool>,
    /// See [`Method::authorization_days`]: at most 365.
    pub authorization_days: Option<u32>,
    /// See [`Method::refund_types`]: from 1 to 10.
    pub refund_types: Option<Vec<u8>>,
    /// See [`Method::partial_refunds`].
    pub partial_refunds: Option<bool>,
    /// See [`Method::refund_days`].
    pub refund_days: Option<u32>,
}

impl MethodPatch {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.steps.is_some_and(|steps| !matches!(steps, 1 | 2)) {
            return Err("steps: 1 or 2");
        }
        if self
            .authorization_days
            .is_some_and(|days| days > AUTHORIZATION_DAYS_MAX)
        {
            return Err("authorization_days: at most 365");
        }
        let types = self.refund_types.as_deref();
        if types.is_some_and(|types| types.is_empty() || types.iter().any(|id| !(1..=10).contains(id))) {
            return Err("refund_types: at least one, from 1 to 10");
        }
        Ok(())
    }

    /// The method after the change.
    pub(crate) fn applied_to(self, id: u32, old: Option<&Method>) -> Method {
        let old = old.cloned().unwrap_or_else(|| one_step(&format!("Method {id}")));
        Method {
            name: self.name.unwrap_or(old.name),
            steps: self.steps.unwrap_or(old.steps),
            capture_decides: self.capture_decides.unwrap_or(old.capture_decides),
            active: self.active.unwrap_or(old.active),
            requires_email: self.requires_email.unwrap_or(old.requires_email),
            requires_articles: self.requires_articles.unwrap_or(old.requires_articles),
            offline: self.offline.unwrap_or(old.offline),
            capture_is_requested: self.capture_is_requested.unwrap_or(old.capture_is_requested),
            authorization_days: self.authorization_days.unwrap_or(old.authorization_days),
            refund_types: self.refund_types.unwrap_or(old.refund_types),
            partial_refunds: self.partial_refunds.unwrap_or(old.partial_refunds),
            refund_days: self.refund_days.or(old.refund_days),
        }
    }
}

/// Methods paid in one step, as the documents name them.
const ONE_STEP: &[(u32, &str)] = &[
    (1, "Bank Transfer"),
    (2, "iDEAL"),
    (3, "Bancontact"),
    (4, "GiroPay"),
    (5, "EPS"),
    (6, "Cards (direct)"),
    (9, "Sofort"),
    (12, "Przelewy24"),
    (13, "OneCard"),
    (18, "POLi"),
    (19, "PayU"),
    (20, "SIBS Multibanco"),
    (22, "Moneta Wallet"),
    (23, "Paysera"),
    (24, "Alipay"),
    (29, "Trustly"),
    (32, "Debito Banco do Brasil"),
    (37, "eNETS Debit"),
    (46, "MercadoPago"),
    (58, "PayWithMyBank"),
    (63, "TrustPay"),
    (67, "DragonPay"),
    (69, "Cards"),
    (73, "MyBank"),
    (78, "Skrill"),
    (1000, "Boleto"),
    (1002, "Transferencia"),
    (1003, "QIWI Wallet"),
    (1012, "FPX"),
    (1020, "PSE"),
    (1046, "Konbini"),
    (1066, "WeChat Pay"),
    (1092, "Oxxo"),
    (1093, "SPEI"),
    (1135, "KakaoPay"),
];

/// Methods that authorize first. 94 and 1130 are named by inference: the documents only give their numbers.
const TWO_STEP: &[(u32, &str)] = &[
    (40, "Paysafecard"),
    (75, "Klarna Invoice"),
    (94, "PayPal"),
    (1078, "Klarna Payments"),
    (1130, "PostFinance"),
    (1183, "Klarna Debit Risk"),
];

/// Cards as a method of the first host: `Capture` decides.
const CARDS: u32 = 69;
/// PostFinance: captures are only asked for.
const POST_FINANCE: u32 = 1130;
/// Paid with a reference, elsewhere.
const OFFLINE: &[u32] = &[1, 20, 1000, 1046, 1092, 1093];
/// Refunded as a whole only.
const WHOLE_REFUNDS: &[u32] = &[13, 19];
/// The refund types of the methods of which the documents give them; 1 (native) elsewhere.
const REFUND_TYPES: &[(u32, &[u8])] = &[
    (1, &[2, 3, 7]),
    (2, &[5]),
    (3, &[2]),
    (4, &[5]),
    (5, &[5]),
    (9, &[5, 6, 8]),
    (13, &[4]),
    (18, &[3]),
    (19, &[3, 7]),
    (20, &[2]),
    (22, &[4]),
    (23, &[4]),
    (24, &[1, 3]),
];
/// Days within which a payment can be refunded, where the documents give them.
const REFUND_DAYS: &[(u32, u32)] = &[(2, 48), (24, 365)];
/// Days until an authorization lapses.
pub(crate) const AUTHORIZATION_DAYS: u32 = 7;
/// The most that can be set.
const AUTHORIZATION_DAYS_MAX: u32 = 365;

/// Methods whose answers carry the customer's number at the gateway.
pub(crate) fn shows_customer_id(method: Option<u32>) -> bool {
    method.is_some_and(|id| matches!(id, 32 | 40 | 46 | 1000 | 1002 | 1079..=1099))
}

/// Methods whose later answers still carry the customer, and whose `Reasons` are an empty list rather than null.
pub(crate) fn keeps_customer(method: Option<u32>) -> bool {
    method == Some(40)
}

/// The table a sandbox starts with.
pub(crate) fn table() -> BTreeMap<u32, Method> {
    let one = ONE_STEP.iter().map(|(id, name)| (*id, documented(*id, name, 1)));
    let two = TWO_STEP.iter().map(|(id, name)| (*id, documented(*id, name, 2)));
    one.chain(two).collect()
}

fn documented(id: u32, name: &str, steps: u8) -> Method {
    let types = REFUND_TYPES.iter().find(|(method, _)| *method == id);
    let days = REFUND_DAYS.iter().find(|(method, _)| *method == id);
    Method {
        steps,
        capture_decides: matches!(id, CARDS | CARD_HOST),
        capture_is_requested: id == POST_FINANCE,
        offline: OFFLINE.contains(&id),
        partial_refunds: !WHOLE_REFUNDS.contains(&id),
        refund_types: types.map_or(vec![1], |(_, types)| types.to_vec()),
        refund_days: days.map(|(_, days)| *days),
        ..one_step(name)
    }
}

fn one_step(name: &str) -> Method {
    Method {
        name: name.to_owned(),
        steps: 1,
        capture_decides: false,
        active: true,
        requires_email: false,
        requires_articles: false,
        offline: false,
        capture_is_requested: false,
        authorization_days: AUTHORIZATION_DAYS,
        refund_types: vec![1],
        partial_refunds: true,
        refund_days: None,
    }
}
