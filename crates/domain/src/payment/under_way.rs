//! What is under way on a payment: how a consistent sight of the payment ends it, whoever asked.

use super::{Learning, Lesson, Payment};
use crate::discrepancy::{DiscrepancyKind as Kind, DiscrepancyState};
use crate::operation::{OperationState, Work};
use crate::planted::{Defect, planted};
use crate::sight::{Sight, Standing};

/// What a sight of the payment says of an operation.
enum Verdict {
    /// It is, or has ended, so.
    Is(OperationState),
    /// The payment stands as it did before.
    NotYet,
    /// Nothing.
    Nothing,
}

impl Payment {
    /// What a consistent sight says of the captures, cancels and additions that are under way.
    pub(super) fn settle_operations(
        &mut self,
        sight: &Sight,
        answered: Option<u16>,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        let standing = sight.status.standing;
        let open = self.operations.iter().filter(|one| one.is_open());
        let open: Vec<_> = open
            .map(|one| (one.number, one.work.clone(), one.attempt.is_some()))
            .collect();
        for (number, work, sent) in open {
            let verdict = match work {
                Work::Capture { .. } if sent => of_capture(standing),
                Work::Capture { .. } => of_unsent_capture(standing),
                Work::Cancel => of_cancel(standing, sent),
                // A list that leaves splits out proves nothing (DESIGN law 7).
                Work::AddSplits(_) if sight.splits.len() >= self.splits.len() && answered.is_none() => Verdict::NotYet,
                _ => Verdict::Nothing,
            };
            match verdict {
                Verdict::Is(state) => self.operation_is_now(number, state, sight, learning, lesson),
                Verdict::NotYet => self.not_yet(number, answered, learning, lesson),
                Verdict::Nothing => {}
            }
        }
    }

    /// The gateway shows the payment as it was before. Asked, that counts as absence; as an answer it says nothing.
    fn not_yet(&mut self, number: u16, answered: Option<u16>, learning: &Learning<'_>, lesson: &mut Lesson) {
        if answered.is_none() {
            self.absent(number, learning, lesson);
            return;
        }
        let one = self
            .operations
            .iter_mut()
            .find(|one| answered == Some(one.number) && one.number == number);
        if let Some(one) = one {
            one.state = OperationState::Unknown;
            one.note = Some("the answer shows the payment as it was before".to_owned());
            self.due_at = Some(learning.now);
        }
    }

    fn operation_is_now(
        &mut self,
        number: u16,
        state: OperationState,
        sight: &Sight,
        learning: &Learning<'_>,
        lesson: &mut Lesson,
    ) {
        let Some(one) = self.operations.iter_mut().find(|one| one.number == number) else {
            return;
        };
        if !state.is_settled() {
            one.state = state;
            return;
        }
        let too_late = one.work == Work::Cancel && state == OperationState::Refused;
        if state == OperationState::Refused {
            let status = &sight.status;
            one.note = Some(format!("the gateway shows {} {} instead", status.id, status.info));
        }
        one.end(state, learning.now);
        if too_late && !planted(Defect::CancelTooLateUnflagged) {
            let detail = "it was captured before the cancel reached it; refund it".to_owned();
            self.report(Kind::CancelTooLate, DiscrepancyState::Open, detail, learning, lesson);
        }
    }
}

const fn of_capture(standing: Standing) -> Verdict {
    match standing {
        Standing::Authorized => Verdict::NotYet,
        Standing::Capturing => Verdict::Is(OperationState::Pending),
        _ if standing.is_over() => Verdict::Is(OperationState::Refused),
        _ if standing.is_money() => Verdict::Is(OperationState::Done),
        _ => Verdict::Nothing,
    }
}

/// What never left is not sent any more where somebody else has taken the money, or nothing is left to take.
const fn of_unsent_capture(standing: Standing) -> Verdict {
    if standing.is_over() || standing.is_money() || matches!(standing, Standing::Capturing) {
        return Verdict::Is(OperationState::Refused);
    }
    Verdict::Nothing
}

const fn of_cancel(standing: Standing, sent: bool) -> Verdict {
    match standing {
        Standing::Open | Standing::Pending | Standing::Authorized if sent => Verdict::NotYet,
        // Somebody else had begun to cancel it, and has not: ours is sent.
        Standing::Open | Standing::Pending | Standing::Authorized => Verdict::Is(OperationState::Ready),
        Standing::Cancelling => Verdict::Is(OperationState::Pending),
        _ if standing.is_over() => Verdict::Is(OperationState::Done),
        _ if standing.is_money() => Verdict::Is(OperationState::Refused),
        _ => Verdict::Nothing,
    }
}
