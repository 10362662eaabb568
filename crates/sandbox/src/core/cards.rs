//! Payments of the card host: made by card, by kept card, or on the pay page; their outcome is chosen by the amount.

use super::{
    Acted, Core,
    card_in::{self, Instrument},
    document::Moment,
    exchange::Request,
    payment::{Capture, Parts, Payment},
    refusal::{Refusal, Resource, SaidBack},
    status::Status,
    wallet::{Card, Token},
    wire_in::AskedPayment,
};

/// Amounts in hundredths that choose the outcome, as the documents list them.
mod amounts {
    pub const DECLINED: u64 = 10_001;
    pub const QUEUED_FOR_CAPTURING: u64 = 10_002;
    pub const CAPTURE_REQUESTED: u64 = 10_003;
    pub const REFUND_STAYS_OPEN: u64 = 10_004;
    pub const TOO_LATE_TO_CAPTURE: u64 = 10_005;
    pub const QUEUED_FOR_CANCELING: u64 = 10_006;
}

/// A customer with this e-mail is challenged by the fraud check.
const CHALLENGED_EMAIL: &str = "challenge@challenge.com";

/// What only payments of the card host have.
#[derive(Debug)]
pub(crate) struct CardPart {
    /// What the buyer pays with; `None` until they have typed it in.
    pub card: Option<Card>,
    /// The kept card it was paid with, or kept as.
    pub token: Option<Token>,
    /// Whether the card is to be kept.
    pub generate: bool,
    pub three_d_secure: bool,
    /// The buyer is sent to the pay page: to type the card in, or to their bank.
    pub redirects: bool,
    pub statement_descriptor: Option<Box<str>>,
}

/// Whether a request to create a payment is one that only the card host understands. Both hosts are one here.
pub(crate) fn is_for_cards(asked: &AskedPayment) -> bool {
    match &asked.method {
        Some(method) => method.as_str() == "6",
        None => {
            asked.card.is_some()
                || asked.token.is_some()
                || asked.capture.is_some()
                || asked.generate_token.is_some()
                || asked.three_d_secure.is_some()
                || asked.payment_token_lifetime.is_some()
                || asked.statement_descriptor.is_some()
        }
    }
}

/// How asking for a capture of this payment ends.
pub(crate) fn capture_outcome(payment: &Payment) -> (Status, Option<u16>) {
    match payment.amount {
        amounts::QUEUED_FOR_CAPTURING => (Status::QUEUED_FOR_CAPTURING, Some(5288)),
        amounts::CAPTURE_REQUESTED => (Status::CAPTURE_REQUESTED, None),
        amounts::TOO_LATE_TO_CAPTURE => (Status::FAILED, Some(104)),
        _ => (Status::CAPTURED, None),
    }
}

/// Whether a cancel of this payment is only queued.
pub(crate) fn queues_cancel(payment: &Payment) -> bool {
    payment.card.is_some() && payment.amount == amounts::QUEUED_FOR_CANCELING
}

/// Whether refunds of this payment stay open.
pub(crate) fn keeps_refunds_open(payment: &Payment) -> bool {
    payment.amount == amounts::REFUND_STAYS_OPEN
}

impl Core {
    /// Answers `POST /v1/payments` of the card host.
    pub(super) fn create_card(&mut self, now: u64, mut asked: AskedPayment, cause: &Request) -> Acted {
        let mut refusals = Vec::new();
        let checked = card_in::check(&asked, &self.config, &mut refusals);
        let instrument = card_in::instrument(now, &asked, &self.wallet, &mut refusals);
        if refusals.is_empty() && self.is_taken(&asked) {
            refusals.push(Refusal::of_cards(20, "Payment.MerchantTransactionID"));
        }
        let Some(checked) = checked.filter(|_| refusals.is_empty()) else {
            return self.refuse_payment(&asked, &refusals);
        };
        let email = asked.customer.as_ref().and_then(|customer| customer.email.as_ref());
        let challenged = email.is_some_and(|email| email.as_str() == CHALLENGED_EMAIL);
        let three_d_secure = asked.three_d_secure == Some(true) || self.config.cards_always_3d_secure;
        let redirects = !challenged && (three_d_secure || instrument.is_none());
        let (card, token) = instrument.map(|Instrument { card, token }| (card, token)).unzip();
        let part = CardPart {
            card,
            token: token.flatten(),
            generate: asked.generate_token == Some(true),
            three_d_secure,
            redirects,
            statement_descriptor: asked.statement_descriptor.take().map(|text| text.0),
        };
        let id = self.enter(now, asked, checked, Some(part));
        if challenged {
            if let Some(payment) = self.books.get_mut(id) {
                payment.enter(Status::CHALLENGED);
                payment.reason = Some(117);
            }
        } else if !redirects {
            self.pay_by_card(now, id);
        }
        let status = self.books.get(id).map_or(Status::OPEN, |payment| payment.status);
        // What is only on its way is notified when it has arrived.
        if status != Status::OPEN && !status.is_capturing() {
            self.notify(now, id, cause);
        }
        let code = self.recorded_as(status, 201);
        Acted::about(self.payment_response(code, id, Moment::Created), id)
    }

