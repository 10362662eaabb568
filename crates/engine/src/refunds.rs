//! Giving back to the buyer, seller by seller.

use std::collections::{BTreeMap, BTreeSet};

use domain::allocation::{LineRef, Subject};
use domain::command::{Command, RefundAsk};
use domain::fault::Fault;
use domain::fee_plan::CommissionOnRefund;
use domain::ids::{FeePlanId, PaymentId, RefundId, SellerId};
use domain::metadata::Metadata;
use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::refund::{Ask, Refund};
use domain::seller::Party;

use crate::caller::Caller;
use crate::desk::{Engine, Outcome, Submission};
use crate::error::Error;
use crate::perform::Performed;
use crate::views::{Page, RefundPreviewView, RefundView};

/// What to give back.
#[derive(Clone, Debug)]
pub struct RefundWish {
    /// What of the payment.
    pub ask: Ask,
    /// What becomes of the commission, where the sellers' fee plans are not to say it.
    pub commission: Option<CommissionOnRefund>,
    /// Why, in the caller's words.
    pub reason: Option<String>,
    /// The caller's own name for it.
    pub reference: Option<String>,
    /// The caller's own keys and values.
    pub metadata: Metadata,
}

impl Engine {
    /// What a refund would do to everybody; nothing is sent. A seller sees its own row.
    ///
    /// # Errors
    /// As the refund itself.
    pub async fn preview_refund(
        &self,
        caller: &Caller,
        id: PaymentId,
        wish: RefundWish,
    ) -> Result<RefundPreviewView, Error> {
        let payment = self.visible(caller, id).await?;
        let ask = self.refund_ask(caller, &payment, wish).await?;
        let plan = payment.plan_refund(&ask);
        let plan = plan.map_err(|refusal| Error::refused(refusal, Some(&payment)))?;
        let currency = payment.sale.cart.currency();
        let parties: Vec<Party> = plan.parties.iter().map(|side| side.party.clone()).collect();
        let load = move |tx: &mut store::Tx<'_>| {
            let mut balances = BTreeMap::new();
            for party in parties {
                let own = tx.balances(&party)?;
                let balance = own
                    .iter()
                    .find(|(of, _)| *of == currency)
                    .and_then(|(_, one)| one.balance());
                balances.insert(party, balance.unwrap_or_default());
            }
            Ok(balances)
        };
        let balances = self.desk.store.read(load).await?;
        Ok(RefundPreviewView::of(&payment, &plan.preview(&balances), caller))
    }

    /// Gives back.
    ///
    /// # Errors
    /// [`Error::Invalid`] or [`Error::Refused`] before anything was sent; [`Error::RefusedByGateway`] where it has one
    /// part, and that was refused; [`Error::Unavailable`] when nothing was sent, or when an answer could not be kept.
    pub async fn refund(
        &self,
        caller: &Caller,
        id: PaymentId,
        submission: Submission,
        wish: RefundWish,
    ) -> Result<Outcome<RefundView>, Error> {
        let payment = self.visible(caller, id).await?;
        let ask = self.refund_ask(caller, &payment, wish).await?;
        let command = Command::Refund(ask);
        let performed = self.perform(caller, submission, Some(id), command, None).await?;
        performed.accepted()?;
        refunded(&performed, caller)
    }

    /// Sends the failed parts of a refund again.
    ///
    /// # Errors
    /// As [`Engine::refund`].
    pub async fn retry_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        submission: Submission,
    ) -> Result<Outcome<RefundView>, Error> {
        let command = Command::Retry { refund: id.number };
        self.about_refund(caller, id, submission, command).await
    }

    /// Gives up the failed parts of a refund: what they claimed is free again.
    ///
    /// # Errors
    /// As [`Engine::refund`].
    pub async fn abandon_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        submission: Submission,
    ) -> Result<Outcome<RefundView>, Error> {
        let command = Command::Abandon { refund: id.number };
        self.about_refund(caller, id, submission, command).await
    }

    async fn about_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        submission: Submission,
        command: Command,
    ) -> Result<Outcome<RefundView>, Error> {
        let payment = self.visible(caller, id.payment).await?;
        payment.refund(id.number).ok_or(Error::NotFound)?;
        let performed = self
            .perform(caller, submission, Some(id.payment), command, None)
            .await?;
        let refund = performed.payment.refund(id.number).ok_or(Error::NotFound)?;
        Ok(accepted(&performed, refund, caller))
    }

    /// One refund, as the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for one that the caller may not see.
    pub async fn get_refund(&self, caller: &Caller, id: RefundId) -> Result<RefundView, Error> {
        let payment = self.visible(caller, id.payment).await?;
        let refund = payment.refund(id.number).ok_or(Error::NotFound)?;
        let view = RefundView::of(&payment, refund, caller);
        if caller.seller().is_some() && !view.concerns_caller() {
            return Err(Error::NotFound);
        }
        Ok(view)
    }

    /// The refunds of a payment, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a payment that the caller may not see.
    pub async fn refunds(&self, caller: &Caller, id: PaymentId) -> Result<Page<RefundView>, Error> {
        let payment = self.visible(caller, id).await?;
        let views = payment
            .refunds
            .iter()
            .rev()
            .map(|one| RefundView::of(&payment, one, caller));
        let own = views.filter(|view| caller.seller().is_none() || view.concerns_caller());
        Ok(Page {
            data: own.collect(),
            has_more: false,
            next_cursor: None,
        })
    }

    /// The wish in the rulebook's words: a seller speaks of its own goods only, and the fee plans of the sale say what
    /// becomes of the commission unless somebody does.
    async fn refund_ask(&self, caller: &Caller, payment: &Payment, wish: RefundWish) -> Result<RefundAsk, Error> {
        if let Some(seller) = caller.seller() {
            own_goods(payment, seller, &wish)?;
        }
        let keeps = match wish.commission {
            Some(CommissionOnRefund::Return) => BTreeSet::new(),
            Some(CommissionOnRefund::Keep) => sellers(payment).collect(),
            None => self.keeping_sellers(payment).await?,
        };
        Ok(RefundAsk {
            ask: wish.ask,
            keeps,
            commission: wish.commission,
            reason: wish.reason,
            reference: wish.reference,
            metadata: wish.metadata,
        })
    }

    /// The sellers whose fee plan, in the version that the payment was sold under, keeps commission on refunds.
    async fn keeping_sellers(&self, payment: &Payment) -> Result<BTreeSet<SellerId>, Error> {
        let plans: Vec<(SellerId, FeePlanId, u32)> = sellers(payment)
            .filter_map(|seller| plan_of(payment, &seller).map(|(plan, version)| (seller, plan, version)))
            .collect();
        let load = move |tx: &mut store::Tx<'_>| {
            let mut keeping = BTreeSet::new();
            for (seller, plan, version) in plans {
                let plan = tx.version(&plan, version)?;
                if plan.is_some_and(|plan| plan.commission_on_refund == CommissionOnRefund::Keep) {
                    keeping.insert(seller);
                }
            }
            Ok(keeping)
        };
        Ok(self.desk.store.read(load).await?)
    }
}

