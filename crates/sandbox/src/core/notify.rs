//! Notifications: made when a payment changes, taken when they are due, settled when they are answered.

use super::{
    Core,
    disputes::DisputeBody,
    document::{Distortion, Document, Face, Moment, PaymentBody},
    exchange::Request,
    fault::{Effect, Stage},
    outbox::{Credentials, Delivery},
    refund_document::RefundBody,
    seen::SeenDelivery,
    stamp::MICROS_PER_SECOND,
    status::Status,
};
use std::sync::Arc;

impl Core {
    /// Does what has fallen due, and takes at most `at_most` notifications whose time has come.
    pub fn take_due(&mut self, now_micros: u64, at_most: usize) -> Vec<Delivery> {
        let now = now_micros.saturating_add(self.clock_offset_micros);
        self.advance(now);
        self.outbox.take_due(now, at_most, &self.config)
    }

    /// Learns what came of a delivery: the HTTP status, or `None` if there was no answer. Anything but 204 is tried again.
    pub fn delivered(&mut self, now_micros: u64, delivery: u64, status: Option<u16>) {
        let now = now_micros.saturating_add(self.clock_offset_micros);
        let payment = self.outbox.payment_of(delivery);
        let seen = SeenDelivery {
            notification: delivery,
            payment,
            at_micros: now,
            status,
        };
        self.deliveries.push(seen, self.config.requests_kept);
        let acknowledged = self.outbox.delivered(now, delivery, status, &self.config);
        if let Some(payment) = acknowledged.and_then(|id| self.books.get_mut(id)) {
            payment.notified.get_or_insert(now);
        }
    }

    /// Queues the notification of a payment's new state, as the faults allow.
    pub(super) fn notify(&mut self, now: u64, id: u64, cause: &Request) {
        self.queue(now, id, cause, |core| core.document(id, |face| face));
    }

    /// Queues the notification of a refund's new state.
    pub(super) fn notify_refund(&mut self, now: u64, id: u64, refund: u64, cause: &Request) {
        self.queue(now, id, cause, |core| {
            let body = RefundBody::of(core.books.get(id)?, refund)?;
            let omits = core.config.refund_notification_omits_split;
            serde_json::to_vec(&if omits { body.without_split() } else { body }).ok()
        });
    }

    /// Queues the notification of a dispute's new state.
    pub(super) fn notify_dispute(&mut self, now: u64, id: u64, cause: &Request) {
        self.queue(now, id, cause, |core| {
            let body = DisputeBody::of(core.books.get(id)?)?;
            serde_json::to_vec(&body).ok()
        });
    }

    fn queue(&mut self, now: u64, id: u64, cause: &Request, write: impl FnOnce(&Self) -> Option<Vec<u8>>) {
        if self.quiet {
            return;
        }
        if self.config.notification_url.is_none() {
            self.outbox.counts.without_url += 1;
            return;
        }
        let Some(body) = write(self) else { return };
        let (copies, wait_ms) = match self.faults.strike(Stage::Notification, cause, &mut self.rng) {
            Some(Effect::DropNotification {}) => {
                self.outbox.counts.dropped += 1;
                return;
            }
            Some(Effect::DuplicateNotification { copies }) => (u16::from(copies) + 1, 0),
            Some(Effect::ReorderNotifications { ms }) => (1, ms),
            _ => (1, 0),
        };
        let due = now.saturating_add(wait_ms.saturating_mul(1_000));
        let body: Arc<[u8]> = body.into();
        for _ in 0..copies {
            self.outbox.push(due, Some(id), Arc::clone(&body), Credentials::Right);
        }
    }

    /// Queues the notification that a forger makes up about a payment.
    pub(super) fn forge_about(&mut self, now: u64, id: u64, cause: &Request) {
        let Some(Effect::ForgeNotification {
            status,
            credentials,
            contradictory,
        }) = self.faults.strike(Stage::Forgery, cause, &mut self.rng)
        else {
            return;
        };
        let reference = format!("test{}", now / MICROS_PER_SECOND);
        let second = self
            .books
            .get(id)
            .and_then(|payment| payment.splits.get(1).or(payment.splits.first()));
        let amount = second.map(|split| split.amount.saturating_add(3));
        let body = self.document(id, |face| Face {
            status: Some(Status(status)),
            reference: contradictory.then_some(reference.as_str()),
            distortion: if contradictory {
                Some(Distortion {
                    split: 1,
                    amount,
                    captured: None,
                })
            } else {
                face.distortion
            },
            ..face
        });
        if let Some(body) = body {
            self.outbox.push(now, None, body.into(), credentials);
        }
    }

    /// A payment's notification with a face of the caller's choice.
    fn document<'a>(&'a self, id: u64, face: impl FnOnce(Face<'a>) -> Face<'a>) -> Option<Vec<u8>> {
        let payment = self.books.get(id)?;
        let payment = Document::new(payment, &face(self.face(id, Moment::Notification)));
        serde_json::to_vec(&PaymentBody { payment }).ok()
    }
}
