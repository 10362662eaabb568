//! What the gateway paid out to a seller, as somebody told us: it knows of no payment.

use crate::date::Date;
use crate::ids::{IdempotencyKey, Principal, SellerId, SettlementId};
use crate::ledger::{Account, Book, Cause, Posting};
use crate::money::Money;
use crate::seller::Party;

/// A payout of the gateway to a seller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Ours.
    pub id: SettlementId,
    /// Who was paid.
    pub seller: SellerId,
    /// How much; never zero.
    pub amount: Money,
    /// The payout's own name, by which nobody tells it twice for a seller.
    pub reference: String,
    /// The day on which it was paid.
    pub settled_on: Date,
    /// Who told it.
    pub principal: Principal,
    /// The caller's `Idempotency-Key`.
    pub key: IdempotencyKey,
    /// A digest of method, path and body.
    pub fingerprint: String,
}

impl Settlement {
    /// What it moves in the books.
    #[must_use]
    pub fn posting(&self) -> Posting {
        let account = |book| Account::Of(Party::Seller(self.seller.clone()), book);
        Posting {
            debit: account(Book::Payable),
            credit: account(Book::Settled),
            amount: self.amount.amount,
            split: None,
            cause: Cause::Settlement,
            reason: format!("paid out on {} as {}", self.settled_on, self.reference),
        }
    }
}
