//! After a promotion that forgot: what was acknowledged and is gone must be found again in the gateway's books.

use crate::figures::Forgotten;
use crate::inspection::{self, Look};
use crate::shopper::Street;
use crate::world::World;
use anyhow::{Result, bail};
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How long all of it may take.
const REMEMBERED_WITHIN: Duration = Duration::from_secs(90);
/// What `verify` says of an operation whose attempt was committed, and forgotten with the primary that had it, and whose
/// effect the gateway then showed.
const UNSENT: &str = "is done after 0 attempts, 0 recorded";

/// Everybody stands still. Who was told of a payment that is gone asks again under the same key; an operator
/// compares everything with the gateway's books, until nothing differs.
pub async fn remembers(world: &mut World, forgotten: &mut Forgotten) -> Result<()> {
    let street = std::sync::Arc::clone(&world.street);
    let still = street.open.write().await;
    world.gateway.fails(false);
    let begun = Instant::now();
    let mut look = Look::take(&street, None).await?;
    let orphans = reconcile(world).await?;
    ask_again(&street, &look, &orphans, forgotten).await?;
    loop {
        look = Look::take(&street, None).await?;
        if look.wrong.is_empty() {
            break;
        }
        if begun.elapsed() > REMEMBERED_WITHIN {
            let total = look.wrong.len();
            let some: Vec<_> = look.wrong.into_iter().take(20).collect();
            bail!(
                "{total} things are not as they must be, such as:\n  {}",
                some.join("\n  ")
            );
        }
        reconcile(world).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut broken = Vec::new();
    for (order, promise) in street.promises.all() {
        match look.payments.get(&promise.payment) {
            Some(payment) => look.keeps(&order, &promise, payment, &mut broken),
            None if promise.payment.is_empty() => {}
            None => broken.push(format!("{order}: {promise:?} is not there")),
        }
    }
    if !broken.is_empty() {
        bail!("acknowledged, and not found again:\n  {}", broken.join("\n  "));
    }
    let found = inspection::violations(&world.servers[0]).await?;
    let (unsent, broken): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.ends_with(UNSENT));
    if !broken.is_empty() {
        bail!("verify: {}", broken.join("\n  "));
    }
    forgotten.unsent_here = unsent.len();
    forgotten.refunded_twice = look.doubled.len();
    forgotten.held = look.payments.values().filter(|payment| payment["held"] == true).count();
    forgotten.surprises = street.surprises();
    world.gateway.fails(true);
    drop(still);
    world.nobody_complains()
}

/// What an operator does after such a night: everything is compared with the gateway's books. Which of its payments nobody
/// here knows.
async fn reconcile(world: &World) -> Result<BTreeSet<u64>> {
    let moment = |micros: u64| Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX)).to_string();
    let (from, to) = (moment(world.begun), moment(world.gateway.now()));
    let mut orphans = BTreeSet::new();
    let mut asked = json!({"from": from, "to": to});
    loop {
        let page = world.street.asks("POST", "/v1/reconciliations", Some(&asked)).await?;
        if page.status != 200 {
            bail!("a reconciliation was answered with {}: {}", page.status, page.json);
        }
        let findings = page.json["findings"].as_array().into_iter().flatten();
        let found = findings.filter(|finding| finding["kind"] == "orphan");
        orphans.extend(found.filter_map(|finding| finding["gateway_payment_id"].as_u64()));
        if page.json["next_cursor"].is_null() {
            return Ok(orphans);
        }
        asked["cursor"] = page.json["next_cursor"].clone();
    }
}

/// Asks for every payment again that the gateway has and the API does not know.
async fn ask_again(street: &Street, look: &Look<'_>, orphans: &BTreeSet<u64>, forgotten: &mut Forgotten) -> Result<()> {
    let mut at_the_gateway: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in look.entries.values() {
        at_the_gateway.insert(entry.originator_reference.as_deref().unwrap_or_default(), entry.id);
    }
    for (order, promise) in street.promises.all() {
        if look.payments.contains_key(&promise.payment) {
            continue;
        }
        let number = at_the_gateway.get(order.as_str()).copied();
        if !promise.payment.is_empty() {
            forgotten.payments += 1;
            forgotten.at_the_gateway += usize::from(number.is_some());
        }
        let same = |payment: &&Value| number.is_some() && payment["gateway"]["payment_id"].as_u64() == number;
        if let Some(payment) = look.payments.values().find(same) {
            // Whoever was in the middle of asking has asked again already.
            forgotten.adopted += usize::from(!promise.payment.is_empty());
            street.promises.found_again(&order, payment);
            continue;
        }
        if let Some(number) = number {
            if !orphans.contains(&number) {
                bail!("payment {number} of the gateway ({order}) is nobody's here, and no reconciliation says so");
            }
            forgotten.orphans_shown += 1;
        }
        let payment = adopted(street, &order, &promise.request).await?;
        let ours = payment["gateway"]["payment_id"].as_u64();
        if number.is_some() && ours != number {
            bail!("{order} is payment {number:?} of the gateway, and was asked for again as {payment}");
        }
        forgotten.adopted += usize::from(number.is_some() && !promise.payment.is_empty());
        street.promises.found_again(&order, &payment);
    }
    Ok(())
}

/// The same request under the same key, until it is known what became of it.
async fn adopted(street: &Street, order: &str, request: &Value) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let answer = street.asks_again(order, request).await?;
        if matches!(answer.status, 200 | 201) {
            return Ok(answer.json);
        }
        if answer.status >= 400 && answer.status != 409 && answer.status < 500 || begun.elapsed() > REMEMBERED_WITHIN {
            bail!(
                "{order}, asked again, was answered with {}: {}",
                answer.status,
                answer.json
            );
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
