//! A refund: what it would do to everybody, then the refund, then what everybody has.

use anyhow::bail;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

use super::shop;
use super::story::{Asked, Story};
use super::told::{Preview, Refund};
use crate::print::{Align, Table};

use Align::{Left, Right};

/// How long a refund may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

impl Story {
    /// Gives back a lamp and a mug of the first order.
    pub async fn given_back(&mut self, asked: &Asked) -> anyhow::Result<()> {
        self.screen.step("Giving back: first on paper, then in money")?;
        self.screen.say(
            "The buyer of order-1001 returns one lamp and one mug. The marketplace keeps its commission this time. Before \
             anything is sent, everybody can see what it would do:",
        )?;
        let body = json!({
            "lines": [{ "id": "lamp", "quantity": 1 }, { "id": "mug", "quantity": 1 }],
            "commission": "keep",
            "reason": "The buyer changed their mind",
        });
        let path = format!("/v1/payments/{}/refunds", asked.id);
        let preview: Preview = self
            .world
            .ops
            .post(&format!("{path}/preview"), &body)
            .await?
            .expect(&[200])?
            .json()?;
        self.show_preview(&preview)?;
        let adjusted: i64 = preview.parties.iter().map(|side| side.adjusted).sum();
        let gives: i64 = preview.parties.iter().map(|side| side.gives_back).sum();
        self.check(
            format!(
                "what they give comes to what the buyer gets: {}",
                self.money(preview.amount)
            ),
            gives == preview.amount && adjusted == 0,
        )?;

        let refund = self.refund(&path, &body).await?;
        self.show_refund(&preview, &refund).await?;
        let booked = self.world.booked(asked.gateway_id).await?;
        let mut theirs: Vec<i64> = booked.refunds.iter().map(|refund| refund.amount).collect();
        let mut ours: Vec<i64> = preview.calls.iter().map(|call| call.amount).collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        self.check(
            format!(
                "the gateway gave back {}, in exactly the {} refunds that were foreseen",
                self.money(booked.amount_refunded),
                preview.calls.len()
            ),
            booked.amount_refunded == preview.amount && refund.amount_succeeded == preview.amount && ours == theirs,
        )?;
        let again = self.world.ops.post_once(&path, "return-order-1001", &body).await?;
        let again = again.expect(&[201])?;
        let same = again.replayed && again.json::<Refund>()?.id == refund.id;
        let refunds = self.world.booked(asked.gateway_id).await?.refunds.len();
        self.check(
            "asked again under the same key: the same refund, and nothing went back twice",
            same && refunds == preview.calls.len(),
        )?;
        Ok(())
    }

    fn show_preview(&mut self, preview: &Preview) -> anyhow::Result<()> {
        let mut table = Table::new([
            ("EUR", Left),
            ("Gives back", Right),
            ("Adjusted", Right),
            ("Balance before", Right),
            ("Balance after", Right),
        ]);
        for side in &preview.parties {
            let figures = [side.gives_back, side.adjusted, side.balance_before, side.balance_after];
            let figures = figures.map(|amount| self.figure(amount));
            table.row([shop::name(&side.party).to_owned()].into_iter().chain(figures));
        }
        table.rule();
        table.total(["The buyer gets".to_owned(), self.figure(preview.amount)]);
        self.screen.show(&table)?;
        self.screen.say(
            "“Adjusted” is what the gateway cannot move. The buyer had 5.00 EUR off, paid by the marketplace, so gets back \
             less than the goods' price; the sellers were paid the full price, and return the difference to the \
             marketplace. It is in the books only.",
        )?;
        Ok(())
    }

    /// Asks for the refund, and waits until the buyer has it.
    async fn refund(&mut self, path: &str, body: &Value) -> anyhow::Result<Refund> {
        let asked = self.world.ops.post_once(path, "return-order-1001", body).await?;
        let mut refund: Refund = asked.expect(&[201, 202])?.json()?;
        let started = Instant::now();
        while refund.status != "succeeded" {
            if started.elapsed() > PATIENCE {
                bail!("{} is {} and does not succeed", refund.id, refund.status);
            }
            sleep(PAUSE).await;
            let path = format!("/v1/refunds/{}", refund.id);
            refund = self.world.ops.get(&path).await?.expect(&[200])?.json()?;
        }
        Ok(refund)
    }

    async fn show_refund(&mut self, preview: &Preview, refund: &Refund) -> anyhow::Result<()> {
        self.screen.say(&format!(
            "The same request without “preview” does it: {} calls of the gateway, one for each account that gives. The refund \
             has {}. Everybody's balance, asked for again:",
            refund.parts.len(),
            refund.status
        ))?;
        let mut table = Table::new([("EUR", Left), ("Foreseen", Right), ("Balance now", Right)]);
        let mut as_foreseen = true;
        for side in &preview.parties {
            let now = self.world.balance(&side.party).await?.balance;
            as_foreseen &= now == side.balance_after;
            let figures = [side.balance_after, now].map(|amount| self.figure(amount));
            table.row([shop::name(&side.party).to_owned()].into_iter().chain(figures));
        }
        self.screen.show(&table)?;
        self.check("every balance is what the preview said it would be", as_foreseen)?;
        Ok(())
    }
}
