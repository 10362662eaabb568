//! Our books beside the gateway's: what nobody rang about is found by asking about everything.
//!
//! First every payment of ours that was made in the period is asked about, with its refunds, and what the answer tells is
//! settled like any other; then the gateway's own list of the period is walked for payments that nobody here knows.

mod place;
mod report;

use std::sync::Arc;

use domain::discrepancy::{Discrepancy, DiscrepancyState};
use domain::finding::{Door, Finding, What};
use domain::ids::PaymentId;
use domain::money::{Amount, Money};
use domain::payment::{Claim, Payment};
use domain::planted::{Defect, planted};
use domain::sight::{GatewayRef, Host};
use domain::split::Split;
use domain::time::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};
use gateway_client::Listed;
use store::PaymentFilter;

use self::place::Place;
use self::report::Verdict;
pub use self::report::{ReconciliationFinding, ReconciliationView};
use crate::desk::{Desk, Engine};
use crate::error::Error;
use crate::gateway::Question;
use crate::perform::CONFLICTS_MAX;
use crate::settle::Settled;

/// When the payments were made that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// At this moment or later.
    pub from: Timestamp,
    /// Before this moment.
    pub to: Timestamp,
}

/// One of a split's amounts.
type Quantity = fn(&Split) -> Amount;

/// What one comparison found; nothing where both sides agreed.
type Found = Option<(Verdict, ReconciliationFinding)>;

impl Engine {
    /// Compares one page of a period: at most so many payments of ours, or one page of the gateway's list. `live` narrows
    /// ours to one mode.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that is none; [`Error::Unavailable`] when the database cannot be used. What the
    /// gateway does not answer is in the report.
    pub async fn reconcile(
        &self,
        period: Period,
        live: Option<bool>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ReconciliationView, Error> {
        let mut report = ReconciliationView::empty(period);
        let next = match Place::read(cursor)? {
            Place::Ours(before) => self.compare_ours(period, live, before, limit, &mut report).await?,
            Place::Listed(host, place) => self.compare_listed(period, live, (host, place), &mut report).await?,
        };
        report.next_cursor = next.map(|place| place.to_string());
        report.has_more = report.next_cursor.is_some();
        Ok(report)
    }

    async fn compare_ours(
        &self,
        period: Period,
        live: Option<bool>,
        before: Option<PaymentId>,
        limit: usize,
        report: &mut ReconciliationView,
    ) -> Result<Option<Place>, Error> {
        let filter = PaymentFilter {
            live,
            created_from: Some(period.from),
            created_to: Some(period.to),
            before,
            limit,
            ..PaymentFilter::default()
        };
        let ours = self.desk.store.read(move |tx| tx.payments(&filter)).await?;
        let last = ours.last().map(|payment| payment.id).filter(|_| ours.len() >= limit);
        // Of what never reached the gateway there is nothing to compare.
        let sent = ours
            .iter()
            .filter(|payment| is_expected(payment))
            .map(|payment| payment.id);
        let sent: Vec<PaymentId> = sent.collect();
        let found = stream::iter(sent)
            .map(|id| self.desk.compare(id, None))
            .buffered(AT_ONCE)
            .try_collect::<Vec<Found>>();
        found.await?.into_iter().for_each(|one| report.count(one));
        Ok(Some(match last {
            Some(last) => Place::Ours(Some(last)),
            None => Place::Listed(Host::Pay, 0),
        }))
    }

    async fn compare_listed(
        &self,
        period: Period,
        live: Option<bool>,
        (host, place): (Host, u32),
        report: &mut ReconciliationView,
    ) -> Result<Option<Place>, Error> {
        let behind = match host {
            Host::Pay => Some(Place::Listed(Host::Cards, 0)),
            Host::Cards => None,
        };
        let page = match self.desk.gateway.list(host, period, place).await {
            Ok(page) => page,
            Err(why) => {
                let words = format!("the gateway's list ({}) could not be read: {why}", host.as_str());
                report.count(Some(ReconciliationFinding::of_list(words)));
                return Ok(behind);
            }
        };
        if page.strangers > 0 {
            // Whether what was asked for is all there nobody can say, so that orphans may be hidden behind these.
            tracing::warn!(
                host = host.as_str(),
                strangers = page.strangers,
                "the gateway's list ignored the period"
            );
        }
        let found = stream::iter(page.items)
            .map(|listed| self.desk.place_listed(listed, period, live))
            .buffered(AT_ONCE)
            .try_collect::<Vec<Option<Found>>>();
        found.await?.into_iter().flatten().for_each(|one| report.count(one));
        Ok(page.next.map(|next| Place::Listed(host, next)).or(behind))
    }
}

impl Desk {
    /// Whose a listed payment is: compared where it was not already, an orphan where it is nobody's.
    async fn place_listed(
        self: &Arc<Self>,
        mut listed: Listed,
        period: Period,
        live: Option<bool>,
    ) -> Result<Option<Found>, Error> {
        let at = listed.at;
        let known = self.store.read(move |tx| tx.payment_by_gateway(at)).await?;
        if let Some(id) = known {
            let payment = self.payment(id).await?;
            let compared = (period.from..period.to).contains(&payment.created_at);
            if compared || live.is_some_and(|live| live != payment.sale.live) {
                return Ok(None);
            }
            return self.compare(id, None).await.map(Some);
        }
        if listed.reference.is_none() {
            let question = Question::Payment { at, refunds: false };
            if let What::Shown(sight) = self.gateway.inquire(&question).await.what {
                listed.reference = sight.reference;
            }
        }
        let claimed = match listed.reference.clone().map(Claim::Reference) {
            Some(claim) => self.store.read(move |tx| tx.claim(&claim)).await?,
            None => None,
        };
        match claimed {
            Some(id) => self.compare(id, Some(at)).await.map(Some),
            None => Ok(Some(Some(ReconciliationFinding::orphan(&listed)))),
        }
    }

