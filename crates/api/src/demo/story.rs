//! The story as it is told: where it plays, what is on the screen, what was checked.

use std::time::Instant;

use domain::money::Currency;

use super::screen::Screen;
use super::shop::CURRENCY;
use super::world::World;
use crate::print::{figure, money};

/// The story.
pub(super) struct Story {
    pub world: World,
    pub screen: Screen,
    pub currency: Currency,
    /// What was checked so far, and whether it held.
    pub checks: Vec<(String, bool)>,
    /// When it began.
    pub began: Instant,
}

/// A payment that the story follows.
#[derive(Debug)]
pub(super) struct Asked {
    /// The payment's id.
    pub id: String,
    /// The gateway's number for it.
    pub gateway_id: u64,
    /// What the buyer pays, in minor units.
    pub amount: i64,
}

impl Story {
    /// Starts everything and says what is to be seen.
    pub async fn begin() -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut story = Self {
            world: World::start().await?,
            screen: Screen::default(),
            currency: CURRENCY.parse()?,
            checks: Vec::new(),
            began,
        };
        story
            .screen
            .title("Apportion: one buyer pays once, every seller gets their share")?;
        story.screen.say(
            "A marketplace sells the goods of three shops. One buyer fills one cart and pays one amount. Watch where \
             each cent goes, and why.",
        )?;
        story.screen.say(
            "Nothing here is a recording: a database, the API and a stand-in for the payment gateway were just started \
             on this machine, and talk to each other over HTTP. The money is not real.",
        )?;
        Ok(story)
    }

    /// Notes whether something is as it must be, and shows it.
    pub fn check(&mut self, what: impl Into<String>, holds: bool) -> std::io::Result<()> {
        let what = what.into();
        self.screen.mark(holds, &what)?;
        self.checks.push((what, holds));
        Ok(())
    }

    /// An amount with its currency.
    pub fn money(&self, minor_units: i64) -> String {
        money(minor_units, self.currency)
    }

    /// An amount for a column of them.
    pub fn figure(&self, minor_units: i64) -> String {
        figure(minor_units, self.currency)
    }

    /// Stops everything; the database goes with it.
    pub async fn end(self) {
        self.world.running.stop().await;
    }
}
