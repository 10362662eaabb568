//! `POST …/refunds`: of a payment, or of one of its splits; and how a refund ends.

use super::{
    Acted, Core,
    capture::no,
    cards,
    create::read,
    exchange::{Request, Response},
    fields,
    payment::Payment,
    refund_document::RefundBody,
    refusal::{Refusal, Resource, SaidBack},
    stamp::MICROS_PER_SECOND,
    status::Status,
    switches::{RefundLimit, RefundedStatus},
    wire_in::{AskedRefund, RefundEnvelope},
};

/// Microseconds in a day.
const MICROS_PER_DAY: u64 = 24 * 3_600 * MICROS_PER_SECOND;
/// The refund type of a method that the documents do not describe: native.
const NATIVE: u8 = 1;
/// Code of a refund that goes too far, on both hosts.
const EXCEEDS: u16 = 2206;

/// A refund in the books.
#[derive(Debug)]
pub(crate) struct Refund {
    pub id: u64,
    /// Microseconds since 1970 UTC.
    pub created: u64,
    pub split: Option<u64>,
    pub reference: Box<str>,
    pub originator: Option<Box<str>>,
    /// Hundredths.
    pub amount: u64,
    pub description: Option<Box<str>>,
    /// How the money travels.
    pub type_id: u8,
    /// Who gives it back.
    pub site: u64,
    pub status: Status,
    pub reason: Option<u16>,
    /// It goes too far, and will fail.
    pub doomed: bool,
}

