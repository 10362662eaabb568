//! What holds of one payment, looked at with everything that was stored about it in one snapshot.

use domain::discrepancy::DiscrepancyKind;
use domain::ids::PaymentId;
use domain::ledger::{Account, Balance, Book, Cause, Posting, Side};
use domain::money::Amount;
use domain::notification::{Notification, NotificationState};
use domain::operation::{Operation, OperationKind, OperationState};
use domain::payment::{Charged, Event, Payment, Phase};
use domain::sale::SplitMode;
use domain::seller::Party;
use domain::split::Split;
use domain::time::Timestamp;
use store::StoredPosting;

use super::report::{Rule, Tally};

/// A payment and everything stored about it.
pub(super) struct Facts {
    pub payment: Payment,
    pub postings: Vec<StoredPosting>,
    /// When they were recorded, with which version, and what.
    pub events: Vec<(Timestamp, u64, Event)>,
    pub notifications: Vec<Notification>,
    /// Who holds its order's name.
    pub order_holder: Option<PaymentId>,
    /// Who holds the reference of its create.
    pub reference_holder: Option<PaymentId>,
    /// Whose the gateway's payment is.
    pub gateway_owner: Option<PaymentId>,
}

impl Facts {
    /// Looks at every rule once.
    pub(super) fn check(&self, tally: &mut Tally) {
        let about = |what: Option<String>| what.map(|what| format!("{}: {what}", self.payment.id));
        tally.look(Rule::Splits, about(self.splits()));
        tally.look(Rule::Ordered, about(self.ordered()));
        tally.look(Rule::Phase, about(self.phase()));
        tally.look(Rule::Postings, about(self.rebuilt()));
        tally.look(Rule::Suspense, about(self.suspense()));
        tally.look(Rule::Refunds, about(self.refunds()));
        tally.look(Rule::Lines, about(self.lines()));
        tally.look(Rule::Causes, about(self.causes()));
        tally.look(Rule::Evidence, about(self.evidence()));
        tally.look(Rule::OrderClaim, about(self.order_claim()));
        tally.look(Rule::ReferenceClaim, about(self.reference_claim()));
        tally.look(Rule::GatewayIdentity, about(self.gateway_identity()));
        tally.look(Rule::Operations, about(self.operations()));
        tally.look(Rule::Attempts, about(self.attempts()));
        tally.look(Rule::Asked, about(self.asked()));
        tally.look(Rule::Discrepancies, about(self.discrepancies()));
        tally.look(Rule::History, about(self.history()));
        tally.look(Rule::Notifications, about(self.notified()));
    }

    fn splits(&self) -> Option<String> {
        let Payment { splits, sale, .. } = &self.payment;
        let planned = match sale.split {
            SplitMode::Now => sale.allocation.splits(),
            SplitMode::Later => Vec::new(),
        };
        let sum = Amount::sum(splits.iter().map(|split| split.amount)).ok();
        let all = self.payment.amount();
        let complete = sale.split == SplitMode::Later || sum == Some(all);
        if !complete || sum.is_none_or(|sum| sum > all) {
            return Some(format!("its splits add up to {} of {all}", in_words(sum)));
        }
        // Splits that were added stand behind those that it was sold with.
        let same = planned.len() <= splits.len()
            && planned.iter().zip(splits).all(|(plan, split)| {
                let amount = plan.amount == split.amount || self.divided_otherwise();
                plan.party == split.party && plan.site == split.site && amount
            });
        (!same).then(|| "its splits are not those of its allocation".to_owned())
    }

    fn ordered(&self) -> Option<String> {
        let wrong = self.payment.splits.iter().find(|split| !split.is_ordered())?;
        Some(format!(
            "split {}: amount {}, authorized {}, captured {}, refunding {}, refunded {}, charged back {}",
            wrong.number,
            wrong.amount,
            wrong.amount_authorized,
            wrong.amount_captured,
            wrong.amount_refunding,
            wrong.amount_refunded,
            wrong.amount_charged_back
        ))
    }

    fn phase(&self) -> Option<String> {
        let payment = &self.payment;
        let (all, authorized, captured) = (payment.amount(), payment.amount_authorized(), payment.amount_captured());
        let fits = match payment.phase {
            Phase::Captured => captured == all,
            Phase::Disputed | Phase::ChargedBack => captured <= all,
            Phase::PartiallyCaptured => !captured.is_zero() && captured < all,
            Phase::Authorized | Phase::Capturing => {
                captured.is_zero() && (authorized == all || payment.splits.is_empty())
            }
            Phase::Pending | Phase::Cancelling => captured.is_zero(),
            Phase::Processing | Phase::Open => authorized.is_zero(),
            Phase::Cancelled | Phase::Failed | Phase::Expired => {
                authorized.is_zero() && payment.amount_suspense.is_zero()
            }
        };
        (!fits).then(|| {
            format!(
                "{} with {authorized} authorized and {captured} captured of {all}",
                payment.phase.as_str()
            )
        })
    }