    /// Asks about a payment and all its refunds, settles the answer through the usual door, and says what was new and what
    /// is left. `at`: another payment of the gateway under our reference, that is asked about instead.
    async fn compare(self: &Arc<Self>, id: PaymentId, at: Option<GatewayRef>) -> Result<Found, Error> {
        for _ in 0..CONFLICTS_MAX {
            let before = self.payment(id).await?;
            let known = before.seen.as_ref().map(|seen| seen.at);
            let question = match (at.or(known), before.authorize()) {
                (Some(at), _) => Question::Payment {
                    at,
                    refunds: !planted(Defect::ComparisonSkipsRefunds),
                },
                (None, Some(create)) => Question::Reference(before.sale.host(), create.reference.clone()),
                (None, None) => return Ok(None),
            };
            let told = self.gateway.inquire(&question).await;
            let finding = Finding {
                door: Door::Question {
                    version: before.version,
                },
                what: told.what,
            };
            if planted(Defect::ComparisonNotSettled) {
                return self.judge(&before, &before, finding.what).await;
            }
            let settled = self.settle(before.clone(), &finding, told.card, None).await?;
            let Settled::Payment(after) = settled else { continue };
            let after = self.follow(after).await;
            return self.judge(&before, &after, finding.what).await;
        }
        Err(Error::Contended)
    }

    async fn judge(&self, before: &Payment, after: &Payment, what: What) -> Result<Found, Error> {
        let verdict = |verdict, detail| Ok(Some(ReconciliationFinding::of(verdict, after, detail)));
        let shown = match &what {
            What::Shown(sight) => Some(sight.as_ref()),
            What::ShownMany(sights) => sights
                .iter()
                .find(|sight| after.seen.as_ref().is_some_and(|seen| seen.at == sight.at)),
            _ => None,
        };
        let Some(sight) = shown else {
            return match self.unshown(after, what).await {
                Ok(why) => verdict(Verdict::Missing, why),
                Err(why) => verdict(Verdict::Unanswered, why),
            };
        };
        let mine = after.seen.as_ref().is_some_and(|seen| seen.at == sight.at);
        let mut left = if mine { after.unreconciled(sight) } else { Vec::new() };
        if left.is_empty() {
            let holding = after.discrepancies.iter().filter(|one| one.is_holding());
            left.extend(holding.map(|one| one.detail.clone()));
        }
        if !left.is_empty() {
            return verdict(Verdict::Differs, left.join("; "));
        }
        if mine && sight.refunds.is_none() && after.seen == before.seen && before.seen.is_some() {
            let why = "the gateway showed the payment and not its refunds".to_owned();
            return verdict(Verdict::Unanswered, why);
        }
        let news = news(before, after);
        if news.is_empty() {
            return Ok(None);
        }
        verdict(Verdict::Updated, format!("brought up to date: {}", news.join("; ")))
    }