    /// The card is charged, or the amount reserved on it.
    pub(super) fn pay_by_card(&mut self, now: u64, id: u64) {
        let Some(payment) = self.books.get_mut(id) else { return };
        if payment.amount == amounts::DECLINED {
            payment.enter(Status::FAILED);
            payment.reason = Some(13);
            return;
        }
        if payment.authorizes_only {
            self.authorize(now, id);
        } else {
            let (status, reason) = capture_outcome(payment);
            self.capture_as(now, id, &Parts::Whole, status, reason);
        }
        self.keep_card(id);
    }

    /// The HTTP status of an answer about a payment that has ended so, `ok` unless it was declined.
    pub(super) fn recorded_as(&self, status: Status, ok: u16) -> u16 {
        match self.config.card_decline_status {
            201 => ok,
            declined if status == Status::FAILED => declined,
            _ => ok,
        }
    }

    /// Keeps the card of a payment that asked for it and did not fail.
    fn keep_card(&mut self, id: u64) {
        let Some(payment) = self.books.get_mut(id) else { return };
        let failed = payment.status == Status::FAILED;
        let Some(part) = payment.card.as_mut().filter(|_| !failed) else {
            return;
        };
        let card = part.card.get_or_insert_with(typed_in);
        if part.generate && part.token.is_none() {
            part.token = Some(self.wallet.keep(card.clone(), &mut self.rng));
        }
    }

    /// A capture that ends, or goes on, in this status.
    pub(super) fn capture_as(&mut self, now: u64, id: u64, parts: &Parts, status: Status, reason: Option<u16>) {
        self.record_captures(now, id, parts, status);
        let whole_parts = self.config.whole_parts_are_whole;
        let Some(payment) = self.books.get_mut(id) else { return };
        if status.is_capturing() {
            payment.ask_for(parts, status, reason);
            self.settle_later(now, id);
        } else if status == Status::FAILED {
            payment.enter(status);
            payment.reason = reason;
        } else {
            payment.take(parts, whole_parts);
        }
    }

    fn record_captures(&mut self, now: u64, id: u64, parts: &Parts, status: Status) {
        let Some(whole) = self.books.get(id).map(|payment| payment.amount) else {
            return;
        };
        let asked: Vec<(Option<u64>, u64)> = match parts {
            Parts::Whole => vec![(None, whole)],
            Parts::Amount(amount) => vec![(None, *amount)],
            Parts::Splits(parts) => parts.iter().map(|(id, amount)| (Some(*id), *amount)).collect(),
        };
        for (split, amount) in asked {
            let capture = Capture {
                id: self.books.draw_capture(),
                created: now,
                split,
                amount,
                is_whole: *parts == Parts::Whole,
                status,
            };
            if let Some(payment) = self.books.get_mut(id) {
                payment.captures.push(capture);
            }
        }
    }

    /// Answers `POST /v1/payments/{id}/challenge/accept` and `…/reject`.
    pub(super) fn decide_challenge(&mut self, now: u64, id: &str, accepts: bool, cause: &Request) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        let id = payment.id;
        if payment.status != Status::CHALLENGED {
            let refusals = [Refusal::of_cards(17, "Payment (not challenged)")];
            return self.refuse(Resource::Payment, &refusals, SaidBack::default()).with(id);
        }
        if accepts {
            self.pay_by_card(now, id);
        } else if let Some(payment) = self.books.get_mut(id) {
            payment.enter(Status::CANCELLED);
            payment.reason = Some(118);
        }
        self.notify(now, id, cause);
        let code = if accepts { 200 } else { 400 };
        Acted::about(self.payment_response(code, id, Moment::Later), id)
    }
}

/// What a buyer of the sandbox types in on the pay page.
fn typed_in() -> Card {
    Card {
        holder: "John Doe".into(),
        last4: "1111".into(),
        month: 12,
        year: 2099,
    }
}
