//! Captures worked by hand. Amounts are cents.

use domain::capture_plan::{CODES, CaptureAsk, CapturePlan, SellerTake, SplitAmount, Take, plan};
use domain::fee_plan::CommissionOnRefund::{Keep, Return};
use domain::refund::{self, Ask};
use domain::returns::{Line, Shares};

use crate::examples::{amount, calls, cents, units};
use crate::sales::{Sale, share};
use crate::world::World;

fn sellers(takes: &[(&str, Take)]) -> CaptureAsk {
    let takes = takes.iter().map(|(seller, take)| SellerTake {
        seller: seller.parse().unwrap(),
        take: take.clone(),
    });
    CaptureAsk::Sellers(takes.collect())
}

fn exactly(amounts: &[(u16, i64)]) -> CaptureAsk {
    let amounts = amounts.iter().map(|(split, amount)| SplitAmount {
        split: *split,
        amount: cents(*amount),
    });
    CaptureAsk::Splits(amounts.collect())
}

/// Each split as (captured, stranded).
fn splits(plan: &CapturePlan) -> Vec<(i64, i64)> {
    plan.splits
        .iter()
        .map(|split| (split.amount.get(), split.stranded.get()))
        .collect()
}

fn after(mut sale: Sale, plan: &CapturePlan) -> Sale {
    plan.apply(&mut sale.lines);
    for (funds, split) in sale.funds.iter_mut().zip(&plan.splits) {
        funds.available = split.amount;
    }
    sale
}

/// s1 with two lines and shipping, s2 with one, and a fee. s1 holds 180 + 90 + 30, s2 45, the marketplace 35 + 7.
fn two_sellers() -> Sale {
    Sale::new(
        "EUR",
        vec![
            share("line:a", "s1", [200, 20, 0], 4),
            share("line:b", "s1", [100, 10, 0], 1),
            share("shipping:s1", "s1", [30, 0, 0], 1),
            share("line:c", "s2", [50, 5, 0], 1),
            share("fee:f", "marketplace", [7, 0, 0], 1),
        ],
    )
}

#[test]
fn a_full_capture_lets_nothing_go() {
    for ask in [
        CaptureAsk::Everything,
        sellers(&[("s1", Take::Everything), ("s2", Take::Amount(cents(50)))]),
        exactly(&[(1, 300), (2, 45), (3, 42)]),
    ] {
        let plan = plan(&two_sellers().goods(), &ask).unwrap();
        assert!(plan.is_full() && !plan.is_nothing());
        assert_eq!(splits(&plan), [(300, 0), (45, 0), (42, 0)]);
        assert!(plan.let_go.is_empty() && plan.shares.is_empty() && plan.adjustments.is_empty());
    }
}

#[test]
fn an_amount_is_the_buyers_money() {
    // 165 of s1's 330: half of everything goes, commission too. a: n 100, b: n 50, shipping 15. s1 lets 90 + 45 + 15 go
    // and the marketplace 10 + 5. Nothing of s2. The fee in full.
    let plan = plan(&two_sellers().goods(), &sellers(&[("s1", Take::Amount(cents(165)))])).unwrap();
    assert_eq!(splits(&plan), [(150, 150), (0, 45), (22, 20)]);
    assert_eq!((plan.amount.get(), plan.stranded.get()), (172, 215));
    let let_go: Vec<(String, i64, i64)> = plan
        .let_go
        .iter()
        .map(|piece| (piece.line.to_string(), piece.n.get(), piece.buyer.get()))
        .collect();
    let expected = [
        ("line:a", 100, 100),
        ("line:b", 50, 50),
        ("shipping:s1", 15, 15),
        ("line:c", 50, 50),
    ];
    assert_eq!(let_go, expected.map(|(line, n, buyer)| (line.to_owned(), n, buyer)));
    // Later refunds continue the same n.
    let sale = after(two_sellers(), &plan);
    let amounts: Vec<[i64; 2]> = sale
        .lines
        .iter()
        .map(|line| [line.amount_captured(), line.amount_refunded()])
        .collect();
    assert_eq!(amounts, [[100, 0], [50, 0], [15, 0], [0, 0], [7, 0]]);
    let all = refund::plan(&sale.goods(), &amount("s1", 165), &|_| Keep).unwrap();
    assert_eq!(
        calls(&all),
        [(1, 150), (3, 15)],
        "s1's split holds 150 of the 165 it owes"
    );
    let faults = refund::plan(&sale.goods(), &amount("s1", 166), &|_| Return).unwrap_err();
    assert_eq!(faults[0].code, "refund_exceeds_captured");
    let faults = refund::plan(&sale.goods(), &amount("s2", 1), &|_| Return).unwrap_err();
    assert_eq!(faults[0].code, "refund_exceeds_captured");
}

