//! Parts that fail keep their claim until they are abandoned, and leave no trace then.

use domain::fee_plan::CommissionOnRefund::{self, Keep, Return};
use domain::money::Amount;
use domain::refund::{Ask, PartyPlan, Plan};
use domain::returns::Line;
use proptest::prelude::*;

use crate::cases;
use crate::examples::lines;
use crate::sales::{Dice, Sale, any_sale, share};
use crate::world::World;

const EVERY_QUANTUM: &[&str] = &["EUR", "JPY", "KWD"];

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 140)
}

/// Some refunds, all open at once.
fn open(world: &mut World, dice: &mut Dice<'_>, most: i64) -> Vec<Plan> {
    let mut open = Vec::new();
    for _ in 0..=dice.below(most) {
        let ask = world.any_ask(dice);
        let policy = any_policy(dice);
        // One that only adjusts has no part that could fail.
        open.extend(world.refund(&ask, policy).ok().filter(|plan| !plan.calls.is_empty()));
    }
    open
}

fn any_policy(dice: &mut Dice<'_>) -> CommissionOnRefund {
    if dice.one_in(2) { Keep } else { Return }
}

/// Abandons every part of some refunds, in any order across them.
fn abandon_all(world: &mut World, dice: &mut Dice<'_>, open: &mut [Plan]) {
    let mut parts: Vec<(usize, u16)> = Vec::new();
    for (n, plan) in open.iter().enumerate() {
        parts.extend(plan.calls.iter().map(|call| (n, call.split)));
    }
    while !parts.is_empty() {
        let at = usize::try_from(dice.below(i64::try_from(parts.len()).unwrap())).unwrap();
        let (n, split) = parts.swap_remove(at);
        world.abandon(&mut open[n], split);
    }
    for plan in open {
        assert_eq!((plan.amount, plan.lines.len(), plan.calls.len()), (Amount::ZERO, 0, 0));
        assert_eq!(plan.parties, Vec::<PartyPlan>::new());
    }
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn failed_and_abandoned_parts_leave_no_trace(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        for _ in 0..dice.below(3) {
            let ask = world.any_ask(&mut dice);
            let _ = world.refund(&ask, Return);
        }
        let before = (world.sale.lines.clone(), world.sale.funds.clone());
        // One that only adjusts cannot fail: it would stay, so there is none among these.
        let mut opened = Vec::new();
        for _ in 0..=dice.below(4) {
            let ask = world.any_ask(&mut dice);
            let policy = any_policy(&mut dice);
            let plan = domain::refund::plan(&world.goods(), &ask, &|_| policy);
            if plan.is_ok_and(|plan| !plan.calls.is_empty()) {
                opened.push(world.refund(&ask, policy).unwrap());
            }
        }
        abandon_all(&mut world, &mut dice, &mut opened);
        prop_assert_eq!(before, (world.sale.lines, world.sale.funds));
    }

    #[test]
    fn some_parts_abandoned_and_all_refunded_at_last_is_whole(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        let mut open = open(&mut world, &mut dice, 6);
        for plan in &mut open {
            for split in plan.calls.iter().map(|call| call.split).collect::<Vec<u16>>() {
                if dice.one_in(2) {
                    world.abandon(plan, split);
                }
            }
            if dice.one_in(2) {
                let (ask, policy) = (world.any_ask(&mut dice), any_policy(&mut dice));
                let _ = world.refund(&ask, policy);
            }
        }
        if let Err(faults) = world.refund(&Ask::Everything, any_policy(&mut dice)) {
            prop_assert_eq!(faults[0].code, "nothing_to_refund");
        }
        prop_assert!(world.sale.lines.iter().all(|line| line.left() == 0));
        world.check_whole();
    }
}

/// One line of 100, commission 20, sold for 90 with a marketplace discount of 10: s1 holds 80, the marketplace 10.
fn one_line() -> World {
    World::new(Sale::new("EUR", vec![share("line:a", "s1", [100, 20, 10], 2)]))
}

fn back(line: &Line) -> [i64; 4] {
    let back = line.back;
    [back.n.get(), back.buyer.get(), back.seller(), back.marketplace()]
}

