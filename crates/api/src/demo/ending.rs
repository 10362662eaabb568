//! The end: every check once more, the books against the gateway's, and where to go on.

use console::style;
use secrecy::ExposeSecret;

use super::shop::{self, SELLERS};
use super::story::Story;
use super::told::SiteTotal;
use crate::print::{Align, Table, grouped};

use Align::{Left, Right};

impl Story {
    /// Compares everything with everything, and says whether every check held.
    pub async fn verdict(&mut self) -> anyhow::Result<bool> {
        let agrees = self.account_by_account().await?;
        self.check("our books and the gateway's agree, account by account", agrees)?;
        let report = self.world.running.engine().verify(|_| ()).await?;
        let looks: u64 = report.checks.iter().map(|check| check.checked).sum();
        let rules = report.checks.len();
        let what = format!(
            "apportion verify finds nothing: {rules} rules, looked at {} times",
            grouped(looks)
        );
        self.check(what, report.ok)?;

        self.screen.step("Every check")?;
        for (what, holds) in &self.checks {
            self.screen.mark(*holds, what)?;
        }
        let failed = self.checks.iter().filter(|(_, holds)| !holds).count();
        let took = self.began.elapsed().as_millis();
        let seconds = format!("{}.{} s", took / 1_000, took % 1_000 / 100);
        let verdict = if failed == 0 {
            style(format!(
                "All {} checks held, in {seconds}. Every cent is accounted for.",
                self.checks.len()
            ))
            .green()
            .bold()
        } else {
            style(format!("{failed} of {} checks did not hold.", self.checks.len()))
                .red()
                .bold()
        };
        self.screen.show(&format!("  {verdict}"))?;
        Ok(failed == 0)
    }

    /// Whether both sides' books have the same of each account.
    async fn account_by_account(&mut self) -> anyhow::Result<bool> {
        self.screen.step("Our books and the gateway's")?;
        self.screen.say(
            "Seven orders: six were paid, one was not. Both sides are asked what each account has received and given back. \
             What was adjusted is between the parties, and not the gateway's affair.",
        )?;
        let books = self.world.books(None).await?;
        let mut table = Table::new([
            ("EUR", Left),
            ("Account", Right),
            ("Captured", Right),
            ("Gateway's", Right),
            ("Given back", Right),
            ("Gateway's", Right),
            ("", Left),
            ("Adjusted", Right),
            ("Balance", Right),
        ]);
        let mut agrees = true;
        let sellers = SELLERS.iter().map(|seller| (seller.id, seller.site));
        for (party, site) in sellers.chain([("marketplace", shop::MARKETPLACE_SITE)]) {
            let ours = self.world.balance(party).await?;
            let (captured, refunded) = moved(&books.sites, site.into());
            let left = captured.saturating_sub(refunded).saturating_add(ours.adjusted);
            let same = (ours.captured, ours.refunded, ours.balance) == (captured, refunded, left);
            agrees &= same;
            let mark = if same { style("✓").green() } else { style("✗").red() };
            let figure = |amount| self.figure(amount);
            table.row([
                shop::name(party).to_owned(),
                site.to_string(),
                figure(ours.captured),
                figure(captured),
                figure(ours.refunded),
                figure(refunded),
                mark.to_string(),
                figure(ours.adjusted),
                figure(ours.balance),
            ]);
        }
        self.screen.show(&table)?;
        Ok(agrees)
    }

    /// Says where everything is, and waits for Ctrl-C.
    pub async fn stay(&mut self) -> anyhow::Result<()> {
        let page = self.open_page().await?;
        let world = &self.world;
        let mut table = Table::new([("Go on by yourself", Left), ("", Left)]);
        table.row(["API", &world.running.url]);
        table.row(["Its documentation", &format!("{}/docs/", world.running.url)]);
        table.row(["The sandbox's books", &format!("{}/_sandbox/books", world.sandbox)]);
        table.row(["Metrics", &format!("{}/metrics", world.running.admin_url)]);
        for (role, api) in [
            ("storefront", &world.shop),
            ("ops", &world.ops),
            ("admin", &world.admin),
        ] {
            table.row([format!("Key: {role}"), api.key().expose_secret().to_owned()]);
        }
        let call = format!("curl -H 'Authorization: Bearer {}'", world.ops.key().expose_secret());
        let call = format!("  {call} \\\n    {}/v1/marketplace/balance", world.running.url);
        self.screen.show(&table)?;
        self.screen.show(&call)?;
        if let Some(page) = page {
            self.screen.show(&format!(
                "  Pay order-1003 yourself, and ask for the balance again:\n    {page}"
            ))?;
        }
        self.screen.say("Everything is gone when you press Ctrl-C.")?;
        tokio::signal::ctrl_c().await?;
        self.screen.show(&"")?;
        Ok(())
    }

    /// Where the third order can still be paid.
    async fn open_page(&self) -> anyhow::Result<Option<String>> {
        #[derive(serde::Deserialize)]
        struct Open {
            redirect_url: Option<String>,
        }
        let found = self
            .world
            .shop
            .get("/v1/payments?order=order-1003")
            .await?
            .expect(&[200])?;
        let list: super::told::List<Open> = found.json()?;
        Ok(list.data.into_iter().find_map(|payment| payment.redirect_url))
    }
}

/// What an account has received and given back by the sandbox's books, in hundredths.
fn moved(sites: &[SiteTotal], site: u64) -> (i64, i64) {
    let own = || sites.iter().filter(|one| one.site_id == site);
    (
        own().map(|one| one.amount_captured).sum(),
        own().map(|one| one.amount_refunded).sum(),
    )
}