    /// Why the gateway did not show a payment: `Ok` where it proved that it does not have it.
    async fn unshown(&self, payment: &Payment, what: What) -> Result<String, String> {
        let why = match what {
            What::Absent => None,
            What::Unknown(why) | What::NotSent(why) => Some(why),
            What::Refused(refusal) | What::AlreadyThere(refusal) => {
                Some(format!("it answered the question with HTTP {}", refusal.http_status))
            }
            _ => Some("its answer is about something else".to_owned()),
        };
        let Some(create) = payment.authorize() else {
            return Err(why.unwrap_or_default());
        };
        let reference = create.reference.clone();
        let absent = match why {
            None => true,
            Some(_) => {
                let question = Question::Reference(payment.sale.host(), reference.clone());
                matches!(self.gateway.inquire(&question).await.what, What::Absent)
            }
        };
        let (status, amount) = (
            payment.phase.as_str(),
            Money::new(payment.amount(), payment.sale.cart.currency()),
        );
        if absent {
            return Ok(format!(
                "our books have it as {status} of {amount}, and the gateway shows nothing under its reference {reference}"
            ));
        }
        Err(format!(
            "our books have it as {status} of {amount}, and the gateway gave no usable answer: {}",
            why.unwrap_or_default()
        ))
    }
}

/// Whether the gateway should have it, or may.
fn is_expected(payment: &Payment) -> bool {
    let create = payment.authorize();
    payment.seen.is_some() || create.is_some_and(|one| one.is_open() && one.attempt.is_some())
}

/// What the answer changed, in words.
fn news(before: &Payment, after: &Payment) -> Vec<String> {
    let currency = after.sale.cart.currency();
    let mut news = Vec::new();
    if before.phase != after.phase {
        news.push(format!("{} → {}", before.phase.as_str(), after.phase.as_str()));
    }
    let sum = |payment: &Payment, of: Quantity| {
        payment
            .splits
            .iter()
            .fold(0_i64, |sum, split| sum.saturating_add(of(split).get()))
    };
    let sums: [(&str, Quantity); 4] = [
        ("captured", |split| split.amount_captured),
        ("on its way back", |split| split.amount_refunding),
        ("refunded", |split| split.amount_refunded),
        ("charged back", |split| split.amount_charged_back),
    ];
    for (word, of) in sums {
        let (was, is) = (sum(before, of), sum(after, of));
        if was != is {
            let money = |amount: i64| Amount::try_new(amount).map(|one| Money::new(one, currency));
            if let (Ok(was), Ok(is)) = (money(was), money(is)) {
                news.push(format!("{word} {was} → {is}"));
            }
        }
    }
    let settled = before.operations.iter().zip(&after.operations);
    news.extend(settled.filter(|(was, is)| was.state != is.state).map(|(was, is)| {
        format!(
            "operation {} ({}) {} → {}",
            is.number,
            is.kind().as_str(),
            was.state.as_str(),
            is.state.as_str()
        )
    }));
    let filed = |one: &&Discrepancy| one.state == DiscrepancyState::Open;
    let known = before.discrepancies.len();
    news.extend(
        after
            .discrepancies
            .iter()
            .skip(known)
            .filter(filed)
            .map(|one| one.detail.clone()),
    );
    news
}

/// How many payments are asked about at one time.
const AT_ONCE: usize = 8;
