//! A payment and its splits as the books keep them: compact, because benches make hundreds of thousands.

use super::{cards::CardPart, disputes::Dispute, refund::Refund, status::Status, wire_in::Loose};
use serde_json::value::RawValue;
use std::{fmt, sync::Arc};

/// Hexadecimal digits of a payment's token.
const TOKEN_DIGITS: usize = 32;
/// What every payment of the card host says of its method.
pub(crate) const CARD_HOST: u32 = 6;

/// A payment. Amounts are in hundredths, as the gateway counts every currency.
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
    /// What the documents show as captured: nothing after a success in one step.
    pub captured: Option<u64>,
    /// What was taken from the buyer, whatever is shown.
    pub paid: u64,
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
    /// The buyer has opened the pay page.
    pub visited: bool,
    pub status: Status,
    /// The return code that explains the status.
    pub reason: Option<u16>,
    /// When an authorization ends by itself, in microseconds.
    pub lapses: Option<u64>,
    /// When a notification was first acknowledged, in microseconds.
    pub notified: Option<u64>,
    pub splits: Vec<Split>,
    pub captures: Vec<Capture>,
    pub refunds: Vec<Refund>,
    pub dispute: Option<Box<Dispute>>,
    /// What only payments of the card host have.
    pub card: Option<Box<CardPart>>,
    pub echo: Echo,
}

/// Buyers, their addresses and the token of their page stay out of logs.
impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("id", &self.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// One leg of a payment.
#[derive(Debug)]
pub(crate) struct Split {
    pub id: u64,
    pub created: u64,
    pub site: u64,
    pub amount: u64,
    /// What the documents show as captured: only a partial capture fills it.
    pub captured: Option<u64>,
    /// What was taken from the buyer for it, whatever is shown.
    pub paid: u64,
    pub reference: Option<Loose>,
    pub originator: Option<Loose>,
    pub status: Status,
}

/// A capture that was asked for.
#[derive(Debug)]
pub(crate) struct Capture {
    pub id: u64,
    pub created: u64,
    pub split: Option<u64>,
    pub amount: u64,
    /// It asked for everything, without naming an amount.
    pub is_whole: bool,
    /// 13 or 33 while it is under way, then 2 (cards 11) or 4.
    pub status: Status,
}

/// What a capture takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parts {
    /// Everything that is authorized.
    Whole,
    /// So much of a payment without splits.
    Amount(u64),
    /// So much of these splits, by their numbers.
    Splits(Vec<(u64, u64)>),
}

/// Parts of the request that are only ever said back, as JSON.
#[derive(Default)]
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

    /// The status of a payment that is paid in full: the two hosts have a word each.
    pub fn done(&self) -> Status {
        if self.card.is_some() {
            Status::CAPTURED
        } else {
            Status::SUCCESS
        }
    }

    pub fn split(&self, id: u64) -> Option<&Split> {
        self.splits.iter().find(|split| split.id == id)
    }

    /// Moves the payment and, as the documents say for an event that concerns it whole, every split with it.
    pub fn enter(&mut self, status: Status) {
        self.status = status;
        self.reason = None;
        for split in &mut self.splits {
            split.status = status;
        }
    }

    /// Moves the payment and what was captured of it; what a partial capture left behind stays as it is.
    pub fn enter_paid(&mut self, status: Status) {
        self.status = status;
        self.reason = None;
        for split in self.splits.iter_mut().filter(|split| split.paid > 0) {
            split.status = status;
        }
    }

    /// The buyer's money is taken in one step.
    pub fn pay(&mut self) {
        self.enter(self.done());
        self.paid = self.amount;
        self.captured = self.card.as_ref().map(|_| self.amount);
        for split in &mut self.splits {
            split.paid = split.amount;
        }
    }

    /// Takes what a capture asks for. `whole_parts`: a part that is the whole counts as the whole.
    pub fn take(&mut self, parts: &Parts, whole_parts: bool) {
        let done = self.done();
        match parts {
            Parts::Whole => {
                self.pay();
                self.captured = Some(self.amount);
            }
            Parts::Amount(amount) => {
                let is_whole = whole_parts && *amount == self.amount;
                self.enter(if is_whole { done } else { Status::PARTIALLY_CAPTURED });
                self.paid = *amount;
                self.captured = Some(*amount);
            }
            Parts::Splits(parts) => {
                for (id, amount) in parts {
                    let Some(split) = self.splits.iter_mut().find(|split| split.id == *id) else {
                        continue;
                    };
                    let is_whole = whole_parts && *amount == split.amount;
                    split.status = if is_whole { done } else { Status::PARTIALLY_CAPTURED };
                    split.captured = Some(*amount);
                    split.paid = *amount;
                    self.paid = self.paid.saturating_add(*amount);
                }
                let is_whole = self.splits.iter().all(|split| split.status == done);
                self.status = if is_whole { done } else { Status::PARTIALLY_CAPTURED };
                self.reason = None;
                self.captured = Some(self.paid);
            }
        }
    }

    /// Marks what a capture asks for as under way.
    pub fn ask_for(&mut self, parts: &Parts, status: Status, reason: Option<u16>) {
        match parts {
            Parts::Whole | Parts::Amount(_) => self.enter(status),
            Parts::Splits(parts) => {
                let asked = |split: &&mut Split| parts.iter().any(|(id, _)| *id == split.id);
                self.splits
                    .iter_mut()
                    .filter(asked)
                    .for_each(|split| split.status = status);
                self.status = status;
            }
        }
        self.reason = reason;
    }

    /// What was only asked for is not done: everything is as it was before.
    pub fn take_back(&mut self) {
        let under_way = |status: Status| status.is_capturing() || status.is_cancelling();
        for split in self.splits.iter_mut().filter(|split| under_way(split.status)) {
            split.status = Status::AUTHORIZED;
        }
        self.reason = None;
        self.status = if self.paid > 0 {
            Status::PARTIALLY_CAPTURED
        } else {
            Status::AUTHORIZED
        };
    }

    /// What the captures under way ask for, together.
    pub fn asked_for(&self) -> Option<Parts> {
        let under_way: Vec<&Capture> = self.captures.iter().filter(|it| it.status.is_capturing()).collect();
        let first = under_way.first()?;
        Some(match first.split {
            None if first.is_whole => Parts::Whole,
            None => Parts::Amount(first.amount),
            Some(_) => {
                let parts = under_way.iter().filter_map(|it| Some((it.split?, it.amount)));
                Parts::Splits(parts.collect())
            }
        })
    }
}
