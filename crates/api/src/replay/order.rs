//! An order of the file as a cart, and the names derived from it.

use domain::allocation::{SellerTerms, Terms};
use domain::cart::{Cart, CartDraft, LineDraft, ShippingDraft};
use domain::fee_plan::{AppliesTo, CommissionOnRefund, FeePlan, FeePlanDraft, MatchDraft, RuleDraft};
use domain::ids::{FeePlanId, OrderId, SellerId, SiteId};
use domain::money::Currency;
use domain::seller::SellerStatus;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The fee plan that replayed sellers have.
pub(super) const PLAN: &str = "replay";

/// One row of the file: so much of one thing, by one seller.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Where it stands in the file, from 1.
    pub at: u64,
    /// The line's name within its order.
    pub line: String,
    pub seller: String,
    pub product: Option<String>,
    pub category: Option<String>,
    /// Minor units.
    pub price: i64,
    /// Minor units.
    pub shipping: i64,
}

/// An order that can be sold.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub id: OrderId,
    pub cart: Cart,
    /// What the buyer pays, in minor units.
    pub amount: i64,
    pub lines: usize,
}

impl Order {
    /// Makes a cart of an order's rows, or says at which of them it cannot be sold, and why.
    pub fn try_new(id: &str, rows: &[Row], currency: Currency) -> Result<Self, (u64, String)> {
        let first = rows.first().map_or(0, |row| row.at);
        let order: OrderId = id
            .parse()
            .map_err(|error: domain::ids::IdError| (first, error.to_string()))?;
        let amounts = rows.iter().flat_map(|row| [row.price, row.shipping]);
        let amount = amounts.fold(0_i64, i64::saturating_add);
        if amount == 0 {
            return Err((first, "there is nothing to pay".to_owned()));
        }
        let cart = Cart::try_new(draft(rows, currency)).map_err(|faults| {
            let fault = faults.into_iter().next();
            let at = fault
                .as_ref()
                .and_then(|fault| row_of(&fault.pointer, rows))
                .unwrap_or(first);
            (at, fault.map_or_else(String::new, |fault| fault.detail))
        })?;
        Ok(Self {
            id: order,
            cart,
            amount,
            lines: rows.len(),
        })
    }

    /// The `Idempotency-Key` of its payment: the same order asks under the same key, whenever it is replayed.
    pub fn key(&self) -> String {
        format!("replay-{}", self.id)
    }

    /// Who sells something of it.
    pub fn sellers(&self) -> impl Iterator<Item = &SellerId> {
        self.cart.lines().iter().map(|line| line.seller())
    }
}

fn draft(rows: &[Row], currency: Currency) -> CartDraft {
    let mut shipping: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        let sum = shipping.entry(&row.seller).or_default();
        *sum = sum.saturating_add(row.shipping);
    }
    let line = |row: &Row| LineDraft {
        id: row.line.clone(),
        seller: row.seller.clone(),
        name: row
            .category
            .as_deref()
            .map_or_else(|| "Goods".to_owned(), |category| category.replace('_', " ")),
        quantity: 1,
        unit_price: row.price,
        category: row.category.clone(),
        sku: row.product.clone(),
    };
    let paid = shipping.into_iter().filter(|(_, amount)| *amount > 0);
    CartDraft {
        currency: currency.code().to_owned(),
        lines: rows.iter().map(line).collect(),
        shipping: paid
            .map(|(seller, amount)| ShippingDraft {
                seller: seller.to_owned(),
                amount,
            })
            .collect(),
        ..CartDraft::default()
    }
}

/// The row that a pointer such as `/lines/3/unit_price` is about.
fn row_of(pointer: &str, rows: &[Row]) -> Option<u64> {
    let index: usize = pointer.strip_prefix("/lines/")?.split('/').next()?.parse().ok()?;
    rows.get(index).map(|row| row.at)
}

/// The gateway account of each seller: derived from its name, so that the same sellers have the same accounts in every
/// run, and none has another's.
pub(super) fn sites(sellers: &BTreeSet<SellerId>, commission: Option<SiteId>) -> BTreeMap<SellerId, SiteId> {
    let mut taken: BTreeSet<SiteId> = commission.into_iter().collect();
    let mut sites = BTreeMap::new();
    for seller in sellers {
        let free = (0_u32..)
            .filter_map(|attempt| site(seller, attempt))
            .find(|site| taken.insert(*site));
        sites.extend(free.map(|site| (seller.clone(), site)));
    }
    sites
}

/// A site between 1 000 000 000 and 3 999 999 999, far from the numbers that people choose.
fn site(seller: &SellerId, attempt: u32) -> Option<SiteId> {
    let digest = Sha256::new()
        .chain_update(seller.as_str())
        .chain_update(attempt.to_be_bytes())
        .finalize();
    let (head, _) = digest.split_first_chunk::<8>()?;
    let number = (u64::from_be_bytes(*head) % 3_000_000_000).saturating_add(1_000_000_000);
    SiteId::try_new(u32::try_from(number).ok()?).ok()
}

/// The rules that replayed sellers pay by: a percentage of what they sold.
pub(super) fn fee_plan(percent_bp: i64) -> FeePlanDraft {
    let rule = RuleDraft {
        matches: MatchDraft::default(),
        percent_bp,
        fixed: BTreeMap::new(),
        min: BTreeMap::new(),
        max: BTreeMap::new(),
        applies_to: AppliesTo::Items,
    };
    FeePlanDraft {
        rules: vec![rule],
        commission_on_refund: CommissionOnRefund::Return,
    }
}

/// What carts are divided under when no server is asked.
pub(super) fn terms(sites: &BTreeMap<SellerId, SiteId>, percent_bp: i64, commission: SiteId) -> anyhow::Result<Terms> {
    let plan = FeePlan::try_new(FeePlanId::try_from(PLAN.to_owned())?, 1, fee_plan(percent_bp));
    let plan =
        plan.map_err(|faults| anyhow::anyhow!("--fee-percent: {}", faults.first().map_or("", |fault| &fault.detail)))?;
    let of = |(seller, site): (&SellerId, &SiteId)| {
        let terms = SellerTerms {
            site: *site,
            status: SellerStatus::Active,
            fee_plan: Some(plan.clone()),
        };
        (seller.clone(), terms)
    };
    Ok(Terms {
        sellers: sites.iter().map(of).collect(),
        commission_site: commission,
    })
}

/// What these amounts come to, in minor units.
pub(super) fn total<'a>(orders: impl IntoIterator<Item = &'a Order>) -> i64 {
    orders
        .into_iter()
        .fold(0, |sum, order| sum.saturating_add(order.amount))
}