#[test]
fn lines_take_their_sellers_shipping_in_full() {
    // Three of four of a: 150 and the shipping. s1: 180 · ¾ + 30 = 165; the marketplace 15 + 7.
    let take = Take::Lines(units(&[("a", 3)]));
    let plan = plan(&two_sellers().goods(), &sellers(&[("s1", take)])).unwrap();
    assert_eq!(splits(&plan), [(165, 135), (0, 45), (22, 20)]);
    let sale = after(two_sellers(), &plan);
    let a = &sale.lines[0];
    assert_eq!((a.back.units, a.units_left(), a.left()), (1, 3, 150));
    // No units are nothing: no shipping, and without any seller's goods no fee.
    for take in [
        Take::Lines(units(&[("a", 0)])),
        Take::Lines(Vec::new()),
        Take::Amount(cents(0)),
    ] {
        let plan = self::plan(&two_sellers().goods(), &sellers(&[("s1", take)])).unwrap();
        assert!(plan.is_nothing());
        assert_eq!(splits(&plan), [(0, 300), (0, 45), (0, 42)]);
    }
    assert!(self::plan(&two_sellers().goods(), &sellers(&[])).unwrap().is_nothing());
    assert!(self::plan(&two_sellers().goods(), &exactly(&[])).unwrap().is_nothing());
}

#[test]
fn goods_that_cost_the_buyer_nothing_are_something() {
    // A free sample, its shipping, and a fee: taking the sample takes both.
    let lines = vec![
        share("line:sample", "s1", [0, 0, 0], 1),
        share("shipping:s1", "s1", [30, 0, 0], 1),
        share("line:b", "s2", [50, 0, 0], 1),
        share("fee:f", "marketplace", [7, 0, 0], 1),
    ];
    let sale = Sale::new("EUR", lines);
    let sample = Take::Lines(units(&[("sample", 1)]));
    let plan = plan(&sale.goods(), &sellers(&[("s1", sample)])).unwrap();
    assert_eq!(splits(&plan), [(30, 0), (0, 50), (7, 0)]);
}

#[test]
fn what_the_splits_cannot_express_is_adjusted_at_the_capture() {
    // a: 100, no commission, 20 off by the marketplace; b: 100, commission 20. s1 holds 180, the marketplace nothing.
    // a alone: the buyer pays 80, s1 is due 100. Its split captures 80; the marketplace owes it 20.
    let two = vec![
        share("line:a", "s1", [100, 0, 20], 1),
        share("line:b", "s1", [100, 20, 0], 1),
    ];
    let take = Take::Lines(units(&[("a", 1)]));
    let sale = Sale::new("EUR", two);
    let plan = plan(&sale.goods(), &sellers(&[("s1", take)])).unwrap();
    assert_eq!(splits(&plan), [(80, 100)]);
    let [one] = plan.adjustments.as_slice() else {
        panic!("{plan:?}")
    };
    assert_eq!(
        (one.from.to_string(), one.to.to_string(), one.amount.get()),
        ("marketplace".into(), "s1".into(), 20)
    );
    // And when a goes back, s1 gives that back too.
    let mut world = World::new(sale);
    world.capture(&plan);
    let all = world.refund(&Ask::Everything, Return).unwrap();
    assert_eq!((calls(&all), all.adjustments[0].amount.get()), (vec![(1, 80)], 20));
    world.check_whole();
}

