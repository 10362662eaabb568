//! `apportion replay`: real orders, from a file, as payments, and every cent of them found again.

mod books;
mod columns;
mod decimal;
mod order;
pub(crate) mod outside;
mod paid;
mod play;
mod quote;
mod refund;
mod report;
mod sale;
mod sandbox;
mod sheet;
mod stage;
mod statement;
mod sums;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use domain::money::Currency;
use secrecy::SecretString;

use self::books::Found;
use self::report::Report;
use self::sheet::Sheet;
use self::stage::Stage;
use self::sums::Shares;
use crate::config::Sources;

pub use self::columns::Column;

/// The gateway's method unless another is named: paying captures.
const ONE_STEP_METHOD: u32 = 1000;
/// The same in two steps: paying authorizes.
const TWO_STEP_METHOD: u32 = 40;

/// What to replay, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A CSV file, a row for each line of an order: order_id, line, seller_id, product_id, category, price_brl,
    /// freight_brl; other columns are ignored
    file: PathBuf,
    /// Only divide the carts: no server, no gateway, no payment
    #[arg(long, conflicts_with = "api")]
    dry_run: bool,
    /// A running API (without it, one is started in this process, with a sandbox, on database.url if that is
    /// configured, else on an empty temporary database)
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// An admin key of that API; better given in the environment than here
    #[arg(long, value_name = "KEY", env = "APPORTION_API_KEY", hide_env_values = true, value_parser = secret)]
    api_key: Option<SecretString>,
    /// Where a field stands, such as `price=unit_price`; the fields are order, line, seller, product, category, price
    /// and shipping
    #[arg(long = "column", value_name = "FIELD=NAME")]
    columns: Vec<Column>,
    /// The currency of the file's amounts
    #[arg(long, value_name = "CODE", default_value = "BRL")]
    currency: Currency,
    /// Buyers authorize, and an operator captures: in two steps
    #[arg(long, conflicts_with = "dry_run")]
    two_step: bool,
    /// Gives back of every so many orders: everything of one, half of a seller's goods of the next, a line of the third
    #[arg(long, value_name = "NUMBER", conflicts_with = "dry_run", value_parser = positive)]
    refund_every: Option<usize>,
    /// The gateway's method; unless said, 1000, which captures at once, or with --two-step 40, which authorizes
    #[arg(long, value_name = "NUMBER")]
    method: Option<u32>,
    /// What the marketplace takes of each line, in percent
    #[arg(long, value_name = "PERCENT", default_value = "12", value_parser = basis_points)]
    fee_percent: i64,
    /// How many orders are under way at one time
    #[arg(long, value_name = "NUMBER", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// Only the file's first so many orders
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    fn method(&self) -> u32 {
        let usual = if self.two_step {
            TWO_STEP_METHOD
        } else {
            ONE_STEP_METHOD
        };
        self.method.unwrap_or(usual)
    }
}

/// Replays a file; `sources` configure the API, where one is started here. Exits 1 when a cent is missing, or nothing of the file can be sold.
///
/// # Errors
/// When the file cannot be read, or the API cannot be started or reached.
pub async fn run(args: Args, sources: &Sources) -> anyhow::Result<ExitCode> {
    let file = File::open(&args.file).with_context(|| format!("{} cannot be opened", args.file.display()))?;
    let mut sheet = Sheet::read(file, &args.columns, args.currency)
        .with_context(|| format!("{} cannot be read", args.file.display()))?;
    sheet.orders.truncate(args.limit.unwrap_or(usize::MAX));
    let report = if args.dry_run {
        quote::all(&args, &sheet)?
    } else {
        payments(&args, &sheet, sources).await?
    };
    let text = if args.json { report.json()? } else { report.in_words() };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Every order paid and found again in the books.
async fn payments(args: &Args, sheet: &Sheet, sources: &Sources) -> anyhow::Result<Report> {
    ensure!(!sheet.orders.is_empty(), "{}", report::nothing(sheet));
    let stage = Stage::set(args, sources).await?;
    let outcome = replayed(args, sheet, &stage).await;
    // The key that was made for this run is taken back whatever became of it.
    let left = stage.leave().await;
    let report = outcome?;
    left?;
    Ok(report)
}

async fn replayed(args: &Args, sheet: &Sheet, stage: &Stage) -> anyhow::Result<Report> {
    let sellers = sheet.sellers();
    stage.register(&sellers, args).await?;
    // An empty database has no balances to ask for.
    let before = if stage.is_empty {
        Shares::default()
    } else {
        stage.balances(&sellers, args.currency).await?
    };
    let started = Instant::now();
    let played = play::all(stage, sheet, args).await;
    let elapsed = started.elapsed();
    let after = stage.balances(&sellers, args.currency).await?;
    let statements = stage.statements(&sellers, args.currency).await?;
    let sandbox = sandbox::books(stage, &played, args.currency).await;
    let found = Found {
        before,
        after,
        statements,
        sandbox,
    };
    Ok(Report::of_payments(args, sheet, stage, &played, &found, elapsed))
}

#[expect(clippy::unnecessary_wraps, reason = "clap's parsers may fail")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text))
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a number from 1".to_owned()),
    }
}

fn basis_points(text: &str) -> Result<i64, String> {
    match decimal::minor_units(text, 2)? {
        basis_points @ 0..=10_000 => Ok(basis_points),
        _ => Err("0 to 100".to_owned()),
    }
}

#[cfg(test)]
mod tests;
