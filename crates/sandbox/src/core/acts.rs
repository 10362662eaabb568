//! What the gateway does by itself, or somebody at its dashboard: `POST /_sandbox/payments/{id}/act`.

use super::{
    Core,
    create::sums_up,
    exchange::Request,
    payment::Parts,
    status::Status,
    switches::SplitSum,
    wire_in::{AskedRefund, Loose},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that nobody asked the API for. Amounts are in hundredths of the currency's unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// The buyer's payment succeeds: from Open, and late from Cancelled, Failed or Expired. Two-step methods authorize.
    Succeed {},
    /// It fails.
    Fail {},
    /// It expires.
    Expire {},
    /// Somebody cancels it.
    Cancel {},
    /// Somebody captures an authorized payment: all of it, an amount, or parts of splits.
    Capture {
        /// Of a payment without splits.
        #[serde(default)]
        amount: Option<u64>,
        /// Of a payment with splits.
        #[serde(default)]
        splits: Option<Vec<SplitPart>>,
    },
    /// A capture or cancel that was only asked for (13, 15, 33, 34) ends.
    Settle {
        /// Whether it is done; back to Authorized otherwise.
        done: bool,
    },
    /// The authorization lapses, or what a partial capture left of it.
    Lapse {},
    /// The authorization is reversed (16).
    Reverse {},
    /// Somebody refunds, open until it settles.
    Refund {
        /// How much.
        amount: u64,
        /// Of which split.
        #[serde(default)]
        split: Option<u64>,
        /// Its `MerchantTransactionID`.
        #[serde(default)]
        reference: Option<String>,
    },
    /// An open refund ends.
    SettleRefund {
        /// Which.
        refund: u64,
        /// Whether it is done.
        done: bool,
    },
    /// The buyer's bank asks for the money back (19), with a Dispute notification.
    DisputeOpened {
        /// How much; all that was taken without it.
        #[serde(default)]
        amount: Option<u64>,
    },
    /// The merchant wins (23).
    DisputeWon {},
    /// The cardholder wins (24).
    DisputeLost {},
    /// The bank takes the money back (26).
    ChargedBack {},
    /// The payment and its splits show any number, known or not. No amount changes.
    Status {
        /// The status number.
        status: u8,
    },
}

/// So much of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitPart {
    /// The gateway's number of the split.
    pub id: u64,
    /// Hundredths of the currency's unit.
    pub amount: u64,
}

impl Act {
    /// Reads the body: the act, and `quiet` beside it.
    pub(crate) fn read(body: &[u8]) -> Result<(Self, bool), String> {
        let Value::Object(mut fields) = serde_json::from_slice(body).map_err(|error| error.to_string())? else {
            return Err("an act is an object".to_owned());
        };
        let quiet = fields.remove("quiet").map(serde_json::from_value).transpose();
        let quiet = quiet.map_err(|error| format!("quiet: {error}"))?;
        let act = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
        Ok((act, quiet.unwrap_or(false)))
    }
}

impl Core {
    /// Lets the gateway do something by itself to a payment. `quiet`: without a notification, to be learnt by asking only.
    ///
    /// # Errors
    /// A sentence that says why it cannot be done now.
    pub fn happen(&mut self, now_micros: u64, payment: u64, act: Act, quiet: bool) -> Result<(), String> {
        let now = now_micros.saturating_add(self.clock_offset_micros);
        self.advance(now);
        let cause = Request::new("POST", &format!("/_sandbox/payments/{payment}/act"));
        self.quiet = quiet;
        let happened = self.happen_to(now, payment, act, &cause);
        self.quiet = false;
        happened
    }