#[test]
fn exact_amounts_are_spread_over_each_partys_lines() {
    // s1's 100 over 180, 90 and 30: 60, 30, 10. s2's 45 is its line. The marketplace's 21 of 42 over s1's 30, s2's 5
    // and the fee 7: 15, 2.5 and 3.5 → the remainders tie and s2 comes first: 15, 3, 3. s1's 15 over 20, 10, 0: 10, 5, 0.
    let plan = plan(&two_sellers().goods(), &exactly(&[(1, 100), (2, 45), (3, 21)])).unwrap();
    let shares: Vec<(String, [i64; 2])> = plan
        .shares
        .iter()
        .map(|(line, Shares { seller, marketplace })| (line.to_string(), [seller.get(), marketplace.get()]))
        .collect();
    let expected = [
        ("line:a", [60, 10]),
        ("line:b", [30, 5]),
        ("shipping:s1", [10, 0]),
        ("line:c", [45, 3]),
        ("fee:f", [3, 0]),
    ];
    assert_eq!(shares, expected.map(|(line, shares)| (line.to_owned(), shares)));
    assert_eq!(splits(&plan), [(100, 200), (45, 0), (21, 21)]);

    let mut world = World::new(two_sellers());
    world.capture(&plan);
    assert_eq!(
        world.sale.lines.iter().map(Line::paid).collect::<Vec<i64>>(),
        [70, 35, 10, 48, 3]
    );
    // 23 of s1's 115: 14 of a, 7 of b, 2 of shipping; 14 · 60 / 70 = 12, 7 · 30 / 35 = 6, 2. Keep changes nothing.
    let some = world.refund(&amount("s1", 23), Keep).unwrap();
    assert_eq!((calls(&some), some.adjustments.len()), (vec![(1, 20), (3, 3)], 0));
    // One unit of four of a is 70 / 4 = 17.5 → 18: 32 in all, of which s1 has 32 · 60 / 70 = 27.4 → 27.
    let unit = world.refund(&crate::examples::lines(&[("a", 1)], &[]), Return).unwrap();
    assert_eq!((unit.amount.get(), calls(&unit)), (18, vec![(1, 15), (3, 3)]));
    world.refund(&Ask::Everything, Return).unwrap();
    world.check_whole();
}

#[test]
fn a_negative_part_of_the_marketplace_counts_nothing() {
    // a: 100, commission 5, 10 off by the marketplace: −5 is the marketplace's. b: 100, commission 15: 15. Together 10.
    let two = vec![
        share("line:a", "s1", [100, 5, 10], 1),
        share("line:b", "s1", [100, 15, 0], 1),
    ];
    let sale = Sale::new("EUR", two);
    let plan = plan(&sale.goods(), &exactly(&[(1, 90), (2, 10)])).unwrap();
    let shares: Vec<[i64; 2]> = plan
        .shares
        .iter()
        .map(|(_, Shares { seller, marketplace })| [seller.get(), marketplace.get()])
        .collect();
    // s1's 90 over 95 and 85: 47.5 and 42.5 → 48 and 42, the first of equal remainders being served.
    assert_eq!(shares, [[48, 0], [42, 10]]);
}

#[test]
fn captures_that_are_not_made_say_why() {
    let sale = two_sellers();
    let told = |ask: &CaptureAsk| -> Vec<(String, &'static str)> {
        let faults = plan(&sale.goods(), ask).unwrap_err();
        for fault in &faults {
            let mut listed = CODES
                .iter()
                .chain(refund::CODES)
                .chain(domain::amounts::CODES)
                .chain(domain::cart::CODES);
            assert!(listed.any(|(code, _)| *code == fault.code), "{}", fault.code);
        }
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    };
    assert_eq!(
        told(&sellers(&[
            ("s9", Take::Everything),
            ("s1", Take::Amount(cents(331))),
            ("s2", Take::Lines(units(&[("a", 1), ("c", 2)]))),
            ("s2", Take::Everything),
        ])),
        [
            ("/sellers/0/seller".into(), "seller_not_in_payment"),
            ("/sellers/1/amount".into(), "capture_exceeds_authorized"),
            ("/sellers/2/lines/0/id".into(), "line_not_in_payment"),
            ("/sellers/2/lines/1/quantity".into(), "capture_exceeds_authorized"),
            ("/sellers/3/seller".into(), "duplicate_seller"),
        ]
    );
    assert_eq!(
        told(&sellers(&[("s1", Take::Lines(units(&[("a", 1), ("a", 1)])))])),
        [("/sellers/0/lines/1/id".into(), "duplicate_line")]
    );
    assert_eq!(
        told(&exactly(&[(1, 301), (9, 1), (2, 1), (2, 1)])),
        [
            ("/splits/0/amount".into(), "capture_exceeds_authorized"),
            ("/splits/1/split".into(), "split_not_in_payment"),
            ("/splits/3/split".into(), "duplicate_split"),
        ]
    );
    let kwd = Sale::new("KWD", vec![share("line:a", "s1", [1000, 0, 0], 1)]);
    let faults = plan(&kwd.goods(), &exactly(&[(1, 5)])).unwrap_err();
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        ("/splits/0/amount", "amount_not_representable")
    );
    let faults = plan(&kwd.goods(), &sellers(&[("s1", Take::Amount(cents(5)))])).unwrap_err();
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].code),
        ("/sellers/0/amount", "amount_not_representable")
    );
}
