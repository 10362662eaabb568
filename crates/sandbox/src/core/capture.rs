//! `POST …/capture`: the whole, an amount, several splits, or one.

use super::{
    Acted, Core,
    alarms::Alarm,
    cards,
    create::{read, sums_up},
    document::Face,
    exchange::Request,
    fields,
    payment::{Parts, Payment},
    refusal::{Refusal, Resource, SaidBack},
    status::Status,
    switches::SplitSum,
    wire_in::{AskedPart, CaptureEnvelope},
};

/// What is asked for, and how.
struct Asked {
    parts: Parts,
    /// The answer shows this split alone.
    only_split: Option<u64>,
    /// The card host's way to announce more than one capture.
    more_to_come: bool,
}

impl Core {
    /// Answers `POST /v1/payments/{id}/capture`.
    pub(super) fn capture(&mut self, now: u64, id: &str, request: &Request) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        let id = payment.id;
        let envelope = match read::<CaptureEnvelope>(&request.body) {
            Ok(envelope) => envelope,
            Err(acted) => return acted.with(id),
        };
        let asked = envelope.payment.unwrap_or_default();
        let count = envelope
            .total_capture_count
            .as_ref()
            .or(asked.total_capture_count.as_ref());
        let count = count.and_then(fields::number).unwrap_or(1);
        let listed = asked.splits.or(asked.split.map(|split| vec![split]));
        let captured = u64::try_from(payment.captures.len()).unwrap_or(u64::MAX);
        let more_to_come = payment.card.is_some() && count > captured;
        let parts = match (listed, amount_of(&request.query)) {
            (Some(listed), _) => self.listed_parts(payment, &listed),
            (None, Some(text)) => unsplit_part(payment, &text),
            (None, None) => Ok(Parts::Whole),
        };
        let asked = parts.map(|parts| Asked {
            parts,
            only_split: None,
            more_to_come,
        });
        self.try_capture(now, id, request, asked)
    }

    /// Answers `POST /v1/payments/{id}/splits/{split}/capture?amount=…`.
    pub(super) fn capture_split(&mut self, now: u64, id: &str, split: &str, request: &Request) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        let Some(split) = split.parse().ok().and_then(|split| payment.split(split)) else {
            return super::not_found();
        };
        let (id, split_id) = (payment.id, split.id);
        let amount = match amount_of(&request.query) {
            None => Err(no(payment, 1, "amount")),
            Some(text) => within(payment, &text, split.amount),
        };
        let asked = amount.map(|amount| Asked {
            parts: Parts::Splits(vec![(split_id, amount)]),
            only_split: Some(split_id),
            more_to_come: false,
        });
        self.try_capture(now, id, request, asked)
    }

    fn try_capture(&mut self, now: u64, id: u64, request: &Request, asked: Result<Asked, Refusal>) -> Acted {
        let Some(payment) = self.books.get(id) else {
            return super::not_found();
        };
        let timed_out = if payment.card.is_some() { 18 } else { 157 };
        let refusal = match &asked {
            _ if !payment.status.is_capturable() => Some(no(payment, 17, "Payment (status)")),
            Ok(asked) if !self.is_capturable(payment, asked) => Some(no(payment, 17, "Payment (captured)")),
            Ok(_) if self.provider_times_out => Some(no(payment, timed_out, "provider")),
            Ok(_) => None,
            Err(refusal) => Some(*refusal),
        };
        let (Ok(asked), None) = (asked, refusal) else {
            let refusals: Vec<Refusal> = refusal.into_iter().collect();
            return self.refuse(Resource::Payment, &refusals, SaidBack::default()).with(id);
        };
        let (status, reason) = self.capture_status(payment);
        self.capture_as(now, id, &asked.parts, status, reason);
        if !status.is_capturing() {
            self.notify(now, id, request);
        }
        let code = self.recorded_as(status, 200);
        let response = self.show_payment(code, id, |face| Face {
            only_split: asked.only_split,
            ..face
        });
        Acted::about(response, id)
    }

    /// How asking for a capture ends.
    pub(super) fn capture_status(&self, payment: &Payment) -> (Status, Option<u16>) {
        if payment.card.is_some() {
            return cards::capture_outcome(payment);
        }
        let method = payment.method.and_then(|method| self.config.methods.get(&method));
        if method.is_some_and(|method| method.capture_is_requested) {
            (Status::CAPTURE_REQUESTED, None)
        } else {
            (Status::SUCCESS, None)
        }
    }

    /// One capture per payment, unless it is told otherwise: then of splits that are still authorized.
    fn is_capturable(&self, payment: &Payment, asked: &Asked) -> bool {
        if payment.status == Status::AUTHORIZED {
            return true;
        }
        let Parts::Splits(parts) = &asked.parts else {
            return false;
        };
        let authorized = |id: u64| {
            payment
                .split(id)
                .is_some_and(|split| split.status == Status::AUTHORIZED)
        };
        (self.config.accept_second_capture || asked.more_to_come) && parts.iter().all(|(id, _)| authorized(*id))
    }

    fn listed_parts(&self, payment: &Payment, listed: &[AskedPart]) -> Result<Parts, Refusal> {
        if listed.is_empty() {
            return Err(no(payment, 1, "Payment.Splits"));
        }
        let mut parts: Vec<(u64, u64)> = Vec::with_capacity(listed.len());
        for asked in listed {
            let id = asked.id.as_ref().and_then(fields::number);
            let split = id.and_then(|id| payment.split(id));
            let split = split.ok_or(no(payment, 2, "Payment.Splits.ID"))?;
            if parts.iter().any(|(id, _)| *id == split.id) {
                return Err(no(payment, 2, "Payment.Splits.ID (twice)"));
            }
            let text = asked.amount.as_ref().map(|text| text.as_str());
            let text = text.ok_or(no(payment, 1, "Payment.Splits.Amount"))?;
            parts.push((split.id, within(payment, text, split.amount)?));
        }
        if self.config.capture_lists_all && parts.len() < payment.splits.len() {
            return Err(no(payment, 2, "Payment.Splits (not all)"));
        }
        let left = payment.amount.saturating_sub(payment.paid);
        if !sums_up(SplitSum::AtMost, &parts, Some(left)) {
            return Err(exceeds(payment));
        }
        Ok(Parts::Splits(parts))
    }

    /// A capture or a cancel that was only asked for ends.
    pub(super) fn settle(&mut self, now: u64, id: u64, is_done: bool, cause: &Request) {
        let whole_parts = self.config.whole_parts_are_whole;
        let Some(payment) = self.books.get_mut(id) else { return };
        let asked = payment.asked_for();
        let outcome = if is_done { payment.done() } else { Status::FAILED };
        let under_way = payment.captures.iter_mut().filter(|it| it.status.is_capturing());
        under_way.for_each(|capture| capture.status = outcome);
        match asked {
            Some(parts) if is_done => payment.take(&parts, whole_parts),
            None if is_done && payment.status.is_cancelling() => payment.enter(Status::CANCELLED),
            _ if payment.status.is_capturing() || payment.status.is_cancelling() => {
                payment.take_back();
                // What should have lapsed meanwhile lapses now.
                if payment.lapses.is_some_and(|at| at <= now) {
                    payment.lapses = Some(now);
                    self.alarms.set(now, Alarm::Lapses(id));
                }
            }
            _ => return,
        }
        self.notify(now, id, cause);
    }
}

