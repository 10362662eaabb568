//! What a sight of the payment does to its phase, its splits and the books.

use super::compare::{differences, find, unlisted};
use super::{Claim, Learning, Lesson, Payment, Phase, Seen};
use crate::discrepancy::{DiscrepancyKind as Kind, DiscrepancyState};
use crate::finding::What;
use crate::ledger::{Account, Cause};
use crate::money::{Amount, Money};
use crate::operation::{OperationKind, OperationState};
use crate::planted::{Defect, planted};
use crate::sight::{Sight, Standing};

impl Payment {
    /// The gateway showed the payment: compare, adopt, post.
    pub(super) fn learn_shown(
        &mut self,
        what: &What,
        answered: Option<u16>,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        let Some(sight) = self.ours(what, learning, lesson) else {
            return;
        };
        if self.is_older(sight.status.standing) || self.is_overtaken(sight, answered, learning) {
            return;
        }
        let added = self.adopt_added(&sight.splits, learning, lesson);
        self.adopt(sight, lesson, learning);
        let asked = self.compared(sight, learning, lesson) && added;
        let over = sight.status.standing.is_over();
        if !asked && !over && !self.accept(sight, answered, learning, lesson) {
            self.distrust(sight, learning, lesson);
            return;
        }
        self.place_suspense(sight, lesson);
        // What went back before the buyer's bank took the rest is not the bank's.
        let (before, after) = match sight.refunds.as_deref() {
            refunds if self.has_money() => (refunds, None),
            refunds => (None, refunds),
        };
        before
            .into_iter()
            .for_each(|all| self.learn_refunds(all, learning, lesson));
        self.advance(sight, learning, lesson);
        self.settle_operations(sight, answered, learning, lesson);
        after
            .into_iter()
            .for_each(|all| self.learn_refunds(all, learning, lesson));
    }

    /// Which of the payments shown is ours: the one we know, unless another got further before ours had money
    /// (then that is the one the buyer pays). Every other one is a discrepancy.
    fn ours<'a>(&mut self, what: &'a What, learning: &Learning<'_>, lesson: &mut Lesson) -> Option<&'a Sight> {
        let sights: &[Sight] = match what {
            What::Shown(sight) => std::slice::from_ref(sight),
            What::ShownMany(sights) => sights,
            _ => return None,
        };
        let known = self.seen.as_ref().map(|seen| (seen.at, seen.status.standing));
        let furthest = sights.iter().max_by_key(|sight| sight.status.standing.rank())?;
        let ours = match known {
            None => Some(furthest),
            Some((_, standing)) if self.is_outdone(standing, furthest) => Some(furthest),
            Some((at, _)) => sights.iter().find(|sight| sight.at == at),
        };
        let at = ours.map(|sight| sight.at).or(known.map(|(at, _)| at));
        let shown = sights.iter().map(|sight| (sight.at, sight.status.standing));
        let others: Vec<_> = shown.chain(known).filter(|(other, _)| Some(*other) != at).collect();
        for (other, standing) in others {
            let state = if standing.is_over() {
                DiscrepancyState::Closed
            } else {
                DiscrepancyState::Open
            };
            let detail = format!(
                "the gateway also has payment {} ({}) under this reference",
                other.id,
                other.host.as_str()
            );
            self.report(Kind::DuplicateAtGateway, state, detail, learning, lesson);
        }
        ours
    }

    /// Whether another payment under our reference got further before ours had money.
    fn is_outdone(&self, standing: Standing, furthest: &Sight) -> bool {
        let further = !self.has_money() && furthest.status.standing.rank() > standing.rank();
        further && !planted(Defect::SecondPaymentIgnored)
    }

    /// Whether a sight tells of a time before what we already know.
    fn is_older(&self, standing: Standing) -> bool {
        match standing {
            Standing::Open | Standing::Pending => {
                !matches!(self.phase, Phase::Processing | Phase::Open | Phase::Pending)
            }
            Standing::Authorized | Standing::Capturing | Standing::Cancelling => matches!(
                self.phase,
                Phase::Captured | Phase::PartiallyCaptured | Phase::Disputed | Phase::ChargedBack
            ),
            _ => planted(Defect::LateSuccessIgnored) && self.phase.is_over(),
        }
    }

    /// Whether another door has settled the operation before its own answer came: nobody knows which of the two is
    /// newer, so the gateway is asked again where they differ.
    fn is_overtaken(&mut self, sight: &Sight, answered: Option<u16>, learning: &Learning<'_>) -> bool {
        let operation = answered.and_then(|number| self.operation(number));
        let settled = operation.is_some_and(|one| one.state == OperationState::Done);
        let Some(seen) = self.seen.as_ref().filter(|seen| settled && seen.at == sight.at) else {
            return false;
        };
        if seen.status.standing != sight.status.standing {
            self.due_at = Some(learning.now);
        }
        true
    }

