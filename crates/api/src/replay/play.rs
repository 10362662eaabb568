//! A storefront, its buyers and its operators: every order is played to its end, so many at a time.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use super::Args;
use super::paid::Paid;
use super::refund::Refund;
use super::sale::Sale;
use super::sheet::Sheet;
use super::stage::Stage;

/// What became of the orders.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub payments: Vec<Paid>,
    pub failed: Vec<Failed>,
    /// Why calls were made again, and how often.
    pub retried: BTreeMap<String, u64>,
    /// Where buyers paid: the sandbox's address, if any buyer had to.
    pub gateway: Option<String>,
}

/// An order that was not wholly paid, or not given back as it was to be.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Failed {
    pub order: String,
    pub reason: String,
}

/// Plays every order.
pub(super) async fn all(stage: &Stage, sheet: &Sheet, args: &Args) -> Played {
    let bar = bar(sheet.orders.len());
    let mut played = Played::default();
    let mut sales = stream::iter(sheet.orders.iter().enumerate())
        .map(|(place, order)| async move {
            let mut sale = Sale {
                stage,
                order,
                method: args.method(),
                two_step: args.two_step,
                refund: Refund::of(place, order, args.refund_every),
                retried: Vec::new(),
                gateway: None,
            };
            let outcome = sale.play().await;
            (order, outcome, sale)
        })
        .buffer_unordered(args.concurrency.into());
    while let Some((order, outcome, sale)) = sales.next().await {
        for reason in sale.retried {
            let times = played.retried.entry(reason).or_default();
            *times = times.saturating_add(1);
        }
        match outcome {
            Ok(paid) => played.payments.push(paid),
            Err(reason) => played.failed.push(Failed {
                order: order.id.to_string(),
                reason,
            }),
        }
        if played.gateway.is_none() {
            played.gateway = sale.gateway;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    played
}

/// Shows how far it is, on a terminal and nowhere else.
fn bar(orders: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(orders).unwrap_or(u64::MAX));
    let shape = "  {bar:40.cyan/dim} {human_pos} of {human_len} orders · {per_sec:.0} · {eta} left";
    bar.set_style(ProgressStyle::with_template(shape).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