    fn happen_to(&mut self, now: u64, id: u64, act: Act, cause: &Request) -> Result<(), String> {
        let Some(payment) = self.books.get(id) else {
            return Err(format!("there is no payment {id}"));
        };
        let status = payment.status;
        let from = |allowed: &[Status]| {
            let is_allowed = allowed.contains(&status);
            let refusal = || format!("not from {} ({})", status.0, status.info());
            is_allowed.then_some(()).ok_or_else(refusal)
        };
        match act {
            Act::Succeed {} => {
                let late = [Status::OPEN, Status::CANCELLED, Status::FAILED, Status::EXPIRED];
                from(&late)?;
                self.succeed(now, id);
            }
            Act::Fail {} => return self.end(now, id, Status::FAILED, cause),
            Act::Expire {} => return self.end(now, id, Status::EXPIRED, cause),
            Act::Cancel {} => return self.end(now, id, Status::CANCELLED, cause),
            Act::Reverse {} => return self.end(now, id, Status::REVERSED, cause),
            Act::Lapse {} => {
                from(&[Status::AUTHORIZED, Status::PARTIALLY_CAPTURED])?;
                self.lapse(now, id, cause);
                return Ok(());
            }
            Act::Capture { amount, splits } => {
                from(&[Status::AUTHORIZED])?;
                let parts = self.dashboard_parts(id, amount, splits)?;
                let done = self.books.get(id).map_or(Status::SUCCESS, |payment| payment.done());
                self.capture_as(now, id, &parts, done, None);
            }
            Act::Settle { done } => {
                let under_way = status.is_capturing() || status.is_cancelling();
                if !under_way {
                    return Err("no capture or cancel is under way".to_owned());
                }
                self.settle(now, id, done, cause);
                return Ok(());
            }
            Act::Refund {
                amount,
                split,
                reference,
            } => {
                return self.dashboard_refund(now, id, amount, split, reference, cause);
            }
            Act::SettleRefund { refund, done } => {
                let mut refunds = payment.refunds.iter();
                if !refunds.any(|it| it.id == refund && it.status == Status::OPEN) {
                    return Err(format!("refund {refund} is not open"));
                }
                self.settle_refund(now, id, refund, done, cause);
                return Ok(());
            }
            Act::DisputeOpened { amount } => return self.open_dispute(now, id, amount, cause),
            Act::DisputeWon {} => return self.end_dispute(now, id, Status::DISPUTE_WON, cause),
            Act::DisputeLost {} => return self.end_dispute(now, id, Status::DISPUTE_LOST, cause),
            Act::ChargedBack {} => return self.end_dispute(now, id, Status::CHARGED_BACK, cause),
            Act::Status { status } => {
                if let Some(payment) = self.books.get_mut(id) {
                    payment.enter(Status(status));
                }
            }
        }
        self.notify(now, id, cause);
        Ok(())
    }

    /// The buyer has paid, at once or late.
    pub(super) fn succeed(&mut self, now: u64, id: u64) {
        let Some(payment) = self.books.get_mut(id) else { return };
        if payment.card.is_some() {
            self.pay_by_card(now, id);
        } else if payment.authorizes_only {
            self.authorize(now, id);
        } else {
            payment.pay();
        }
    }

    /// A payment of which nothing was taken ends.
    fn end(&mut self, now: u64, id: u64, status: Status, cause: &Request) -> Result<(), String> {
        let Some(payment) = self.books.get_mut(id) else {
            return Ok(());
        };
        if payment.paid > 0 {
            return Err(format!("{} were taken", payment.paid));
        }
        payment.enter(status);
        self.notify(now, id, cause);
        Ok(())
    }

    fn dashboard_parts(&self, id: u64, amount: Option<u64>, splits: Option<Vec<SplitPart>>) -> Result<Parts, String> {
        let Some(payment) = self.books.get(id) else {
            return Err("no such payment".to_owned());
        };
        match (amount, splits) {
            (None, None) => Ok(Parts::Whole),
            (Some(amount), None) if payment.splits.is_empty() && (1..=payment.amount).contains(&amount) => {
                Ok(Parts::Amount(amount))
            }
            (None, Some(parts)) => {
                let fits = |part: &SplitPart| {
                    let split = payment.split(part.id);
                    split.is_some_and(|split| (1..=split.amount).contains(&part.amount))
                };
                let parts_fit = !parts.is_empty() && parts.iter().all(fits);
                let parts: Vec<(u64, u64)> = parts.iter().map(|part| (part.id, part.amount)).collect();
                if parts_fit && sums_up(SplitSum::AtMost, &parts, Some(payment.amount)) {
                    Ok(Parts::Splits(parts))
                } else {
                    Err("splits: a part that does not fit".to_owned())
                }
            }
            _ => Err("amount: of a payment without splits, at most its amount".to_owned()),
        }
    }

    fn dashboard_refund(
        &mut self,
        now: u64,
        id: u64,
        amount: u64,
        split: Option<u64>,
        reference: Option<String>,
        cause: &Request,
    ) -> Result<(), String> {
        let Some(payment) = self.books.get(id) else {
            return Err("no such payment".to_owned());
        };
        if split.is_some_and(|split| payment.split(split).is_none()) {
            return Err("split: it is of another payment".to_owned());
        }
        let left = self.refundable(payment, split);
        if !(1..=left).contains(&amount) {
            return Err(format!("amount: at most {left}"));
        }
        let made_up = || format!("dashboard{}", payment.refunds.len() + 1);
        let reference = reference.unwrap_or_else(made_up);
        let asked = AskedRefund {
            reference: Some(Loose(reference.into())),
            ..AskedRefund::default()
        };
        let refund = self.enter_refund(now, id, split, &asked, amount, false);
        self.notify_refund(now, id, refund, cause);
        self.settle_refund_later(now, id, refund);
        Ok(())
    }
}
