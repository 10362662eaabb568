//! Owners that are named after the buyer has paid.

use anyhow::Context;
use serde_json::json;

use super::ready::same_captures;
use super::shop;
use super::story::Story;
use super::told::Payment;
use crate::print::{Align, Table};

use Align::{Left, Right};

impl Story {
    /// A payment that is divided once it is captured.
    pub async fn divided_later(&mut self) -> anyhow::Result<()> {
        self.screen.step("Paid now, divided later")?;
        self.screen.say(
            "Order-1005 has an atlas and four mugs, and is paid before the shop wants it divided. What was paid belongs to \
             nobody yet, and the books say so. Then the shop says: divide it.",
        )?;
        let body = shop::payment("order-1005", &shop::cart_of(&["atlas", "mug"]));
        let body = shop::but(body, json!({ "split": "later" }));
        let payment: Payment = self.world.create("order-1005", &body).await?.expect(&[201])?.json()?;
        self.world.pay(&payment).await?;
        let paid = self.world.until(&payment.id, "captured").await?;
        let number = paid.gateway_id().context("the gateway has no such payment")?;
        let undivided = self.world.booked(number).await?;

        let path = format!("/v1/payments/{}/splits", payment.id);
        let added = self
            .world
            .shop
            .post_once(&path, "divide-order-1005", &json!({}))
            .await?;
        let divided: Payment = added.expect(&[201])?.json()?;
        let booked = self.world.booked(number).await?;
        self.show_owners(&paid, &divided)?;
        let whole = paid.amount_unallocated == paid.amount && paid.amount_captured == paid.amount;
        self.check(
            format!(
                "the gateway took {} for nobody in particular: no split on either side",
                self.money(undivided.amount_captured)
            ),
            whole && undivided.amount_captured == paid.amount && undivided.splits.is_empty() && paid.splits.is_empty(),
        )?;
        let shares: i64 = divided.splits.iter().map(|split| split.amount_captured).sum();
        self.check(
            "then every cent has an owner, and the gateway has the same splits",
            divided.amount_unallocated == 0 && shares == divided.amount && same_captures(&divided, &booked),
        )?;
        Ok(())
    }

    fn show_owners(&mut self, paid: &Payment, divided: &Payment) -> std::io::Result<()> {
        let mut table = Table::new([("EUR", Left), ("Once paid", Right), ("Once divided", Right)]);
        let unallocated = [paid, divided].map(|payment| self.figure(payment.amount_unallocated));
        table.row(["Nobody's yet".to_owned()].into_iter().chain(unallocated));
        for split in &divided.splits {
            let name = shop::name(split.seller.as_deref().unwrap_or_default());
            table.row([name.to_owned(), self.figure(0), self.figure(split.amount_captured)]);
        }
        table.rule();
        let whole = [paid, divided].map(|payment| self.figure(payment.amount));
        table.total(["Together".to_owned()].into_iter().chain(whole));
        self.screen.show(&table)
    }
}
