//! The second act: what could go wrong, and does not.

use anyhow::Context;
use serde_json::{Value, json};

use super::shop::{self, CURRENCY, METHOD};
use super::story::{Asked, Story};
use super::told::{Moment, Notified, Payment};
use crate::print::{Align, Table};

use Align::{Left, Right};

impl Story {
    /// The shop repeats itself.
    pub async fn repeated(&mut self, asked: &Asked) -> anyhow::Result<()> {
        self.screen.step("What if the shop asks twice?")?;
        self.screen.say(
            "The shop's server lost the answer, or its customer clicked again: the same request, under the same \
             Idempotency-Key, is sent once more.",
        )?;
        let before = self.world.books(None).await?.payments_total;
        let body = shop::payment("order-1001", &shop::cart());
        let again = self.world.create("order-1001", &body).await?.expect(&[200, 201])?;
        let payment: Payment = again.json()?;
        let after = self.world.books(None).await?.payments_total;
        let same = again.replayed && payment.id == asked.id && payment.status == "captured";
        self.check("the answer is the same payment, marked Idempotent-Replayed", same)?;
        self.check(
            "the gateway was not asked again: it still has one payment",
            (before, after) == (1, 1),
        )?;
        let other = self
            .world
            .create("order-1001", &shop::payment("order-1001", &shop::cart_of(&["mug"])))
            .await?;
        self.check("the same key with another cart is refused (422)", other.status == 422)?;
        Ok(())
    }

    /// The gateway's answer is lost.
    pub async fn answer_lost(&mut self) -> anyhow::Result<()> {
        self.screen.step("What if the gateway's answer is lost?")?;
        self.screen.say(
            "The sandbox is told to create the next payment and to hang up without an answer. Apportion cannot know \
             whether the payment exists. It says so, and asks until it knows.",
        )?;
        let when = json!({ "method": "POST", "path_regex": "^/v1/payments$" });
        self.world
            .fault(json!({ "when": when, "times": 1, "do": "lose_answer" }))
            .await?;
        let body = shop::payment("order-1002", &shop::cart_of(&["lamp"]));
        let reply = self.world.create("order-1002", &body).await?.expect(&[201, 202])?;
        let payment: Payment = reply.json()?;
        let unknown = reply.status == 202 && payment.status == "processing";
        self.check(
            "the shop is told 202 and processing: neither success nor failure",
            unknown,
        )?;
        let payment = self.world.until(&payment.id, "open").await?;
        let attempts: u32 = payment.operations.iter().map(|operation| operation.attempts).sum();
        self.check(
            "asked by reference, the gateway shows the payment; nothing was sent twice",
            attempts == 1,
        )?;
        self.world.pay(&payment).await?;
        let payment = self.world.until(&payment.id, "captured").await?;
        self.history(&payment.id).await?;
        let total = self.world.books(None).await?.payments_total;
        let what = format!(
            "the buyer pays {} once; the gateway has two payments in all",
            self.money(payment.amount)
        );
        self.check(what, total == 2 && payment.amount_captured == payment.amount)?;
        Ok(())
    }

    /// Shows what an operator can read afterwards.
    async fn history(&mut self, id: &str) -> anyhow::Result<()> {
        let history = self.world.timeline(id).await?;
        let mut table = Table::new([("", Right), ("Its history", Left), ("", Left)]);
        let began = history.first().and_then(Moment::micros).unwrap_or(0);
        for moment in history.iter().filter(|moment| moment.posting.is_none()) {
            let after = moment.micros().unwrap_or(began).saturating_sub(began) / 1_000;
            let detail = moment
                .detail
                .split_once(" rang")
                .map_or_else(|| moment.detail.clone(), |(_, rest)| format!("rings{rest}"));
            table.row([format!("+{after} ms"), moment.kind.clone(), detail]);
        }
        self.screen.show(&table)?;
        Ok(())
    }

    /// Somebody claims that the buyer has paid.
    pub async fn forged(&mut self) -> anyhow::Result<()> {
        self.screen.step("What if somebody forges the gateway's message?")?;
        self.screen.say(
            "A third order is open and not paid. A forger tells Apportion that it is: first with a guessed password, and \
             then, say, with the real one.",
        )?;
        let body = shop::payment("order-1003", &shop::cart_of(&["mug"]));
        let payment: Payment = self.world.create("order-1003", &body).await?.expect(&[201])?.json()?;
        let claim = claim(&payment)?;
        let guessed = self.notify(&claim, "wrong").await?;
        let still = self.world.payment(&payment.id).await?.status;
        self.check(
            "a guessed password: 401, and nothing is stored",
            guessed == Some(401) && still == "open",
        )?;
        let stolen = self.notify(&claim, "right").await?;
        let payment = self.filed(&payment.id).await?;
        let unmoved = payment.status == "open" && payment.amount_captured == 0;
        self.check(
            "the real password: Apportion asks the gateway, which says “open”; no money moves",
            stolen == Some(204) && unmoved,
        )?;
        let filed = payment
            .discrepancies
            .iter()
            .any(|one| one.kind == "notification_differs" && !one.holds);
        self.check(
            "the lie is filed as evidence (notification_differs) and holds nothing up",
            filed,
        )?;
        Ok(())
    }

    /// Sends a notification through the sandbox; what was answered.
    async fn notify(&self, claim: &Value, credentials: &str) -> anyhow::Result<Option<u16>> {
        let url = format!("{}/_sandbox/notify", self.world.sandbox);
        let body = json!({ "body": claim, "credentials": credentials });
        let told: Notified = self.world.http.post(&url, &body).await?.expect(&[200])?.json()?;
        Ok(told.status)
    }

    /// The payment, once what the forger claimed was compared with the gateway's answer.
    async fn filed(&self, id: &str) -> anyhow::Result<Payment> {
        let patience = tokio::time::Duration::from_secs(5);
        let looked = tokio::time::timeout(patience, async {
            loop {
                let payment = self.world.payment(id).await?;
                if !payment.discrepancies.is_empty() {
                    return Ok(payment);
                }
                tokio::time::sleep(tokio::time::Duration::from_millis(5)).await;
            }
        });
        match looked.await {
            Ok(found) => found,
            Err(_) => self.world.payment(id).await,
        }
    }
}

/// What a forger would write: that the payment was a success.
fn claim(payment: &Payment) -> anyhow::Result<Value> {
    let id = payment
        .gateway
        .as_ref()
        .context("the gateway has no such payment")?
        .payment_id;
    Ok(json!({ "Payment": {
        "ID": id,
        "MerchantTransactionID": "forged",
        "Amount": payment.amount.to_string(),
        "Currency": CURRENCY,
        "MethodID": METHOD,
        "Status": { "ID": 2, "Info": "Success", "Reasons": [] },
    } }))
}
