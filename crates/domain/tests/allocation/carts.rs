//! Carts and terms to divide: written ones, and any.

use std::collections::BTreeMap;

use domain::allocation::{Allocation, SellerTerms, Terms, allocate};
use domain::cart::{Cart, CartDraft, DiscountDraft, FeeDraft, Funder, LineDraft, NamesDraft, ShippingDraft};
use domain::fault::Faults;
use domain::fee_plan::FeePlan;
use domain::ids::SiteId;
use domain::seller::SellerStatus;
use proptest::prelude::*;
use serde_json::{Value, json};

pub fn cart(cart: Value) -> Cart {
    Cart::try_new(serde_json::from_value(cart).unwrap()).unwrap()
}

pub fn plan(rules: Value) -> FeePlan {
    let draft = serde_json::from_value(json!({ "rules": rules })).unwrap();
    FeePlan::try_new("standard".parse().unwrap(), 3, draft).unwrap()
}

/// Sellers `s1`, `s2` … on sites 101, 102 …, with these plans; the commission site is 100.
pub fn terms(plans: Vec<Option<FeePlan>>) -> Terms {
    let sellers = (1_u32..).zip(plans).map(|(n, fee_plan)| {
        let site = SiteId::try_new(100 + n).unwrap();
        (
            format!("s{n}").parse().unwrap(),
            SellerTerms {
                site,
                status: SellerStatus::Active,
                fee_plan,
            },
        )
    });
    Terms {
        sellers: sellers.collect(),
        commission_site: SiteId::try_new(100).unwrap(),
    }
}

/// Every seller under 15 %.
pub fn fifteen_percent() -> Terms {
    terms(vec![
        Some(plan(json!([{"percent_bp": 1500, "applies_to": "items"}])));
        4
    ])
}

pub fn line(id: &str, seller: &str, quantity: i64, unit_price: i64) -> Value {
    json!({"id": id, "seller": seller, "name": "n", "quantity": quantity, "unit_price": unit_price})
}

pub fn divided(cart: Value, terms: &Terms) -> Allocation {
    allocate(&self::cart(cart), terms).unwrap()
}

pub fn refused(cart: Value, terms: &Terms) -> Faults {
    allocate(&self::cart(cart), terms).unwrap_err()
}

/// A cart and the terms it is sold under; amounts are in the currency's minor units.
#[derive(Clone, Debug)]
pub struct Case {
    pub draft: CartDraft,
    pub terms: Terms,
}

impl Case {
    pub fn cart(&self) -> Cart {
        Cart::try_new(self.draft.clone()).unwrap()
    }

    pub fn allocate(&self) -> Result<Allocation, Faults> {
        allocate(&self.cart(), &self.terms)
    }
}

const SELLERS: u32 = 4;

/// Any cart of up to four sellers. Discounts are mostly small enough to be granted: the properties are about what is
/// divided, and a test counts that enough is.
pub fn any_case() -> impl Strategy<Value = Case> {
    let code = prop::sample::select(vec!["EUR", "EUR", "JPY", "KWD"]);
    let plans = prop::collection::vec(
        prop::option::weighted(0.9, any_plan()),
        usize::try_from(SELLERS).unwrap(),
    );
    let parts = (
        prop::collection::vec(any_line(), 1..10),
        prop::collection::btree_map(1..=SELLERS, 0_i64..2_000, 0..4),
        prop::collection::vec(any_discount(), 0..5),
        prop::collection::vec(0_i64..300, 0..4),
    );
    (code, plans, parts).prop_map(|(code, plans, (lines, shipping, discounts, fees))| {
        let quantum = if code == "KWD" { 10 } else { 1 };
        let lines = lines.into_iter().enumerate();
        let lines: Vec<LineDraft> = lines
            .map(|(n, line)| LineDraft {
                id: format!("l{n}"),
                ..line
            })
            .collect();
        let lines: Vec<LineDraft> = lines
            .into_iter()
            .map(|line| LineDraft {
                unit_price: line.unit_price * quantum,
                ..line
            })
            .collect();
        let has_line = |seller: &str| lines.iter().any(|line| line.seller == seller);
        let shipping = shipping
            .into_iter()
            .map(|(n, amount)| (format!("s{n}"), amount * quantum));
        let shipping = shipping.filter(|(seller, _)| has_line(seller));
        let shipping = shipping
            .map(|(seller, amount)| ShippingDraft { seller, amount })
            .collect();
        let discounts = discounts.into_iter().enumerate().map(|(n, (size, target, funded_by))| {
            let line = &lines[target % lines.len()];
            let applies_to = match target % 3 {
                0 => NamesDraft {
                    cart: Some(true),
                    ..NamesDraft::default()
                },
                1 => NamesDraft {
                    seller: Some(line.seller.clone()),
                    ..NamesDraft::default()
                },
                _ => NamesDraft {
                    line: Some(line.id.clone()),
                    ..NamesDraft::default()
                },
            };
            let (amount, percent_bp) = match size {
                Size::Amount(amount) => (Some(amount * quantum), None),
                Size::Percent(percent) => (None, Some(percent)),
            };
            DiscountDraft {
                id: format!("d{n}"),
                amount,
                percent_bp,
                applies_to,
                funded_by,
            }
        });
        let fees = fees.into_iter().enumerate();
        let fees = fees
            .map(|(n, amount)| FeeDraft {
                id: format!("f{n}"),
                amount: amount * quantum,
            })
            .collect();
        let discounts = discounts.collect();
        let terms = terms(
            plans
                .into_iter()
                .map(|plan| plan.map(|rules| self::plan(in_quanta(rules))))
                .collect(),
        );
        Case {
            draft: CartDraft {
                currency: code.to_owned(),
                lines,
                shipping,
                discounts,
                fees,
            },
            terms,
        }
    })
}

