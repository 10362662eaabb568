//! What the API and the sandbox tell, as far as the story needs it. Amounts are minor units, the sandbox's hundredths.

use domain::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(super) struct Quote {
    pub amount: i64,
    pub allocation: Allocation,
    pub splits: Vec<Split>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Allocation {
    pub parties: Vec<Party>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Party {
    pub party: String,
    pub gross: i64,
    pub discounts: i64,
    pub shipping: i64,
    pub commission: i64,
    pub fees: i64,
    pub net: i64,
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    #[serde(rename = "for")]
    pub subject: String,
    pub rule: Option<String>,
    pub exact: String,
    pub amount: i64,
    pub note: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Split {
    pub seller: Option<String>,
    pub site_id: u64,
    pub amount: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Payment {
    pub id: String,
    pub status: String,
    pub amount: i64,
    pub amount_captured: i64,
    /// Captured, and nobody's yet.
    pub amount_unallocated: i64,
    pub authorized_until: Option<String>,
    pub capture_plan: Option<CapturePlan>,
    pub redirect_url: Option<String>,
    pub lines: Vec<PaidLine>,
    pub splits: Vec<PaidSplit>,
    pub gateway: Option<Gateway>,
    pub operations: Vec<Operation>,
    pub discrepancies: Vec<Discrepancy>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CapturePlan {
    pub waiting_for: Vec<String>,
}

/// A line in the buyer's money.
#[derive(Debug, Deserialize)]
pub(super) struct PaidLine {
    pub id: String,
    pub amount: i64,
    pub amount_captured: i64,
}

/// What a party has of a payment.
#[derive(Debug, Deserialize)]
pub(super) struct PaidSplit {
    pub seller: Option<String>,
    pub site_id: u64,
    pub amount_authorized: i64,
    pub amount_captured: i64,
}

/// What a refund would do.
#[derive(Debug, Deserialize)]
pub(super) struct Preview {
    pub amount: i64,
    pub parties: Vec<PreviewSide>,
    pub calls: Vec<PreviewCall>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PreviewSide {
    pub party: String,
    pub gives_back: i64,
    pub adjusted: i64,
    pub balance_before: i64,
    pub balance_after: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct PreviewCall {
    pub amount: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub id: String,
    pub status: String,
    pub amount_succeeded: i64,
    pub parts: Vec<Value>,
}

/// A kept card.
#[derive(Debug, Deserialize)]
pub(super) struct Card {
    pub id: String,
    pub last4: String,
    pub expiry_month: u8,
    pub expiry_year: u16,
}

#[derive(Debug, Deserialize)]
pub(super) struct Gateway {
    pub payment_id: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    pub attempts: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct Discrepancy {
    pub kind: String,
    pub holds: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub data: Vec<T>,
}

/// Something in a payment's history.
#[derive(Debug, Deserialize)]
pub(super) struct Moment {
    pub at: String,
    pub kind: String,
    pub what: String,
    pub detail: String,
    pub posting: Option<Posting>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Posting {
    pub debit: String,
    pub credit: String,
    pub party: Option<String>,
    pub amount: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Balances {
    pub balances: Vec<Balance>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Balance {
    pub currency: String,
    pub authorized: i64,
    pub captured: i64,
    pub refunded: i64,
    pub adjusted: i64,
    pub settled: i64,
    pub balance: i64,
}

/// A line of a statement.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub recorded_at: String,
    pub kind: String,
    pub order: String,
    pub reason: String,
    pub amount: i64,
    pub balance: i64,
}

/// The sandbox's own books.
#[derive(Debug, Deserialize)]
pub(super) struct Books {
    pub payments_total: u64,
    pub payments: Vec<Booked>,
    pub sites: Vec<SiteTotal>,
    pub cards: Vec<BookedCard>,
    pub requests: Vec<Seen>,
}

/// A payment in the sandbox's books.
#[derive(Debug, Deserialize)]
pub(super) struct Booked {
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub splits: Vec<BookedSplit>,
    pub refunds: Vec<BookedRefund>,
    pub card: Option<UsedCard>,
}

#[derive(Debug, Deserialize)]
pub(super) struct BookedSplit {
    pub site_id: u64,
    pub amount_captured: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct BookedRefund {
    pub amount: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct UsedCard {
    pub last4: Option<String>,
}

/// A card that the sandbox keeps.
#[derive(Debug, Deserialize)]
pub(super) struct BookedCard {
    pub last4: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct SiteTotal {
    pub site_id: u64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
}

/// A request the sandbox has seen.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    pub at_micros: i64,
    pub method: String,
    pub path: String,
    pub body: Value,
}

/// What the sandbox says of a notification it was told to send.
#[derive(Debug, Deserialize)]
pub(super) struct Notified {
    pub status: Option<u16>,
}

#[derive(Deserialize)]
pub(super) struct NewKey {
    pub key: secrecy::SecretString,
}

impl Payment {
    /// The gateway's number for it.
    pub fn gateway_id(&self) -> Option<u64> {
        self.gateway.as_ref().map(|gateway| gateway.payment_id)
    }
}

impl Moment {
    /// When it was recorded, in microseconds since 1970.
    pub fn micros(&self) -> Option<i64> {
        self.at.parse::<Timestamp>().ok().map(Timestamp::micros)
    }
}
