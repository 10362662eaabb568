//! The payment methods the sandbox knows, and in how many steps each is paid.

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
}

impl MethodPatch {
    /// The method after the change.
    pub(crate) fn applied_to(self, id: u32, old: Option<&Method>) -> Method {
        let old = old.cloned().unwrap_or_else(|| one_step(&format!("Method {id}")));
        Method {
            name: self.name.unwrap_or(old.name),
            steps: self.steps.unwrap_or(old.steps),
            capture_decides: self.capture_decides.unwrap_or(old.capture_decides),
            active: self.active.unwrap_or(old.active),
            requires_email: self.requires_email.unwrap_or(old.requires_email),
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

/// Cards on this host: `Capture` decides.
const CARDS: u32 = 69;

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
    let one = ONE_STEP.iter().map(|(id, name)| {
        (
            *id,
            Method {
                capture_decides: *id == CARDS,
                ..one_step(name)
            },
        )
    });
    let two = TWO_STEP.iter().map(|(id, name)| {
        (
            *id,
            Method {
                steps: 2,
                ..one_step(name)
            },
        )
    });
    one.chain(two).collect()
}

fn one_step(name: &str) -> Method {
    Method {
        name: name.to_owned(),
        steps: 1,
        capture_decides: false,
        active: true,
        requires_email: false,
    }
}