#[derive(Clone, Debug)]
enum Size {
    Amount(i64),
    Percent(i64),
}

fn any_discount() -> impl Strategy<Value = (Size, usize, Funder)> {
    let size = prop_oneof![
        (0_i64..400).prop_map(Size::Amount),
        (0_i64..2_500).prop_map(Size::Percent),
        (0_i64..=10_000).prop_map(Size::Percent),
    ];
    let funder = prop_oneof![3 => Just(Funder::Seller), 1 => Just(Funder::Marketplace)];
    (size, 0_usize..1_000, funder).prop_map(|(size, target, funder)| match (size, funder) {
        // The marketplace's have to fit into commission.
        (Size::Amount(amount), Funder::Marketplace) => (Size::Amount(amount / 10), target, funder),
        (Size::Percent(percent), Funder::Marketplace) => (Size::Percent(percent / 20), target, funder),
        (size, Funder::Seller) => (size, target, funder),
    })
}

fn any_line() -> impl Strategy<Value = LineDraft> {
    let price = prop_oneof![1 => Just(0_i64), 6 => 1_i64..5_000];
    let category = prop::sample::select(vec![None, Some("books"), Some("home")]);
    (1..=SELLERS, 1_i64..5, price, category).prop_map(|(seller, quantity, unit_price, category)| LineDraft {
        id: String::new(),
        seller: format!("s{seller}"),
        name: "n".into(),
        quantity,
        unit_price,
        category: category.map(str::to_owned),
        sku: None,
    })
}

/// Rules whose amounts are still in quanta.
fn any_plan() -> impl Strategy<Value = Vec<Value>> {
    let amount = || prop::option::weighted(0.3, 0_i64..200);
    let percent = prop_oneof![4 => 300_i64..3_000, 1 => 0_i64..=10_000];
    let rule = (percent, amount(), amount(), amount(), any::<bool>());
    let rule = rule.prop_map(|(percent_bp, fixed, min, max, shipping)| {
        let max = max.map(|max| max + min.unwrap_or_default());
        let applies_to = if shipping { "items_and_shipping" } else { "items" };
        json!({"percent_bp": percent_bp, "fixed": fixed, "min": min, "max": max, "applies_to": applies_to})
    });
    let matches = prop::sample::select(vec![
        json!({"categories": ["books"]}),
        json!({"unit_price_from": 1_000, "unit_price_below": 3_000}),
        json!({"categories": ["home"], "unit_price_below": 2_000}),
    ]);
    (prop::collection::vec((matches, rule.clone()), 0..3), rule).prop_map(|(special, last)| {
        let special = special.into_iter().map(|(matches, mut rule)| {
            rule["match"] = matches;
            rule
        });
        special.chain([last]).collect()
    })
}

/// The rules' amounts for each currency, as multiples of its quantum.
fn in_quanta(rules: Vec<Value>) -> Value {
    let each = |mut rule: Value| {
        for figure in ["fixed", "min", "max"] {
            let amounts: BTreeMap<&str, i64> = rule[figure]
                .as_i64()
                .map(|quanta| BTreeMap::from([("EUR", quanta), ("JPY", quanta), ("KWD", quanta * 10)]))
                .unwrap_or_default();
            rule[figure] = json!(amounts);
        }
        rule
    };
    rules.into_iter().map(each).collect()
}