/// The query's `amount`.
fn amount_of(query: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let (_, amount) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("amount"))?;
    Some(amount.into_owned())
}

fn unsplit_part(payment: &Payment, text: &str) -> Result<Parts, Refusal> {
    if !payment.splits.is_empty() {
        return Err(no(payment, 2, "amount (the payment has splits)"));
    }
    within(payment, text, payment.amount).map(Parts::Amount)
}

/// An amount that is one, and not more than was authorized.
fn within(payment: &Payment, text: &str, at_most: u64) -> Result<u64, Refusal> {
    let wrong = no(payment, if payment.card.is_some() { 1012 } else { 118 }, "amount");
    let amount = fields::amount(&super::wire_in::Loose(text.into())).ok_or(wrong)?;
    if amount > at_most {
        Err(exceeds(payment))
    } else {
        Ok(amount)
    }
}

fn exceeds(payment: &Payment) -> Refusal {
    no(
        payment,
        if payment.card.is_some() { 1013 } else { 118 },
        "amount (more than authorized)",
    )
}

/// A refusal in the numbering of the payment's host.
pub(crate) fn no(payment: &Payment, code: u16, field: &'static str) -> Refusal {
    match payment.card {
        // The card host has no code 1 for a field that is missing.
        Some(_) => Refusal::of_cards(if code == 1 { 2 } else { code }, field),
        None => Refusal::new(code, field),
    }
}