    /// Takes over the gateway's identity, status and split ids; whatever else it says, the create is done.
    fn adopt(&mut self, sight: &Sight, lesson: &mut Lesson, learning: &Learning<'_>) {
        let seen = Seen {
            at: sight.at,
            status: sight.status.clone(),
            redirect_url: sight.redirect_url.clone(),
        };
        if self.seen.as_ref().is_some_and(|known| known.at != seen.at) {
            for split in &mut self.splits {
                split.gateway_id = None;
            }
        }
        let create = self
            .operations
            .iter_mut()
            .find(|one| one.kind() == OperationKind::Authorize && one.is_open());
        if self.seen.as_ref() != Some(&seen) || create.is_some() {
            let number = create.as_ref().map(|operation| operation.number);
            let words = format!(
                "payment {} at the gateway: {} {}",
                seen.at.id, seen.status.id, seen.status.info
            );
            lesson.say("shown", number, words);
        }
        if let Some(operation) = create {
            operation.end(OperationState::Done, learning.now);
        }
        self.seen = Some(seen);
        let mut matched = vec![false; self.splits.len()];
        for shown in &sight.splits {
            let Some((index, _)) = find(&self.splits, &matched, shown) else {
                continue;
            };
            if let (Some(split), Some(seen)) = (self.splits.get_mut(index), matched.get_mut(index)) {
                *seen = true;
                split.gateway_id = Some(shown.id);
                split.status.clone_from(&shown.status);
            }
        }
    }

    /// Compares the sight with what was asked; files or closes the discrepancies. `true` when they agree.
    fn compared(&mut self, sight: &Sight, learning: &Learning<'_>, lesson: &mut Lesson) -> bool {
        let found = differences(self, sight);
        let listed = sight.splits.len();
        let missing = !unlisted(self, sight).is_empty();
        let kind = if found.is_empty() {
            Kind::SplitsMissing
        } else {
            Kind::AnswerDiffers
        };
        if found.is_empty() && !missing {
            let note = "the gateway's later answer agrees with what was asked";
            self.close(&[Kind::AnswerDiffers, Kind::SplitsMissing], note, learning.now);
            return true;
        }
        let mut detail = found.join("; ");
        if found.is_empty() {
            detail = format!(
                "{listed} of {} splits shown, {} of {}; the others are not confirmed",
                self.splits.len(),
                Money::new(
                    Self::total(sight.splits.iter().map(|split| split.amount)),
                    sight.currency
                ),
                Money::new(self.amount(), self.sale.cart.currency()),
            );
        }
        let over = sight.status.standing.is_over();
        let state = if over {
            DiscrepancyState::Closed
        } else {
            DiscrepancyState::Open
        };
        self.report(kind, state, detail, learning, lesson);
        false
    }

    /// An answer that differs from what was asked: nothing is posted to anybody; money shown as taken waits in suspense.
    fn distrust(&mut self, sight: &Sight, learning: &Learning<'_>, lesson: &mut Lesson) {
        let taken = sight.status.standing.is_money();
        let placeable = sight.currency == self.sale.cart.currency() && !sight.amount.is_zero();
        if taken && placeable && !self.has_money() && self.amount_suspense.is_zero() {
            let in_part = sight.captured.filter(|_| sight.status.standing != Standing::Captured);
            let amount = in_part.unwrap_or(sight.amount);
            self.amount_suspense = amount;
            let reason = "the gateway shows it as paid, and divides it otherwise than was asked";
            self.post(
                lesson,
                Account::Buyer,
                Account::Suspense,
                amount,
                None,
                Cause::External,
                reason,
            );
        }
        if !self.has_money() {
            self.revive(sight.status.standing, learning, lesson);
            self.phase = Phase::Pending;
        }
    }

    /// A consistent answer takes the money out of suspense again, so that it can be posted to those who own it.
    pub(super) fn place_suspense(&mut self, sight: &Sight, lesson: &mut Lesson) {
        if self.amount_suspense.is_zero() || sight.status.standing == Standing::Unknown {
            return;
        }
        let amount = std::mem::replace(&mut self.amount_suspense, Amount::ZERO);
        let reason = if sight.status.standing.is_money() {
            "it is known now whose it is"
        } else {
            "the gateway no longer shows it as paid"
        };
        self.post(
            lesson,
            Account::Suspense,
            Account::Buyer,
            amount,
            None,
            Cause::External,
            reason,
        );
    }

