//! `POST /v1/payments/{id}/cancel`.

use super::{
    Acted, Core,
    capture::no,
    cards,
    document::Moment,
    exchange::Request,
    payment::Payment,
    refusal::{Resource, SaidBack},
    status::Status,
};

impl Core {
    /// Answers `POST /v1/payments/{id}/cancel`.
    pub(super) fn cancel(&mut self, now: u64, id: &str, request: &Request) -> Acted {
        let Some(payment) = self.known(id) else {
            return super::not_found();
        };
        let id = payment.id;
        let code = self.refuses_cancel(payment);
        if let Some(code) = code {
            let refusal = no(payment, code, "Payment (status)");
            return self.refuse(Resource::Payment, &[refusal], SaidBack::default()).with(id);
        }
        let queued = cards::queues_cancel(payment) && payment.status == Status::AUTHORIZED;
        if let Some(payment) = self.books.get_mut(id) {
            payment.enter(if queued {
                Status::QUEUED_FOR_CANCELING
            } else {
                Status::CANCELLED
            });
        }
        if queued {
            self.settle_later(now, id);
        } else {
            self.notify(now, id, request);
        }
        Acted::about(self.payment_response(200, id, Moment::Later), id)
    }

    /// Why a payment cannot be cancelled: 17 for one that has ended, 122 while others are at it.
    fn refuses_cancel(&self, payment: &Payment) -> Option<u16> {
        let is_card = payment.card.is_some();
        let unable = if is_card { 17 } else { 122 };
        match payment.status {
            status if status.is_final() => Some(17),
            Status::AUTHORIZED if self.provider_times_out => Some(if is_card { 18 } else { 122 }),
            Status::AUTHORIZED => None,
            Status::OPEN if self.may_cancel_open(payment) => None,
            _ => Some(unable),
        }
    }
}
