//! A payment's goods, its splits at the gateway, and books kept apart from the rulebook's own figures.

use std::collections::BTreeMap;

use domain::allocation::LineRef;
use domain::capture_plan::CapturePlan;
use domain::fault::Faults;
use domain::fee_plan::CommissionOnRefund;
use domain::ids::SellerId;
use domain::money::Amount;
use domain::refund::{Adjustment, Ask, Plan, Units, plan};
use domain::returns::{self, Funds, Goods, Line};
use domain::seller::Party;

use crate::sales::{Dice, Sale};

/// One payment.
pub struct World {
    pub sale: Sale,
    /// What each split held at first.
    held: Vec<Funds>,
    /// What each party gave by calls, or let go, and paid (below 0: got) by adjustment.
    by_calls: BTreeMap<Party, i64>,
    adjusted: BTreeMap<Party, i64>,
    /// The commission kept of each line, by this module's own arithmetic.
    kept: BTreeMap<LineRef, i64>,
    abandoned: bool,
    /// What the buyer got, or kept.
    buyer: i64,
}

impl World {
    /// Captured in full; or authorized, until [`World::capture`].
    pub fn new(sale: Sale) -> Self {
        Self {
            held: sale.funds.clone(),
            sale,
            by_calls: BTreeMap::new(),
            adjusted: BTreeMap::new(),
            kept: BTreeMap::new(),
            abandoned: false,
            buyer: 0,
        }
    }

