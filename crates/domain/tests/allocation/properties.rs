//! What holds for any cart.

use domain::allocation::{Allocation, LineRef, LineShare, Share, Subject};
use domain::cart::{Cart, CartDraft, Discount, DiscountSize, Funder};
use domain::fee_plan::AppliesTo;
use domain::seller::Party;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::carts::{Case, any_case};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 300,
        ..ProptestConfig::default()
    }
}

/// The figures of a share that its reasons add up to.
fn figure(share: &Share, of: fn(&Subject) -> bool) -> i64 {
    share
        .reasons
        .iter()
        .filter(|reason| of(&reason.subject))
        .map(|reason| reason.amount)
        .sum()
}

/// A decimal of at most four places, in ten-thousandths.
fn ten_thousandths(decimal: &str) -> i64 {
    let (whole, part) = decimal.split_once('.').unwrap();
    let negative = whole.starts_with('-');
    let part: i64 = format!("{part:0<4}").parse().unwrap();
    let whole: i64 = whole.parse::<i64>().unwrap() * 10_000;
    if negative { whole - part } else { whole + part }
}

fn of_item<'a>(allocation: &'a Allocation, id: &domain::ids::LineId) -> &'a LineShare {
    let wanted = LineRef::Item(id.clone());
    allocation.lines().iter().find(|line| line.line == wanted).unwrap()
}

fn prices<'a>(cart: &'a Cart, discount: &'a Discount) -> impl Iterator<Item = i64> + 'a {
    cart.lines()
        .iter()
        .filter(|line| discount.names().includes(line))
        .map(|line| line.price().get())
}

