//! What every party has is what the payments and settlements it took part in come to.

use crate::carts::SELLERS;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the splits of one party come to in one currency.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    captured: i64,
    refunding: i64,
    refunded: i64,
    disputed: i64,
    charged_back: i64,
}

/// Adds up the splits of every payment, and compares with the balances and with the statements.
pub async fn check(world: &World, payments: &[Value], wrong: &mut Vec<String>) {
    let sums = add_up(payments);
    let sellers = SELLERS
        .iter()
        .map(|(seller, _, _)| ((*seller).to_owned(), format!("/v1/sellers/{seller}")));
    let paths = sellers.chain([("marketplace".to_owned(), "/v1/marketplace".to_owned())]);
    let mut adjusted: BTreeMap<String, i64> = BTreeMap::new();
    for (party, path) in paths {
        let balance = world.ops().glances(&format!("{path}/balance")).await.expect(200);
        for line in balance["balances"].as_array().expect("a list") {
            let currency = line["currency"].as_str().unwrap_or_default().to_owned();
            let expected = sums
                .get(&(party.clone(), currency.clone()))
                .copied()
                .unwrap_or_default();
            compare(&party, line, expected, wrong);
            *adjusted.entry(currency.clone()).or_default() += number(line, "adjusted");
            if party != "marketplace" {
                statement(world, &party, &currency, number(line, "balance"), wrong).await;
            }
        }
    }
    for (currency, sum) in adjusted {
        if sum != 0 {
            wrong.push(format!("adjustments in {currency} come to {sum}, not to nothing"));
        }
    }
}

fn add_up(payments: &[Value]) -> BTreeMap<(String, String), Sums> {
    let mut sums: BTreeMap<(String, String), Sums> = BTreeMap::new();
    for payment in payments {
        let currency = payment["currency"].as_str().unwrap_or_default();
        for split in payment["splits"].as_array().into_iter().flatten() {
            let party = split["seller"].as_str().unwrap_or("marketplace").to_owned();
            let sum = sums.entry((party, currency.to_owned())).or_default();
            let [captured, refunding, refunded] =
                ["amount_captured", "amount_refunding", "amount_refunded"].map(|name| number(split, name));
            sum.captured += captured;
            sum.refunding += refunding;
            sum.refunded += refunded;
            let left = captured - refunding - refunded;
            match payment["status"].as_str() {
                Some("disputed") => sum.disputed += left,
                Some("charged_back") => sum.charged_back += left,
                _ => {}
            }
        }
    }
    sums
}

fn compare(party: &str, line: &Value, expected: Sums, wrong: &mut Vec<String>) {
    let Sums {
        captured,
        refunding,
        refunded,
        disputed,
        charged_back,
    } = expected;
    let (adjusted, settled) = (number(line, "adjusted"), number(line, "settled"));
    let balance = captured - refunding - refunded - disputed - charged_back + adjusted - settled;
    for (name, expected) in [
        ("captured", captured),
        ("refunding", refunding),
        ("refunded", refunded),
        ("disputed", disputed),
        ("charged_back", charged_back),
        ("balance", balance),
    ] {
        if number(line, name) != expected {
            wrong.push(format!(
                "{party}: {name} comes to {expected} over its splits, and the balance is {line}"
            ));
        }
    }
}

/// The newest entry of a statement says the balance, and the amounts before it lead there.
async fn statement(world: &World, seller: &str, currency: &str, balance: i64, wrong: &mut Vec<String>) {
    let path = format!("/v1/sellers/{seller}/entries?currency={currency}&limit=100");
    let page = world.ops().glances(&path).await.expect(200);
    let entries = page["data"].as_array().expect("a list");
    let sum: i64 = entries.iter().map(|entry| number(entry, "balance_change")).sum();
    if page["has_more"] == false && sum != balance {
        wrong.push(format!(
            "{seller}: the statement comes to {sum}, and the balance is {balance}: {}",
            page.text
        ));
    }
}

fn number(of: &Value, name: &str) -> i64 {
    of[name]
        .as_i64()
        .unwrap_or_else(|| panic!("no number {name:?} in {of}"))
}
