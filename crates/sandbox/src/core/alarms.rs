//! What the clock brings: open payments expire, authorizations lapse, what was only asked for is settled.

use super::{
    Core,
    exchange::Request,
    payment::Payment,
    status::Status,
    switches::{CancelOpen, SettlesAs},
};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Microseconds in a millisecond.
const MICROS_PER_MS: u64 = 1_000;
/// Microseconds in a day.
const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;

/// Something that happens by itself, unless the payment has moved on meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// The buyer's time runs out.
    Expires(u64),
    /// The authorization ends.
    Lapses(u64),
    /// A capture or cancel that was only asked for is settled.
    Settles(u64),
    /// A refund is settled.
    RefundSettles(u64, u64),
}

/// The alarms, soonest first.
#[derive(Debug, Default)]
pub(crate) struct Alarms(BinaryHeap<Reverse<(u64, Alarm)>>);

impl Alarms {
    /// Sets an alarm for `due` (microseconds).
    pub fn set(&mut self, due: u64, alarm: Alarm) {
        self.0.push(Reverse((due, alarm)));
    }

    /// When the next alarm is due. What it is about may have been settled meanwhile.
    pub fn next_due(&self) -> Option<u64> {
        self.0.peek().map(|Reverse((due, _))| *due)
    }
}

impl Core {
    /// Does what the clock has brought, in the order of time.
    pub(super) fn advance(&mut self, now: u64) {
        loop {
            self.forget_stale_alarms();
            let late = self.late.first_key_value().map(|((due, _), _)| *due);
            let alarm = self.alarms.next_due();
            let soonest = late.into_iter().chain(alarm).min().filter(|due| *due <= now);
            let Some(due) = soonest else { return };
            if late == Some(due) {
                if let Some((_, request)) = self.late.pop_first() {
                    let acted = self.act(due, &request);
                    self.keep(due, request, Some(acted), None, true);
                }
            } else if let Some(Reverse((_, alarm))) = self.alarms.0.pop() {
                self.ring(due, alarm);
            }
        }
    }

    /// Whose payment has moved on wakes nobody.
    fn forget_stale_alarms(&mut self) {
        while let Some(Reverse((due, alarm))) = self.alarms.0.peek().copied() {
            if self.still_matters(due, alarm) {
                return;
            }
            self.alarms.0.pop();
        }
    }

    fn still_matters(&self, due: u64, alarm: Alarm) -> bool {
        let so = |id: u64, so: &dyn Fn(&Payment) -> bool| self.books.get(id).is_some_and(so);
        match alarm {
            Alarm::Expires(id) => so(id, &|payment| payment.status == Status::OPEN),
            Alarm::Lapses(id) => so(id, &|payment| {
                let is_left = payment.status == Status::AUTHORIZED
                    || payment.splits.iter().any(|split| split.status == Status::AUTHORIZED);
                is_left && payment.lapses == Some(due)
            }),
            Alarm::Settles(id) => so(id, &|payment| {
                payment.status.is_capturing() || payment.status.is_cancelling()
            }),
            Alarm::RefundSettles(id, refund) => so(id, &|payment| {
                let mut refunds = payment.refunds.iter();
                refunds.any(|it| it.id == refund && it.status == Status::OPEN)
            }),
        }
    }

    fn ring(&mut self, due: u64, alarm: Alarm) {
        match alarm {
            Alarm::Expires(id) => {
                if let Some(payment) = self.books.get_mut(id) {
                    payment.enter(Status::EXPIRED);
                }
                self.notify(due, id, &Request::new("CLOCK", "/expired"));
            }
            Alarm::Lapses(id) => self.lapse(due, id, &Request::new("CLOCK", "/lapsed")),
            Alarm::Settles(id) => {
                let is_done = self.config.capture_settles_as == SettlesAs::Success;
                self.settle(due, id, is_done, &Request::new("CLOCK", "/settled"));
            }
            Alarm::RefundSettles(id, refund) => {
                let is_done = self.config.refund_settles_as == SettlesAs::Success;
                self.settle_refund(due, id, refund, is_done, &Request::new("CLOCK", "/refunded"));
            }
        }
    }

    /// The provider has promised the money; the promise ends after the method's days.
    pub(super) fn authorize(&mut self, now: u64, id: u64) {
        let Some(payment) = self.books.get_mut(id) else { return };
        payment.enter(Status::AUTHORIZED);
        let method = payment.method.and_then(|method| self.config.methods.get(&method));
        let days = method.map_or(super::methods::AUTHORIZATION_DAYS, |method| method.authorization_days);
        let lapses = now.saturating_add(u64::from(days).saturating_mul(MICROS_PER_DAY));
        payment.lapses = Some(lapses);
        self.alarms.set(lapses, Alarm::Lapses(id));
    }

    /// An authorization ends, or what a partial capture left of it.
    pub(super) fn lapse(&mut self, now: u64, id: u64, cause: &Request) {
        let status = self.config.lapsed_status;
        let Some(payment) = self.books.get_mut(id) else { return };
        payment.lapses = None;
        if payment.status == Status::AUTHORIZED {
            payment.enter(status);
        } else if self.config.lapse_releases_splits {
            let left = payment.splits.iter_mut().filter(|it| it.status == Status::AUTHORIZED);
            left.for_each(|split| split.status = status);
        } else {
            return;
        }
        self.notify(now, id, cause);
    }

    /// Sets the alarm that settles a capture or a cancel, unless nothing does.
    pub(super) fn settle_later(&mut self, now: u64, id: u64) {
        if self.config.capture_settles_as != SettlesAs::Never {
            let wait = self.config.capture_settles_after_ms.saturating_mul(MICROS_PER_MS);
            self.alarms.set(now.saturating_add(wait), Alarm::Settles(id));
        }
    }

    /// Sets the alarm that settles a refund, unless nothing does.
    pub(super) fn settle_refund_later(&mut self, now: u64, id: u64, refund: u64) {
        if self.config.refund_settles_as != SettlesAs::Never {
            let wait = self.config.refund_settles_after_ms.saturating_mul(MICROS_PER_MS);
            self.alarms
                .set(now.saturating_add(wait), Alarm::RefundSettles(id, refund));
        }
    }

    /// Whether the merchant may still cancel a payment that nobody has paid.
    pub(super) fn may_cancel_open(&self, payment: &Payment) -> bool {
        let method = payment.method.and_then(|method| self.config.methods.get(&method));
        let is_offline = method.is_some_and(|method| method.offline);
        match self.config.cancel_open {
            CancelOpen::UnlessVisited => !payment.visited && !is_offline,
            CancelOpen::Always => true,
            CancelOpen::Never => false,
        }
    }
}
