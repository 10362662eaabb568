//! One payment as the engine drives it: commits in order, the books they leave, and what must hold after each.

use std::collections::BTreeMap;

use domain::command::Command;
use domain::discrepancy::DiscrepancyKind;
use domain::finding::{Door, Finding, What};
use domain::ids::PaymentId;
use domain::ledger::{Account, Balance, Book, Posting, Side};
use domain::money::Amount;
use domain::operation::{Operation, OperationState, Work};
use domain::payment::{Charged, Learning, Lesson, Pace, Payment, Phase};
use domain::refusal::Refusal;
use domain::sale::Sale;
use domain::seller::Party;
use domain::sight::{RefundSight, RefundStanding, Standing};

use super::gateway::refund_sight;
use super::sample::{PACE, asking, at, attempt, create, sight};

#[derive(Clone)]
pub struct Desk {
    pub payment: Payment,
    pub pace: Pace,
    /// Seconds since the create.
    pub now: i64,
    /// The payment that holds the order's claim.
    pub order_holder: Option<PaymentId>,
    books: BTreeMap<Account, i64>,
    /// The same, folded as balances are.
    balances: BTreeMap<Party, Balance>,
    keys: u32,
}

impl Desk {
    /// The create is on its way.
    pub fn new(sale: Sale) -> Self {
        Self {
            payment: create(sale),
            pace: PACE,
            now: 0,
            order_holder: None,
            books: BTreeMap::new(),
            balances: BTreeMap::new(),
            keys: 1,
        }
    }

    /// Shown so by the gateway when it was asked.
    pub fn shown(sale: Sale, standing: Standing) -> Self {
        let mut desk = Self::new(sale);
        desk.asked_shows(standing);
        desk
    }

    /// Decides a command under a new key: its operation.
    pub fn command(&mut self, command: &Command) -> Result<u16, Refusal> {
        self.keys += 1;
        let decision = Payment::decide(Some(&self.payment), command, asking(self.keys, self.now))?;
        assert_eq!(decision.next.version, self.payment.version + 1);
        self.post(&decision.postings);
        self.payment = decision.next;
        self.check();
        Ok(decision.operation)
    }

    /// The next attempt of an operation; `false` where it waits for none.
    pub fn attempt(&mut self, operation: u16) -> Result<bool, Refusal> {
        let attempts = self.operation(operation).attempts();
        let attempt = attempt(attempts + 1, self.now);
        let Some(decision) = self.payment.attempt(operation, attempt, at(self.now))? else {
            return Ok(false);
        };
        self.payment = decision.next;
        self.check();
        Ok(true)
    }

    /// Sends what waits to be sent: the number of the operation.
    pub fn send(&mut self) -> Option<u16> {
        let number = self.payment.sendable()?.number;
        assert_eq!(self.attempt(number), Ok(true));
        Some(number)
    }

    /// The direct answer to the latest attempt of an operation.
    pub fn answer(&mut self, operation: u16, what: What) -> Lesson {
        let attempt = self.operation(operation).attempts();
        self.learn(&Finding {
            door: Door::Answer { operation, attempt },
            what,
        })
    }

    /// The answer to a question.
    pub fn asked(&mut self, what: What) -> Lesson {
        let version = self.payment.version;
        self.learn(&Finding {
            door: Door::Question { version },
            what,
        })
    }

    pub fn asked_shows(&mut self, standing: Standing) -> Lesson {
        let sight = sight(&self.payment, standing);
        self.asked(What::Shown(Box::new(sight)))
    }

    pub fn answer_shows(&mut self, operation: u16, standing: Standing) -> Lesson {
        let sight = sight(&self.payment, standing);
        self.answer(operation, What::Shown(Box::new(sight)))
    }

    /// Shown as it was, with all its refunds.
    pub fn asked_shows_refunds(&mut self, refunds: Vec<RefundSight>) -> Lesson {
        let standing = self.payment.seen.as_ref().unwrap().status.standing;
        let mut sight = sight(&self.payment, standing);
        sight.refunds = Some(refunds);
        self.asked(What::Shown(Box::new(sight)))
    }

    /// What an honest gateway answers to a part of a refund, under this id.
    pub fn refund_answer(&self, operation: u16, id: u64, standing: RefundStanding) -> RefundSight {
        let one = self.operation(operation);
        let (refund, split) = match one.work {
            Work::Refund { refund, split } => (refund, split.unwrap()),
            _ => unreachable!(),
        };
        let part = self.payment.refund(refund).unwrap().part(split).unwrap();
        let giver = self.payment.splits.iter().find(|one| one.number == split).unwrap();
        refund_sight(id, giver.gateway_id, Some(one.reference.clone()), part.amount, standing)
    }

