//! What the books show of a payment: the truth, whatever the gateway's answers showed.

use super::{Core, payment::Payment, status::Status};
use serde::{Deserialize, Serialize};

/// A payment in the books. Amounts are in hundredths of the currency's unit, times in microseconds since 1970 UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentEntry {
    /// The gateway's number.
    pub id: u64,
    /// `MerchantTransactionID`.
    pub reference: String,
    /// `OriginatorTransactionID`.
    pub originator_reference: Option<String>,
    /// The status number.
    pub status: u8,
    /// Its name.
    pub status_info: String,
    /// The return code that explains it.
    pub reason: Option<u16>,
    /// What the buyer pays.
    pub amount: u64,
    /// What the gateway's documents show as captured: nothing after a success in one step.
    pub captured: Option<u64>,
    /// What was taken from the buyer.
    pub amount_captured: u64,
    /// What open refunds are about to give back of that.
    pub amount_refunding: u64,
    /// What succeeded refunds gave back of that.
    pub amount_refunded: u64,
    /// ISO 4217.
    pub currency: String,
    /// `MethodID`.
    pub method_id: Option<u32>,
    /// The `SiteID` the gateway shows.
    pub site_id: u64,
    /// When it was created.
    pub created_micros: u64,
    /// When the authorization ends by itself, if there is one.
    pub authorized_until_micros: Option<u64>,
    /// The page where the buyer pays.
    pub pay_url: String,
    /// The legs.
    pub splits: Vec<SplitEntry>,
    /// The captures that were asked for, oldest first.
    pub captures: Vec<CaptureEntry>,
    /// The refunds, oldest first.
    pub refunds: Vec<RefundEntry>,
    /// The dispute.
    pub dispute: Option<DisputeEntry>,
    /// What only a payment of the card host has.
    pub card: Option<CardEntry>,
}

/// A split in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitEntry {
    /// The gateway's number.
    pub id: u64,
    /// Who receives.
    pub site_id: u64,
    /// How much.
    pub amount: u64,
    /// What the gateway's documents show as captured: only a partial capture fills it.
    pub captured: Option<u64>,
    /// What was taken from the buyer for it.
    pub amount_captured: u64,
    /// What open refunds are about to give back of that.
    pub amount_refunding: u64,
    /// What succeeded refunds gave back of that.
    pub amount_refunded: u64,
    /// The status number.
    pub status: u8,
    /// `MerchantTransactionID`.
    pub reference: Option<String>,
    /// `OriginatorTransactionID`.
    pub originator_reference: Option<String>,
}

/// A capture in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureEntry {
    /// The gateway's number.
    pub id: u64,
    /// Of which split; `None`: of the payment.
    pub split: Option<u64>,
    /// How much.
    pub amount: u64,
    /// The status number: 2 or 11, 13 or 33 while it is under way, 4.
    pub status: u8,
    /// When it was asked for.
    pub created_micros: u64,
}

/// A refund in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundEntry {
    /// The gateway's number.
    pub id: u64,
    /// Of which split; `None`: of the payment.
    pub split: Option<u64>,
    /// `MerchantTransactionID`.
    pub reference: String,
    /// How much.
    pub amount: u64,
    /// The status number: 1 open, 2 done, 4 failed.
    pub status: u8,
    /// The return code that explains a failure.
    pub reason: Option<u16>,
    /// Who gives it back.
    pub site_id: u64,
    /// When it was asked for.
    pub created_micros: u64,
}

/// A dispute in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeEntry {
    /// The gateway's number.
    pub id: u64,
    /// How much.
    pub amount: u64,
    /// The status number: 1 open, 23 won, 24 lost.
    pub status: u8,
    /// When it was opened.
    pub created_micros: u64,
}

/// The card of a payment in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardEntry {
    /// The last four digits of its number.
    pub last4: Option<String>,
    /// The last four characters of its token.
    pub token_last4: Option<String>,
    /// Whether the buyer's bank is asked.
    pub three_d_secure: bool,
}