impl Core {
    /// Answers `POST /v1/payments/{id}/refunds` and `POST /v1/payments/{id}/splits/{split}/refunds`.
    pub(super) fn refund(&mut self, now: u64, id: &str, split: Option<&str>, request: &Request) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        let id = payment.id;
        let split = match split.map(|split| split.parse().ok().and_then(|split| payment.split(split))) {
            Some(None) => return super::not_found(),
            Some(Some(split)) => Some(split.id),
            None => None,
        };
        let asked = match read::<RefundEnvelope>(&request.body) {
            Ok(envelope) => envelope.refund.unwrap_or_default(),
            Err(acted) => return acted.with(id),
        };
        let (refusals, amount) = self.refuses_refund(now, payment, split, &asked);
        // A refund that goes too far, and nothing else, may be found out only later.
        let only_exceeds = refusals.iter().all(|refusal| refusal.code == EXCEEDS);
        let doomed = !refusals.is_empty() && only_exceeds && self.config.excess_refund_fails_later;
        let Some(amount) = amount.filter(|_| refusals.is_empty() || doomed) else {
            let said_back = SaidBack {
                reference: asked.reference.as_ref(),
                amount: asked.amount.as_ref(),
                currency: None,
            };
            return self.refuse(Resource::Refund, &refusals, said_back).with(id);
        };
        let refund = self.enter_refund(now, id, split, &asked, amount, doomed);
        self.begin_refund(now, id, refund, request);
        self.refund_response(201, id, refund)
    }

    /// Everything that is wrong with a refund, and its amount if that is one.
    fn refuses_refund(
        &self,
        now: u64,
        payment: &Payment,
        split: Option<u64>,
        asked: &AskedRefund,
    ) -> (Vec<Refusal>, Option<u64>) {
        let is_card = payment.card.is_some();
        let mut refusals = Vec::new();
        let mut refuse = |code, card_code, field| {
            refusals.push(no(payment, if is_card { card_code } else { code }, field));
        };
        let reference = asked.reference.as_ref().filter(|text| !text.as_str().is_empty());
        match reference {
            None => refuse(1, 2200, "Refund.MerchantTransactionID"),
            Some(text) if !self.config.accept_duplicate_refunds && self.books.has_refund_reference(text.as_str()) => {
                refuse(20, 20, "Refund.MerchantTransactionID");
            }
            Some(_) => {}
        }
        if asked
            .originator
            .as_ref()
            .is_some_and(|text| !fields::is_reference(text))
        {
            refuse(2, 2209, "Refund.OriginatorTransactionID");
        }
        let amount = asked.amount.as_ref().and_then(fields::amount);
        if amount.is_none() {
            let code = if asked.amount.is_some() { 118 } else { 1 };
            refuse(code, 2201, "Refund.Amount");
        }
        let method = payment.method.and_then(|method| self.config.methods.get(&method));
        if method.is_some_and(|method| method.requires_articles) && asked.articles.is_none() {
            refuse(128, 2, "Refund.Articles");
        }
        if split.is_none() && !payment.splits.is_empty() && !self.config.refund_payment_with_splits {
            refuse(18, 17, "Payment (has splits)");
        }
        let days = method.and_then(|method| method.refund_days);
        let is_late = |days| now > payment.created.saturating_add(u64::from(days) * MICROS_PER_DAY);
        if !payment.status.is_refundable() || days.is_some_and(is_late) {
            refuse(18, 17, "Payment (status)");
            return (refusals, amount);
        }
        let is_open = |refund: &Refund| refund.status == Status::OPEN && refund.split == split;
        if is_card && payment.refunds.iter().any(is_open) {
            refuse(2207, 2207, "Refund (another is open)");
        }
        let left = self.refundable(payment, split);
        if amount.is_some_and(|amount| amount > left) {
            refuse(EXCEEDS, EXCEEDS, "Refund.Amount");
        } else if amount.is_some_and(|amount| amount < left) && method.is_some_and(|method| !method.partial_refunds) {
            refuse(18, 2208, "Refund.Amount (in part)");
        }
        (refusals, amount)
    }

    /// What can still be refunded, refunds under way counted as done.
    pub(super) fn refundable(&self, payment: &Payment, split: Option<u64>) -> u64 {
        let left = |paid: u64, amount: u64, split: Option<u64>| {
            let limit = match self.config.refund_limit {
                RefundLimit::Captured => paid,
                RefundLimit::Amount => amount,
            };
            let mine = |refund: &&Refund| refund.status != Status::FAILED && (split.is_none() || refund.split == split);
            let gone = payment.refunds.iter().filter(mine);
            gone.fold(limit, |left, refund| left.saturating_sub(refund.amount))
        };
        let of_payment = left(payment.paid, payment.amount, None);
        match split.map(|id| payment.split(id)) {
            None => of_payment,
            Some(None) => 0,
            // No more than the payment has: it may have been refunded as a whole.
            Some(Some(of_split)) => left(of_split.paid, of_split.amount, split).min(of_payment),
        }
    }

    /// Enters an open refund and gives its number.
    pub(super) fn enter_refund(
        &mut self,
        now: u64,
        id: u64,
        split: Option<u64>,
        asked: &AskedRefund,
        amount: u64,
        doomed: bool,
    ) -> u64 {
        let refund = self.books.draw_refund();
        let Some(payment) = self.books.get(id) else {
            return refund;
        };
        let of_split = split.and_then(|split| payment.split(split));
        let method = payment.method.and_then(|method| self.config.methods.get(&method));
        let usual = method.and_then(|method| method.refund_types.first().copied());
        // Derived when the request has none, as in the documents' example.
        let base = of_split
            .and_then(|split| split.originator.as_ref().map(|text| text.as_str()))
            .or(payment.originator.as_deref());
        let before = payment.refunds.iter().filter(|refund| refund.split == split).count();
        let derived = base.map(|base| format!("{base}-refund{}", before + 1).into());
        let entered = Refund {
            id: refund,
            created: now,
            split,
            reference: asked.reference.as_ref().map(|text| text.0.clone()).unwrap_or_default(),
            originator: asked.originator.as_ref().map(|text| text.0.clone()).or(derived),
            amount,
            description: asked.description.as_ref().map(|text| text.0.clone()),
            type_id: usual.unwrap_or(NATIVE),
            site: of_split.map_or(payment.site, |split| split.site),
            status: Status::OPEN,
            reason: None,
            doomed,
        };
        self.books.insert_refund(id, entered);
        refund
    }

    /// Refunds of cards succeed at once, but for those that never do; others take their time.
    fn begin_refund(&mut self, now: u64, id: u64, refund: u64, cause: &Request) {
        let payment = self.books.get(id).filter(|payment| payment.card.is_some());
        match payment.map(cards::keeps_refunds_open) {
            Some(true) => {}
            Some(false) => self.settle_refund(now, id, refund, true, cause),
            None => self.settle_refund_later(now, id, refund),
        }
    }

    /// An open refund ends, and is notified.
    pub(super) fn settle_refund(&mut self, now: u64, id: u64, refund: u64, is_done: bool, cause: &Request) {
        let changes_status = match self.config.refunded_status {
            RefundedStatus::Never => false,
            RefundedStatus::Cards => self.books.get(id).is_some_and(|payment| payment.card.is_some()),
            RefundedStatus::Always => true,
        };
        let Some(payment) = self.books.get_mut(id) else { return };
        let Some(found) = payment.refunds.iter_mut().find(|it| it.id == refund) else {
            return;
        };
        let is_done = is_done && !found.doomed;
        found.status = if is_done { Status::SUCCESS } else { Status::FAILED };
        found.reason = (!is_done).then_some(if found.doomed { EXCEEDS } else { 18 });
        self.notify_refund(now, id, refund, cause);
        if is_done && changes_status {
            if let Some(payment) = self.books.get_mut(id) {
                payment.show_refunds();
            }
            self.notify(now, id, cause);
        }
    }

    /// The answer that shows a refund.
    pub(super) fn refund_response(&self, status: u16, id: u64, refund: u64) -> Acted {
        let shown = self.books.get(id).and_then(|payment| RefundBody::of(payment, refund));
        match shown {
            Some(body) => Acted::about(Response::json(status, &body), id),
            None => super::not_found(),
        }
    }
}

impl Payment {
    /// Succeeded refunds of the payment, or of one split.
    pub fn refunded(&self, split: Option<u64>) -> u64 {
        let mine = |refund: &&Refund| refund.status == Status::SUCCESS && (split.is_none() || refund.split == split);
        self.refunds.iter().filter(mine).map(|refund| refund.amount).sum()
    }

    /// The statuses that tell of refunds.
    fn show_refunds(&mut self) {
        let status = |refunded: u64, paid: u64| match refunded {
            0 => None,
            refunded if refunded >= paid => Some(Status::REFUNDED),
            _ => Some(Status::PARTIALLY_REFUNDED),
        };
        let of_splits: Vec<_> = self
            .splits
            .iter()
            .map(|split| status(self.refunded(Some(split.id)), split.paid))
            .collect();
        for (split, status) in self.splits.iter_mut().zip(of_splits) {
            split.status = status.unwrap_or(split.status);
        }
        self.status = status(self.refunded(None), self.paid).unwrap_or(self.status);
    }
}
