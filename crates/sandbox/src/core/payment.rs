//! A payment and its splits as the books keep them: compact, because benches make hundreds of thousands.

use super::{status::Status, wire_in::Loose};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Hexadecimal digits of a payment's token.
const TOKEN_DIGITS: usize = 32;

/// A payment. Amounts are in hundredths, as the gateway counts every currency.
#[derive(Debug)]
pub(crate) struct Payment {
    pub id: u64,
    /// Microseconds since 1970 UTC.
    pub created: u64,
    /// The site the gateway shows: the first split's, else the authenticated one.
    pub site: u64,
    pub reference: Arc<str>,
    pub originator: Option<Box<str>>,
    pub amount: u64,
    pub currency: [u8; 3],
    pub country: Option<[u8; 2]>,
    pub captured: Option<u64>,
    pub return_url: Box<str>,
    pub description: Option<Box<str>>,
    pub method: Option<u32>,
    pub method_option: Option<u32>,
    /// The buyer's success authorizes only.
    pub authorizes_only: bool,
    pub capture: Option<bool>,
    /// The secret half of the pay page's address.
    pub token: u128,
    pub token_lifetime_minutes: u32,
    pub status: Status,
    /// When a notification was first acknowledged, in microseconds.
    pub notified: Option<u64>,
    pub splits: Vec<Split>,
    pub echo: Echo,
}

/// One leg of a payment.
#[derive(Debug)]
pub(crate) struct Split {
    pub id: u64,
    pub created: u64,
    pub site: u64,
    pub amount: u64,
    pub captured: Option<u64>,
    pub reference: Option<Loose>,
    pub originator: Option<Loose>,
    pub status: Status,
}

/// Parts of the request that are only ever said back, as JSON.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    pub customer: Option<Box<RawValue>>,
    pub billing_address: Option<Box<RawValue>>,
    pub shipping_address: Option<Box<RawValue>>,
    pub articles: Option<Box<RawValue>>,
}

impl Payment {
    /// The currency's three letters.
    pub fn currency(&self) -> &str {
        std::str::from_utf8(&self.currency).unwrap_or_default()
    }

    /// `PaymentToken`: 32 hexadecimal digits, a dot, the payment's number.
    pub fn payment_token(&self) -> String {
        format!("{:0width$X}.{}", self.token, self.id, width = TOKEN_DIGITS)
    }

    /// When the buyer's time runs out, in microseconds.
    pub fn expires(&self) -> u64 {
        self.created
            .saturating_add(u64::from(self.token_lifetime_minutes) * 60 * super::stamp::MICROS_PER_SECOND)
    }

    /// Moves the payment and, as the documents say for an event that concerns it whole, every split with it.
    pub fn enter(&mut self, status: Status) {
        self.status = status;
        for split in &mut self.splits {
            split.status = status;
        }
    }
}