    /// Moves the phase and the money to where the gateway consistently says they are.
    fn advance(&mut self, sight: &Sight, learning: &Learning<'_>, lesson: &mut Lesson) {
        let puzzling = sight.status.standing == Standing::Unknown
            || (sight.status.standing.is_over() && self.has_money())
            || (sight.status.standing == Standing::Captured && self.phase == Phase::ChargedBack);
        if !puzzling {
            let note = "the gateway's later status is one our books follow";
            self.close(&[Kind::UnknownStatus, Kind::StatusContradicts], note, learning.now);
        }
        match sight.status.standing {
            Standing::Open => self.phase = Phase::Open,
            Standing::Pending => self.phase = Phase::Pending,
            Standing::Unknown => self.puzzle(Kind::UnknownStatus, sight, learning, lesson),
            Standing::Authorized | Standing::Capturing => {
                self.revive(sight.status.standing, learning, lesson);
                self.authorize_all(lesson);
                self.authorization_begins(learning.now);
                let capturing = sight.status.standing == Standing::Capturing;
                self.phase = if capturing { Phase::Capturing } else { Phase::Authorized };
            }
            Standing::Cancelling if self.phase.is_over() => {}
            Standing::Cancelling => self.phase = Phase::Cancelling,
            // A chargeback that was lost and is shown as won after all: no document says what it moves, so ops decide.
            Standing::Captured if self.phase == Phase::ChargedBack => {
                self.puzzle(Kind::StatusContradicts, sight, learning, lesson);
            }
            Standing::PartiallyCaptured => {
                if !self.learn_partly_captured(sight, learning, lesson) {
                    self.puzzle(Kind::StatusContradicts, sight, learning, lesson);
                    return;
                }
                self.revive(Standing::PartiallyCaptured, learning, lesson);
                self.authorization_begins(learning.now);
                self.end_dispute(learning, lesson);
                self.phase = self.taken_phase();
            }
            Standing::Captured => {
                self.revive(Standing::Captured, learning, lesson);
                self.learn_captured(learning, lesson);
                self.end_dispute(learning, lesson);
                self.phase = self.taken_phase();
            }
            Standing::Disputed | Standing::ChargedBack => {
                self.revive(sight.status.standing, learning, lesson);
                self.learn_captured(learning, lesson);
                self.dispute_all(learning, lesson);
                if sight.status.standing == Standing::ChargedBack {
                    self.lose_dispute(lesson);
                }
            }
            Standing::Cancelled | Standing::Failed | Standing::Expired => {
                if self.has_money() && !planted(Defect::EndedWithMoneyAccepted) {
                    self.puzzle(Kind::StatusContradicts, sight, learning, lesson);
                    return;
                }
                self.release_all(lesson);
                self.phase = match sight.status.standing {
                    Standing::Cancelled => Phase::Cancelled,
                    Standing::Failed => Phase::Failed,
                    _ => Phase::Expired,
                };
            }
        }
    }

    /// Taken in full, or in part for good.
    fn taken_phase(&self) -> Phase {
        if self.amount_captured() == self.amount() {
            Phase::Captured
        } else {
            Phase::PartiallyCaptured
        }
    }

    /// Holds the payment because of a status that its books cannot follow.
    fn puzzle(&mut self, kind: Kind, sight: &Sight, learning: &Learning<'_>, lesson: &mut Lesson) {
        if !self.has_money() && !self.phase.is_over() {
            self.phase = Phase::Pending;
        }
        let status = &sight.status;
        let detail = format!(
            "the gateway shows status {} {} of {} while our books say {} with {} captured",
            status.id,
            status.info,
            Money::new(sight.amount, sight.currency),
            self.phase.as_str(),
            Money::new(self.amount_captured(), self.sale.cart.currency()),
        );
        self.report(kind, DiscrepancyState::Open, detail, learning, lesson);
    }

    /// Files a discrepancy and remembers it, once.
    pub(super) fn report(
        &mut self,
        kind: Kind,
        state: DiscrepancyState,
        detail: String,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        if self.file(kind, state, detail.clone(), learning.now) {
            lesson.say("discrepancy", None, format!("{}: {detail}", kind.as_str()));
        }
    }

    /// A payment that had ended and now moves money: flagged, and its order is claimed again.
    fn revive(&mut self, standing: Standing, learning: &Learning<'_>, lesson: &mut Lesson) {
        if !self.phase.is_over() {
            return;
        }
        let detail = format!(
            "{:?} at the gateway after it had ended as {}",
            standing,
            self.phase.as_str()
        );
        self.report(Kind::LateSuccess, DiscrepancyState::Open, detail, learning, lesson);
        match (self.sale.order_claim(), learning.order_holder) {
            (Some(claim @ Claim::Order(..)), None) => lesson.claims_taken.push(claim),
            (Some(_), Some(other)) if other != self.id && !planted(Defect::OrderPaidTwiceUnflagged) => {
                let detail = format!("{other} is the order's live payment; refund one of the two");
                self.report(Kind::OrderPaidTwice, DiscrepancyState::Open, detail, learning, lesson);
            }
            _ => {}
        }
    }
}

impl Standing {
    /// Whether it ended without money.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed | Self::Expired)
    }

    /// Whether money was taken from the buyer.
    pub const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Captured | Self::PartiallyCaptured | Self::Disputed | Self::ChargedBack
        )
    }

    /// How far advanced, for choosing between two payments under one reference.
    const fn rank(self) -> u8 {
        match self {
            Self::Cancelled | Self::Failed | Self::Expired => 0,
            Self::Unknown | Self::Open => 1,
            Self::Pending => 2,
            Self::Authorized | Self::Capturing | Self::Cancelling => 3,
            Self::Captured | Self::PartiallyCaptured | Self::Disputed | Self::ChargedBack => 4,
        }
    }
}