    pub fn goods(&self) -> Goods<'_> {
        self.sale.goods()
    }

    /// Captures this much of what was authorized.
    pub fn capture(&mut self, plan: &CapturePlan) {
        let all: i64 = self.held.iter().map(|funds| funds.available.get()).sum();
        assert_eq!(plan.amount.get() + plan.stranded.get(), all);
        assert_eq!(
            plan.splits.iter().map(|split| split.amount.get()).sum::<i64>(),
            plan.amount.get()
        );
        plan.apply(&mut self.sale.lines);
        self.post(&plan.adjustments);
        for split in &plan.splits {
            self.take(split.split, split.stranded.get());
            if plan.shares.is_empty() {
                // Let go before any money moved, by the same rules as a refund.
                self.buyer += split.stranded.get();
                *self.by_calls.entry(split.party.clone()).or_default() += split.stranded.get();
            }
        }
        if !plan.shares.is_empty() {
            self.held = self.sale.funds.clone();
        }
        self.check();
    }

    /// Plans a refund and opens all its parts.
    pub fn refund(&mut self, ask: &Ask, policy: CommissionOnRefund) -> Result<Plan, Faults> {
        let plan = plan(&self.goods(), ask, &|_: &SellerId| policy)?;
        self.check_plan(&plan);
        for piece in &plan.lines {
            let line = self.line(&piece.line);
            let commission = |n: i64| match line.captured {
                None => half_even(line.sold.commission.get(), n, line.sold.price.get(), self.quantum()),
                Some(_) => 0,
            };
            if policy == CommissionOnRefund::Keep {
                let had = line.back.n.get();
                let more = commission(had + piece.n.get()) - commission(had);
                *self.kept.entry(piece.line.clone()).or_default() += more;
            }
        }
        returns::apply(&mut self.sale.lines, &plan.lines);
        for call in &plan.calls {
            self.take(call.split, call.amount.get());
            *self.by_calls.entry(call.party.clone()).or_default() += call.amount.get();
        }
        self.post(&plan.adjustments);
        self.buyer += plan.amount.get();
        self.check();
        Ok(plan)
    }

    /// Abandons a failed part.
    pub fn abandon(&mut self, plan: &mut Plan, split: u16) {
        let party = plan
            .calls
            .iter()
            .find(|call| call.split == split)
            .unwrap()
            .party
            .clone();
        let back = plan.give_back(split, &mut self.sale.lines, self.sale.currency).unwrap();
        self.take(split, -back.amount.get());
        *self.by_calls.entry(party).or_default() -= back.amount.get();
        self.post(&back.adjustments);
        self.buyer -= back.amount.get();
        self.abandoned = true;
        self.check_plan(plan);
        self.check();
    }

    /// A random ask; it may be for nothing, or for more than is left.
    pub fn any_ask(&self, dice: &mut Dice<'_>) -> Ask {
        let mut sellers: Vec<&SellerId> = self
            .sale
            .lines
            .iter()
            .filter_map(|line| line.sold.party.seller())
            .collect();
        sellers.dedup();
        let Ok(most) = i64::try_from(sellers.len()) else {
            panic!()
        };
        let seller = sellers[usize::try_from(dice.below(most)).unwrap()];
        let quantum = self.quantum();
        match dice.below(16) {
            0 => Ask::Everything,
            1..=7 => {
                let left = self.left(seller) / quantum;
                let quanta = match dice.below(4) {
                    0 => dice.below(4),
                    1 => left,
                    _ => dice.below(left + 2),
                };
                Ask::Amount {
                    seller: seller.clone(),
                    amount: Amount::try_new(quanta * quantum).unwrap(),
                }
            }
            _ => {
                let mut lines = Vec::new();
                let mut shipping = Vec::new();
                for line in &self.sale.lines {
                    match &line.sold.line {
                        LineRef::Item(id) if dice.one_in(2) && line.units_left() > 0 => lines.push(Units {
                            id: id.clone(),
                            quantity: 1 + u32::try_from(dice.below(line.units_left().into())).unwrap(),
                        }),
                        LineRef::Shipping(seller) if dice.one_in(4) => shipping.push(seller.clone()),
                        _ => {}
                    }
                }
                Ask::Lines { lines, shipping }
            }
        }
    }

    /// What is left to the buyer of a seller's goods.
    pub fn left(&self, seller: &SellerId) -> i64 {
        let own = self
            .sale
            .lines
            .iter()
            .filter(|line| line.sold.party.seller() == Some(seller));
        own.map(Line::left).sum()
    }

    pub fn quantum(&self) -> i64 {
        self.sale.currency.quantum()
    }

    /// Everything has gone back: every party is exactly whole, every split empty.
    pub fn check_whole(&self) {
        assert!(self.sale.funds.iter().all(|funds| funds.available.is_zero()));
        let held: i64 = self.held.iter().map(|funds| funds.available.get()).sum();
        assert_eq!(self.buyer, held, "the buyer has everything");
        for funds in &self.held {
            let by_calls = self.by_calls.get(&funds.party).copied().unwrap_or_default();
            assert_eq!(by_calls, funds.available.get(), "{}", funds.party);
        }
        for (party, adjusted) in &self.adjusted {
            let kept: i64 = match party {
                Party::Seller(_) => self.of(party).map(|line| self.kept_of(line)).sum(),
                Party::Marketplace => -self.sale.lines.iter().map(|line| self.kept_of(line)).sum::<i64>(),
            };
            assert_eq!(*adjusted, kept, "{party}: only what was kept is left of adjustments");
        }
        for line in &self.sale.lines {
            let (back, kept) = (line.back, self.kept_of(line));
            assert_eq!(back.buyer.get(), line.paid(), "{line:?}");
            let [seller, marketplace] = match line.captured {
                None => [
                    line.sold.held_by_seller() + kept,
                    line.sold.held_by_marketplace() - kept,
                ],
                Some(shares) => [shares.seller.get(), shares.marketplace.get()],
            };
            assert_eq!([back.seller(), back.marketplace()], [seller, marketplace], "{line:?}");
        }
    }

    fn check_plan(&self, plan: &Plan) {
        let calls: i64 = plan.calls.iter().map(|call| call.amount.get()).sum();
        let pieces: i64 = plan.lines.iter().map(|piece| piece.buyer.get()).sum();
        assert_eq!((calls, pieces), (plan.amount.get(), plan.amount.get()));
        assert_eq!(plan.parties.iter().map(|side| side.owed).sum::<i64>(), calls);
        for side in &plan.parties {
            let reasons = plan.reasons.iter().filter(|reason| reason.party == side.party);
            assert_eq!(reasons.map(|reason| reason.amount).sum::<i64>(), side.owed);
            let paid = plan.adjustments.iter().map(|one| match (&one.from, &one.to) {
                (from, _) if *from == side.party => -one.amount.get(),
                (_, to) if *to == side.party => one.amount.get(),
                _ => 0,
            });
            assert_eq!(paid.sum::<i64>(), side.adjusted(), "{plan:?}");
        }
        for call in &plan.calls {
            assert!(!call.amount.is_zero());
            assert_eq!(
                call.covers.iter().map(|cover| cover.amount.get()).sum::<i64>(),
                call.amount.get()
            );
            // A seller's split pays for its own goods only.
            assert!(call.party.seller().is_none() || call.covers.iter().all(|cover| cover.goods_of == call.party));
        }
        for one in &plan.adjustments {
            assert!(!one.amount.is_zero());
            assert_eq!(
                [&one.from, &one.to]
                    .iter()
                    .filter(|party| party.seller().is_none())
                    .count(),
                1
            );
        }
    }

    /// What holds at any time.
    fn check(&self) {
        let mut left_of_all = 0;
        for line in &self.sale.lines {
            let back = line.back;
            assert!(
                back.n.get() <= line.whole() && back.buyer.get() <= line.paid(),
                "{line:?}"
            );
            assert!(back.units <= line.sold.quantity && back.kept <= back.commission);
            left_of_all += line.left();
            if !self.abandoned {
                self.check_cumulative(line);
            }
        }
        let held: i64 = self.sale.funds.iter().map(|funds| funds.available.get()).sum();
        assert_eq!(held, left_of_all, "the splits hold what is left to the buyer");
        for funds in self.sale.funds.iter().filter(|funds| funds.party.seller().is_some()) {
            let left: i64 = self.of(&funds.party).map(|line| line.left()).sum();
            assert!(
                funds.available.get() <= left,
                "{} holds more than the buyer can get",
                funds.party
            );
            let given: i64 = self.of(&funds.party).map(|line| line.back.seller()).sum();
            let by_calls = self.by_calls.get(&funds.party).copied().unwrap_or_default();
            let adjusted = self.adjusted.get(&funds.party).copied().unwrap_or_default();
            assert_eq!(by_calls + adjusted, given, "{}", funds.party);
        }
    }

    /// Without abandoned parts everybody has what `n` says, exactly.
    fn check_cumulative(&self, line: &Line) {
        let (back, quantum) = (line.back, self.quantum());
        let n = back.n.get();
        match line.captured {
            None => {
                let price = line.sold.price.get();
                let commission = half_even(line.sold.commission.get(), n, price, quantum);
                let discount = half_even(line.sold.marketplace_discount.get(), n, price, quantum);
                assert_eq!(back.buyer.get(), n - discount, "{line:?}");
                assert_eq!(back.seller(), n - commission + self.kept_of(line), "{line:?}");
            }
            Some(shares) => {
                // Half up for the seller: the larger remainder, and the seller when they are equal.
                let (seller, all) = (
                    i128::from(shares.seller.get() / quantum),
                    i128::from(line.whole() / quantum),
                );
                let twice = (2 * i128::from(n / quantum) * seller + all)
                    .checked_div(2 * all)
                    .unwrap_or_default();
                assert_eq!(i128::from(back.seller()), twice * i128::from(quantum), "{line:?}");
                assert_eq!(back.buyer.get(), n);
            }
        }
    }
}

