//! The differences that a payment keeps.

use super::Payment;
use crate::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState};
use crate::time::Timestamp;

impl Payment {
    /// Files a difference unless the same one is already filed and open.
    pub(super) fn file(
        &mut self,
        kind: DiscrepancyKind,
        state: DiscrepancyState,
        detail: String,
        now: Timestamp,
    ) -> bool {
        let stands = |one: &Discrepancy| one.state == state || self.is_dismissed(one);
        let known = |one: &Discrepancy| one.kind == kind && one.detail == detail && stands(one);
        let full = self.discrepancies.len() >= MAX_DISCREPANCIES;
        if self.discrepancies.iter().any(known) || full {
            return false;
        }
        // One open discrepancy of a kind: the newest word replaces the older, which stays as evidence.
        for one in self
            .discrepancies
            .iter_mut()
            .filter(|one| one.kind == kind && one.state == DiscrepancyState::Open)
        {
            one.state = DiscrepancyState::Closed;
            one.closed_at = Some(now);
            one.note = Some("the gateway's next answer differs in another way".to_owned());
        }
        let number = u16::try_from(self.discrepancies.len().saturating_add(1)).unwrap_or(u16::MAX);
        let closed_at = (state == DiscrepancyState::Closed).then_some(now);
        self.discrepancies.push(Discrepancy {
            number,
            kind,
            state,
            detail,
            opened_at: now,
            closed_at,
            note: None,
        });
        true
    }

    /// Closes what a consistent answer has settled.
    pub(super) fn close(&mut self, kinds: &[DiscrepancyKind], note: &str, now: Timestamp) {
        for one in &mut self.discrepancies {
            if one.state == DiscrepancyState::Open && kinds.contains(&one.kind) {
                one.state = DiscrepancyState::Closed;
                one.closed_at = Some(now);
                one.note = Some(note.to_owned());
            }
        }
    }
}

/// How many differences one payment keeps; a gateway that shows another one at every question must not fill a database.
pub const MAX_DISCREPANCIES: usize = 50;
