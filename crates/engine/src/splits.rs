//! Owners that are named after the payment.

use std::collections::BTreeSet;

use domain::cart::CartDraft;
use domain::command::{Addition, Command, NewSplit};
use domain::fault::{Fault, Faults};
use domain::ids::{PaymentId, Reference, SellerId};
use domain::money::Amount;
use domain::sale::SplitMode;
use domain::seller::{Party, Seller, SellerStatus};

use crate::caller::Caller;
use crate::desk::{Engine, Outcome, Submission};
use crate::error::Error;
use crate::views::PaymentView;

/// Which splits to add.
#[derive(Clone, Debug)]
pub enum SplitsWish {
    /// These.
    Named {
        /// Who is owed what, in order.
        splits: Vec<NamedSplit>,
        /// Whether the marketplace gets what they leave over.
        rest_to_commission: bool,
    },
    /// Those of another cart.
    Cart(Box<CartDraft>),
    /// Those of the payment's own cart, which was sold with `split: "later"`.
    Own,
}

/// A split with an amount of its own.
#[derive(Clone, Debug)]
pub struct NamedSplit {
    /// Who is owed.
    pub seller: SellerId,
    /// Minor units of the payment's currency.
    pub amount: Amount,
    /// The caller's own name for it.
    pub reference: Option<Reference>,
}

impl Engine {
    /// Adds splits to a payment that has succeeded or failed.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Refused`] before anything was sent; [`Error::RefusedByGateway`];
    /// [`Error::Unavailable`] when nothing was sent, or when an answer could not be kept.
    pub async fn add_splits(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
        wish: SplitsWish,
    ) -> Result<Outcome<PaymentView>, Error> {
        let payment = self.visible(caller, id).await?;
        let addition = match wish {
            SplitsWish::Named {
                splits,
                rest_to_commission,
            } => self.named(splits, rest_to_commission).await?,
            SplitsWish::Cart(cart) => {
                if cart.currency != payment.sale.cart.currency().code() {
                    let detail = format!("{}, the payment's currency", payment.sale.cart.currency());
                    return Err(Error::fault("/cart/currency", "currency_differs", detail));
                }
                let divided = self.desk.divide(*cart).await?;
                of_allocation(&divided.allocation)
            }
            SplitsWish::Own if payment.sale.split == SplitMode::Later => {
                self.still_sell(&payment.sale.allocation).await?;
                of_allocation(&payment.sale.allocation)
            }
            SplitsWish::Own => {
                let detail = "splits with amounts, or a cart: this payment was made with its splits";
                return Err(Error::fault("/splits", "splits_missing", detail));
            }
        };
        self.change(caller, id, submission, Command::AddSplits(addition)).await
    }

    async fn named(&self, splits: Vec<NamedSplit>, rest_to_commission: bool) -> Result<Addition, Error> {
        let names: BTreeSet<SellerId> = splits.iter().map(|split| split.seller.clone()).collect();
        let sellers = self.sellers_named(names).await?;
        let mut faults = Faults::new();
        let mut planned = Vec::new();
        for (n, split) in splits.into_iter().enumerate() {
            let at = format!("/splits/{n}/seller");
            match sellers.iter().find(|seller| seller.id == split.seller) {
                None => faults.push(Fault::new(at, "seller_unknown", "a seller that is registered")),
                Some(seller) if seller.status == SellerStatus::Suspended => {
                    faults.push(Fault::new(at, "seller_suspended", "a seller that may sell"));
                }
                Some(seller) => planned.push(NewSplit {
                    party: Party::Seller(split.seller),
                    site: seller.site,
                    amount: split.amount,
                    reference: split.reference,
                }),
            }
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        let commission = self.desk.settings.commission_site;
        Ok(Addition {
            splits: planned,
            lines: Vec::new(),
            rest: rest_to_commission.then_some(commission),
        })
    }

    /// Sellers that were suspended since the sale get no split now.
    async fn still_sell(&self, allocation: &domain::allocation::Allocation) -> Result<(), Error> {
        let parties = allocation.parties().iter();
        let names = parties.filter_map(|share| share.party.seller().cloned()).collect();
        let sellers = self.sellers_named(names).await?;
        let suspended = sellers.iter().find(|seller| seller.status == SellerStatus::Suspended);
        suspended.map_or(Ok(()), |seller| {
            let detail = format!("{} is suspended; activate it, or name the splits one by one", seller.id);
            Err(Error::fault("/splits", "seller_suspended", detail))
        })
    }

    async fn sellers_named(&self, names: BTreeSet<SellerId>) -> Result<Vec<Seller>, Error> {
        let names: Vec<SellerId> = names.into_iter().collect();
        Ok(self.desk.store.read(move |tx| tx.sellers(&names)).await?)
    }
}

fn of_allocation(allocation: &domain::allocation::Allocation) -> Addition {
    let split = |plan: domain::allocation::SplitPlan| NewSplit {
        party: plan.party,
        site: plan.site,
        amount: plan.amount,
        reference: None,
    };
    Addition {
        splits: allocation.splits().into_iter().map(split).collect(),
        lines: allocation.lines().to_vec(),
        rest: None,
    }
}