    fn rebuilt(&self) -> Option<String> {
        self.payment.splits.iter().find_map(|split| {
            let Some(found) = self.folded(split) else {
                return Some(format!("split {} has a posting that no rule makes", split.number));
            };
            let wanted = quantities(split, self.payment.phase);
            (found != wanted).then(|| format!("split {} says {wanted:?}, its postings {found:?}", split.number))
        })
    }

    /// A split's postings, folded as its party sees them.
    fn folded(&self, split: &Split) -> Option<Balance> {
        let mut balance = Balance::default();
        for posting in self.moved().filter(|posting| posting.split == Some(split.number)) {
            let (debit, credit, amount) = (posting.debit.name(), posting.credit.name(), posting.amount.get());
            for (account, side) in [(&posting.debit, Side::Debit), (&posting.credit, Side::Credit)] {
                if account.party() == Some(&split.party) {
                    balance.fold(debit, credit, side, amount)?;
                }
            }
        }
        Some(balance)
    }

    fn moved(&self) -> impl Iterator<Item = &Posting> {
        self.postings.iter().map(|stored| &stored.posting)
    }

    fn suspense(&self) -> Option<String> {
        let held = [
            (Account::Suspense, self.payment.amount_suspense),
            (Account::Unallocated, self.payment.amount_unallocated),
        ];
        held.into_iter().find_map(|(account, held)| {
            let of = |posting: &Posting| {
                let amount = i128::from(posting.amount);
                match (posting.debit == account, posting.credit == account) {
                    (false, true) => amount,
                    (true, false) => amount.saturating_neg(),
                    _ => 0,
                }
            };
            let posted: i128 = self.moved().map(of).sum();
            let name = account.name();
            (posted != i128::from(held)).then(|| format!("{held} held in {name}, {posted} posted there"))
        })
    }

    fn causes(&self) -> Option<String> {
        self.moved().find_map(|posting| {
            let known = match posting.cause {
                Cause::Operation(number) => self.payment.operation(number).is_some(),
                Cause::External => true,
                Cause::Settlement => false,
            };
            let split = posting
                .split
                .map(|number| self.payment.splits.iter().find(|split| split.number == number));
            let own = |account: &Account| match (account.party(), split) {
                (None, _) => true,
                (Some(party), Some(Some(split))) => split.party == *party,
                (Some(_), _) => false,
            };
            let fits = known
                && !posting.amount.is_zero()
                && split != Some(None)
                && posting.debit != posting.credit
                && (self.is_adjustment(posting) || own(&posting.debit) && own(&posting.credit));
            (!fits).then(|| {
                format!(
                    "{} from {} to {}",
                    posting.amount,
                    label(&posting.debit),
                    label(&posting.credit)
                )
            })
        })
    }

    /// What the gateway cannot move goes between a seller of the payment and the marketplace, and belongs to no split.
    fn is_adjustment(&self, posting: &Posting) -> bool {
        let lines = self.payment.lines();
        let sold = |party: &Party| lines.iter().any(|line| line.sold.party == *party);
        match (&posting.debit, &posting.credit) {
            (Account::Of(one, Book::Payable), Account::Of(Party::Marketplace, Book::Payable))
            | (Account::Of(Party::Marketplace, Book::Payable), Account::Of(one, Book::Payable)) => {
                posting.split.is_none() && sold(one)
            }
            _ => false,
        }
    }

    fn evidence(&self) -> Option<String> {
        let payment = &self.payment;
        let paid = payment.seen.as_ref().map(|seen| seen.status.standing.is_money());
        match (paid, payment.charged()) {
            (None, _) if !self.postings.is_empty() => Some(format!(
                "{} postings, and the gateway never showed it",
                self.postings.len()
            )),
            (Some(true), Charged::No) => Some("shown as paid and called uncharged".to_owned()),
            _ => None,
        }
    }

    fn order_claim(&self) -> Option<String> {
        let payment = &self.payment;
        let mine = self.order_holder == Some(payment.id);
        let holder = self
            .order_holder
            .map_or_else(|| "nobody".to_owned(), |holder| holder.to_string());
        let order = &payment.sale.order;
        if payment.sale.allow_another || !payment.is_live() {
            return mine.then(|| format!("it holds order {order} and should not"));
        }
        // A late success beside a live payment is kept, and flagged.
        let twice = payment
            .discrepancies
            .iter()
            .any(|one| one.kind == DiscrepancyKind::OrderPaidTwice);
        (!mine && !twice).then(|| format!("order {order} is held by {holder}"))
    }