    pub fn learn(&mut self, finding: &Finding) -> Lesson {
        let pace = self.pace;
        let learning = Learning {
            now: at(self.now),
            pace: &pace,
            claims: None,
            order_holder: self.order_holder,
        };
        let lesson = self.payment.learn(finding, &learning).unwrap();
        let Some(next) = lesson.next.clone() else {
            assert!(lesson.postings.is_empty(), "nothing moves without a commit");
            return lesson;
        };
        assert_eq!(next.version, self.payment.version + 1);
        self.post(&lesson.postings);
        self.payment = next;
        self.check();
        // The same again tells nothing that moves money.
        match self.payment.learn(finding, &learning) {
            Ok(again) => assert!(again.postings.is_empty(), "told twice: {:?}", again.postings),
            Err(_) => assert!(matches!(finding.door, Door::Question { .. })),
        }
        lesson
    }

    pub fn operation(&self, number: u16) -> &Operation {
        self.payment.operation(number).unwrap()
    }

    pub fn state(&self, operation: u16) -> OperationState {
        self.operation(operation).state
    }

    pub fn phase(&self) -> Phase {
        self.payment.phase
    }

    /// Every difference that was ever filed.
    pub fn filed(&self) -> Vec<DiscrepancyKind> {
        self.payment.discrepancies.iter().map(|one| one.kind).collect()
    }

    /// What is on an account of a party.
    pub fn on(&self, party: &Party, book: Book) -> i64 {
        self.of(&Account::Of(party.clone(), book))
    }

    /// What the buyer has paid and not got back, by the books.
    pub fn paid(&self) -> i64 {
        let kept = |account: &Account| !matches!(account, Account::Buyer | Account::Of(_, Book::Authorized));
        self.books
            .iter()
            .filter(|(account, _)| kept(account))
            .map(|(_, amount)| amount)
            .sum()
    }

    fn of(&self, account: &Account) -> i64 {
        self.books.get(account).copied().unwrap_or_default()
    }

    fn post(&mut self, postings: &[Posting]) {
        for posting in postings {
            assert!(posting.amount > Amount::ZERO);
            *self.books.entry(posting.debit.clone()).or_default() -= posting.amount.get();
            *self.books.entry(posting.credit.clone()).or_default() += posting.amount.get();
            let (debit, credit) = (&posting.debit, &posting.credit);
            for (account, side) in [(debit, Side::Debit), (credit, Side::Credit)] {
                let Some(party) = account.party() else { continue };
                let balance = self.balances.entry(party.clone()).or_default();
                let folded = balance.fold(debit.name(), credit.name(), side, posting.amount.get());
                assert_eq!(folded, Some(()), "{posting:?}");
            }
        }
    }

    /// What must hold after every commit (MONEY §5).
    fn check(&self) {
        let payment = &self.payment;
        assert_eq!(self.books.values().sum::<i64>(), 0, "the books sum to zero");
        assert_eq!(self.of(&Account::Suspense), payment.amount_suspense.get());
        assert_eq!(self.of(&Account::Unallocated), payment.amount_unallocated.get());
        let mut figures: BTreeMap<&Party, [i64; 3]> = BTreeMap::new();
        for split in &payment.splits {
            assert!(split.is_ordered(), "{split:?}");
            let [authorized, refunding, held] = figures.entry(&split.party).or_default();
            *authorized += split.amount_authorized.get() - split.amount_captured.get();
            *refunding += split.amount_refunding.get();
            let gone = [split.amount_refunding, split.amount_refunded, split.amount_charged_back];
            *held += split.amount_captured.get() - gone.iter().map(|amount| amount.get()).sum::<i64>();
        }
        for (party, [authorized, refunding, held]) in figures {
            let balance = self.balances.get(party).copied().unwrap_or_default();
            assert_eq!(self.on(party, Book::Authorized), authorized, "{party}");
            assert_eq!(self.on(party, Book::Refunding), refunding, "{party}");
            let disputed = if payment.phase == Phase::Disputed { held } else { 0 };
            assert_eq!(self.on(party, Book::Disputed), disputed, "{party}");
            let payable = self.on(party, Book::Payable);
            assert_eq!(payable + disputed, held + balance.adjusted, "{party}");
            assert_eq!(balance.balance(), Some(payable), "{party}");
        }
        for line in payment.lines().iter() {
            assert!(line.back.n.get() <= line.whole() && line.left() >= 0, "{line:?}");
        }
        let taken = !payment.amount_captured().is_zero() || !payment.amount_suspense.is_zero();
        assert!(!taken || payment.charged() == Charged::Yes);
        assert!(payment.amount_refunded() <= payment.amount_captured());
        let planned = payment.planned_capture().map(|plan| plan.amount);
        assert!(planned.is_none_or(|planned| planned <= payment.amount_authorized()));
        assert!(
            planned.is_some() || payment.unready().is_empty(),
            "nobody is waited for in vain"
        );
    }
}