#[test]
fn enough_carts_are_divided_for_the_properties_to_mean_something() {
    let mut runner = TestRunner::deterministic();
    let mut codes = std::collections::BTreeMap::<&str, usize>::new();
    for _ in 0..1_000 {
        let case = any_case().new_tree(&mut runner).unwrap().current();
        match case.allocate() {
            Ok(_) => *codes.entry("divided").or_default() += 1,
            Err(faults) => faults
                .iter()
                .for_each(|fault| *codes.entry(fault.code).or_default() += 1),
        }
    }
    assert!(codes["divided"] > 500, "{codes:?}");
    assert!(
        codes["marketplace_share_negative"] > 20 && codes["discount_too_large"] > 20,
        "{codes:?}"
    );
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_cent_the_buyer_pays_is_somebodys(case in any_case()) {
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        let cart = case.cart();
        let quantum = cart.currency().quantum();
        let gross: i64 = cart.lines().iter().map(|line| line.price().get()).sum();
        let shipping: i64 = cart.shipping().iter().map(|shipping| shipping.amount().get()).sum();
        let fees: i64 = cart.fees().iter().map(|fee| fee.amount().get()).sum();
        let sum = |of: fn(&Share) -> i64| -> i64 { allocation.parties().iter().map(of).sum() };

        prop_assert_eq!(sum(|share| share.net.get()), allocation.total().get());
        prop_assert_eq!(sum(|share| share.gross.get()), gross);
        prop_assert_eq!(sum(|share| share.shipping.get()), shipping);
        prop_assert_eq!(sum(|share| share.fees.get()), fees);
        prop_assert_eq!(sum(|share| share.commission), 0);
        prop_assert_eq!(gross + shipping + fees + sum(|share| share.discounts), allocation.total().get());
        prop_assert_eq!(allocation.splits().iter().map(|split| split.amount.get()).sum::<i64>(), allocation.total().get());
        prop_assert!(allocation.splits().iter().all(|split| !split.amount.is_zero() && split.amount.get() % quantum == 0));
    }

    #[test]
    fn every_list_of_reasons_adds_up_to_its_figure(case in any_case()) {
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        for share in allocation.parties() {
            prop_assert_eq!(figure(share, |_| true), share.net.get());
            prop_assert_eq!(figure(share, |of| matches!(of, Subject::Line(_))), share.gross.get());
            prop_assert_eq!(figure(share, |of| matches!(of, Subject::Discount(_))), share.discounts);
            prop_assert_eq!(figure(share, |of| matches!(of, Subject::Shipping)), share.shipping.get());
            prop_assert_eq!(figure(share, |of| matches!(of, Subject::Commission(_))), share.commission);
            prop_assert_eq!(figure(share, |of| matches!(of, Subject::Fee(_))), share.fees.get());
            match share.party {
                Party::Seller(_) => prop_assert!(share.discounts <= 0 && share.commission <= 0 && share.fees.is_zero()),
                Party::Marketplace => prop_assert!(share.discounts <= 0 && share.commission >= 0 && share.gross.is_zero()),
            }
        }
    }

    #[test]
    fn a_reasons_amount_is_within_a_quantum_of_its_exact_figure_or_says_why_not(case in any_case()) {
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        let quantum = allocation.currency().quantum();
        for reason in allocation.parties().iter().flat_map(|share| &share.reasons) {
            let off = (reason.amount * 10_000 - ten_thousandths(&reason.exact)).abs();
            let explained = ["capped", "at most", "as far as", "and more"].iter().any(|why| reason.note.contains(why));
            prop_assert!(explained || off <= quantum * 10_000, "{:?}", reason);
            let is_rule = matches!(reason.subject, Subject::Commission(_));
            prop_assert_eq!(reason.rule.is_some(), is_rule);
        }
    }

    #[test]
    fn lines_and_parties_hold_the_same_money(case in any_case()) {
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        let quantum = allocation.currency().quantum();
        let lines = allocation.lines();
        prop_assert_eq!(lines.iter().map(LineShare::paid).sum::<i64>(), allocation.total().get());
        for line in lines {
            let figures = [line.price.get(), line.commission.get(), line.marketplace_discount.get()];
            prop_assert!(figures.iter().all(|figure| figure % quantum == 0));
            prop_assert!(line.commission <= line.price && line.marketplace_discount <= line.price);
        }
        for share in allocation.parties() {
            let own = || lines.iter().filter(|line| line.party == share.party);
            let sold: i64 = own().map(LineShare::held_by_seller).sum();
            match share.party {
                Party::Seller(_) => {
                    prop_assert_eq!(share.net.get(), sold);
                    // No seller's split pays for the marketplace's discounts on another's goods.
                    prop_assert!(own().map(LineShare::held_by_marketplace).sum::<i64>() >= 0);
                }
                Party::Marketplace => {
                    let kept: i64 = lines.iter().map(LineShare::held_by_marketplace).sum();
                    prop_assert_eq!(share.net.get(), kept + share.fees.get());
                }
            }
        }
    }

    #[test]
    fn reordering_a_cart_moves_nothing(
        (case, shuffled) in any_case().prop_flat_map(|case| {
            let CartDraft { lines, shipping, fees, .. } = case.draft.clone();
            let shuffled = (Just(lines).prop_shuffle(), Just(shipping).prop_shuffle(), Just(fees).prop_shuffle());
            (Just(case), shuffled)
        })
    ) {
        let (lines, shipping, fees) = shuffled;
        let reordered = Case { draft: CartDraft { lines, shipping, fees, ..case.draft.clone() }, ..case.clone() };
        match (case.allocate(), reordered.allocate()) {
            (Ok(one), Ok(other)) => {
                prop_assert_eq!(one.canonical(), other.canonical());
                prop_assert_eq!(one, other);
            }
            (Err(one), Err(other)) => prop_assert_eq!(one, other, "discounts kept their places"),
            (one, other) => prop_assert!(false, "{:?} but reordered {:?}", one, other),
        }
    }

    #[test]
    fn a_single_discount_is_within_a_quantum_of_its_share_at_every_step(mut case in any_case(), marketplace: bool) {
        case.draft.discounts.truncate(1);
        // The sellers' own discounts are of any size; the marketplace's have to fit into its commission.
        if !marketplace {
            case.terms.sellers.values_mut().for_each(|seller| seller.fee_plan = None);
            case.draft.discounts.iter_mut().for_each(|discount| discount.funded_by = Funder::Seller);
        }
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        let cart = case.cart();
        let Some(discount) = cart.discounts().first() else { return Ok(()) };
        let quantum = i128::from(cart.currency().quantum());
        let off = |line: &domain::cart::LineItem| {
            let share = of_item(&allocation, line.id());
            line.price().get() - share.paid()
        };
        let base: i64 = prices(&cart, discount).sum();
        let total: i64 = cart.lines().iter().map(off).sum();
        let exact = match discount.size() {
            DiscountSize::Amount(amount) => i128::from(amount.get()) * 10_000,
            DiscountSize::PercentBp(percent) => i128::from(percent) * i128::from(base),
        };
        prop_assert!((i128::from(total) * 10_000 - exact).abs() * 2 <= quantum * 10_000);

        for seller in case.terms.sellers.keys() {
            let own = || cart.lines().iter().filter(|line| line.seller() == seller);
            let sellers_off: i64 = own().map(off).sum();
            let sellers_base: i64 =
                own().filter(|line| discount.names().includes(line)).map(|line| line.price().get()).sum();
            let share = |part: i64, whole: i64, weight: i64, all: i64| {
                (i128::from(part) * i128::from(all) - i128::from(whole) * i128::from(weight)).abs()
                    < quantum * i128::from(all.max(1))
            };
            prop_assert!(share(sellers_off, total, sellers_base, base));
            for line in own() {
                let weight = if discount.names().includes(line) { line.price().get() } else { 0 };
                prop_assert!(share(off(line), sellers_off, weight, sellers_base));
            }
        }
    }

    #[test]
    fn commission_is_what_the_rule_says(case in any_case()) {
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        let cart = case.cart();
        let currency = cart.currency();
        let quantum = currency.quantum();
        for share in allocation.parties() {
            let Party::Seller(seller) = &share.party else { continue };
            let own: Vec<_> = cart.lines().iter().filter(|line| line.seller() == seller).collect();
            let gross: i64 = own.iter().map(|line| line.price().get()).sum();
            let Some(plan) = &case.terms.sellers[seller].fee_plan else {
                prop_assert_eq!(share.commission, 0);
                continue;
            };
            for line in own {
                let (rule, name) = plan.rule_for(line).unwrap();
                let subject = Subject::Commission(line.id().clone());
                let reason = share.reasons.iter().find(|reason| reason.subject == subject).unwrap();
                prop_assert_eq!(reason.rule.as_ref(), Some(&name));
                let held = of_item(&allocation, line.id());
                let part = reason.base - held.price.get();
                if rule.applies_to == AppliesTo::Items {
                    prop_assert_eq!(part, 0);
                } else if gross > 0 {
                    let off = i128::from(part) * i128::from(gross)
                        - i128::from(share.shipping.get()) * i128::from(line.price().get());
                    prop_assert!(off.abs() < i128::from(quantum) * i128::from(gross));
                }
                let money = |amounts: &domain::fee_plan::PerCurrency| amounts.get(&currency).map(|amount| amount.get());
                let mut exact = i64::from(rule.percent_bp) * reason.base
                    + money(&rule.fixed).unwrap_or_default() * 10_000;
                exact = exact.max(money(&rule.min).unwrap_or_default() * 10_000);
                exact = exact.min(money(&rule.max).map_or(i64::MAX, |max| max * 10_000));
                let amount = -reason.amount;
                prop_assert!(amount <= reason.base);
                if exact > reason.base * 10_000 {
                    prop_assert!(amount == reason.base);
                } else {
                    prop_assert!((amount * 10_000 - exact).abs() * 2 <= quantum * 10_000);
                }
                // Between line and shipping by what each is of the base.
                if reason.base > 0 {
                    let off = held.commission.get() * reason.base - amount * held.price.get();
                    prop_assert!(off.abs() < quantum * reason.base);
                }
            }
        }
    }

    #[test]
    fn what_is_stored_comes_back(case in any_case()) {
        let Ok(allocation) = case.allocate() else { return Ok(()) };
        let stored = serde_json::to_string(&allocation).unwrap();
        prop_assert_eq!(serde_json::from_str::<Allocation>(&stored).unwrap(), allocation);
        let cart = case.cart();
        let stored = serde_json::to_string(&cart).unwrap();
        prop_assert_eq!(serde_json::from_str::<Cart>(&stored).unwrap(), cart);
    }

    #[test]
    fn the_marketplace_may_give_its_whole_commission_on_a_seller_and_no_more(mut case in any_case(), pick in 0_usize..4) {
        case.draft.discounts.retain(|discount| discount.funded_by == Funder::Seller);
        let Ok(before) = case.allocate() else { return Ok(()) };
        let sellers: Vec<&Share> = before.parties().iter().filter(|share| share.party.seller().is_some()).collect();
        let share = sellers[pick % sellers.len()];
        let seller = share.party.to_string();
        let (commission, quantum) = (-share.commission, before.currency().quantum());
        let room: i64 = share.gross.get() + share.discounts;
        if commission + quantum > room || before.total().get() <= commission {
            return Ok(());
        }
        let mut give = |amount: i64| {
            case.draft.discounts.push(serde_json::from_value(serde_json::json!({
                "id": "ours", "amount": amount, "applies_to": {"seller": seller}, "funded_by": "marketplace"})).unwrap());
            let result = case.allocate();
            case.draft.discounts.pop();
            result
        };
        let given = give(commission).unwrap();
        prop_assert_eq!(given.share_of(&share.party).unwrap(), share, "the seller is left whole");
        prop_assert_eq!(given.total().get(), before.total().get() - commission);
        let faults = give(commission + quantum).unwrap_err();
        prop_assert_eq!(faults.len(), 1);
        prop_assert_eq!(faults[0].code, "marketplace_share_negative");
        let named = format!("goods of {seller} are");
        let minor_units = format!("({commission} minor units)");
        prop_assert!(faults[0].detail.contains(&named) && faults[0].detail.contains(&minor_units));
    }
}
