//! Two steps: the buyer authorizes, each seller says what it is ready to take, and the one capture takes exactly that.

use anyhow::Context;
use serde_json::{Value, json};

use super::shop::{self, ITEMS, Item, SELLERS};
use super::story::Story;
use super::told::{Booked, Payment};
use crate::print::{Align, Table};

use Align::{Left, Right};

/// An invoice: the buyer authorizes, a capture takes the money.
const METHOD: u32 = 75;
/// The line of which less is taken than was bought, and how much less.
const BROKEN: (&str, i64) = ("lamp", 1);

impl Story {
    /// A payment that is captured when every seller has answered.
    pub async fn captured_when_ready(&mut self) -> anyhow::Result<()> {
        self.screen
            .step("Taking the money when the goods leave: one capture, three sellers")?;
        self.screen.say(
            "Order-1004 is the same cart, bought on invoice: now the buyer only promises the money, and it is taken when \
             the goods leave. The gateway takes money once for a payment, so nobody can take theirs alone. Each seller \
             says, with a key of its own, what it is ready to take. One of Lumen's two lamps is broken.",
        )?;
        let body = shop::payment("order-1004", &shop::cart());
        let body = shop::but(body, json!({ "method_id": METHOD, "capture": "manual" }));
        let payment: Payment = self.world.create("order-1004", &body).await?.expect(&[201])?.json()?;
        self.world.pay(&payment).await?;
        let payment = self.world.until(&payment.id, "authorized").await?;
        let number = payment.gateway_id().context("the gateway has no such payment")?;

        let before_last = self.answers(&payment.id, number).await?;
        let payment = self.world.until(&payment.id, "partially_captured").await?;
        let books = self.world.books(Some(number)).await?;
        let captures = books
            .requests
            .iter()
            .filter(|seen| seen.method == "POST" && seen.path.contains("/capture"))
            .count();
        let booked = self.world.booked(number).await?;
        self.show_taken(&payment)?;
        self.check(
            "nothing was taken before the last seller had answered",
            before_last == 0,
        )?;
        let what = format!(
            "the gateway was asked once, and took {}: split by split what is in our books",
            self.money(booked.amount_captured)
        );
        self.check(what, captures == 1 && same_captures(&payment, &booked))?;
        Ok(())
    }

    /// Each seller answers; what the gateway had taken before the last one did.
    async fn answers(&mut self, id: &str, number: u64) -> anyhow::Result<i64> {
        let mut table = Table::new([
            ("Who answers", Left),
            ("Ready to take", Left),
            ("Still waiting for", Left),
            ("Taken so far", Right),
        ]);
        let mut before_last = 0;
        for seller in &SELLERS {
            before_last = self.world.booked(number).await?.amount_captured;
            let own = self.world.as_seller(seller.id).await?;
            let lines: Vec<Value> = of(seller.id)
                .map(|item| json!({ "id": item.id, "quantity": taken(item) }))
                .collect();
            let body = json!({ "seller": seller.id, "lines": lines });
            own.post_once(&format!("/v1/payments/{id}/ready"), &format!("ready-{id}"), &body)
                .await?
                .expect(&[200, 202])?;
            let plan = self.world.payment(id).await?.capture_plan;
            let waiting: Vec<&str> = plan
                .iter()
                .flat_map(|plan| &plan.waiting_for)
                .map(|id| shop::name(id))
                .collect();
            let waiting = if waiting.is_empty() {
                "nobody".to_owned()
            } else {
                waiting.join(", ")
            };
            let now = self.world.booked(number).await?.amount_captured;
            let ready: Vec<String> = of(seller.id).map(in_words).collect();
            table.row([seller.name.to_owned(), ready.join(", "), waiting, self.figure(now)]);
        }
        self.screen.show(&table)?;
        Ok(before_last)
    }

    fn show_taken(&mut self, payment: &Payment) -> anyhow::Result<()> {
        let mut table = Table::new([("EUR", Left), ("Promised", Right), ("Taken", Right), ("Left", Right)]);
        let (mut promised, mut taken) = (0_i64, 0_i64);
        for split in &payment.splits {
            let left = split.amount_authorized.saturating_sub(split.amount_captured);
            let figures = [split.amount_authorized, split.amount_captured, left].map(|amount| self.figure(amount));
            let name = shop::name(split.seller.as_deref().unwrap_or_default());
            table.row([name.to_owned()].into_iter().chain(figures));
            promised = promised.saturating_add(split.amount_authorized);
            taken = taken.saturating_add(split.amount_captured);
        }
        let left = promised.saturating_sub(taken);
        table.rule();
        let figures = [promised, taken, left].map(|amount| self.figure(amount));
        table.total(["Together".to_owned()].into_iter().chain(figures));
        self.screen.show(&table)?;
        let until = payment.authorized_until.as_deref().unwrap_or_default();
        let day = until.split('T').next().unwrap_or_default();
        self.screen.say(&format!(
            "The broken lamp costs the buyer nothing: {} were never taken. That part of the promise is released when it \
             lapses, on {day}. The commission on that lamp is not taken either.",
            self.money(left)
        ))?;
        let is_taken = |id: &str, taken: i64, amount: i64| (taken == amount) == (id != BROKEN.0);
        let lines = &payment.lines;
        let untaken: i64 = lines
            .iter()
            .map(|line| line.amount.saturating_sub(line.amount_captured))
            .sum();
        self.check(
            "all that was not taken is the price of that lamp",
            untaken == left
                && lines
                    .iter()
                    .all(|line| is_taken(&line.id, line.amount_captured, line.amount)),
        )?;
        Ok(())
    }
}

fn of(seller: &str) -> impl Iterator<Item = &'static Item> {
    ITEMS.iter().filter(move |item| item.seller == seller)
}

/// How many units its seller takes.
fn taken(item: &Item) -> i64 {
    let (broken, units) = BROKEN;
    if item.id == broken {
        item.quantity.saturating_sub(units)
    } else {
        item.quantity
    }
}

fn in_words(item: &Item) -> String {
    let units = taken(item);
    if units == item.quantity {
        format!("{units} × {}", item.name)
    } else {
        format!("{units} of {} × {}", item.quantity, item.name)
    }
}

/// Whether both sides have captured the same, split by split.
pub(super) fn same_captures(payment: &Payment, booked: &Booked) -> bool {
    let mut ours: Vec<(u64, i64)> = payment
        .splits
        .iter()
        .map(|split| (split.site_id, split.amount_captured))
        .collect();
    let mut theirs: Vec<(u64, i64)> = booked
        .splits
        .iter()
        .map(|split| (split.site_id, split.amount_captured))
        .collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    ours == theirs && payment.amount_captured == booked.amount_captured
}
