//! A card that is kept, and pays the next order at once.

use anyhow::Context;
use serde_json::{Value, json};

use super::ready::same_captures;
use super::shop;
use super::story::Story;
use super::told::{Card, List, Payment};
use crate::print::{Align, Table};

use Align::Left;

/// Cards, on the gateway's own page.
const METHOD: u32 = 6;

impl Story {
    /// A first payment keeps a card, a second one uses it.
    pub async fn one_click(&mut self) -> anyhow::Result<()> {
        self.screen.step("One click: the second order needs no page")?;
        self.screen.say(
            "Ada pays order-1006 with a card, typed in on the gateway's own page, and lets it be kept. For order-1007 she \
             picks that card and types its security code; nothing else.",
        )?;
        let body = shop::payment("order-1006", &shop::cart_of(&["lamp"]));
        let body = shop::but(
            body,
            json!({ "method_id": METHOD, "save_card": true, "customer": ada() }),
        );
        let first: Payment = self.world.create("order-1006", &body).await?.expect(&[201])?.json()?;
        self.world.pay(&first).await?;
        let first = self.world.until(&first.id, "captured").await?;
        let cards: List<Card> = self
            .world
            .shop
            .get("/v1/customers/ada/cards")
            .await?
            .expect(&[200])?
            .json()?;
        let card = cards.data.first().context("no card was kept")?;

        let body = shop::payment("order-1007", &shop::cart_of(&["mark", "mug"]));
        let by_card = json!({ "id": card.id, "security_code": "312" });
        let body = shop::but(body, json!({ "method_id": METHOD, "card": by_card, "customer": ada() }));
        let answer = self.world.create("order-1007", &body).await?.expect(&[201])?;
        let second: Payment = answer.json()?;
        self.show_orders(&first, &second, card)?;
        let number = second.gateway_id().context("the gateway has no such payment")?;
        let booked = self.world.booked(number).await?;
        let what = format!(
            "the first answer says captured: {}, and so do the gateway's books, split by split",
            self.money(second.amount_captured)
        );
        let at_once = second.status == "captured" && second.amount_captured == second.amount;
        self.check(what, at_once && same_captures(&second, &booked))?;
        let kept = self.world.books(None).await?.cards;
        let same = kept.first().is_some_and(|theirs| theirs.last4 == card.last4);
        let used = booked.card.and_then(|used| used.last4) == Some(card.last4.clone());
        self.check(
            "the gateway keeps one card, the same one, and it is the one that paid",
            kept.len() == 1 && cards.data.len() == 1 && same && used,
        )?;
        self.screen.say(
            "Apportion never sees a card's number; the gateway's token for the card is sealed in the database and leaves it \
             only for the gateway, and the security code lives in memory for one call and is never written anywhere.",
        )?;
        Ok(())
    }

    fn show_orders(&mut self, first: &Payment, second: &Payment, card: &Card) -> std::io::Result<()> {
        let mut table = Table::new([
            ("Order", Left),
            ("Paid with", Left),
            ("The buyer", Left),
            ("", Left),
            ("EUR", Align::Right),
        ]);
        let Card {
            last4,
            expiry_month,
            expiry_year,
            ..
        } = card;
        let mut row = |order: &str, with: String, buyer: &str, payment: &Payment| {
            let amount = self.figure(payment.amount_captured);
            table.row([order.to_owned(), with, buyer.to_owned(), payment.status.clone(), amount]);
        };
        row(
            "order-1006",
            format!("a card …{last4}, until {expiry_month:02}/{expiry_year}"),
            "was sent to the page, and paid there",
            first,
        );
        row(
            "order-1007",
            format!("the kept card …{last4}"),
            "stayed in the shop",
            second,
        );
        self.screen.show(&table)
    }
}

fn ada() -> Value {
    json!({ "id": "ada", "email": "ada@example.org", "first_name": "Ada", "last_name": "Buyer" })
}