fn refunded(performed: &Performed, caller: &Caller) -> Result<Outcome<RefundView>, Error> {
    let operation = performed.payment.operation(performed.operation);
    let number = operation.and_then(|one| match one.work {
        Work::Refund { refund, .. } => Some(refund),
        _ => None,
    });
    let refund = number.and_then(|number| performed.payment.refund(number));
    let refund = refund.ok_or_else(|| Error::Internal("an operation of a refund without it".to_owned()))?;
    Ok(accepted(performed, refund, caller))
}

/// The refund as an answer: what the gateway has accepted is one, it is `open`.
fn accepted(performed: &Performed, refund: &Refund, caller: &Caller) -> Outcome<RefundView> {
    let mut outcome = performed.outcome(RefundView::of(&performed.payment, refund, caller));
    outcome.settled = performed.parts().all(Operation::is_accepted);
    outcome
}

fn sellers(payment: &Payment) -> impl Iterator<Item = SellerId> {
    let lines = payment.lines().into_owned();
    lines.into_iter().filter_map(|line| line.sold.party.seller().cloned())
}

/// The version of the fee plan that decided a seller's commission: the rule is named `plan@version#rule`.
fn plan_of(payment: &Payment, seller: &SellerId) -> Option<(FeePlanId, u32)> {
    let share = payment.sale.allocation.share_of(&Party::Seller(seller.clone()))?;
    let commission = |subject: &Subject| matches!(subject, Subject::Commission(_));
    let rule = share
        .reasons
        .iter()
        .filter(|reason| commission(&reason.subject))
        .find_map(|one| one.rule.as_deref())?;
    let (plan, rest) = rule.split_once('@')?;
    let (version, _) = rest.split_once('#')?;
    Some((plan.parse().ok()?, version.parse().ok()?))
}

/// A seller gives back its own goods, under its plan's policy; what is another's does not exist for it.
fn own_goods(payment: &Payment, seller: &SellerId, wish: &RefundWish) -> Result<(), Error> {
    let mut faults = Vec::new();
    if wish.commission.is_some() {
        let detail = "nothing: for a seller the fee plan of the sale decides";
        faults.push(Fault::new("/commission", "role_forbidden", detail));
    }
    match &wish.ask {
        Ask::Everything => {
            let detail = "a seller and an amount, or lines: everything is for operators";
            faults.push(Fault::new("/seller", "field_missing", detail));
        }
        Ask::Amount { seller: named, .. } if named != seller => {
            let detail = "your own: a seller gives back its own goods";
            faults.push(Fault::new("/seller", "seller_not_in_payment", detail));
        }
        Ask::Amount { .. } => {}
        Ask::Lines { lines, shipping } => {
            let own = |wanted: &LineRef| {
                let lines = payment.lines();
                lines
                    .iter()
                    .any(|line| line.sold.line == *wanted && line.sold.party.seller() == Some(seller))
            };
            for (n, line) in lines.iter().enumerate() {
                if !own(&LineRef::Item(line.id.clone())) {
                    let detail = "a line of this payment";
                    faults.push(Fault::new(format!("/lines/{n}/id"), "line_not_in_payment", detail));
                }
            }
            for (n, named) in shipping.iter().enumerate() {
                if named != seller {
                    let detail = "your own shipping";
                    faults.push(Fault::new(format!("/shipping/{n}"), "shipping_not_in_payment", detail));
                }
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}
