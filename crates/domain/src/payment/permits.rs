//! What may be done beside what is under way, and what may be tried again.

use super::{Claim, Payment, Phase};
use crate::operation::{Operation, OperationKind, OperationState, Work};
use crate::planted::{Defect, planted};
use crate::refusal::Refusal;

impl Payment {
    /// Whether an operation waits for an attempt, and nothing that was decided since has taken its place.
    pub(super) fn may_attempt(&self, one: &Operation) -> bool {
        match (one.state, &one.work) {
            // A payment that is to be cancelled is not created any more.
            (OperationState::Ready, Work::Authorize) => {
                !self.waits_for(OperationKind::Cancel) || planted(Defect::CancelledCreateSentAgain)
            }
            (OperationState::NotSent, Work::Authorize) => self.phase != Phase::Cancelled,
            (
                OperationState::NotSent,
                Work::Refund {
                    refund,
                    split: Some(split),
                },
            ) => self.is_latest_of_failed_part(one.number, *refund, *split),
            (OperationState::Ready | OperationState::NotSent, _) => true,
            _ => false,
        }
    }

    /// What never left had released everything: it is claimed again, by the rules of today.
    pub(super) fn revive_unsent(
        &mut self,
        operation: &Operation,
        claims_taken: &mut Vec<Claim>,
    ) -> Result<(), Refusal> {
        match &operation.work {
            Work::Authorize => {
                if self.phase.is_over() && self.seen.is_none() {
                    self.phase = Phase::Processing;
                    claims_taken.extend(self.sale.order_claim());
                }
            }
            Work::AddSplits(addition) => {
                self.permits(OperationKind::AddSplits)?;
                self.plan_addition(addition)?;
            }
            Work::Capture { .. } => {
                self.permits(OperationKind::Capture)?;
                self.may_capture()?;
            }
            Work::Cancel => {
                self.permits(OperationKind::Cancel)?;
                self.may_cancel()?;
            }
            Work::Refund { refund, split } => {
                self.permits(OperationKind::Refund)?;
                self.reopen_part(*refund, *split)?;
            }
            Work::Ready | Work::Abandon { .. } | Work::Resolve { .. } | Work::Resend { .. } | Work::GiveUp { .. } => {}
        }
        Ok(())
    }

    /// Which other operations exclude one of this kind (DESIGN §4): refunds may overlap with refunds, and a cancel may
    /// overtake the create. What a person makes of the gateway's answers may be said at any time, one thing at a time.
    pub(super) fn permits(&self, kind: OperationKind) -> Result<(), Refusal> {
        if self.is_held() && kind != OperationKind::Resolve {
            return Err(Refusal::PaymentHeld);
        }
        let together = |one: &Operation| match kind {
            OperationKind::Refund | OperationKind::Abandon => one.kind() == OperationKind::Refund,
            OperationKind::Cancel => one.kind() == OperationKind::Authorize,
            OperationKind::Resolve | OperationKind::Resend | OperationKind::GiveUp => !one.work.is_wish(),
            _ => false,
        };
        let excludes = |one: &&Operation| one.is_open() && !together(one) && !planted(Defect::OperationsTogether);
        let excluding = self.operations.iter().find(excludes);
        excluding.map_or(Ok(()), |one| {
            Err(Refusal::OperationInProgress { operation: one.number })
        })
    }
}
