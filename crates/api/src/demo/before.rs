//! Before any money moves: sellers, a cart, and the quote with the reason for every cent.

use serde_json::json;

use super::shop::{self, DISCOUNTS, FEE, ITEMS, SELLERS, SHIPPING};
use super::story::Story;
use super::told::{Party, Quote, Reason};
use crate::print::{Align, Table};

use Align::{Left, Right};

impl Story {
    /// Registers the sellers.
    pub async fn sellers(&mut self) -> anyhow::Result<()> {
        for (plan, rules) in shop::plans() {
            self.world
                .admin
                .put(&format!("/v1/fee_plans/{plan}"), &rules)
                .await?
                .expect(&[201])?;
        }
        for seller in &SELLERS {
            let body =
                json!({ "name": seller.name, "site_id": seller.site, "fee_plan": seller.plan, "status": "active" });
            self.world
                .admin
                .put(&format!("/v1/sellers/{}", seller.id), &body)
                .await?
                .expect(&[201])?;
        }
        self.screen.step("Three sellers join")?;
        self.screen
            .say("Each has an account of its own at the gateway, and an agreement about commission.")?;
        let mut table = Table::new([
            ("Seller", Left),
            ("Account", Right),
            ("What the marketplace takes", Left),
        ]);
        for seller in &SELLERS {
            table.row([seller.name.to_owned(), seller.site.to_string(), seller.terms.to_owned()]);
        }
        let site = shop::MARKETPLACE_SITE.to_string();
        table.row([
            "Marketplace".to_owned(),
            site,
            "(receives these commissions, and its service fee)".to_owned(),
        ]);
        self.screen.show(&table)?;
        Ok(())
    }

    /// Shows the cart and what it comes to, and who gets what.
    pub async fn cart(&mut self) -> anyhow::Result<Quote> {
        let body = json!({ "cart": shop::cart() });
        let quote: Quote = self
            .world
            .shop
            .post("/v1/quotes", &body)
            .await?
            .expect(&[200])?
            .json()?;
        self.screen.step("A buyer fills one cart from all three")?;
        self.show_cart(&quote)?;

        self.screen.step("Who gets what")?;
        self.screen
            .say("The shop asks for a quote. Nothing is written and nobody is charged.")?;
        self.show_division(&quote)?;
        self.screen.say(
            "Read a column to see what one party receives. Read across: the commission that sellers pay is what the \
             marketplace gets, so that row comes to 0.00, and the corner is what the buyer pays.",
        )?;
        let parties: i64 = quote.allocation.parties.iter().map(|party| party.net).sum();
        let what = format!(
            "what the four receive adds up to what the buyer pays: {}",
            self.money(quote.amount)
        );
        self.check(what, parties == quote.amount)?;
        Ok(quote)
    }

    fn show_cart(&mut self, quote: &Quote) -> std::io::Result<()> {
        let mut table = Table::new([
            ("Item", Left),
            ("Sold by", Left),
            ("Quantity", Right),
            ("Each", Right),
            ("EUR", Right),
        ]);
        for item in &ITEMS {
            let price = item.quantity.saturating_mul(item.unit_price);
            let (quantity, each) = (item.quantity.to_string(), self.figure(item.unit_price));
            table.row([
                item.name.to_owned(),
                shop::name(item.seller).to_owned(),
                quantity,
                each,
                self.figure(price),
            ]);
        }
        for (seller, amount) in SHIPPING {
            let name = shop::name(seller).to_owned();
            table.row([
                "Shipping".to_owned(),
                name,
                String::new(),
                String::new(),
                self.figure(amount),
            ]);
        }
        table.rule();
        self.screen.show(&table)?;
        let mut table = Table::new([("", Left), ("", Right)]);
        for discount in &DISCOUNTS {
            table.row([discount.words.to_owned(), self.figure(taken_off(quote, discount.id))]);
        }
        table.row(["Service fee of the marketplace".to_owned(), self.figure(FEE.1)]);
        table.rule();
        table.total(["The buyer pays".to_owned(), self.money(quote.amount)]);
        self.screen.show(&table)
    }

