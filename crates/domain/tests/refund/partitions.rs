//! Any partition of a refund, in any order, by lines and by amounts mixed, ends with every party exactly whole.

use domain::capture_plan::{self, CaptureAsk, SplitAmount};
use domain::fee_plan::CommissionOnRefund;
use domain::fee_plan::CommissionOnRefund::{Keep, Return};
use domain::money::Amount;
use domain::refund::{Ask, plan};
use domain::returns::{self, Line};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::cases;
use crate::sales::{Dice, Sale, any_sale, share};
use crate::world::{World, half_even};

const EVERY_QUANTUM: &[&str] = &["EUR", "EUR", "JPY", "KWD"];
/// How many numbers a partition is read from: about twelve pieces.
const NUMBERS: usize = 140;

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), NUMBERS)
}

/// Some pieces, and then what is left in one. The policy of each piece is drawn.
fn give_everything_back(world: &mut World, dice: &mut Dice<'_>, policies: [CommissionOnRefund; 2]) {
    for _ in 0..dice.below(12) {
        let ask = world.any_ask(dice);
        let policy = policies[usize::from(dice.one_in(2))];
        if let Err(faults) = world.refund(&ask, policy) {
            assert!(
                faults
                    .iter()
                    .all(|fault| matches!(fault.code, "nothing_to_refund" | "refund_exceeds_captured")),
                "{faults:?}"
            );
        }
    }
    let policy = policies[usize::from(dice.one_in(2))];
    if let Err(faults) = world.refund(&Ask::Everything, policy) {
        assert_eq!(faults[0].code, "nothing_to_refund");
    }
}

#[test]
fn enough_happens_for_the_properties_to_mean_something() {
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();
    let mut count = |what, happens: bool| *seen.entry(what).or_default() += usize::from(happens);
    for _ in 0..500 {
        let (sale, numbers) = (any_sale(EVERY_QUANTUM), numbers())
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        for _ in 0..dice.below(12) {
            let ask = world.any_ask(&mut dice);
            let policy = if dice.one_in(2) { Keep } else { Return };
            match world.refund(&ask, policy) {
                Err(faults) => count(faults[0].code, true),
                Ok(plan) => {
                    count("amount", matches!(ask, Ask::Amount { .. }));
                    count("lines", matches!(ask, Ask::Lines { .. }));
                    count("several parts", plan.calls.len() > 1);
                    count("only adjusted", plan.calls.is_empty());
                    count(
                        "free goods go along",
                        plan.lines.iter().any(|piece| piece.buyer.is_zero()),
                    );
                    for (bound, why) in [
                        ("buyer", "the buyer gets no more"),
                        ("holds", "it holds no more"),
                        ("left", "it would else hold more"),
                    ] {
                        count(bound, plan.adjustments.iter().any(|one| one.why.contains(why)));
                    }
                }
            }
        }
    }
    assert!(
        seen["amount"] > 400 && seen["lines"] > 400 && seen["several parts"] > 400,
        "{seen:?}"
    );
    let rare = ["only adjusted", "free goods go along", "buyer", "holds", "left"];
    assert!(rare.iter().all(|what| seen[what] > 30), "{seen:?}");
    assert!(
        seen["nothing_to_refund"] > 30 && seen["refund_exceeds_captured"] > 10,
        "{seen:?}"
    );
}

