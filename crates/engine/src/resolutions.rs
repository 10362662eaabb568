//! What operators make of what the gateway shows. Each wish is committed first, then the gateway is asked, and the answer
//! settles the wish with everything else it tells: what is posted was shown when it was asked for, never before.

use std::sync::Arc;

use domain::command::Command;
use domain::discrepancy::Resolution;
use domain::ids::{DiscrepancyId, OperationId, PaymentId};
use domain::operation::{Operation, OperationState, Work};
use domain::payment::Payment;
use domain::refusal::Refusal;

use crate::caller::Caller;
use crate::desk::{Engine, Outcome, Submission};
use crate::error::Error;
use crate::operations::OperationStatusView;
use crate::perform::Performed;
use crate::views::DiscrepancyView;

/// What becomes of an operation of which nobody knows whether it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostFate {
    /// Sent again.
    Resend,
    /// Given up.
    GiveUp,
}

impl Engine {
    /// Resolves a difference: asks the gateway now, and does what was wished with the answer. Where the gateway does not
    /// answer, the wish stands, and the next answer settles it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for one that the caller may not see; [`Error::Refused`] for one that is closed, and where
    /// what the gateway shows cannot be posted, or differs still from what is to be dismissed.
    pub async fn resolve(
        &self,
        caller: &Caller,
        id: DiscrepancyId,
        submission: Submission,
        resolution: Resolution,
        note: String,
    ) -> Result<Outcome<DiscrepancyView>, Error> {
        let payment = self.overseen(caller, id.payment).await?;
        if !payment.discrepancies.iter().any(|one| one.number == id.number) {
            return Err(Error::NotFound);
        }
        let command = Command::Resolve {
            discrepancy: id.number,
            resolution,
            note,
        };
        let performed = self.wished(caller, id.payment, submission, command).await?;
        let found = performed
            .payment
            .discrepancies
            .iter()
            .find(|one| one.number == id.number);
        let discrepancy = found.ok_or(Error::NotFound)?;
        let view = DiscrepancyView::of(&performed.payment, discrepancy);
        Ok(told(&performed, view))
    }

    /// Has an operation sent again, or given up, of which the gateway shows nothing when it is asked now: only once its
    /// quiet period is over, and after repeated absence.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for one that the caller may not see; [`Error::Refused`] where it is not lost, or where its
    /// absence is not proved.
    pub async fn decide_lost(
        &self,
        caller: &Caller,
        id: OperationId,
        submission: Submission,
        fate: LostFate,
        note: String,
    ) -> Result<Outcome<OperationStatusView>, Error> {
        let payment = self.overseen(caller, id.payment).await?;
        payment.operation(id.number).ok_or(Error::NotFound)?;
        let operation = id.number;
        let command = match fate {
            LostFate::Resend => Command::Resend { operation, note },
            LostFate::GiveUp => Command::GiveUp { operation, note },
        };
        let performed = self.wished(caller, id.payment, submission, command).await?;
        let operation = performed.payment.operation(id.number).ok_or(Error::NotFound)?;
        let view = OperationStatusView::of(&performed.payment, operation, self.desk.clock.now());
        Ok(told(&performed, view))
    }

    /// The payment, for those who operate.
    async fn overseen(&self, caller: &Caller, id: PaymentId) -> Result<Arc<Payment>, Error> {
        let payment = self.visible(caller, id).await?;
        if caller.seller().is_some() {
            return Err(Error::NotFound);
        }
        Ok(payment)
    }

    /// Commits the wish, asks, and says why where nothing came of it.
    async fn wished(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
        command: Command,
    ) -> Result<Performed, Error> {
        let mut performed = self.perform(caller, submission, Some(id), command, None).await?;
        let open = |performed: &Performed| wish(performed).is_some_and(Operation::is_open);
        if open(&performed) {
            performed.payment = self.desk.ask(id, None).await?;
        }
        if let Some(one) = wish(&performed).filter(|one| one.state == OperationState::Refused) {
            let why = one.note.clone().unwrap_or_default();
            let refusal = match one.work {
                Work::Resolve {
                    resolution: Resolution::Dismiss,
                    ..
                } => Refusal::AmountsDiffer(why),
                Work::Resolve { .. } => Refusal::CannotAccept(why),
                _ => Refusal::AbsenceNotProved(why),
            };
            return Err(Error::refused(refusal, Some(&performed.payment)));
        }
        Ok(performed)
    }
}

fn wish(performed: &Performed) -> Option<&Operation> {
    performed.payment.operation(performed.operation)
}

fn told<T>(performed: &Performed, view: T) -> Outcome<T> {
    Outcome {
        view,
        replayed: performed.replayed,
        settled: wish(performed).is_none_or(|one| !one.is_open()),
    }
}
