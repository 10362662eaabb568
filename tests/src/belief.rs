//! What must be so at the end of every story: nothing is open, and what we believe is what the gateway's books say.

use crate::carts::SELLERS;
use crate::world::World;
use sandbox::core::PaymentEntry;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a story leaves behind on purpose.
#[derive(Debug, Default)]
pub struct Loose {
    /// Payments that are held at the end: what the gateway shows of them is not believed.
    pub held: usize,
    /// Payments in the gateway's books that are nobody's here.
    pub strangers: usize,
}

/// Checks everything, and fails with everything that is not so.
pub async fn check(world: &World, loose: &Loose) {
    let payments = world.ops().all_payments().await;
    let books = world.gateway().books();
    let mut wrong = Vec::new();
    let mut known: BTreeMap<u64, PaymentEntry> = books.payments.into_iter().map(|entry| (entry.id, entry)).collect();
    let mut held = 0;
    for payment in &payments {
        nothing_is_open(payment, &mut wrong);
        let entry = payment["gateway"]["payment_id"]
            .as_u64()
            .and_then(|id| known.remove(&id));
        if payment["held"] == true {
            held += 1;
        } else {
            compare(payment, entry.as_ref(), &mut wrong);
        }
    }
    if known.len() != loose.strangers {
        wrong.push(format!(
            "{} payments at the gateway are nobody's here: {known:?}",
            known.len()
        ));
    }
    if held != loose.held {
        wrong.push(format!("{held} payments are held, not {}", loose.held));
    }
    balances(world, &payments, &mut wrong).await;
    verified(world, &mut wrong).await;
    assert!(wrong.is_empty(), "at the end of the story:\n  {}", wrong.join("\n  "));
}

fn nothing_is_open(payment: &Value, wrong: &mut Vec<String>) {
    for operation in payment["operations"].as_array().into_iter().flatten() {
        let state = operation["state"].as_str().unwrap_or_default();
        if !matches!(state, "done" | "refused" | "not_sent") {
            wrong.push(format!("operation {} is {state}", operation["id"]));
        }
    }
}

/// What we believe of a payment against what the gateway's books say.
fn compare(payment: &Value, entry: Option<&PaymentEntry>, wrong: &mut Vec<String>) {
    let id = &payment["id"];
    let mut say = |what: &str, ours: &Value, theirs: Value| {
        if *ours != theirs {
            wrong.push(format!("{id}: {what} is {ours} here and {theirs} at the gateway"));
        }
    };
    let Some(entry) = entry else {
        // Refused or never sent: nothing was charged, and both sides agree that there is nothing.
        return say("status", &payment["status"], "failed".into());
    };
    let status = status(entry.status);
    say("status", &payment["status"], status.into());
    say("amount", &payment["amount"], entry.amount.into());
    say("currency", &payment["currency"], entry.currency.clone().into());
    let captured = if status == "captured" { entry.amount } else { 0 };
    say("amount_captured", &payment["amount_captured"], captured.into());
    say("amount_suspense", &payment["amount_suspense"], 0.into());
    let ours = payment["splits"].as_array().expect("a list");
    say("the number of splits", &ours.len().into(), entry.splits.len().into());
    for (ours, theirs) in ours.iter().zip(&entry.splits) {
        say("a split's number", &ours["reference"], theirs.id.to_string().into());
        say("a split's site", &ours["site_id"], theirs.site_id.into());
        say("a split's amount", &ours["amount"], theirs.amount.into());
        let captured = if status == "captured" { theirs.amount } else { 0 };
        say("a split's amount_captured", &ours["amount_captured"], captured.into());
    }
}

/// The statuses of the gateway as the contract names them.
fn status(number: u8) -> &'static str {
    match number {
        1 | 6 => "open",
        9 => "authorized",
        13 | 33 => "capturing",
        15 | 34 => "cancelling",
        2 | 11 | 21 | 22 | 23 | 25 | 27 => "captured",
        35 => "partially_captured",
        3 | 16 => "cancelled",
        4 | 12 | 39 => "failed",
        5 => "expired",
        19 | 38 => "disputed",
        24 | 26 | 28 => "charged_back",
        _ => "pending",
    }
}

/// What every party has is what the captured splits of its payments come to.
async fn balances(world: &World, payments: &[Value], wrong: &mut Vec<String>) {
    let mut captured: BTreeMap<(String, String), i64> = BTreeMap::new();
    for payment in payments {
        for split in payment["splits"].as_array().into_iter().flatten() {
            let party = split["seller"].as_str().unwrap_or("marketplace").to_owned();
            let currency = payment["currency"].as_str().unwrap_or_default().to_owned();
            *captured.entry((party, currency)).or_default() += split["amount_captured"].as_i64().unwrap_or_default();
        }
    }
    let sellers = SELLERS
        .iter()
        .map(|(seller, _, _)| ((*seller).to_owned(), format!("/v1/sellers/{seller}/balance")));
    let paths = sellers.chain([("marketplace".to_owned(), "/v1/marketplace/balance".to_owned())]);
    for (party, path) in paths {
        let balance = world.ops().glances(&path).await.expect(200);
        for line in balance["balances"].as_array().expect("a list") {
            let currency = line["currency"].as_str().unwrap_or_default().to_owned();
            let expected = captured.get(&(party.clone(), currency)).copied().unwrap_or_default();
            if line["captured"] != expected || line["balance"] != expected {
                wrong.push(format!(
                    "{party} has {line}, and its captured splits come to {expected}"
                ));
            }
        }
    }
}

async fn verified(world: &World, wrong: &mut Vec<String>) {
    let report = world
        .api()
        .engine()
        .verify(|_| ())
        .await
        .expect("the database can be read");
    if !report.ok {
        wrong.push(format!(
            "verify: {}",
            serde_json::to_string(&report).expect("a report can be written")
        ));
    }
}
