//! Our books beside what the gateway shows, after everything it showed was learned: what still differs, in words.

use super::{Payment, Phase, differences};
use crate::money::Money;
use crate::sight::{Sight, Standing};

impl Payment {
    /// Each difference that is left between our books and what the gateway shows; empty when they agree.
    #[must_use]
    pub fn unreconciled(&self, sight: &Sight) -> Vec<String> {
        let currency = self.sale.cart.currency();
        let mut found = differences(self, sight);
        if !self.stands_as(sight.status.standing) {
            let (id, info) = (sight.status.id, &sight.status.info);
            found.push(format!(
                "the gateway shows status {id} {info}, our books say {}",
                self.phase.as_str()
            ));
        }
        for refund in sight.refunds.iter().flatten() {
            if !self.books_refund(refund) {
                let money = Money::new(refund.amount, refund.currency);
                let (id, info) = (refund.id, &refund.status.info);
                found.push(format!(
                    "refund {id} of {money} is shown as {info}, and our books do not have it so"
                ));
            }
        }
        if let Some(refunds) = &sight.refunds {
            let counted = self.refunds.iter().flat_map(|refund| &refund.parts);
            let gone = counted.filter(|part| {
                let claims = matches!(
                    part.state,
                    crate::refund::PartState::Open | crate::refund::PartState::Succeeded
                );
                claims && !refunds.iter().any(|refund| Some(refund.id) == part.gateway_id)
            });
            found.extend(gone.map(|part| {
                let money = Money::new(part.amount, currency);
                format!(
                    "a refund of {money} from split {} is {} here, and the gateway does not list it",
                    part.split,
                    part.state.as_str()
                )
            }));
        }
        found
    }

    const fn stands_as(&self, standing: Standing) -> bool {
        match standing {
            Standing::Open => matches!(self.phase, Phase::Open),
            Standing::Pending => matches!(self.phase, Phase::Pending),
            Standing::Authorized => matches!(self.phase, Phase::Authorized),
            Standing::Capturing => matches!(self.phase, Phase::Capturing),
            Standing::Cancelling => matches!(self.phase, Phase::Cancelling),
            Standing::Captured | Standing::PartiallyCaptured => {
                matches!(self.phase, Phase::Captured | Phase::PartiallyCaptured)
            }
            Standing::Cancelled => matches!(self.phase, Phase::Cancelled),
            Standing::Failed => matches!(self.phase, Phase::Failed),
            Standing::Expired => matches!(self.phase, Phase::Expired),
            Standing::Disputed => matches!(self.phase, Phase::Disputed),
            Standing::ChargedBack => matches!(self.phase, Phase::ChargedBack),
            Standing::Unknown => false,
        }
    }
}