    fn reference_claim(&self) -> Option<String> {
        let create = self.payment.authorize()?;
        let mine = self.reference_holder == Some(self.payment.id);
        (!mine).then(|| format!("its reference {} names another payment, or none", create.reference))
    }

    fn gateway_identity(&self) -> Option<String> {
        let seen = self.payment.seen.as_ref()?;
        let mine = self.gateway_owner == Some(self.payment.id);
        (!mine).then(|| {
            format!(
                "payment {} ({}) of the gateway is another's too",
                seen.at.id,
                seen.at.host.as_str()
            )
        })
    }

    fn operations(&self) -> Option<String> {
        let payment = &self.payment;
        let counted = (1..)
            .zip(&payment.operations)
            .all(|(number, operation)| operation.number == number);
        if !counted || payment.operations.is_empty() {
            return Some("its operations are not numbered 1, 2, 3 …".to_owned());
        }
        payment.operations.iter().find_map(|operation| {
            // A cancel of a payment that never reached the gateway is done without it.
            let shown = payment.seen.is_some() || operation.kind() == OperationKind::Cancel;
            let fits = operation.state.is_settled() == operation.settled_at.is_some()
                && (operation.state != OperationState::Done || shown);
            (!fits).then(|| {
                let at = operation
                    .settled_at
                    .map_or_else(|| "never".to_owned(), |at| at.to_string());
                format!(
                    "operation {} is {}, settled {at}",
                    operation.number,
                    operation.state.as_str()
                )
            })
        })
    }

    fn attempts(&self) -> Option<String> {
        self.payment.operations.iter().find_map(|operation| {
            let recorded = self
                .events
                .iter()
                .filter(|(_, _, event)| is_attempt(event, operation))
                .count();
            let made = operation.attempts();
            // What ended before it was sent, or asks nothing of the gateway, was never attempted.
            let unsent = matches!(
                operation.state,
                OperationState::Ready | OperationState::Refused | OperationState::NotSent
            ) || !operation.work.is_call()
                || operation.kind() == OperationKind::Cancel;
            let sent = unsent || made > 0;
            let fits = sent && u32::try_from(recorded) == Ok(made);
            (!fits).then(|| {
                let (number, state) = (operation.number, operation.state.as_str());
                format!("operation {number} is {state} after {made} attempts, {recorded} recorded")
            })
        })
    }

    fn asked(&self) -> Option<String> {
        let waits = |one: &&Operation| one.is_open() && one.state != OperationState::NeedsAttention;
        let waiting = self.payment.operations.iter().find(waits)?;
        self.payment.due_at.is_none().then(|| {
            format!(
                "operation {} is {} and nobody will look at it",
                waiting.number,
                waiting.state.as_str()
            )
        })
    }

    fn notified(&self) -> Option<String> {
        self.notifications.iter().find_map(|one| {
            let fits = match one.state {
                NotificationState::Waiting => one.due_at.is_some(),
                NotificationState::Settled => one.due_at.is_none(),
                NotificationState::Orphan => false,
            };
            (!fits).then(|| {
                let due = one.due_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
                format!(
                    "notification {} is {}, to be answered {due}",
                    one.id,
                    one.state.as_str()
                )
            })
        })
    }
}

/// What a split's postings must fold to.
fn quantities(split: &Split, phase: Phase) -> Balance {
    let gone = [split.amount_refunding, split.amount_refunded, split.amount_charged_back];
    let held = split
        .amount_captured
        .saturating_sub(Amount::sum(gone).unwrap_or(split.amount_captured));
    Balance {
        authorized: split
            .amount_authorized
            .get()
            .saturating_sub(split.amount_captured.get()),
        captured: split.amount_captured.get(),
        refunding: split.amount_refunding.get(),
        refunded: split.amount_refunded.get(),
        disputed: if phase == Phase::Disputed { held.get() } else { 0 },
        charged_back: split.amount_charged_back.get(),
        adjusted: 0,
        settled: 0,
    }
}

fn is_attempt(event: &Event, operation: &Operation) -> bool {
    event.kind == "attempt" && event.operation == Some(operation.number)
}

fn in_words(amount: Option<Amount>) -> String {
    amount.map_or_else(|| "more than can be counted".to_owned(), |amount| amount.to_string())
}

/// An account as reports write it: `payable of s1`.
pub(super) fn label(account: &Account) -> String {
    account.party().map_or_else(
        || account.name().to_owned(),
        |party| format!("{} of {party}", account.name()),
    )
}
