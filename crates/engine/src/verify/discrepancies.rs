//! What holds of differences, and of what people made of them.

use domain::discrepancy::{DiscrepancyState, Resolution};
use domain::operation::{Operation, OperationState, Work};

use super::payment::Facts;

impl Facts {
    /// Whether somebody accepted that the gateway divides the payment otherwise than was asked: the whole stays the same.
    pub(super) fn divided_otherwise(&self) -> bool {
        let accepted = |one: &Operation| {
            let accepts = matches!(
                one.work,
                Work::Resolve {
                    resolution: Resolution::AcceptGateway,
                    ..
                }
            );
            accepts && one.state == OperationState::Done
        };
        self.payment.operations.iter().any(accepted)
    }

    pub(super) fn discrepancies(&self) -> Option<String> {
        let payment = &self.payment;
        let wrong = payment.discrepancies.iter().find_map(|one| {
            let closed = one.state == DiscrepancyState::Closed;
            let number = one.number;
            (closed != one.closed_at.is_some()).then(|| format!("discrepancy {number} does not say when it was closed"))
        });
        wrong.or_else(|| {
            payment.operations.iter().find_map(|one| {
                let Work::Resolve {
                    discrepancy,
                    resolution,
                    ref note,
                } = one.work
                else {
                    return None;
                };
                let named = payment.discrepancies.iter().find(|filed| filed.number == discrepancy);
                let done = one.state == OperationState::Done && resolution != Resolution::AskAgain;
                let left = named.is_none_or(|filed| done && filed.state == DiscrepancyState::Open);
                (left || note.is_empty()).then(|| {
                    let (number, state) = (one.number, one.state.as_str());
                    format!("operation {number} resolves discrepancy {discrepancy} and is {state}, which does not fit")
                })
            })
        })
    }
}
