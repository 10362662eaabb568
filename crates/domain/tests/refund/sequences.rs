//! Sellers say what they take, the one capture is made, and what was captured goes back.

use domain::allocation::LineRef;
use domain::capture_plan::{self, CaptureAsk, Next, Readiness, SellerTake, SplitAmount, Take, Unanswered};
use domain::fee_plan::CommissionOnRefund::{Keep, Return};
use domain::ids::SellerId;
use domain::money::Amount;
use domain::refund::{Ask, Units};
use domain::time::Timestamp;
use proptest::prelude::*;

use crate::cases;
use crate::sales::{Dice, any_sale};
use crate::world::World;

const EVERY_QUANTUM: &[&str] = &["EUR", "EUR", "JPY", "KWD"];

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(any::<u32>(), 140)
}

fn sellers(world: &World) -> Vec<SellerId> {
    let mut sellers: Vec<SellerId> = world
        .sale
        .lines
        .iter()
        .filter_map(|line| line.sold.party.seller().cloned())
        .collect();
    sellers.dedup();
    sellers
}

/// What a seller is ready to take.
fn any_take(world: &World, seller: &SellerId, dice: &mut Dice<'_>) -> Take {
    match dice.below(6) {
        0 => Take::Everything,
        1 => Take::Amount(Amount::ZERO),
        2 | 3 => {
            let quanta = dice.below(world.left(seller) / world.quantum() + 1);
            Take::Amount(Amount::try_new(quanta * world.quantum()).unwrap())
        }
        _ => {
            let own = world
                .sale
                .lines
                .iter()
                .filter(|line| line.sold.party.seller() == Some(seller));
            let units = own.filter_map(|line| match &line.sold.line {
                LineRef::Item(id) if dice.one_in(2) => Some(Units {
                    id: id.clone(),
                    quantity: u32::try_from(dice.below(i64::from(line.sold.quantity) + 1)).unwrap(),
                }),
                _ => None,
            });
            Take::Lines(units.collect())
        }
    }
}

/// What the buyer is charged for a take.
fn worth(world: &World, seller: &SellerId, take: &Take) -> Option<i64> {
    match take {
        Take::Everything => Some(world.left(seller)),
        Take::Amount(amount) => Some(amount.get()),
        Take::Lines(_) => None,
    }
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn ready_capture_and_refund_leave_everyone_whole(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        let unanswered = if dice.one_in(2) { Unanswered::None } else { Unanswered::Full };
        let (deadline, before) = (Timestamp::from_micros(1_000), Timestamp::from_micros(999));
        let mut readiness = Readiness::new(deadline, unanswered);
        let sellers = sellers(&world);
        let mut expected = 0;
        let mut known = true;
        for seller in &sellers {
            let silent = dice.one_in(4);
            let take = if silent {
                if unanswered == Unanswered::Full { Take::Everything } else { Take::Amount(Amount::ZERO) }
            } else {
                prop_assert!(matches!(readiness.next(&world.goods(), before), Ok(Next::Wait(_))));
                let take = any_take(&world, seller, &mut dice);
                readiness.answer(&world.goods(), seller.clone(), take.clone()).unwrap();
                take
            };
            match worth(&world, seller, &take) {
                Some(worth) => expected += worth,
                None => known = false,
            }
        }
        let missing = readiness.missing(&world.goods());
        if !missing.is_empty() {
            prop_assert_eq!(readiness.next(&world.goods(), before), Ok(Next::Wait(missing)));
        }
        let capture = match readiness.next(&world.goods(), deadline).unwrap() {
            Next::Capture(capture) => *capture,
            Next::Cancel => {
                prop_assert!(!known || expected == 0, "only nothing cancels");
                return Ok(());
            }
            Next::Wait(_) => return Err(TestCaseError::fail("the deadline has passed")),
        };
        let fees: i64 = world.sale.lines.iter().filter(|line| line.sold.party.seller().is_none()).map(|line| line.paid()).sum();
        if known {
            prop_assert_eq!(capture.amount.get(), expected + fees, "exactly these amounts, and the fees");
        }
        world.capture(&capture);

        let mut kept = false;
        for _ in 0..dice.below(6) {
            let ask = world.any_ask(&mut dice);
            let policy = if dice.one_in(3) { Keep } else { Return };
            kept |= world.refund(&ask, policy).is_ok() && policy == Keep;
        }
        let _ = world.refund(&Ask::Everything, Return);
        prop_assert!(world.sale.lines.iter().all(|line| line.left() == 0));
        world.check_whole();
        prop_assert!(kept || world.sale.lines.iter().all(|line| line.back.kept.is_zero()));
    }
}

proptest! {
    #![proptest_config(cases(2))]

    /// By each of the three ways to say it.
    #[test]
    fn a_capture_of_x_and_a_refund_of_x_leave_everyone_at_nothing(sale in any_sale(EVERY_QUANTUM), numbers in numbers()) {
        let mut dice = Dice::new(&numbers);
        let mut world = World::new(sale);
        let ask = if dice.one_in(2) {
            let quantum = world.quantum();
            CaptureAsk::Splits(world.sale.funds.iter().map(|funds| SplitAmount {
                split: funds.split,
                amount: Amount::try_new(quantum * dice.below(funds.available.get() / quantum + 1)).unwrap(),
            }).collect())
        } else {
            let take = |seller: SellerId| SellerTake { take: any_take(&world, &seller, &mut dice), seller };
            CaptureAsk::Sellers(sellers(&world).into_iter().map(take).collect())
        };
        let capture = capture_plan::plan(&world.goods(), &ask).unwrap();
        world.capture(&capture);
        let mut refunded = 0;
        for seller in sellers(&world) {
            let left = world.left(&seller);
            if left > 0 {
                let amount = Amount::try_new(left).unwrap();
                refunded += world.refund(&Ask::Amount { seller, amount }, Return).unwrap().amount.get();
            }
        }
        if let Ok(fees) = world.refund(&Ask::Everything, Return) {
            refunded += fees.amount.get();
        }
        prop_assert_eq!(refunded, capture.amount.get());
        prop_assert!(world.sale.lines.iter().all(|line| line.left() == 0));
        world.check_whole();
    }
}
