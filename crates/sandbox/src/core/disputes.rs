//! Disputes: the buyer's bank asks for the money back. Only notifications speak of them, and the payment's status.

use super::{
    Core,
    document::style,
    exchange::Request,
    payment::Payment,
    stamp,
    status::Status,
    written::{Amount, StatusDocument},
};
use serde::Serialize;

/// A dispute of a payment.
#[derive(Debug)]
pub(crate) struct Dispute {
    pub id: u64,
    /// Microseconds since 1970 UTC.
    pub created: u64,
    /// Hundredths.
    pub amount: u64,
    /// 1 open, 23 won, 24 lost.
    pub status: Status,
}

/// The body `{"Dispute": …}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DisputeBody<'a> {
    dispute: DisputeDocument<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DisputeDocument<'a> {
    #[serde(rename = "ID")]
    id: u64,
    #[serde(rename = "SiteID")]
    site: u64,
    created: String,
    #[serde(rename = "PaymentID")]
    payment: u64,
    #[serde(rename = "MethodID")]
    method: Option<u32>,
    amount: Amount,
    currency: &'a str,
    status: StatusDocument,
}

impl<'a> DisputeBody<'a> {
    /// The payment's dispute.
    pub fn of(payment: &'a Payment) -> Option<Self> {
        let dispute = payment.dispute.as_deref()?;
        Some(Self {
            dispute: DisputeDocument {
                id: dispute.id,
                site: payment.site,
                created: stamp::write(dispute.created),
                payment: payment.id,
                method: payment.method,
                amount: Amount(dispute.amount),
                currency: payment.currency(),
                status: StatusDocument::new(dispute.status, None, style(payment)),
            },
        })
    }
}

impl Core {
    /// The buyer's bank asks for the money, or for so much of it.
    pub(super) fn open_dispute(
        &mut self,
        now: u64,
        id: u64,
        amount: Option<u64>,
        cause: &Request,
    ) -> Result<(), String> {
        let Some(payment) = self.books.get(id) else {
            return Err("no such payment".to_owned());
        };
        let amount = amount.unwrap_or(payment.paid);
        if payment.paid == 0 || amount == 0 || amount > payment.paid {
            return Err(format!(
                "a dispute is about at most the {} that were taken",
                payment.paid
            ));
        }
        let dispute = Dispute {
            id: self.books.draw_dispute(),
            created: now,
            amount,
            status: Status::OPEN,
        };
        if let Some(payment) = self.books.get_mut(id) {
            payment.dispute = Some(Box::new(dispute));
            payment.enter_paid(Status::DISPUTED);
        }
        self.notify(now, id, cause);
        self.notify_dispute(now, id, cause);
        Ok(())
    }

    /// The dispute ends: the payment shows `shown`, the dispute whether the merchant has won it.
    pub(super) fn end_dispute(&mut self, now: u64, id: u64, shown: Status, cause: &Request) -> Result<(), String> {
        let Some(payment) = self.books.get_mut(id) else {
            return Err("no such payment".to_owned());
        };
        let Some(dispute) = payment.dispute.as_deref_mut() else {
            return Err("the payment is not disputed".to_owned());
        };
        dispute.status = if shown == Status::DISPUTE_WON {
            shown
        } else {
            Status::DISPUTE_LOST
        };
        payment.enter_paid(shown);
        self.notify(now, id, cause);
        self.notify_dispute(now, id, cause);
        Ok(())
    }
}
