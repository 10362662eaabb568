//! What a campaign comes to.

use crate::inspection::Seen;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// The figures of a campaign.
#[derive(Debug, Default, Serialize)]
pub struct Figures {
    /// What was done: `kills`, `restarts of PostgreSQL`, `promotions`.
    pub campaign: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// Servers that shared it.
    pub instances: usize,
    /// The product's commit.
    pub commit: String,
    /// What chance began with.
    pub seed: u64,
    /// Settings that differ from an installation's.
    pub settings: BTreeMap<String, String>,
    /// How often it was done.
    pub times: usize,
    /// Processes that died: two at once count as two.
    pub processes_killed: usize,
    /// At which moment.
    pub points: BTreeMap<String, usize>,
    /// How often nobody came to the chosen moment, so that it became any moment.
    pub points_missed: usize,
    /// Until the first answer after it, in milliseconds.
    pub first_answer_ms: Spread,
    /// Until nothing was unknown any more of what had been begun before, in milliseconds.
    pub nothing_unknown_ms: Spread,
    /// Operations that were undecided at the first look after it.
    pub left_undecided: usize,
    /// Payments that were compared on both sides, each at least once.
    pub payments: usize,
    /// Whether everything was as it must be: no acknowledged payment was lost, none was charged, captured or refunded
    /// twice, both sides agree, `verify` holds, and every notification answered with 204 is stored.
    pub holds: bool,
    /// Acknowledged payments that were looked for and found.
    pub acknowledged: usize,
    /// Notifications that were answered with 204, looked for and found.
    pub notifications_kept: u64,
    /// Refunds that were recorded, and of which the gateway has nothing: a person decides, or a day passes.
    pub refunds_for_a_person: usize,
    /// Operations that an operator had to ask about.
    pub inquired: usize,
    /// Requests of clients that were answered, and that were repeated.
    pub answers: u64,
    /// See `answers`.
    pub repeats: u64,
    /// How often everything was compared.
    pub inspections: usize,
    /// Only of promotions without synchronous replication: what the new primary had never heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forgotten: Option<Forgotten>,
    /// How long all of it took, in seconds.
    pub took_s: u64,
}

/// What a standby that trailed had never heard of.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Forgotten {
    /// Acknowledged payments that were gone.
    pub payments: usize,
    /// Of those, how many the gateway's books have.
    pub at_the_gateway: usize,
    /// How many of them a repeat under the same key brought back, as the same payment of the gateway.
    pub adopted: usize,
    /// How many payments of the gateway a reconciliation named as nobody's here, before they were asked for again.
    pub orphans_shown: usize,
    /// Operations that are done at the gateway by an attempt that the database has forgotten; `verify` names them.
    pub unsent_here: usize,
    /// Payments that a named difference holds until a person has looked.
    pub held: usize,
    /// How often a client was answered as if something acknowledged had not been.
    pub surprises: u64,
    /// Refunds that were made twice at the gateway.
    pub refunded_twice: usize,
}

/// Many durations.
#[derive(Debug, Default, Serialize)]
pub struct Spread {
    /// The one in the middle.
    pub median: u64,
    /// One in a hundred is longer.
    pub p99: u64,
    /// The longest.
    pub worst: u64,
    #[serde(skip)]
    all: Vec<u64>,
}

impl Spread {
    /// One more.
    pub fn add(&mut self, duration: Duration) {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let place = self.all.partition_point(|one| *one < milliseconds);
        self.all.insert(place, milliseconds);
        let at = |part: usize| self.all[(self.all.len() - 1) * part / 100];
        (self.median, self.p99, self.worst) = (at(50), at(99), at(100));
    }
}

impl Figures {
    /// One inspection more.
    pub fn add(&mut self, seen: Seen, all: bool) {
        self.inspections += 1;
        self.inquired += seen.inquired;
        // The last look at a world sees everything that was made in it.
        if all {
            self.payments += seen.payments;
            self.acknowledged += seen.promises;
            self.notifications_kept += seen.bells;
            self.refunds_for_a_person += seen.lost_refunds;
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            times,
            campaign,
            database,
            instances,
            commit,
            seed,
            took_s,
            ..
        } = self;
        writeln!(
            to,
            "{times} {campaign} on {database}, {instances} server(s), commit {commit}, seed {seed}, in {took_s} s"
        )?;
        for (point, times) in &self.points {
            writeln!(to, "  {times:>5}  {point}")?;
        }
        if self.points_missed > 0 {
            writeln!(
                to,
                "  {:>5}  of them at any moment, because nobody came to the chosen one",
                self.points_missed
            )?;
        }
        writeln!(
            to,
            "{} payments compared on both sides, {} repeated requests",
            self.payments, self.repeats
        )?;
        if self.holds {
            writeln!(
                to,
                "{} acknowledged payments: 0 lost, 0 charged twice",
                self.acknowledged
            )?;
            writeln!(
                to,
                "{} notifications answered with 204: all stored",
                self.notifications_kept
            )?;
        }
        let Spread { median, p99, worst, .. } = &self.first_answer_ms;
        writeln!(
            to,
            "to the first answer: median {median} ms, 99 % within {p99} ms, worst {worst} ms"
        )?;
        let Spread { median, p99, worst, .. } = &self.nothing_unknown_ms;
        writeln!(
            to,
            "to nothing unknown:  median {median} ms, 99 % within {p99} ms, worst {worst} ms"
        )?;
        writeln!(
            to,
            "{} operations were undecided when somebody first looked",
            self.left_undecided
        )?;
        writeln!(
            to,
            "{} refunds are not at the gateway and wait for a person",
            self.refunds_for_a_person
        )?;
        if let Some(forgotten) = &self.forgotten {
            writeln!(to, "{forgotten}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Forgotten {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (payments, there, adopted) = (self.payments, self.at_the_gateway, self.adopted);
        writeln!(
            to,
            "{payments} acknowledged payments were forgotten; the gateway has {there}; a repeat adopted {adopted}"
        )?;
        writeln!(
            to,
            "{} were named as orphans, {} are held",
            self.orphans_shown, self.held
        )?;
        write!(
            to,
            "{} surprised clients, {} refunds made twice",
            self.surprises, self.refunded_twice
        )
    }
}
