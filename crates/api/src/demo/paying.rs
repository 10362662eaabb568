//! The payment: what is asked of the gateway, the buyer who pays, and how that is found out for certain.

use anyhow::Context;
use serde_json::Value;

use super::shop;
use super::story::{Asked, Story};
use super::told::{Moment, Payment, Quote, Seen};
use crate::print::{Align, Table};

use Align::{Left, Right};

impl Story {
    /// Asks for the payment, and shows what the gateway was asked.
    pub async fn payment(&mut self, quote: &Quote) -> anyhow::Result<Asked> {
        self.screen.step("One payment is asked of the gateway")?;
        let body = shop::payment("order-1001", &shop::cart());
        let payment: Payment = self.world.create("order-1001", &body).await?.expect(&[201])?.json()?;
        let gateway_id = payment
            .gateway
            .as_ref()
            .context("the gateway has no such payment")?
            .payment_id;
        self.screen.say(
            "The shop sends the cart to POST /v1/payments. Apportion first writes down what it is about to ask; then it \
             asks the gateway for one payment that is already divided:",
        )?;
        let books = self.world.books(Some(gateway_id)).await?;
        let create = books
            .requests
            .iter()
            .find(|seen| seen.method == "POST" && seen.path.starts_with("/v1/payments"));
        let asked = create
            .and_then(|seen| seen.body.get("Payment"))
            .context("the gateway has seen no such request")?;
        self.show_request(quote, asked)?;
        let exact = text(asked, "Amount") == quote.amount.to_string() && splits_of(asked) == planned(quote);
        self.check(
            "the gateway was asked for exactly what was quoted, split by split",
            exact,
        )?;
        let page = payment.redirect_url.as_deref().unwrap_or_default();
        let short = page.split('=').next().unwrap_or_default();
        self.screen.say(&format!(
            "Nothing is paid yet: the payment is {}. The buyer is sent to {short}=…",
            payment.status
        ))?;
        Ok(Asked {
            id: payment.id,
            gateway_id,
            amount: payment.amount,
        })
    }

    fn show_request(&mut self, quote: &Quote, asked: &Value) -> std::io::Result<()> {
        let mut table = Table::new([
            ("What", Left),
            ("Account", Right),
            ("As the gateway counts", Right),
            ("EUR", Right),
        ]);
        let whole = format!("The whole of {}", text(asked, "OriginatorTransactionID"));
        table.row([whole, String::new(), text(asked, "Amount"), self.figure(quote.amount)]);
        let splits = asked
            .get("Splits")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (split, planned) in splits.iter().zip(&quote.splits) {
            let name = shop::name(planned.seller.as_deref().unwrap_or_default());
            let figure = self.figure(planned.amount);
            table.row([
                format!("  for {name}"),
                text(split, "SiteID"),
                text(split, "Amount"),
                figure,
            ]);
        }
        self.screen.show(&table)
    }

    /// Plays the buyer, and shows how Apportion finds out.
    pub async fn buyer_pays(&mut self, asked: &Asked) -> anyhow::Result<()> {
        self.screen.step("The buyer pays")?;
        let payment = self.world.payment(&asked.id).await?;
        let back = self.world.pay(&payment).await?;
        let back = back.location.unwrap_or_default();
        self.screen.say(&format!(
            "On the gateway's page the buyer sees {} and presses Pay. The gateway sends the buyer back to the shop:",
            self.money(asked.amount)
        ))?;
        self.screen.show(&format!("      {back}"))?;
        self.screen.say(
            "Anybody can type such an address, so it proves nothing. The gateway also rings at Apportion's door:",
        )?;
        let payment = self.world.until(&asked.id, "captured").await?;
        self.show_confirmation(asked).await?;
        self.screen.say(
            "Even the ring is not believed: it only makes Apportion ask. The gateway's answer is compared with what was \
             asked for, split by split, and only then is the money in the books.",
        )?;
        let whole = payment.amount_captured == asked.amount;
        self.check(
            format!(
                "the payment is {}: {}",
                payment.status,
                self.money(payment.amount_captured)
            ),
            whole,
        )?;
        Ok(())
    }

    async fn show_confirmation(&mut self, asked: &Asked) -> anyhow::Result<()> {
        let seen = self.world.books(Some(asked.gateway_id)).await?.requests;
        let history = self.world.timeline(&asked.id).await?;
        let paid = at(&seen, "POST", "/Home").context("the gateway has not seen the buyer pay")?;
        let rang = when(&history, |moment| moment.kind == "notification");
        let asks = at(&seen, "GET", "/v1/payments");
        let known = when(&history, |moment| moment.what == "captured" && moment.posting.is_some());
        let mut table = Table::new([("", Right), ("Who", Left), ("Does what", Left)]);
        let mut row = |at: Option<i64>, who: &str, what: &str| {
            let after = at.map_or(0, |at| (at.saturating_sub(paid) / 1_000).max(0));
            table.row([format!("+{after} ms"), who.to_owned(), what.to_owned()]);
        };
        row(Some(paid), "the buyer", "pays");
        row(
            rang,
            "the gateway",
            "notifies: POST /gateway/notifications, stored and answered 204",
        );
        row(asks, "Apportion", "asks: GET /v1/payments/… at the gateway");
        row(known, "Apportion", "compares the answer, and books the money");
        self.screen.show(&table)?;
        Ok(())
    }
}

/// A field of the gateway's JSON, which has numbers as text and as numbers.
fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn splits_of(asked: &Value) -> Vec<(String, String)> {
    let splits = asked.get("Splits").and_then(Value::as_array);
    splits
        .into_iter()
        .flatten()
        .map(|split| (text(split, "SiteID"), text(split, "Amount")))
        .collect()
}

fn planned(quote: &Quote) -> Vec<(String, String)> {
    quote
        .splits
        .iter()
        .map(|split| (split.site_id.to_string(), split.amount.to_string()))
        .collect()
}

/// When the sandbox last saw such a request, in microseconds.
fn at(seen: &[Seen], method: &str, path: &str) -> Option<i64> {
    let mut such = seen
        .iter()
        .filter(|one| one.method == method && one.path.starts_with(path));
    such.next_back().map(|one| one.at_micros)
}

/// When something first happened to the payment, in microseconds.
fn when(history: &[Moment], what: impl Fn(&Moment) -> bool) -> Option<i64> {
    history.iter().find(|moment| what(moment))?.micros()
}