proptest! {
    #![proptest_config(cases(2))]

    #[test]
    fn any_partition_returns_exactly_what_everyone_held(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut world = World::new(sale);
        give_everything_back(&mut world, &mut Dice::new(&numbers), [Return, Return]);
        world.check_whole();
        prop_assert!(world.sale.lines.iter().all(|line| line.left() == 0 && line.back.kept.is_zero()));
    }

    #[test]
    fn any_partition_under_keep_has_the_seller_give_the_price(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut world = World::new(sale);
        give_everything_back(&mut world, &mut Dice::new(&numbers), [Keep, Keep]);
        world.check_whole();
        for line in &world.sale.lines {
            prop_assert_eq!(line.left(), 0);
            prop_assert_eq!(line.back.seller(), line.back.n.get());
            if line.sold.party.seller().is_some() {
                prop_assert_eq!(line.back.marketplace(), line.back.buyer.get() - line.back.n.get());
            }
        }
    }

    #[test]
    fn policies_may_alternate_piece_by_piece(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut world = World::new(sale);
        give_everything_back(&mut world, &mut Dice::new(&numbers), [Return, Keep]);
        world.check_whole();
        for line in &world.sale.lines {
            prop_assert_eq!(line.left(), 0);
            prop_assert!(line.back.kept <= line.sold.commission);
        }
    }

    #[test]
    fn exact_captures_are_refunded_whole_in_any_pieces(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        let quantum = world.quantum();
        let amounts = world.sale.funds.iter().map(|funds| {
            let quanta = match dice.below(4) {
                0 => 0,
                1 => funds.available.get() / quantum,
                _ => dice.below(funds.available.get() / quantum + 1),
            };
            SplitAmount { split: funds.split, amount: Amount::try_new(quanta * quantum).unwrap() }
        });
        let amounts: Vec<SplitAmount> = amounts.collect();
        let capture = capture_plan::plan(&world.goods(), &CaptureAsk::Splits(amounts.clone())).unwrap();
        for (split, asked) in capture.splits.iter().zip(&amounts) {
            prop_assert_eq!((split.split, split.amount), (asked.split, asked.amount), "exactly as given");
        }
        let is_exact = !capture.shares.is_empty();
        world.capture(&capture);
        // Alternating policies change nothing: there is no commission to keep.
        give_everything_back(&mut world, &mut dice, if is_exact { [Return, Keep] } else { [Return, Return] });
        world.check_whole();
        prop_assert!(world.sale.lines.iter().all(|line| line.left() == 0 && line.back.kept.is_zero()));
    }

    #[test]
    fn the_buyer_never_gets_more_than_was_paid(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        for _ in 0..dice.below(6) {
            let ask = world.any_ask(&mut dice);
            let _ = world.refund(&ask, Return);
        }
        let sellers: Vec<_> = world.sale.lines.iter().filter_map(|line| line.sold.party.seller().cloned()).collect();
        for seller in sellers {
            let left = world.left(&seller);
            let ask = |minor_units| Ask::Amount {
                seller: seller.clone(),
                amount: Amount::try_new(minor_units).unwrap(),
            };
            let faults = plan(&world.goods(), &ask(left + world.quantum()), &|_| Return).unwrap_err();
            prop_assert_eq!((faults[0].code, faults[0].pointer.as_str()), ("refund_exceeds_captured", "/amount"));
            let accepted = format!("at most {left} minor units");
            prop_assert!(faults[0].detail.contains(&accepted), "{}", faults[0].detail);
            if left > 0 {
                // What is said to be accepted is.
                let plan = world.refund(&ask(left), Return).unwrap();
                prop_assert_eq!(plan.amount.get(), left);
                prop_assert_eq!(world.left(&seller), 0);
            }
        }
    }
}

#[test]
fn figures_are_multiples_of_the_quantum() {
    // 10 pieces of 1.010 KWD: the quantum is 10 fils.
    let mut sale = Sale::new("KWD", vec![share("line:a", "s1", [10_100, 1_330, 770], 10)]);
    for n in 1..=10 {
        let ask = Ask::Lines {
            lines: vec![domain::refund::Units {
                id: "a".parse().unwrap(),
                quantity: 1,
            }],
            shipping: Vec::new(),
        };
        let plan = plan(&sale.goods(), &ask, &|_| Return).unwrap();
        returns::apply(&mut sale.lines, &plan.lines);
        let back = sale.lines[0].back;
        assert_eq!(back.n.get(), 1_010 * n);
        assert!(
            [back.buyer, back.commission]
                .iter()
                .all(|amount| amount.get() % 10 == 0)
        );
        for call in &plan.calls {
            assert_eq!(call.amount.get() % 10, 0);
        }
    }
    assert_eq!(sale.lines[0].left(), 0);
}

/// Every price up to 9, every commission, every discount up to the commission, in two pieces of every size: the first
/// gives what §2 says, the second what is left.
#[test]
fn discounts_of_every_size_up_to_the_commission() {
    for price in 1..=9 {
        for commission in 0..=price {
            for discount in 0..=commission {
                let sale = Sale::new("EUR", vec![share("line:a", "s1", [price, commission, discount], 1)]);
                for first in 1..=sale.lines[0].left() {
                    let mut world = World::new(sale.clone());
                    let ask = |minor_units| Ask::Amount {
                        seller: "s1".parse().unwrap(),
                        amount: Amount::try_new(minor_units).unwrap(),
                    };
                    world.refund(&ask(first), Return).unwrap();
                    let line: &Line = &world.sale.lines[0];
                    assert_eq!(line.back.n.get(), half_even(price, first, price - discount, 1));
                    assert_eq!(line.back.buyer.get(), first, "an amount is what the buyer gets");
                    let rest = line.left();
                    if rest > 0 {
                        world.refund(&ask(rest), Keep).unwrap();
                    }
                    world.check_whole();
                }
            }
        }
    }
}
