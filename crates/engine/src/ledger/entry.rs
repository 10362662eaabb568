//! One line of a party's statement: a posting as that party sees it.

use domain::ids::OperationId;
use domain::ledger::{Cause, Posting};
use domain::seller::Party;
use domain::time::Timestamp;
use serde::Serialize;
use store::{EntryCursor, Origin, StoredPosting};
use utoipa::ToSchema;

use crate::error::Error;

/// One line of a statement. Minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryView {
    /// Names the entry; also the `cursor` that continues behind it.
    pub id: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// `authorized`, `released`, `captured`, `refunding`, `refund_failed`, `refunded`, `disputed`, `dispute_won`,
    /// `charged_back`, `adjusted` or `settled`.
    pub kind: String,
    /// The payment it belongs to; of a payout, none.
    pub payment: Option<String>,
    /// The storefront's order; of a payout, none.
    pub order: Option<String>,
    /// Why: an operation's `op_…`, a payout's `set_…`, or `external` for what the gateway did on its own or for somebody else.
    pub cause: String,
    /// The same in words.
    pub reason: String,
    /// ISO 4217.
    pub currency: String,
    /// What moved: positive towards the party, negative away from it. Of an authorization, money not yet taken.
    pub amount: i64,
    /// What that does to the balance; 0 where the balance had felt it before, or does not yet.
    pub balance_change: i64,
    /// The party's balance in this currency after it.
    pub balance: i64,
}

/// A posting as `party` sees it, which had `before` and then `after`.
pub(super) fn view(stored: &StoredPosting, party: &Party, before: i64, after: i64) -> Result<EntryView, Error> {
    let StoredPosting {
        origin,
        posting,
        currency,
        recorded_at,
        order,
        ..
    } = stored;
    let (debit, credit) = (posting.debit.name(), posting.credit.name());
    let kind =
        word(debit, credit).ok_or_else(|| Error::Internal(format!("{origin}: {debit} → {credit} is no entry")))?;
    let amount = posting.amount.get();
    let payment = match origin {
        Origin::Payment(payment) => Some(*payment),
        Origin::Settlement(_) => None,
    };
    let cause = match (posting.cause, payment) {
        (Cause::Operation(number), Some(payment)) => OperationId::new(payment, number).to_string(),
        (Cause::External, _) => "external".to_owned(),
        (Cause::Settlement | Cause::Operation(_), _) => origin.to_string(),
    };
    Ok(EntryView {
        id: written(&stored.cursor()),
        recorded_at: recorded_at.to_string(),
        kind: kind.to_owned(),
        payment: payment.map(|payment| payment.to_string()),
        order: order.as_ref().map(ToString::to_string),
        cause,
        reason: posting.reason.clone(),
        currency: currency.code().to_owned(),
        amount: if is_towards(kind, posting, party) {
            amount
        } else {
            amount.saturating_neg()
        },
        balance_change: after.saturating_sub(before),
        balance: after,
    })
}

/// Whether a posting brings something to the party.
fn is_towards(kind: &str, posting: &Posting, party: &Party) -> bool {
    match kind {
        "authorized" | "captured" | "refund_failed" | "dispute_won" => true,
        "adjusted" => posting.credit.party() == Some(party),
        _ => false,
    }
}

/// An entry's place as text: microseconds, payment or payout, version and number.
fn written(at: &EntryCursor) -> String {
    format!("{}-{}-{}-{}", at.recorded_at.micros(), at.origin, at.version, at.number)
}

/// The place that such a text names.
pub(super) fn cursor(text: &str) -> Result<EntryCursor, Error> {
    let read = || {
        let mut parts = text.split('-');
        let at = EntryCursor {
            recorded_at: Timestamp::from_micros(parts.next()?.parse().ok()?),
            origin: parts.next()?.parse().ok()?,
            version: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
        };
        // What is not as we write it was not written by us.
        (written(&at) == text).then_some(at)
    };
    read().ok_or_else(|| Error::fault("/cursor", "cursor_invalid", "the next_cursor of this list, or nothing"))
}

/// The place that this text names, written again.
pub(crate) fn reread(text: &str) -> Option<String> {
    cursor(text).ok().map(|at| written(&at))
}

/// What a posting is called on a statement.
pub(crate) fn word(debit: &str, credit: &str) -> Option<&'static str> {
    Some(match (debit, credit) {
        ("buyer", "authorized") => "authorized",
        ("authorized", "buyer") => "released",
        ("authorized" | "unallocated", "payable") => "captured",
        ("payable", "refunding") => "refunding",
        ("refunding", "payable") => "refund_failed",
        ("refunding", "buyer") => "refunded",
        ("payable", "disputed") => "disputed",
        ("disputed", "payable") => "dispute_won",
        ("disputed", "buyer") => "charged_back",
        ("payable", "payable") => "adjusted",
        ("payable", "settled") => "settled",
        _ => return None,
    })
}
