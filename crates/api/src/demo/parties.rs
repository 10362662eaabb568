//! After the payment: the books, what each party has, and what a seller sees.

use super::shop::{self, SELLERS};
use super::story::{Asked, Story};
use super::told::{Balance, Entry, List, Posting};
use crate::print::{Align, Table};

use Align::{Left, Right};

impl Story {
    /// Shows the postings.
    pub async fn books(&mut self, asked: &Asked) -> anyhow::Result<()> {
        self.screen.step("The books")?;
        self.screen.say(
            "Double entry: every entry takes from one account what it gives to another. First the buyer's promise, then \
             the money.",
        )?;
        let history = self.world.timeline(&asked.id).await?;
        let mut table = Table::new([("Out of", Left), ("Into", Left), ("EUR", Right), ("Because", Left)]);
        let mut captured = 0_i64;
        for moment in &history {
            let Some(posting) = &moment.posting else { continue };
            let (from, to) = (account(&posting.debit, posting), account(&posting.credit, posting));
            table.row([from, to, self.figure(posting.amount), moment.detail.clone()]);
            if posting.credit == "payable" {
                captured = captured.saturating_add(posting.amount);
            }
        }
        self.screen.show(&table)?;
        self.check(
            "what was booked to the four is what the buyer paid",
            captured == asked.amount,
        )?;
        Ok(())
    }

    /// Shows what each party has, and a seller's own view.
    pub async fn balances(&mut self, asked: &Asked) -> anyhow::Result<()> {
        self.screen.step("What each of them has")?;
        self.screen
            .say("“Paid out” is what the gateway has sent on to a seller's bank: nothing yet.")?;
        let mut table = Table::new([
            ("", Left),
            ("Promised", Right),
            ("Captured", Right),
            ("Paid out", Right),
            ("Balance", Right),
        ]);
        let mut total = 0_i64;
        for party in SELLERS.iter().map(|seller| seller.id).chain(["marketplace"]) {
            let Balance {
                authorized,
                captured,
                settled,
                balance,
                ..
            } = self.world.balance(party).await?;
            total = total.saturating_add(balance);
            let figures = [authorized, captured, settled, balance].map(|amount| self.figure(amount));
            table.row([shop::name(party).to_owned()].into_iter().chain(figures));
        }
        table.rule();
        let blank = String::new;
        table.total(["Together".to_owned(), blank(), blank(), blank(), self.figure(total)]);
        self.screen.show(&table)?;
        let what = format!(
            "the balances add up to what the buyer paid: {}",
            self.money(asked.amount)
        );
        self.check(what, total == asked.amount)?;
        self.own_view().await
    }

    async fn own_view(&mut self) -> anyhow::Result<()> {
        let lumen = self.world.as_seller("lumen").await?;
        let entries: List<Entry> = lumen.get("/v1/sellers/lumen/entries").await?.expect(&[200])?.json()?;
        self.screen
            .say("Lumen Lights, with a key of its own, reads its statement:")?;
        let mut table = Table::new([
            ("Recorded (UTC)", Left),
            ("Entry", Left),
            ("Order", Left),
            ("Why", Left),
            ("EUR", Right),
            ("Balance", Right),
        ]);
        for entry in entries.data.iter().rev() {
            let at = entry.recorded_at.replace('T', " ").trim_end_matches('Z').to_owned();
            let (amount, balance) = (self.figure(entry.amount), self.figure(entry.balance));
            table.row([
                at,
                entry.kind.clone(),
                entry.order.clone(),
                entry.reason.clone(),
                amount,
                balance,
            ]);
        }
        self.screen.show(&table)?;
        let own = lumen.get("/v1/sellers/lumen/balance").await?.status;
        let others = lumen.get("/v1/sellers/kiln/balance").await?.status;
        self.check(
            "a seller sees its own share; another's answers as if it did not exist (404)",
            (own, others) == (200, 404),
        )?;
        Ok(())
    }
}

/// An account in words.
fn account(name: &str, posting: &Posting) -> String {
    let party = shop::name(posting.party.as_deref().unwrap_or_default());
    match name {
        "buyer" => "the buyer".to_owned(),
        "authorized" => format!("{party}, promised"),
        "payable" => format!("{party}, balance"),
        other => format!("{party}, {other}"),
    }
}
