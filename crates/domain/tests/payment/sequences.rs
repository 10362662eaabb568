//! Whatever people ask for in whichever order, and however badly the line is: the books are sound after every commit,
//! an honest gateway's books are ours once nothing is under way, and everybody is whole after everything went back.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::capture_plan::CaptureAsk;
use domain::command::Command;
use domain::discrepancy::DiscrepancyKind;
use domain::finding::What;
use domain::ledger::Book;
use domain::operation::OperationState;
use domain::payment::{Pace, Phase};
use domain::refund::Ask;
use domain::sale::{CaptureMode, Sale, SplitMode, Steps};
use proptest::prelude::*;

use super::desk::Desk;
use super::gateway::Gateway;
use super::sample::{Dice, PACE, at, capture, sold};
use super::wishes::{any_command, refund};

struct World {
    desk: Desk,
    gateway: Gateway,
    /// Requests that will still land.
    late: Vec<u16>,
    /// Answers that will still be read.
    unread: Vec<(u16, What)>,
    /// Somebody acted at the gateway itself.
    meddled: bool,
    /// Part of a commission was kept.
    keeps: bool,
}

impl World {
    fn new(sale: Sale) -> Self {
        let mut desk = Desk::new(sale);
        desk.pace = Pace {
            resend_refund_after: Some(Duration::from_secs(7200)),
            patience: Duration::from_secs(90 * 86_400),
            ..PACE
        };
        Self {
            desk,
            gateway: Gateway::new(),
            late: Vec::new(),
            unread: Vec::new(),
            meddled: false,
            keeps: false,
        }
    }

    /// What was begun travels: there and back, there only, nowhere, or later.
    fn call(&mut self, number: u16, dice: &mut Dice<'_>) {
        if self.desk.state(number) != OperationState::Sending {
            return;
        }
        let lost = || What::Unknown("no answer in time".to_owned());
        let fate = dice.below(10);
        let answer = match fate {
            7 => What::NotSent("no connection".to_owned()),
            8 if dice.one_in(2) => lost(),
            8 => {
                self.late.push(number);
                lost()
            }
            _ => {
                let operation = self.desk.operation(number).clone();
                let answer = self.gateway.execute(&self.desk.payment, &operation, dice);
                match fate {
                    // The notification is quicker than the answer.
                    5 | 6 if dice.one_in(2) => {
                        self.unread.push((number, answer));
                        return self.ask();
                    }
                    9 => lost(),
                    _ => answer,
                }
            }
        };
        self.desk.answer(number, answer);
    }

    /// Time passes, late requests land, and the sweep does what is due.
    fn wait(&mut self, seconds: i64, dice: &mut Dice<'_>) {
        for number in std::mem::take(&mut self.late) {
            let operation = self.desk.operation(number).clone();
            self.gateway.execute(&self.desk.payment, &operation, dice);
        }
        for (number, answer) in std::mem::take(&mut self.unread) {
            self.desk.answer(number, answer);
        }
        self.desk.now += seconds;
        self.gateway.goes_on(&self.desk.payment, dice);
        if self.desk.payment.due_at.is_none_or(|due| due > at(self.desk.now)) {
            return;
        }
        match self.desk.send() {
            Some(number) => self.call(number, dice),
            None => self.ask(),
        }
    }

    fn ask(&mut self) {
        let shown = self.gateway.shown(&self.desk.payment, true);
        self.desk.asked(shown);
    }

    /// A good line from now on: until nothing is under way.
    fn settle(&mut self) {
        let mut dice = Dice([].iter());
        for _ in 0..60 {
            let payment = &self.desk.payment;
            let busy = payment.open_operation().is_some() || payment.refunds.iter().any(|one| one.settled_at.is_none());
            if !busy
                && !matches!(
                    payment.phase,
                    Phase::Open | Phase::Pending | Phase::Capturing | Phase::Cancelling
                )
            {
                break;
            }
            let due = payment.due_at.unwrap();
            let seconds = due.since(at(self.desk.now)).as_secs();
            self.wait(i64::try_from(seconds).unwrap() + 1, &mut dice);
        }
        if self.desk.payment.is_held() {
            // What it does and what the books can follow differ only where somebody acted beside us.
            assert!(self.meddled, "{:?}", self.desk.payment.discrepancies);
            return;
        }
        assert_eq!(self.desk.payment.open_operation(), None);
        self.ask();
        if !self.desk.payment.is_held() {
            self.gateway.agrees_with(&self.desk.payment);
        }
    }

    fn step(&mut self, dice: &mut Dice<'_>) {
        match dice.below(12) {
            0..=4 => self.wait([1, 20, 700, 8000][usize::try_from(dice.below(4)).unwrap()], dice),
            5 if dice.one_in(6) => self.wait(6 * 86_400, dice),
            5 => self.again(dice),
            6 if dice.one_in(10) => {
                let refunds = self.gateway.refunds.len();
                self.gateway.refund_elsewhere(dice);
                self.meddled |= self.gateway.refunds.len() > refunds;
            }
            _ => {
                let command = any_command(&self.desk.payment, dice);
                self.keeps |= matches!(&command, Command::Refund(ask) if !ask.keeps.is_empty());
                if let Ok(number) = self.desk.command(&command) {
                    self.call(number, dice);
                }
            }
        }
    }

