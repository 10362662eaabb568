//! Refunds worked by hand. Amounts are cents.

use std::collections::BTreeMap;

use domain::fee_plan::CommissionOnRefund::{self, Keep, Return};
use domain::money::Amount;
use domain::refund::{Ask, Plan, Units, plan};
use domain::returns::{self, Funds, Line};
use domain::seller::Party;

use crate::sales::{Sale, share};

pub fn cents(minor_units: i64) -> Amount {
    Amount::try_new(minor_units).unwrap()
}

pub fn amount(seller: &str, minor_units: i64) -> Ask {
    Ask::Amount {
        seller: seller.parse().unwrap(),
        amount: cents(minor_units),
    }
}

pub fn lines(units: &[(&str, u32)], shipping: &[&str]) -> Ask {
    Ask::Lines {
        lines: self::units(units),
        shipping: shipping.iter().map(|seller| seller.parse().unwrap()).collect(),
    }
}

pub fn units(units: &[(&str, u32)]) -> Vec<Units> {
    let units = units.iter().map(|(id, quantity)| Units {
        id: id.parse().unwrap(),
        quantity: *quantity,
    });
    units.collect()
}

/// The calls as (split, amount).
pub fn calls(plan: &Plan) -> Vec<(u16, i64)> {
    plan.calls.iter().map(|call| (call.split, call.amount.get())).collect()
}

/// The adjustments as (from, to, amount).
fn adjustments(plan: &Plan) -> Vec<(String, String, i64)> {
    let adjustments = plan.adjustments.iter();
    adjustments
        .map(|one| (one.from.to_string(), one.to.to_string(), one.amount.get()))
        .collect()
}

/// The pieces as (line, n, buyer, seller, marketplace).
fn pieces(plan: &Plan) -> Vec<(String, i64, i64, i64, i64)> {
    let pieces = plan.lines.iter();
    pieces
        .map(|piece| {
            (
                piece.line.to_string(),
                piece.n.get(),
                piece.buyer.get(),
                piece.seller(),
                piece.marketplace(),
            )
        })
        .collect()
}

/// Refunds and counts it, at the gateway too.
fn refund(sale: &mut Sale, ask: &Ask, policy: CommissionOnRefund) -> Plan {
    let plan = plan(&sale.goods(), ask, &|_| policy).unwrap();
    returns::apply(&mut sale.lines, &plan.lines);
    for call in &plan.calls {
        let funds = sale.funds.iter_mut().find(|funds| funds.split == call.split).unwrap();
        funds.available = funds.available.checked_sub(call.amount).unwrap();
    }
    plan
}

/// The worked example of an allocation: 2 × 19.99, 4.00 off by s1, 5.00 off by the marketplace, 15 % commission,
/// shipping 4.90, a fee of 0.99. s1 holds 3598 − 540 + 490 = 3548, the marketplace 540 − 500 + 99 = 139.
pub fn worked() -> Sale {
    let lines = vec![
        share("line:l1", "s1", [3598, 540, 500], 2),
        share("shipping:s1", "s1", [490, 0, 0], 1),
        share("fee:service", "marketplace", [99, 0, 0], 1),
    ];
    Sale::new("EUR", lines)
}