    fn show_division(&mut self, quote: &Quote) -> std::io::Result<()> {
        let parties = &quote.allocation.parties;
        let mut columns = vec![("EUR".to_owned(), Left)];
        columns.extend(parties.iter().map(|party| (shop::name(&party.party).to_owned(), Right)));
        columns.push(("Together".to_owned(), Right));
        let mut table = Table::with(columns);
        let blank = |amount: i64| {
            if amount == 0 {
                String::new()
            } else {
                self.figure(amount)
            }
        };
        let row = |name: &str, figure: fn(&Party) -> i64| {
            let figures: Vec<i64> = parties.iter().map(figure).collect();
            let mut cells = vec![name.to_owned()];
            cells.extend(figures.iter().map(|amount| blank(*amount)));
            cells.push(self.figure(figures.iter().sum()));
            cells
        };
        table.row(row("Goods", |party| party.gross));
        table.row(row("Discounts it pays for", |party| party.discounts));
        table.row(row("Shipping", |party| party.shipping));
        table.row(row("Commission", |party| party.commission));
        table.row(row("Service fee", |party| party.fees));
        table.rule();
        table.total(row("Receives", |party| party.net));
        self.screen.show(&table)
    }

    /// Shows where every cent comes from.
    pub fn reasons(&mut self, quote: &Quote) -> anyhow::Result<()> {
        self.screen.step("Why: every cent has a reason")?;
        let mut table = Table::new([
            ("", Left),
            ("How it is found", Left),
            ("Exactly", Right),
            ("Rule", Left),
            ("EUR", Right),
        ]);
        let mut adds_up = true;
        for (place, party) in quote.allocation.parties.iter().enumerate() {
            if place > 0 {
                table.row([""]);
            }
            for reason in &party.reasons {
                let exact = exactly(reason);
                let rule = reason.rule.clone().unwrap_or_default();
                table.row([
                    in_words(&reason.subject),
                    reason.note.replace(".00 %", " %"),
                    exact,
                    rule,
                    self.figure(reason.amount),
                ]);
            }
            let sum: i64 = party.reasons.iter().map(|reason| reason.amount).sum();
            adds_up &= sum == party.net;
            let receives = format!("{} receives", shop::name(&party.party));
            table.total([
                receives,
                String::new(),
                String::new(),
                String::new(),
                self.figure(party.net),
            ]);
        }
        self.screen.show(&table)?;
        self.screen.say(
            "“Exactly” is the figure before it was rounded to the cent. A rule such as books@1#0 is the first rule of \
             version 1 of that fee plan: versions never change, and a payment keeps the one it was sold under.",
        )?;
        self.check("the reasons add up to every figure", adds_up)?;
        Ok(())
    }
}

/// What a discount takes off in all, in minor units.
fn taken_off(quote: &Quote, discount: &str) -> i64 {
    let subject = format!("discount:{discount}");
    let reasons = quote.allocation.parties.iter().flat_map(|party| &party.reasons);
    reasons
        .filter(|reason| reason.subject == subject)
        .map(|reason| reason.amount)
        .sum()
}

/// What a reason is for, as people call it.
fn in_words(subject: &str) -> String {
    let item = |id: &str| {
        ITEMS
            .iter()
            .find(|item| item.id == id)
            .map_or_else(|| id.to_owned(), |item| item.name.to_owned())
    };
    match subject.split_once(':') {
        Some(("line", id)) => item(id),
        Some(("commission", id)) => format!("Commission: {}", item(id)),
        Some(("discount", id)) => format!("Discount “{id}”"),
        Some(("fee", _)) => "Service fee".to_owned(),
        _ => "Shipping".to_owned(),
    }
}

/// The figure before rounding, in the currency's unit; nothing if it was not rounded.
fn exactly(reason: &Reason) -> String {
    let digits = reason.exact.trim_start_matches('-');
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    if part.is_empty() {
        return String::new();
    }
    let sign = if reason.exact.starts_with('-') { "−" } else { "" };
    let whole = format!("{whole:0>3}");
    let (units, hundredths) = whole.split_at(whole.len().saturating_sub(2));
    format!("{sign}{units}.{hundredths}{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(exact: &str) -> Reason {
        Reason {
            subject: "shipping".to_owned(),
            rule: None,
            exact: exact.to_owned(),
            amount: 0,
            note: String::new(),
        }
    }

    #[test]
    fn exact_figures_are_shown_where_they_were_rounded() {
        assert_eq!(exactly(&reason("539.70")), "5.397");
        assert_eq!(exactly(&reason("-534.8000")), "−5.348");
        assert_eq!(exactly(&reason("0.25")), "0.0025");
        assert_eq!(exactly(&reason("500.00")), "");
        assert_eq!(exactly(&reason("500")), "");
    }

    #[test]
    fn reasons_are_for_things_people_know() {
        assert_eq!(in_words("line:lamp"), "Desk lamp");
        assert_eq!(in_words("commission:mug"), "Commission: Stoneware mug");
        assert_eq!(in_words("discount:spring"), "Discount “spring”");
        assert_eq!(in_words("shipping"), "Shipping");
    }
}