impl World {
    /// Takes money out of a split, or (below 0) puts it back: never more than it holds.
    fn take(&mut self, split: u16, minor_units: i64) {
        let funds = self.sale.funds.iter_mut().find(|funds| funds.split == split).unwrap();
        funds.available =
            Amount::try_new(funds.available.get() - minor_units).expect("no split gives more than it holds");
    }

    fn post(&mut self, adjustments: &[Adjustment]) {
        for one in adjustments {
            *self.adjusted.entry(one.from.clone()).or_default() += one.amount.get();
            *self.adjusted.entry(one.to.clone()).or_default() -= one.amount.get();
        }
    }

    fn line(&self, wanted: &LineRef) -> &Line {
        self.sale.lines.iter().find(|line| line.sold.line == *wanted).unwrap()
    }

    fn of(&self, party: &Party) -> impl Iterator<Item = &Line> {
        self.sale.lines.iter().filter(move |line| line.sold.party == *party)
    }

    /// The commission kept of a line. This module's own figure does not follow abandoned pieces.
    fn kept_of(&self, line: &Line) -> i64 {
        if self.abandoned {
            return line.back.kept.get();
        }
        self.kept.get(&line.sold.line).copied().unwrap_or_default()
    }
}

/// `part · n / whole` to the quantum, halves to the even one: computed otherwise than the rulebook does.
pub fn half_even(part: i64, n: i64, whole: i64, quantum: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let (numerator, denominator) = (
        i128::from(part) * i128::from(n),
        i128::from(whole) * i128::from(quantum),
    );
    let up = (2 * numerator + denominator) / (2 * denominator);
    let is_half = (2 * numerator + denominator) % (2 * denominator) == 0;
    let quanta = if is_half && up % 2 == 1 { up - 1 } else { up };
    i64::try_from(quanta).unwrap() * quantum
}
