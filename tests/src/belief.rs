//! What must be so at the end of every story: nothing is open, and what we believe is what the gateway's books say.

use crate::balances;
use crate::world::World;
use sandbox::core::{PaymentEntry, SplitEntry};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a story leaves behind on purpose.
#[derive(Debug, Default)]
pub struct Loose {
    /// Payments that are held at the end: what the gateway shows of them is not believed.
    pub held: usize,
    /// Payments in the gateway's books that are nobody's here.
    pub strangers: usize,
    /// Operations of which nobody knows what became.
    pub open: usize,
}

/// Checks everything, and fails with everything that is not so.
pub async fn check(world: &World, loose: &Loose) {
    let payments = world.ops().all_payments().await;
    let books = world.gateway().books();
    let mut wrong = Vec::new();
    let mut known: BTreeMap<u64, PaymentEntry> = books.payments.into_iter().map(|entry| (entry.id, entry)).collect();
    let (mut held, mut open) = (Vec::new(), Vec::new());
    for payment in &payments {
        what_is_open(payment, &mut open);
        let entry = payment["gateway"]["payment_id"]
            .as_u64()
            .and_then(|id| known.remove(&id));
        if payment["held"] == true {
            held.push(format!("{}: {}", payment["id"], payment["discrepancies"]));
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
    if open.len() != loose.open {
        wrong.push(format!(
            "{} operations are open, not {}: {open:?}",
            open.len(),
            loose.open
        ));
    }
    if held.len() != loose.held {
        wrong.push(format!(
            "{} payments are held, not {}: {held:?}",
            held.len(),
            loose.held
        ));
    }
    balances::check(world, &payments, &mut wrong).await;
    verified(world, &mut wrong).await;
    assert!(wrong.is_empty(), "at the end of the story:\n  {}", wrong.join("\n  "));
}

fn what_is_open(payment: &Value, open: &mut Vec<String>) {
    for operation in payment["operations"].as_array().into_iter().flatten() {
        let state = operation["state"].as_str().unwrap_or_default();
        if !matches!(state, "done" | "refused" | "not_sent") {
            open.push(format!("operation {} is {state}", operation["id"]));
        }
    }
}

/// What we believe of a payment against what the gateway's books say.
pub fn compare(payment: &Value, entry: Option<&PaymentEntry>, wrong: &mut Vec<String>) {
    let id = &payment["id"];
    let mut say = |what: &str, ours: &Value, theirs: Value| {
        if *ours != theirs {
            wrong.push(format!("{id}: {what} is {ours} here and {theirs} at the gateway"));
        }
    };
    let Some(entry) = entry else {
        // Refused, never sent, or given up before it was: nothing was charged, and both sides agree that there is nothing.
        let over = ["failed", "cancelled"]
            .into_iter()
            .find(|status| payment["status"] == *status);
        return say("status", &payment["status"], over.unwrap_or("over").into());
    };
    say("status", &payment["status"], status(entry.status).into());
    say("currency", &payment["currency"], entry.currency.clone().into());
    let owned: u64 = entry.splits.iter().map(|split| split.amount_captured).sum();
    let unowned = entry.amount_captured.saturating_sub(owned);
    let kept = entry.amount_captured.saturating_sub(entry.amount_refunded);
    // What was lost of what no split names was nobody's.
    let (lost, unallocated) = match payment["status"].as_str() {
        Some("charged_back") => (kept.min(owned), 0),
        _ => (0, unowned),
    };
    for (name, theirs) in [
        ("amount", entry.amount),
        ("amount_captured", owned.saturating_add(unallocated)),
        ("amount_unallocated", unallocated),
        ("amount_refunding", entry.amount_refunding),
        ("amount_refunded", entry.amount_refunded),
        ("amount_charged_back", lost),
        ("amount_suspense", 0),
    ] {
        say(name, &payment[name], theirs.into());
    }
    let ours = payment["splits"].as_array().expect("a list");
    say("the number of splits", &ours.len().into(), entry.splits.len().into());
    for (ours, theirs) in ours.iter().zip(&entry.splits) {
        compare_split(ours, entry, theirs, &mut say);
    }
}

fn compare_split(ours: &Value, entry: &PaymentEntry, theirs: &SplitEntry, say: &mut impl FnMut(&str, &Value, Value)) {
    // A split that was added under a name of its own shows that one.
    let number = ours["reference"]
        .as_str()
        .is_some_and(|name| name.parse::<u64>().is_ok());
    if number {
        say("a split's number", &ours["reference"], theirs.id.to_string().into());
    }
    // A refund that names no split is spread here, and on none of them there.
    let named = entry.refunds.iter().all(|refund| refund.split.is_some());
    for (name, theirs, known) in [
        ("site_id", theirs.site_id, true),
        ("amount", theirs.amount, true),
        ("amount_authorized", theirs.amount, entry.status == AUTHORIZED),
        ("amount_captured", theirs.amount_captured, true),
        ("amount_refunding", theirs.amount_refunding, named),
        ("amount_refunded", theirs.amount_refunded, named),
    ] {
        if known {
            say(&format!("a split's {name}"), &ours[name], theirs.into());
        }
    }
}

/// The gateway's word for a payment whose money is reserved, and not taken.
const AUTHORIZED: u8 = 9;

/// The statuses of the gateway as the contract names them.
pub fn status(number: u8) -> &'static str {
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
