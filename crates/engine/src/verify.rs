//! Every invariant, over the whole database.
//!
//! Reads only, in pages of one snapshot each, so that it can run beside a server: what is compared with each other is
//! always read in one. Payments that appear while it runs may or may not be among those it looks at.

mod books;
mod discrepancies;
mod history;
mod payment;
mod refunds;
mod report;

use domain::ids::PaymentId;
use domain::payment::Claim;
use store::StoreError;

pub use report::{Check, Progress, VerifyReport};

use self::payment::Facts;
use self::report::{Rule, Tally};
use crate::desk::{Desk, Engine};
use crate::error::Error;

/// A payment that was looked for: what is stored about it, or why that cannot be read.
type Found = Result<Box<Facts>, String>;

impl Engine {
    /// Looks at every payment, and then at the books as a whole. `run` hears how far it has come.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be read. What is wrong *in* it is in the report.
    pub async fn verify(&self, mut run: impl FnMut(Progress) + Send) -> Result<VerifyReport, Error> {
        let mut tally = Tally::new();
        let mut progress = Progress {
            payments_total: self.desk.count_payments().await?,
            ..Progress::default()
        };
        run(progress);
        let mut after = None;
        loop {
            let page = self.desk.store.read(move |tx| facts(tx, after)).await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            for (id, found) in page {
                tally.payments = tally.payments.saturating_add(1);
                tally.look(Rule::Readable, found.as_ref().err().map(|why| format!("{id}: {why}")));
                if let Ok(facts) = found {
                    tally.postings = tally
                        .postings
                        .saturating_add(u64::try_from(facts.postings.len()).unwrap_or(u64::MAX));
                    facts.check(&mut tally);
                }
            }
            progress.payments = tally.payments;
            run(progress);
        }
        self.desk.check_books(&mut tally).await?;
        run(Progress {
            parties: tally.parties,
            ..progress
        });
        Ok(tally.report())
    }
}

impl Desk {
    async fn count_payments(&self) -> Result<u64, Error> {
        let (mut total, mut after) = (0_u64, None);
        loop {
            let page = self.store.read(move |tx| tx.payment_ids(after, IDS_AT_ONCE)).await?;
            total = total.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            let Some(last) = page.last() else { return Ok(total) };
            after = Some(*last);
        }
    }
}

/// The next page of payments, with everything that is stored about each.
fn facts(tx: &mut store::Tx<'_>, after: Option<PaymentId>) -> Result<Vec<(PaymentId, Found)>, StoreError> {
    let mut page = Vec::with_capacity(PAYMENTS_AT_ONCE);
    for id in tx.payment_ids(after, PAYMENTS_AT_ONCE)? {
        let found = match facts_of(tx, id) {
            Ok(facts) => Ok(Box::new(facts)),
            Err(StoreError::Corrupt(why)) => Err(why),
            Err(other) => return Err(other),
        };
        page.push((id, found));
    }
    Ok(page)
}

fn facts_of(tx: &mut store::Tx<'_>, id: PaymentId) -> Result<Facts, StoreError> {
    let payment = tx
        .payment_as_stored(id)?
        .ok_or_else(|| StoreError::Corrupt("a payment without its parts".to_owned()))?;
    let create = payment
        .authorize()
        .map(|create| Claim::Reference(create.reference.clone()));
    let seen = payment.seen.as_ref().map(|seen| seen.at);
    let order = Claim::Order(payment.sale.live, payment.sale.order.clone());
    Ok(Facts {
        postings: tx.postings(id)?,
        events: tx.events(id)?,
        notifications: tx.notifications_of(id)?,
        order_holder: tx.claim(&order)?,
        reference_holder: create.map_or(Ok(None), |claim| tx.claim(&claim))?,
        gateway_owner: seen.map_or(Ok(None), |at| tx.payment_by_gateway(at))?,
        payment,
    })
}

/// How many payments one snapshot looks at.
const PAYMENTS_AT_ONCE: usize = 100;

/// How many payments are counted at one time.
const IDS_AT_ONCE: usize = 10_000;