/// A kept card in the books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCardEntry {
    /// The last four characters of its token.
    pub token_last4: String,
    /// The last four digits of its number.
    pub last4: String,
    /// From 1.
    pub expiry_month: u8,
    /// Four digits.
    pub expiry_year: u16,
    /// Whether it was given up.
    pub cancelled: bool,
}

impl Core {
    /// One payment as the books have it.
    pub fn payment(&self, id: u64) -> Option<PaymentEntry> {
        self.books.get(id).map(|payment| self.entry(payment))
    }

    pub(super) fn kept_cards(&self) -> impl Iterator<Item = KeptCardEntry> {
        self.wallet.all().map(|(token, kept)| KeptCardEntry {
            token_last4: token.last4().to_owned(),
            last4: kept.card.last4.as_ref().to_owned(),
            expiry_month: kept.card.month,
            expiry_year: kept.card.year,
            cancelled: kept.cancelled,
        })
    }

    pub(super) fn entry(&self, payment: &Payment) -> PaymentEntry {
        PaymentEntry {
            id: payment.id,
            reference: payment.reference.as_ref().to_owned(),
            originator_reference: payment.originator.as_deref().map(str::to_owned),
            status: payment.status.0,
            status_info: payment.status.info().to_owned(),
            reason: payment.reason,
            amount: payment.amount,
            captured: payment.captured,
            amount_captured: payment.paid,
            amount_refunding: refunding(payment, None),
            amount_refunded: payment.refunded(None),
            currency: payment.currency().to_owned(),
            method_id: payment.method,
            site_id: payment.site,
            created_micros: payment.created,
            authorized_until_micros: payment.lapses.filter(|_| payment.status == Status::AUTHORIZED),
            pay_url: self.pay_url(payment),
            splits: splits(payment),
            captures: captures(payment),
            refunds: refunds(payment),
            dispute: payment.dispute.as_deref().map(|dispute| DisputeEntry {
                id: dispute.id,
                amount: dispute.amount,
                status: dispute.status.0,
                created_micros: dispute.created,
            }),
            card: payment.card.as_deref().map(|part| CardEntry {
                last4: part.card.as_ref().map(|card| card.last4.as_ref().to_owned()),
                token_last4: part.token.as_ref().map(|token| token.last4().to_owned()),
                three_d_secure: part.three_d_secure,
            }),
        }
    }
}

fn refunding(payment: &Payment, split: Option<u64>) -> u64 {
    let mine = payment.refunds.iter().filter(|it| split.is_none() || it.split == split);
    mine.filter(|it| it.status == Status::OPEN).map(|it| it.amount).sum()
}

fn splits(payment: &Payment) -> Vec<SplitEntry> {
    let splits = payment.splits.iter().map(|split| SplitEntry {
        id: split.id,
        site_id: split.site,
        amount: split.amount,
        captured: split.captured,
        amount_captured: split.paid,
        amount_refunding: refunding(payment, Some(split.id)),
        amount_refunded: payment.refunded(Some(split.id)),
        status: split.status.0,
        reference: split.reference.as_ref().map(|text| text.as_str().to_owned()),
        originator_reference: split.originator.as_ref().map(|text| text.as_str().to_owned()),
    });
    splits.collect()
}

fn captures(payment: &Payment) -> Vec<CaptureEntry> {
    let captures = payment.captures.iter().map(|capture| CaptureEntry {
        id: capture.id,
        split: capture.split,
        amount: capture.amount,
        status: capture.status.0,
        created_micros: capture.created,
    });
    captures.collect()
}

fn refunds(payment: &Payment) -> Vec<RefundEntry> {
    let refunds = payment.refunds.iter().map(|refund| RefundEntry {
        id: refund.id,
        split: refund.split,
        reference: refund.reference.as_ref().to_owned(),
        amount: refund.amount,
        status: refund.status.0,
        reason: refund.reason,
        site_id: refund.site,
        created_micros: refund.created,
    });
    refunds.collect()
}
