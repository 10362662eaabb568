//! What the gateway shows of refunds: ours, and those that somebody made there.

use super::refunds::Moment;
use super::{Learning, Lesson, Payment};
use crate::discrepancy::{Discrepancy, DiscrepancyKind as Kind, DiscrepancyState};
use crate::finding::GatewayRefusal;
use crate::ledger::Cause;
use crate::money::{Amount, Money};
use crate::operation::{Operation, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::refund::{Part, PartState, Refund};
use crate::returns::Funds;
use crate::sight::{RefundSight, RefundStanding};
use crate::split::Split;
use crate::spread::spread;

/// Which part of which refund a sight is of.
pub(super) struct Place {
    pub refund: u16,
    pub split: u16,
    pub operation: Option<u16>,
}

impl Payment {
    /// Whether the gateway is to be asked about refunds, too, when it is asked about the payment.
    #[must_use]
    pub fn asks_for_refunds(&self) -> bool {
        let waits = |one: &Operation| matches!(one.work, Work::Refund { .. }) && one.is_open();
        let open = self
            .refunds
            .iter()
            .flat_map(|refund| &refund.parts)
            .any(|part| !part.state.is_over());
        // Partly refunded, and refunded: by whom?
        let says_so = self.seen.as_ref().is_some_and(|seen| matches!(seen.status.id, 21 | 22));
        let differs = |one: &Discrepancy| one.kind == Kind::RefundDiffers && one.state == DiscrepancyState::Open;
        let wished = |one: &Operation| one.work.is_wish() && one.is_open();
        let asked = open
            || says_so
            || self.operations.iter().any(|one| waits(one) || wished(one))
            || self.discrepancies.iter().any(differs);
        asked && !planted(Defect::RefundsNotListed)
    }

    /// Every refund that the gateway has of the payment. Ours that is not among them is not there, yet.
    pub(super) fn learn_refunds(&mut self, shown: &[RefundSight], learning: &Learning<'_>, lesson: &mut Lesson) {
        for one in shown {
            self.learn_refund(one, None, learning, lesson);
        }
        let missing = |one: &&Operation| {
            let listed = shown
                .iter()
                .any(|sight| sight.reference.as_ref() == Some(&one.reference));
            matches!(one.work, Work::Refund { .. }) && one.is_open() && one.attempt.is_some() && !listed
        };
        let missing: Vec<u16> = self.operations.iter().filter(missing).map(|one| one.number).collect();
        for number in missing {
            self.absent(number, learning, lesson);
        }
        if shown.iter().all(|one| self.books_refund(one)) {
            let agreed = "the gateway's later list of refunds is what our books say".to_owned();
            let note = self.consent().map_or(agreed, |(_, note)| note);
            self.close(&[Kind::RefundDiffers], &note, learning.now);
        }
    }

    /// Whether our books have exactly this refund, in the state in which it is shown.
    pub(super) fn books_refund(&self, shown: &RefundSight) -> bool {
        let parts = self.refunds.iter().flat_map(|refund| &refund.parts);
        let parts: Vec<&Part> = parts.filter(|part| part.gateway_id == Some(shown.id)).collect();
        let all = |state: PartState| parts.iter().all(|part| part.state == state);
        let same = Self::total(parts.iter().map(|part| part.amount)) == shown.amount;
        let currency = shown.currency == self.sale.cart.currency();
        match shown.standing {
            RefundStanding::Open => all(PartState::Open) && same && currency,
            RefundStanding::Done => all(PartState::Succeeded) && same && currency,
            RefundStanding::Failed => parts
                .iter()
                .all(|part| matches!(part.state, PartState::Failed | PartState::Abandoned)),
            RefundStanding::Unknown => false,
        }
    }

    /// One refund: the answer to this operation, or one of a list.
    pub(super) fn learn_refund(
        &mut self,
        shown: &RefundSight,
        answered: Option<u16>,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        let mut places = self.places_of(shown, answered);
        if answered.is_some() && places.iter().all(|place| place.operation != answered) {
            let why = format!(
                "the answer shows refund {}, which does not carry the reference that was asked",
                shown.id
            );
            self.report(Kind::RefundDiffers, DiscrepancyState::Open, why, learning, lesson);
            self.operation_is(answered, OperationState::Unknown);
            return;
        }
        if places.is_empty() {
            places = self.open_external(shown, learning, lesson);
        }
        let state = match shown.standing {
            RefundStanding::Open if planted(Defect::RefundDoneWhenAccepted) => PartState::Succeeded,
            RefundStanding::Open | RefundStanding::Unknown => PartState::Open,
            RefundStanding::Done => PartState::Succeeded,
            RefundStanding::Failed => PartState::Failed,
        };
        let accepting = answered.is_none() && self.consent().is_some();
        for place in places {
            if accepting && self.part_differs(&place, shown, state).is_some() {
                self.accept_refund(&place, shown, state, learning, lesson);
            } else {
                self.learn_part(&place, shown, state, learning, lesson);
            }
        }
    }

    /// A refund that somebody made at the gateway: of its split, or of all that hold something (MONEY §4). Where no split
    /// holds anything, it can only be reported.
    fn open_external(&mut self, shown: &RefundSight, learning: &Learning<'_>, lesson: &mut Lesson) -> Vec<Place> {
        if shown.standing == RefundStanding::Failed || planted(Defect::DashboardRefundIgnored) {
            return Vec::new();
        }
        let (parts, how) = self.parts_of_external(shown);
        let booked = Self::total(parts.iter().map(|part| part.amount));
        let money = Money::new(shown.amount, shown.currency);
        let detail = format!(
            "refund {} of {money} was made at the gateway, and not by us; {how}",
            shown.id
        );
        let kind = if booked == shown.amount && !parts.is_empty() {
            Kind::ExternalRefund
        } else {
            Kind::RefundDiffers
        };
        self.report(kind, DiscrepancyState::Open, detail, learning, lesson);
        if parts.is_empty() {
            return Vec::new();
        }
        let refund = u16::try_from(self.refunds.len().saturating_add(1)).unwrap_or(u16::MAX);
        let place = |part: &Part| Place {
            refund,
            split: part.split,
            operation: None,
        };
        let places = parts.iter().map(place).collect();
        self.refunds.push(Refund {
            number: refund,
            asked: None,
            plan: None,
            parts,
            adjusted: true,
            created_at: learning.now,
            settled_at: None,
        });
        places
    }

    /// As much of it as the splits hold, and how it was divided.
    pub(super) fn parts_of_external(&self, shown: &RefundSight) -> (Vec<Part>, &'static str) {
        let currency = self.sale.cart.currency();
        let of_named = |split: &&Split| split.gateway_id.is_some() && split.gateway_id == shown.split;
        let mut givers: Vec<&Split> = self.splits.iter().filter(of_named).collect();
        let mut how = "it names its split";
        if givers.is_empty() {
            givers = self.splits.iter().collect();
            how = "it names no split of ours, so it was spread over what the splits hold";
        }
        let held: Vec<i64> = givers
            .iter()
            .map(|split| Funds::captured(split).available.get())
            .collect();
        let most: i64 = held.iter().fold(0, |sum, held| sum.saturating_add(*held));
        if most == 0 || shown.currency != currency {
            return (Vec::new(), "no split holds anything that it could have come from");
        }
        let shares = spread(shown.amount.get().min(most), &held, currency.quantum());
        let part = |(split, share): (&&Split, i64)| Part {
            split: split.number,
            party: split.party.clone(),
            amount: Amount::try_new(share).unwrap_or(Amount::ZERO),
            state: PartState::Processing,
            gateway_id: Some(shown.id),
        };
        let parts = givers.iter().zip(shares).map(part);
        (parts.filter(|part| !part.amount.is_zero()).collect(), how)
    }

    fn learn_part(
        &mut self,
        place: &Place,
        shown: &RefundSight,
        state: PartState,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        if state == PartState::Failed && self.is_another_try(place, shown) {
            return;
        }
        if let Some(why) = self.part_differs(place, shown, state) {
            self.report(Kind::RefundDiffers, DiscrepancyState::Open, why, learning, lesson);
            self.operation_is(place.operation, OperationState::Unknown);
            return;
        }
        if shown.standing == RefundStanding::Unknown {
            let status = &shown.status;
            let detail = format!(
                "refund {} has status {} {}, which no document names",
                shown.id, status.id, status.info
            );
            self.report(Kind::RefundDiffers, DiscrepancyState::Open, detail, learning, lesson);
        }
        let refund = self.refunds.iter_mut().find(|one| one.number == place.refund);
        let part = refund.and_then(|one| one.parts.iter_mut().find(|part| part.split == place.split));
        if let Some(part) = part {
            part.gateway_id = Some(shown.id);
            if part.state != state {
                lesson.say(
                    "refund",
                    place.operation,
                    format!("refund {} is {}", shown.id, state.as_str()),
                );
            }
        }
        let cause = place.operation.map_or(Cause::External, Cause::Operation);
        let now = learning.now;
        self.part_learned(place.refund, place.split, state, Moment { now, cause, lesson });
        let Some(one) = self
            .operations
            .iter_mut()
            .find(|one| Some(one.number) == place.operation)
        else {
            return;
        };
        match state {
            _ if !one.is_open() => {}
            PartState::Succeeded => one.end(OperationState::Done, now),
            PartState::Failed => {
                one.refusal = Some(GatewayRefusal {
                    http_status: 200,
                    reasons: shown.status.reasons.clone(),
                });
                one.end(OperationState::Refused, now);
            }
            _ => one.state = OperationState::Pending,
        }
    }

    /// Why what is shown cannot be what was asked, or what our books say; none where it can.
    fn part_differs(&self, place: &Place, shown: &RefundSight, state: PartState) -> Option<String> {
        let part = self.refund(place.refund)?.part(place.split)?;
        let split = self.splits.iter().find(|one| one.number == place.split)?;
        let currency = self.sale.cart.currency();
        let ours = place.operation.is_some();
        if ours && (shown.amount != part.amount || shown.currency != currency) {
            let [asked, seen] = [
                Money::new(part.amount, currency),
                Money::new(shown.amount, shown.currency),
            ];
            return Some(format!("refund {}: asked {asked}, shown {seen}", shown.id));
        }
        if ours && shown.split.is_some() && shown.split != split.gateway_id {
            return Some(format!("refund {} is of another split than was asked", shown.id));
        }
        if self.is_another_try(place, shown) {
            return Some(format!("refund {} was made beside the one that counts", shown.id));
        }
        let revived = match part.state {
            PartState::Succeeded => state == PartState::Failed,
            // Accepted, then failed, is how it goes; what was never shown as accepted comes as a surprise.
            PartState::Failed | PartState::Abandoned => match state {
                PartState::Succeeded => true,
                PartState::Open => part.gateway_id != Some(shown.id),
                _ => false,
            },
            _ => false,
        };
        if revived {
            let (said, says) = (part.state.as_str(), state.as_str());
            return Some(format!("refund {} was {said}, and is now shown as {says}", shown.id));
        }
        let gives = part.state == PartState::Processing && state != PartState::Failed;
        if gives && Funds::captured(split).available < part.amount {
            return Some(format!(
                "refund {} takes more than split {} holds",
                shown.id, split.number
            ));
        }
        None
    }

    /// Whether it is a try that another one has replaced, or a second one under the same reference.
    fn is_another_try(&self, place: &Place, shown: &RefundSight) -> bool {
        let part = self.refund(place.refund).and_then(|refund| refund.part(place.split));
        let known = part.and_then(|part| part.gateway_id);
        let replaced = place.operation.is_some() && self.operation_of(place.refund, place.split) != place.operation;
        replaced || known.is_some_and(|known| known != shown.id)
    }

    /// By the gateway's id, where it was made there; else by the reference it carries, or by the operation that it answers;
    /// else by the gateway's id.
    fn places_of(&self, shown: &RefundSight, answered: Option<u16>) -> Vec<Place> {
        let made_there = self.places_by_id(shown, |refund| refund.asked.is_none());
        if !made_there.is_empty() {
            return made_there;
        }
        let ours = |one: &&Operation| match &shown.reference {
            Some(reference) => one.reference == *reference,
            None => Some(one.number) == answered,
        };
        let found = self
            .operations
            .iter()
            .rev()
            .filter(|one| matches!(one.work, Work::Refund { .. }))
            .find(ours);
        if let Some((refund, Some(split), operation)) = found.and_then(|one| match one.work {
            Work::Refund { refund, split } => Some((refund, split, Some(one.number))),
            _ => None,
        }) {
            return vec![Place {
                refund,
                split,
                operation,
            }];
        }
        self.places_by_id(shown, |_| true)
    }

    fn places_by_id(&self, shown: &RefundSight, counts: impl Fn(&Refund) -> bool) -> Vec<Place> {
        let counted = self.refunds.iter().filter(|refund| counts(refund));
        let parts = counted.flat_map(|refund| refund.parts.iter().map(move |part| (refund, part)));
        let same = parts.filter(|(_, part)| part.gateway_id == Some(shown.id));
        same.map(|(refund, part)| Place {
            refund: refund.number,
            split: part.split,
            operation: self.operation_of(refund.number, part.split),
        })
        .collect()
    }

    /// The latest operation that asked for this part.
    pub(super) fn operation_of(&self, refund: u16, split: u16) -> Option<u16> {
        let asks = |one: &&Operation| {
            let part = Work::Refund {
                refund,
                split: Some(split),
            };
            one.work == part
        };
        self.operations.iter().rev().find(asks).map(|one| one.number)
    }

    fn operation_is(&mut self, number: Option<u16>, state: OperationState) {
        let open = self
            .operations
            .iter_mut()
            .find(|one| Some(one.number) == number && one.is_open());
        if let Some(one) = open {
            one.state = state;
        }
    }
}
