//! What the gateway paid out to sellers, told by hand or by import: it enters the books, once.

use domain::date::Date;
use domain::ids::{SellerId, SettlementId};
use domain::money::{Amount, Currency, Money};
use domain::settlement::Settlement;
use store::{Commit, StoreError};

use crate::caller::Caller;
use crate::desk::{Engine, Outcome, Submission};
use crate::error::Error;
use crate::perform::CONFLICTS_MAX;
use crate::views::SettlementView;

/// A payout, as it is told.
#[derive(Clone, Debug)]
pub struct NewSettlement {
    /// Who was paid.
    pub seller: SellerId,
    /// In which currency.
    pub currency: Currency,
    /// Minor units.
    pub amount: Amount,
    /// The payout's own name, by which nobody tells it twice for a seller.
    pub reference: String,
    /// The day on which it was paid.
    pub settled_on: Date,
}

impl Engine {
    /// Enters a payout into the books.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a seller that is not registered; [`Error::Conflict`] where the seller has another
    /// settlement with this reference; [`Error::KeyReused`]; [`Error::Unavailable`].
    pub async fn settle_out(
        &self,
        caller: &Caller,
        submission: Submission,
        told: NewSettlement,
    ) -> Result<Outcome<SettlementView>, Error> {
        let desk = &self.desk;
        let name = told.seller.clone();
        let known = desk
            .store
            .read(move |tx| tx.sellers(std::slice::from_ref(&name)))
            .await?;
        if known.is_empty() {
            return Err(Error::fault("/seller", "seller_unknown", "a seller that is registered"));
        }
        let settlement = Settlement {
            id: SettlementId::from_u128(desk.ids.ordered()),
            seller: told.seller,
            amount: Money::new(told.amount, told.currency),
            reference: told.reference,
            settled_on: told.settled_on,
            principal: caller.principal.clone(),
            key: submission.key,
            fingerprint: submission.fingerprint,
        };
        for _ in 0..CONFLICTS_MAX {
            if let Some(outcome) = self.told_before(&settlement).await? {
                return Ok(outcome);
            }
            let commit = Commit {
                settlement: Some(settlement.clone()),
                ..Commit::default()
            };
            match desk.store.commit(commit).await {
                // It is read back: the writer has said when it was recorded.
                Ok(_) => {
                    let id = settlement.id;
                    let kept = desk
                        .store
                        .read(move |tx| tx.settlement(id))
                        .await?
                        .ok_or(Error::Contended)?;
                    return Ok(Outcome {
                        view: SettlementView::of(&kept.settlement, kept.recorded_at),
                        replayed: false,
                        settled: true,
                    });
                }
                Err(StoreError::Conflict | StoreError::Unknown(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Contended)
    }

    /// The same settlement, where it was told already.
    async fn told_before(&self, settlement: &Settlement) -> Result<Option<Outcome<SettlementView>>, Error> {
        let (principal, key) = (settlement.principal.clone(), settlement.key.clone());
        let (seller, reference) = (settlement.seller.clone(), settlement.reference.clone());
        let look = move |tx: &mut store::Tx<'_>| {
            let by_key = tx.settlement_by_key(&principal, &key)?;
            let by_reference = tx.settlement_by_reference(&seller, &reference)?;
            Ok((by_key, by_reference))
        };
        match self.desk.store.read(look).await? {
            (Some(known), _) if known.settlement.fingerprint != settlement.fingerprint => Err(Error::KeyReused),
            (Some(known), _) => Ok(Some(Outcome {
                view: SettlementView::of(&known.settlement, known.recorded_at),
                // One that this very call wrote, and was not told of, is no repeat.
                replayed: known.settlement.id != settlement.id,
                settled: true,
            })),
            (None, Some(known)) => Err(Error::Conflict {
                code: "settlement_known",
                detail: format!(
                    "{} is settlement {} of {}: {} on {}",
                    known.settlement.reference,
                    known.settlement.id,
                    known.settlement.seller,
                    known.settlement.amount,
                    known.settlement.settled_on
                ),
            }),
            (None, None) => Ok(None),
        }
    }
}
