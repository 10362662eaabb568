//! `POST /v1/payments/{id}/splits`: splits that come after the payment take its status.

use super::{
    Acted, Core,
    capture::no,
    create::{self, read, sums_up},
    document::{Moment, SplitsBody},
    exchange::Response,
    payment::Payment,
    refusal::{Refusal, Resource, SaidBack},
    switches::AddSplits,
    wire_in::SplitsEnvelope,
};

impl Core {
    /// Answers `POST /v1/payments/{id}/splits`.
    pub(super) fn add_splits(&mut self, now: u64, id: &str, body: &[u8]) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        let id = payment.id;
        let asked = match read::<SplitsEnvelope>(body) {
            Ok(envelope) => envelope.splits.unwrap_or_default(),
            Err(acted) => return acted.with(id),
        };
        let mut refusals = Vec::new();
        let passed = create::splits(&asked, &self.config, &mut |code, field| {
            refusals.push(Refusal::new(code, field))
        });
        if asked.is_empty() {
            refusals.push(no(payment, 1, "Splits"));
        }
        refusals.extend(self.refuses_splits(payment, &passed));
        if !refusals.is_empty() {
            return self.refuse(Resource::Payment, &refusals, SaidBack::default()).with(id);
        }
        let (first, status, whole) = (payment.splits.len(), payment.status, payment.paid >= payment.amount);
        let mut added = self.open_splits(now, &passed, asked);
        for split in &mut added {
            split.status = status;
            split.paid = if whole { split.amount } else { 0 };
        }
        if let Some(payment) = self.books.get_mut(id) {
            payment.splits.extend(added);
        }
        let Some(payment) = self.books.get(id) else {
            return super::not_found();
        };
        let body = SplitsBody::new(payment, first, &self.face(id, Moment::Later));
        Acted::about(Response::json(201, &body), id)
    }

    fn refuses_splits(&self, payment: &Payment, passed: &[(u64, u64)]) -> Option<Refusal> {
        if !payment.refunds.is_empty() {
            return Some(no(payment, 17, "Payment (refunded)"));
        }
        let is_closed = match self.config.add_splits {
            AddSplits::Always => false,
            AddSplits::Once => !payment.splits.is_empty(),
            AddSplits::Paid => payment.status != payment.done(),
        };
        if is_closed {
            return Some(no(payment, 17, "Payment (splits are closed)"));
        }
        let present = payment.splits.iter().map(|split| (split.site, split.amount));
        let all: Vec<(u64, u64)> = present.chain(passed.iter().copied()).collect();
        let fits = sums_up(self.config.split_sum, &all, Some(payment.amount));
        (!fits).then(|| no(payment, 118, "Splits.Amount"))
    }
}
