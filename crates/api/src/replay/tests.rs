//! A whole replay of a small file, with a server and a sandbox started for it.

#![expect(clippy::disallowed_methods, reason = "a test starts a runtime of its own")]

use clap::Parser;
use tempfile::TempDir;

use super::*;

/// Made up for this test: three orders of two sellers, and a row that cannot be sold.
const FILE: &str = "\
order_id,line,seller_id,product_id,category,price_brl,freight_brl,ship_by
o-1,1,azul,p-1,garden_tools,58.9,13.29,1/1/2030 9:45
o-2,1,azul,p-2,,10,0.5,
o-2,2,verde,p-3,toys,20.05,1.25,
o-3,1,verde,p-4,toys,7.77,0,
o-4,1,verde,p-4,toys,free,0,
";
/// What its buyers pay, in centavos.
const AMOUNT: i64 = 5890 + 1329 + 1000 + 50 + 2005 + 125 + 777;
/// 12 % of each line: 7.068, 1.20, 2.406 and 0.9324.
const COMMISSION: i64 = 707 + 120 + 241 + 93;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn args(words: &[&str]) -> Args {
    Line::try_parse_from(["replay", "orders.csv"].iter().chain(words))
        .unwrap()
        .args
}

fn sheet() -> Sheet {
    Sheet::read(FILE.as_bytes(), &[], "BRL".parse().unwrap()).unwrap()
}

fn check_figures(report: &Report) {
    assert!(report.is_good(), "{}", report.in_words());
    assert_eq!(
        (report.orders, report.lines, report.sellers, report.amount),
        (3, 4, 2, AMOUNT)
    );
    assert_eq!((report.parties.marketplace, report.parties.total), (COMMISSION, AMOUNT));
    assert_eq!(report.left_out.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_on_the_same_books_charges_nothing_twice() {
    let directory = TempDir::new().unwrap();
    let database = format!("sqlite://{}", directory.path().join("books.db").display());
    let sources = Sources::isolated([("database.url", &database)]);
    let args = args(&[]);

    let first = payments(&args, &sheet(), &sources).await.unwrap();
    check_figures(&first);
    let made = first.payments.as_ref().unwrap();
    assert_eq!(
        (made.created, made.replayed, made.create.count, made.confirm.count),
        (3, 0, 3, 3)
    );
    assert!(
        first.checks.iter().any(|check| check.what.contains("sandbox")),
        "the sandbox's books were compared"
    );

    // The sandbox has forgotten everything; our books have not.
    let second = payments(&args, &sheet(), &sources).await.unwrap();
    check_figures(&second);
    let made = second.payments.as_ref().unwrap();
    assert_eq!(
        (made.created, made.replayed, made.captured_before, made.confirm.count),
        (0, 3, 3, 0)
    );
    assert!(second.notes.iter().any(|note| note.contains("No buyer paid again")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_cent_is_noticed() {
    let args = args(&["--concurrency", "2"]);
    let mut sheet = sheet();
    let report = payments(&args, &sheet, &Sources::isolated::<&str, &str>([]))
        .await
        .unwrap();
    check_figures(&report);

    // The file says a centavo more than was sold.
    sheet.orders[0].amount += 1;
    let report = payments(&args, &sheet, &Sources::isolated::<&str, &str>([]))
        .await
        .unwrap();
    assert!(!report.is_good());
    assert!(
        report.in_words().contains("111.77 BRL and not 111.76 BRL"),
        "{}",
        report.in_words()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_steps_and_refunds_reconcile_and_are_done_once() {
    let directory = TempDir::new().unwrap();
    let database = format!("sqlite://{}", directory.path().join("books.db").display());
    let sources = Sources::isolated([("database.url", &database)]);
    let args = args(&["--two-step", "--refund-every", "1"]);
    // Everything of the first order; of the second, half of what azul sold; of the third, its line.
    let back = 5890 + 1329 + 1050 / 2 + 777;

    let first = payments(&args, &sheet(), &sources).await.unwrap();
    check_figures(&first);
    assert_eq!(first.payments.as_ref().unwrap().capture.count, 3);
    let refunds = first.refunds.as_ref().unwrap();
    assert_eq!((refunds.created, refunds.replayed, refunds.amount), (3, 0, back));
    assert_eq!((refunds.of_everything, refunds.by_amount, refunds.by_line), (1, 1, 1));
    let left = refunds.sellers.plus(refunds.marketplace);
    assert_eq!((left.refunded, left.balance), (back, AMOUNT - back));
    assert_eq!((left.refunding, left.adjusted), (0, 0));

    let second = payments(&args, &sheet(), &sources).await.unwrap();
    check_figures(&second);
    let refunds = second.refunds.as_ref().unwrap();
    assert_eq!((refunds.created, refunds.replayed, refunds.succeed.count), (0, 3, 0));
    assert_eq!(refunds.sellers.plus(refunds.marketplace), left);
}

#[test]
fn the_method_follows_the_steps() {
    assert_eq!(args(&[]).method(), 1000);
    assert_eq!(args(&["--two-step"]).method(), 40);
    assert_eq!(args(&["--two-step", "--method", "75"]).method(), 75);
    for wrong in [["--dry-run", "--two-step"], ["--refund-every", "0"]] {
        assert!(Line::try_parse_from(["replay", "orders.csv"].iter().chain(&wrong)).is_err());
    }
}

#[test]
fn a_dry_run_divides_as_payments_do() {
    let report = quote::all(&args(&["--dry-run"]), &sheet()).unwrap();
    check_figures(&report);
    let report: serde_json::Value = serde_json::from_str(&report.json().unwrap()).unwrap();
    assert_eq!(report["reconciled"], true);
    assert_eq!(report["amount"], AMOUNT);
    assert_eq!(report["left_out"][0]["line"], 6);
}

#[test]
fn the_fee_is_given_in_percent() {
    assert_eq!(args(&["--fee-percent", "12.75"]).fee_percent, 1275);
    assert!(Line::try_parse_from(["replay", "orders.csv", "--fee-percent", "101"]).is_err());
    assert!(Line::try_parse_from(["replay", "orders.csv", "--fee-percent", "1.234"]).is_err());
}