#[test]
fn by_amount_a_refund_is_spread_over_lines_and_shipping() {
    // 1000 over 3098 and 490: 863.4 and 136.6, the cent goes to the larger remainder: 863 and 137.
    // Line: n = 863 · 3598 / 3098 = 1002.3 → 1002; discount 500 · 1002 / 3598 = 139.2 → 139, so the buyer has 863;
    // commission 540 · 1002 / 3598 = 150.4 → 150, so s1 has given 852 and the marketplace 11.
    let plan = refund(&mut worked(), &amount("s1", 1000), Return);
    assert_eq!(
        pieces(&plan),
        [
            ("line:l1".into(), 1002, 863, 852, 11),
            ("shipping:s1".into(), 137, 137, 137, 0)
        ]
    );
    assert_eq!((calls(&plan), adjustments(&plan)), (vec![(1, 989), (2, 11)], vec![]));
    let reasons: Vec<(String, String, i64, &str)> = plan
        .reasons
        .iter()
        .map(|reason| {
            (
                reason.line.to_string(),
                reason.party.to_string(),
                reason.amount,
                reason.note.as_str(),
            )
        })
        .collect();
    let expected = [
        (
            "line:l1".into(),
            "s1".into(),
            852,
            "10.02 EUR of it goes back, 1.50 EUR of it the marketplace's",
        ),
        (
            "line:l1".into(),
            "marketplace".into(),
            11,
            "its commission of 1.50 EUR goes back, less 1.39 EUR of its discounts",
        ),
        ("shipping:s1".into(), "s1".into(), 137, "1.37 EUR of it goes back"),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn by_quantity_a_unit_is_worth_what_it_was_sold_for() {
    // One of two: n = 3598 / 2 = 1799; discount 250, so the buyer gets 1549; commission 270, so s1 gives 1529.
    let mut sale = worked();
    let one = refund(&mut sale, &lines(&[("l1", 1)], &[]), Return);
    assert_eq!(pieces(&one), [("line:l1".into(), 1799, 1549, 1529, 20)]);
    let rest = refund(&mut sale, &lines(&[("l1", 1)], &["s1"]), Return);
    assert_eq!(
        pieces(&rest),
        [
            ("line:l1".into(), 1799, 1549, 1529, 20),
            ("shipping:s1".into(), 490, 490, 490, 0)
        ]
    );
    assert_eq!(calls(&rest), [(1, 2019), (2, 20)]);
    // Fees go back with everything only.
    let fee = refund(&mut sale, &Ask::Everything, Return);
    assert_eq!(
        (pieces(&fee), calls(&fee)),
        (vec![("fee:service".into(), 99, 99, 99, 0)], vec![(2, 99)])
    );
    assert!(sale.funds.iter().all(|funds| funds.available.is_zero()));
}

#[test]
fn earlier_amounts_come_off_the_last_units() {
    // Three units of 100. 130 by amount, then two units at 100 each: n = 130, 230, and 300 for the third, worth 70.
    let mut sale = Sale::new("EUR", vec![share("line:a", "s1", [300, 0, 0], 3)]);
    let given: Vec<i64> = [amount("s1", 130), lines(&[("a", 1)], &[]), lines(&[("a", 1)], &[])]
        .iter()
        .map(|ask| refund(&mut sale, ask, Return).amount.get())
        .collect();
    assert_eq!(given, [130, 100, 70]);
    let faults = plan(&sale.goods(), &lines(&[("a", 1)], &[]), &|_| Return).unwrap_err();
    assert_eq!(
        (faults[0].code, sale.lines[0].back.units),
        ("nothing_to_refund", 2),
        "its unit is not counted"
    );
}

#[test]
fn units_are_rounded_cumulatively() {
    // 100 over three units: 33, 67 − 33 = 34, 100 − 67 = 33.
    let mut sale = Sale::new("EUR", vec![share("line:a", "s1", [100, 0, 0], 3)]);
    let given = [(); 3].map(|()| refund(&mut sale, &lines(&[("a", 1)], &[]), Return).amount.get());
    assert_eq!(given, [33, 34, 33]);
}

#[test]
fn what_cost_the_buyer_nothing_goes_along_in_proportion() {
    // A gift of 60 that the marketplace pays for (D = N), and a line of 200. s1 holds 60 − 30 + 200 − 40 = 190, the
    // marketplace 70 − 60 = 10. A refund of 50 of 200 takes a quarter of the gift: n = 15, commission 7.5 → 8 (even),
    // so s1 gives 7 and the marketplace 8 − 15 = −7. Line a: n = 50, commission 10. s1 owes 47, the marketplace 3.
    let gift = || share("line:gift", "s1", [60, 30, 60], 1);
    let mut sale = Sale::new("EUR", vec![share("line:a", "s1", [200, 40, 0], 1), gift()]);
    let first = refund(&mut sale, &amount("s1", 50), Return);
    assert_eq!(
        pieces(&first),
        [("line:a".into(), 50, 50, 40, 10), ("line:gift".into(), 15, 0, 7, -7)]
    );
    assert_eq!(calls(&first), [(1, 47), (2, 3)]);
    // The gift alone pays the buyer nothing, but s1 has been paid 30 − 7 for what is left of it.
    let gift = refund(&mut sale, &lines(&[("gift", 1)], &[]), Return);
    assert_eq!((gift.amount.get(), calls(&gift)), (0, vec![]));
    assert_eq!(adjustments(&gift), [("s1".into(), "marketplace".into(), 23)]);
}

#[test]
fn an_amount_of_0_leaves_a_line_as_it_is() {
    // 3 of 50 units of a are n = 6 and pay the buyer 6 − 90 % = 0.6 → 1; a buyer who has 1 of 10 could be at n = 10.
    let lines_sold = vec![
        share("line:a", "s1", [100, 100, 90], 50),
        share("line:b", "s1", [900, 0, 0], 1),
    ];
    let mut sale = Sale::new("EUR", lines_sold);
    refund(&mut sale, &lines(&[("a", 3)], &[]), Return);
    assert_eq!((sale.lines[0].back.n.get(), sale.lines[0].back.buyer.get()), (6, 1));
    let one = refund(&mut sale, &amount("s1", 1), Return);
    assert_eq!(pieces(&one), [("line:b".into(), 1, 1, 1, 0)]);
    assert_eq!(sale.lines[0].back.n.get(), 6);
}

#[test]
fn under_keep_the_seller_pays_the_commission() {
    // 100 at 15 %: s1 holds 85, the marketplace 15. Half under keep: s1 owes 50 and its split has it.
    let mut sale = Sale::new("EUR", vec![share("line:a", "s1", [100, 15, 0], 2)]);
    let first = refund(&mut sale, &lines(&[("a", 1)], &[]), Keep);
    assert_eq!((calls(&first), adjustments(&first)), (vec![(1, 50)], vec![]));
    // The other half: its split holds 35; the commission split lends 15, which s1 owes it.
    let second = refund(&mut sale, &amount("s1", 50), Keep);
    assert_eq!(calls(&second), [(1, 35), (2, 15)]);
    assert_eq!(adjustments(&second), [("s1".into(), "marketplace".into(), 15)]);
    assert_eq!(
        second.adjustments[0].why,
        "s1 owes 0.50 EUR, its split gives 0.35 EUR: it holds no more"
    );
    // s1 has given 100, the price; the marketplace nothing: 15 by its split, 15 from s1.
    assert_eq!(
        (sale.lines[0].back.seller(), sale.lines[0].back.marketplace()),
        (100, 0)
    );
}

#[test]
fn policies_alternate_piece_by_piece() {
    // 100 at 15 %, in thirds of n 33, 34, 33. Commission 15 · 33 / 100 = 4.95 → 5, 15 · 67 / 100 = 10.05 → 10, 15:
    // 5, 5, 5 piece by piece. The second is kept: s1 gives 28, 34, 28 and at the end 90 = 100 − 15 + 5.
    let mut sale = Sale::new("EUR", vec![share("line:a", "s1", [100, 15, 0], 3)]);
    let given = [Return, Keep, Return].map(|policy| pieces(&refund(&mut sale, &lines(&[("a", 1)], &[]), policy))[0].3);
    assert_eq!(given, [28, 34, 28]);
    assert_eq!((sale.lines[0].back.seller(), sale.lines[0].back.kept.get()), (90, 5));
}

#[test]
fn a_split_does_not_keep_what_the_buyer_can_no_longer_get() {
    // a: 100, no commission, 20 off by the marketplace. b: 100, commission 20. s1 holds 100 + 80 = 180, the marketplace
    // 20 − 20 = 0: it has no split. The buyer paid 80 + 100.
    let two = vec![
        share("line:a", "s1", [100, 0, 20], 1),
        share("line:b", "s1", [100, 20, 0], 1),
    ];
    let mut sale = Sale::new("EUR", two);
    assert_eq!(sale.funds.len(), 1);
    // b goes back: s1 owes 80, but its split would then hold 100 while the buyer can get 80 more. It gives 100.
    let b = refund(&mut sale, &lines(&[("b", 1)], &[]), Return);
    assert_eq!(
        (calls(&b), adjustments(&b)),
        (vec![(1, 100)], vec![("marketplace".into(), "s1".into(), 20)])
    );
    // a goes back: s1 owes 100, the buyer gets 80.
    let a = refund(&mut sale, &lines(&[("a", 1)], &[]), Return);
    assert_eq!(
        (calls(&a), adjustments(&a)),
        (vec![(1, 80)], vec![("s1".into(), "marketplace".into(), 20)])
    );
    assert_eq!(
        a.adjustments[0].why,
        "s1 owes 1.00 EUR, its split gives 0.80 EUR: the buyer gets no more than that for its goods"
    );
}

#[test]
fn several_sellers_and_several_splits_of_one() {
    let mut sale = Sale::new(
        "EUR",
        vec![
            share("line:a", "s1", [100, 10, 0], 1),
            share("line:b", "s2", [60, 6, 0], 1),
        ],
    );
    // s1's money lies in two splits: 30 and 60; the commission split is 4.
    let funds = |split, party: &str, available| Funds {
        split,
        party: party.parse().unwrap(),
        available: cents(available),
    };
    sale.funds = vec![
        funds(1, "s1", 30),
        funds(2, "s2", 54),
        funds(3, "s1", 60),
        funds(4, "marketplace", 16),
    ];
    let all = refund(&mut sale, &lines(&[("b", 1), ("a", 1)], &[]), Return);
    assert_eq!(calls(&all), [(1, 30), (2, 54), (3, 60), (4, 16)]);
    let covers: Vec<(String, i64)> = all.calls[3]
        .covers
        .iter()
        .map(|cover| (cover.goods_of.to_string(), cover.amount.get()))
        .collect();
    assert_eq!(covers, [("s1".into(), 10), ("s2".into(), 6)]);
    let parties: Vec<(String, i64, i64)> = all
        .parties
        .iter()
        .map(|side| (side.party.to_string(), side.owed, side.gives_back.get()))
        .collect();
    assert_eq!(
        parties,
        [
            ("s1".into(), 90, 90),
            ("s2".into(), 54, 54),
            ("marketplace".into(), 16, 16)
        ]
    );
}

#[test]
fn the_policy_is_each_sellers() {
    let mut sale = Sale::new(
        "EUR",
        vec![
            share("line:a", "s1", [100, 10, 0], 2),
            share("line:b", "s2", [100, 10, 0], 2),
        ],
    );
    let ask = lines(&[("a", 1), ("b", 1)], &[]);
    let of = |seller: &domain::ids::SellerId| if seller.as_str() == "s2" { Keep } else { Return };
    let plan = plan(&sale.goods(), &ask, &of).unwrap();
    assert_eq!(calls(&plan), [(1, 45), (2, 50), (3, 5)]);
    assert_eq!(
        refund(&mut sale, &ask, Return).amount,
        plan.amount,
        "the buyer gets the same"
    );
}

#[test]
fn everything_is_what_the_splits_still_hold() {
    // The buyer's bank took 1000 back from s1's split.
    let mut sale = worked();
    sale.funds[0].available = cents(2548);
    // Of 3687 − 1000 = 2687 all goes back. s1's split lacks 3588 − 2548 = 1040, the fee 99, the commission split has
    // 139 for them: 139 · 1040 / 1139 = 126.9 → 127 and 12.
    let all = refund(&mut sale, &Ask::Everything, Return);
    assert_eq!((all.amount.get(), calls(&all)), (2687, vec![(1, 2548), (2, 139)]));
    assert_eq!(
        all.warnings,
        ["10.00 EUR less than what is left of the goods: money left the splits otherwise"]
    );
    assert_eq!((sale.lines[2].back.buyer.get(), sale.lines[2].left()), (12, 87));
    assert_eq!(sale.lines.iter().map(Line::left).sum::<i64>(), 1000);
    let faults = plan(&sale.goods(), &Ask::Everything, &|_| Return).unwrap_err();
    assert_eq!(faults[0].code, "nothing_to_refund");
}

#[test]
fn a_preview_says_what_becomes_of_the_balances() {
    let sale = Sale::new("EUR", vec![share("line:a", "s1", [100, 15, 0], 1)]);
    let plan = plan(&sale.goods(), &Ask::Everything, &|_| Keep).unwrap();
    let balances = BTreeMap::from([("s1".parse::<Party>().unwrap(), 85)]);
    let preview = plan.preview(&balances);
    let sides: Vec<(String, i64, i64, i64, i64, bool)> = preview
        .parties
        .iter()
        .map(|side| {
            let (before, after) = (side.balance_before, side.balance_after);
            (
                side.party.to_string(),
                side.gives_back.get(),
                side.adjusted,
                before,
                after,
                side.covered,
            )
        })
        .collect();
    // s1 owes 100, its split has 85, and it pays 15 more: 15 are missing. The marketplace gives 15 and gets 15.
    let expected = [
        ("s1".into(), 85, -15, 85, -15, false),
        ("marketplace".into(), 15, 15, 0, 0, true),
    ];
    assert_eq!(sides, expected);
    assert_eq!(
        preview.warnings,
        ["the balance of s1 does not cover this: 15 minor units are missing"]
    );
    assert_eq!(
        (preview.amount, &preview.calls, &preview.reasons),
        (plan.amount, &plan.calls, &plan.reasons)
    );
}

#[test]
fn lines_and_plans_are_kept_as_json() {
    let mut sale = worked();
    let plan = refund(&mut sale, &amount("s1", 1000), Keep);
    let line = serde_json::to_value(&sale.lines[0]).unwrap();
    assert_eq!(
        line["back"],
        serde_json::json!({"n": 1002, "units": 0, "buyer": 863, "commission": 150, "kept": 150})
    );
    assert_eq!(serde_json::from_value::<Line>(line).unwrap(), sale.lines[0]);
    let stored = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
    // A line is as new where nothing is said of what went back.
    let new = serde_json::json!({"sold": worked().lines[0].sold});
    assert_eq!(serde_json::from_value::<Line>(new).unwrap(), worked().lines[0]);
}