    /// The same key again, for something that never left.
    fn again(&mut self, dice: &mut Dice<'_>) {
        let unsent = self.desk.payment.operations.iter();
        let unsent = unsent
            .filter(|one| one.state == OperationState::NotSent)
            .map(|one| one.number)
            .next_back();
        if let Some(number) = unsent
            && self.desk.attempt(number) == Ok(true)
        {
            self.call(number, dice);
        }
    }

    /// Everything goes back, whatever was refused before.
    fn refund_everything(&mut self) {
        for _ in 0..4 {
            for number in 1..=u16::try_from(self.desk.payment.refunds.len()).unwrap() {
                let _ = self.desk.command(&Command::Abandon { refund: number });
            }
            let mut dice = Dice([].iter());
            if let Ok(number) = self.desk.command(&refund(Ask::Everything, BTreeSet::new())) {
                self.call(number, &mut dice);
                self.settle();
            }
        }
    }

    /// Every party has given exactly what it got, but for what was kept.
    fn is_whole(&self) {
        let payment = &self.desk.payment;
        assert_eq!(
            payment.amount_refunded().get() + payment.amount_unallocated.get(),
            payment.amount_captured().get()
        );
        assert_eq!(self.desk.paid(), payment.amount_unallocated.get());
        let lines = payment.lines();
        let mut kept = 0;
        for split in payment.splits.iter().filter(|split| split.party.seller().is_some()) {
            let own = lines.iter().filter(|line| line.sold.party == split.party);
            let of_it: i64 = own.map(|line| line.back.kept.get()).sum();
            let first = payment.splits.iter().find(|one| one.party == split.party);
            if first.is_some_and(|one| one.number == split.number) {
                assert_eq!(self.desk.on(&split.party, Book::Payable), -of_it, "{}", split.party);
                kept += of_it;
            }
        }
        assert!(self.keeps || kept == 0);
    }
}

fn any_sale(dice: &mut Dice<'_>) -> Sale {
    let mut lines = Vec::new();
    for seller in 1..=1 + dice.below(3) {
        for line in 0..=dice.below(2) {
            let (quantity, price) = (1 + dice.below(3), 1 + dice.below(400));
            lines.push(format!(
                r#"{{"id": "l{seller}{line}", "seller": "s{seller}", "name": "n", "quantity": {quantity}, "unit_price": {price}}}"#
            ));
        }
    }
    let (shipping, discount, fee) = (dice.below(90), dice.below(40), dice.below(20));
    let cart = |discount: i64| {
        format!(
            r#"{{"currency": "EUR", "lines": [{}], "shipping": [{{"seller": "s1", "amount": {shipping}}}],
            "fees": [{{"id": "f", "amount": {fee}}}],
            "discounts": [{{"id": "d", "amount": {discount}, "applies_to": {{"cart": true}}, "funded_by": "marketplace"}}]}}"#,
            lines.join(",")
        )
    };
    let percent = u32::try_from(dice.below(5) * 1000).unwrap();
    // A discount beyond the commission cannot be sold.
    let sale = sold(&cart(discount), percent)
        .or_else(|| sold(&cart(0), percent))
        .unwrap();
    Sale {
        steps: if dice.one_in(3) { Steps::One } else { Steps::Two },
        capture: CaptureMode::Automatic,
        ..sale
    }
}

fn any_terms(sale: Sale, dice: &mut Dice<'_>) -> Sale {
    let by_hand = sale.steps == Steps::Two && !dice.one_in(3);
    Sale {
        capture: if by_hand {
            CaptureMode::Manual
        } else {
            CaptureMode::Automatic
        },
        split: if dice.one_in(4) {
            SplitMode::Later
        } else {
            SplitMode::Now
        },
        ..sale
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_is_whole_in_the_end(numbers in prop::collection::vec(any::<u16>(), 20..240)) {
        let mut dice = Dice(numbers.iter());
        let sale = any_sale(&mut dice);
        let mut world = World::new(any_terms(sale, &mut dice));
        world.call(1, &mut dice);
        for _ in 0..24 {
            world.step(&mut dice);
        }
        world.settle();
        if world.desk.phase() == Phase::Authorized {
            let _ = world.desk.command(&capture(CaptureAsk::Everything, None, true));
            world.settle();
        }
        let captured = world.desk.payment.amount_captured();
        if !world.meddled {
            let told = world.desk.payment.discrepancies.iter();
            prop_assert!(told.clone().all(|one| matches!(one.kind, DiscrepancyKind::CancelTooLate | DiscrepancyKind::Disputed)), "{:?}", told);
            let lost = matches!(world.desk.phase(), Phase::Disputed | Phase::ChargedBack);
            if !lost && !captured.is_zero() && !world.desk.payment.splits.is_empty() {
                world.refund_everything();
                world.is_whole();
            }
        }
    }
}