#[test]
fn an_abandoned_part_gives_back_what_it_paid_for() {
    let mut world = one_line();
    // All of it: the buyer gets 90, of which s1 owes 80 and the marketplace 20 − 10.
    let mut plan = world.refund(&Ask::Everything, Return).unwrap();
    assert_eq!(back(&world.sale.lines[0]), [100, 90, 80, 10]);
    assert_eq!(
        plan.calls.iter().map(|call| call.amount.get()).collect::<Vec<i64>>(),
        [80, 10]
    );
    // The commission split's 10 failed and is abandoned. The buyer has 80 of 90, so n is 80 · 100 / 90 = 88.9 → 89;
    // s1 owes 89 − 20 · 89 / 100 = 89 − 17.8 → 71 and has given 80: the marketplace owes it 9.
    world.abandon(&mut plan, 2);
    assert_eq!(back(&world.sale.lines[0]), [89, 80, 71, 9]);
    let last = plan.adjustments.last().unwrap();
    assert_eq!(
        (last.from.to_string(), last.to.to_string(), last.amount.get()),
        ("marketplace".into(), "s1".into(), 9)
    );
    assert_eq!(plan.amount.get(), 80);
    // The rest asked again: the buyer gets 10 from the commission split, s1 owes its 9 once more.
    let rest = world.refund(&Ask::Everything, Return).unwrap();
    assert_eq!(
        (rest.calls.len(), rest.calls[0].split, rest.calls[0].amount.get()),
        (1, 2, 10)
    );
    assert_eq!(rest.adjustments[0].amount.get(), 9);
    world.check_whole();
    // Abandoned too, everything is as it was never asked.
    assert!(
        plan.give_back(2, &mut world.sale.lines, world.sale.currency).is_none(),
        "a part is abandoned once"
    );
}

#[test]
fn units_count_until_all_of_a_piece_is_given_back() {
    let mut world = one_line();
    let ask = Ask::Lines {
        lines: vec![domain::refund::Units {
            id: "a".parse().unwrap(),
            quantity: 1,
        }],
        shipping: Vec::new(),
    };
    // 1 of 2: n 50, the buyer gets 45, s1 gives 40, the marketplace 5.
    let mut plan = world.refund(&ask, Return).unwrap();
    assert_eq!(back(&world.sale.lines[0]), [50, 45, 40, 5]);
    world.abandon(&mut plan, 1);
    // The buyer has 5: n is 5.6 → 6.
    assert_eq!(
        (back(&world.sale.lines[0]), world.sale.lines[0].back.units),
        ([6, 5, 5, 0], 1)
    );
    world.abandon(&mut plan, 2);
    assert_eq!(
        (back(&world.sale.lines[0]), world.sale.lines[0].back.units),
        ([0, 0, 0, 0], 0)
    );
    assert_eq!(plan.reasons.iter().map(|reason| reason.amount).sum::<i64>(), 0);
}

#[test]
fn where_an_abandoned_piece_leaves_the_buyer_ahead_nobody_pays_back() {
    // 100 units of 1, commission 50, half of each paid by the marketplace: at n the buyer has n − round(n / 2), that is
    // 1, 1, 1, 2, 3 for n of 1 to 5. One unit, three, and one: 1, 1 and 1.
    let mut world = World::new(Sale::new("EUR", vec![share("line:a", "s1", [100, 50, 50], 100)]));
    let [_, mut second, _] = [1, 3, 1].map(|units| world.refund(&lines(&[("a", units)], &[]), Return).unwrap());
    assert_eq!(back(&world.sale.lines[0]), [5, 3, 3, 0]);
    // Without the three, n is 2 and the buyer has 2, though 1 would be due.
    world.abandon(&mut second, 1);
    assert_eq!(back(&world.sale.lines[0]), [2, 2, 2, 0]);
    // At n = 3 the buyer's 1 waits; s1 is due 3 − round(1.5) = 1 and has given 2: it gets 1 back from the marketplace.
    let next = world.refund(&lines(&[("a", 1)], &[]), Return).unwrap();
    assert_eq!((back(&world.sale.lines[0]), next.amount.get()), ([3, 2, 1, 1], 0));
    assert_eq!(
        (next.adjustments[0].from.to_string(), next.adjustments[0].amount.get()),
        ("marketplace".into(), 1)
    );
    world.refund(&Ask::Everything, Return).unwrap();
    world.check_whole();
}
