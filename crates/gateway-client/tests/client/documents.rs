//! The gateway's own examples in both directions: what we send is what they send, what they answer is read in full.

use domain::command::RefundAsk;
use domain::operation::{Operation, Work};
use domain::payment::Payment;
use domain::refund::Ask;
use domain::sale::{CaptureMode, Sale, SplitMode, Steps};
use domain::sight::{Host, RefundStanding, Sight, Standing};
use gateway_client::notification;
use serde_json::{Map, Value};

use crate::cards::secret;
use crate::deeds::{add_splits, capture, refund_of};
use crate::support::{Gateway, at, body, decided, operation, sale, seen, shown, soon};

macro_rules! golden {
    ($name:literal) => {
        include_str!(concat!("../golden/", $name, ".json"))
    };
}

/// What two requests must agree in: everything but the references, which are the caller's to choose; amounts as numbers.
fn essence(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(key, _)| !key.ends_with("TransactionID"));
            let fields = fields.map(|(key, value)| (key.clone(), essence(key, value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| essence("", item)).collect()),
        Value::String(digits) if key == "Amount" => digits.parse::<u64>().expect("an amount").into(),
        other => other.clone(),
    }
}

fn assert_sent(gateway: &Gateway, line: &str, document: Option<&str>) {
    let request = gateway.requests().pop().expect("a request");
    assert!(request.starts_with(&format!("{line} HTTP/1.1\r\n")), "{request}");
    match document {
        Some(document) => {
            let document: Value = serde_json::from_str(document).expect("a document");
            assert_eq!(essence("", &body(&request)), essence("", &document));
        }
        None => assert!(request.ends_with("\r\n\r\n"), "{request}"),
    }
}

/// Id, amount, captured, standing; and of each split id, site, amount, captured, standing.
type Read = (
    u64,
    i64,
    Option<i64>,
    Standing,
    Vec<(u64, u32, i64, Option<i64>, Standing)>,
);

fn read(sight: &Sight) -> Read {
    let splits = sight.splits.iter().map(|split| {
        let standing = split.status.as_ref().expect("a status").standing;
        let captured = split.captured.map(domain::money::Amount::get);
        (split.id.get(), split.site.get(), split.amount.get(), captured, standing)
    });
    let captured = sight.captured.map(domain::money::Amount::get);
    let (id, amount) = (sight.at.id.get(), sight.amount.get());
    assert_eq!(sight.currency.code(), "EUR");
    (id, amount, captured, sight.status.standing, splits.collect())
}

/// 60, 20 and 20 for the documents' three sites, the splits numbered from here.
fn three(first: u64) -> [(u64, u32, i64); 3] {
    [(first, 33513, 60), (first + 1, 33512, 20), (first + 2, 33511, 20)]
}

fn all(splits: &[(u64, u32, i64)], standing: Standing) -> Vec<(u64, u32, i64, Option<i64>, Standing)> {
    splits
        .iter()
        .map(|(id, site, amount)| (*id, *site, *amount, None, standing))
        .collect()
}

async fn create(host: Host, sale: Sale, line: &str, [request, answer]: [&str; 2]) -> Sight {
    let (payment, operation) = decided(sale);
    let gateway = Gateway::answering(201, answer).await;
    let card = (host == Host::Cards).then(secret);
    let shown = gateway
        .client()
        .create(host, &payment, &operation, card.as_ref(), soon())
        .await
        .expect("a payment");
    assert_sent(&gateway, line, Some(request));
    shown.sight
}

#[tokio::test]
async fn one_step() {
    let documents = [golden!("one-step-create.request"), golden!("one-step-create.response")];
    let asked = sale("EUR", &[(33513, 60), (33512, 20), (33511, 20)]);
    let sight = create(Host::Pay, asked, "POST /v1/payments", documents).await;
    let splits = all(&three(488), Standing::Open);
    assert_eq!(read(&sight), (5_581_804, 100, None, Standing::Open, splits));

    let rung = notification::read(golden!("one-step-success.notification").as_bytes()).expect("a notification");
    let splits = all(
        &[(488, 33513, 60), (489, 33512, 23), (490, 33511, 20)],
        Standing::Captured,
    );
    let claims = rung.claims.expect("claims");
    assert_eq!(read(&claims), (5_581_804, 100, None, Standing::Captured, splits));
}

#[tokio::test]
async fn two_steps() {
    let documents = [golden!("two-step-create.request"), golden!("two-step-create.response")];
    let mut asked = sale("EUR", &[(30025, 5), (30122, 5), (30126, 20)]);
    (asked.method, asked.steps, asked.capture) = (40, Steps::Two, CaptureMode::Manual);
    asked.customer.as_mut().expect("a buyer").last_name = Some("person".to_owned());
    let sight = create(Host::Pay, asked, "POST /v1/payments", documents).await;
    let splits = [(22, 30025, 5), (23, 30122, 5), (24, 30126, 20)];
    let open = all(&splits, Standing::Open);
    assert_eq!(read(&sight), (401_946_443, 30, None, Standing::Open, open));

    let rung = notification::read(golden!("two-step-authorized.notification").as_bytes()).expect("a notification");
    let authorized = all(&splits, Standing::Authorized);
    let claims = rung.claims.expect("claims");
    assert_eq!(read(&claims), (401_946_443, 30, None, Standing::Authorized, authorized));
}

/// Asks for this capture or cancel.
async fn change(payment: &Payment, work: Work, line: &str, request: Option<&str>, answer: &str) -> Sight {
    let operation = operation(payment, "ours", work);
    let gateway = Gateway::answering(200, answer).await;
    let client = gateway.client();
    let sight = if operation.work == Work::Cancel {
        client.cancel(Host::Pay, payment, &operation, soon()).await
    } else {
        client.capture(Host::Pay, payment, &operation, soon()).await
    };
    assert_sent(&gateway, line, request);
    sight.expect("a payment")
}

#[tokio::test]
async fn full_capture() {
    let payment = shown(5_577_675, &three(367));
    let work = capture(&payment, &[60, 20, 20], None);
    let line = "POST /v1/payments/5577675/capture";
    let sight = change(&payment, work, line, None, golden!("full-capture.response")).await;
    let splits = all(&three(367), Standing::Captured);
    assert_eq!(read(&sight), (5_577_675, 100, Some(100), Standing::Captured, splits));

    let rung = notification::read(golden!("full-capture-success.notification").as_bytes()).expect("a notification");
    let splits = all(&three(337), Standing::Captured);
    let claims = rung.claims.expect("claims");
    assert_eq!(read(&claims), (5_577_639, 100, Some(100), Standing::Captured, splits));
}

#[tokio::test]
async fn capture_of_several_splits() {
    let payment = shown(5_845_686, &[(797, 33513, 30), (798, 33512, 30), (799, 33511, 40)]);
    let work = capture(&payment, &[10, 10, 20], None);
    let documents = [
        golden!("partial-capture-splits.request"),
        golden!("partial-capture-splits.response"),
    ];
    let line = "POST /v1/payments/5845686/capture";
    let sight = change(&payment, work, line, Some(documents[0]), documents[1]).await;
    let part = Standing::PartiallyCaptured;
    let splits = vec![
        (797, 33513, 30, Some(10), part),
        (798, 33512, 30, Some(10), part),
        (799, 33511, 40, Some(20), part),
    ];
    assert_eq!(read(&sight), (5_845_686, 100, Some(40), part, splits));
}

#[tokio::test]
async fn capture_of_one_split() {
    let payment = shown(5_581_839, &[(503, 33513, 40), (504, 33512, 30), (505, 33511, 30)]);
    let work = capture(&payment, &[0, 10, 0], Some(2));
    let line = "POST /v1/payments/5581839/splits/504/capture?amount=10";
    let sight = change(&payment, work, line, None, golden!("split-capture.response")).await;
    let part = Standing::PartiallyCaptured;
    let splits = vec![(504, 33512, 30, Some(10), part)];
    assert_eq!(
        read(&sight),
        (5_581_839, 100, Some(10), part, splits),
        "and no other split"
    );
}

#[tokio::test]
async fn cancel() {
    let payment = shown(5_583_382, &three(524));
    let line = "POST /v1/payments/5583382/cancel";
    let sight = change(&payment, Work::Cancel, line, None, golden!("cancel.response")).await;
    let splits = all(&three(524), Standing::Cancelled);
    assert_eq!(read(&sight), (5_583_382, 100, None, Standing::Cancelled, splits));
}

/// A payment whose owners are named later.
fn unsplit(mut sale: Sale) -> Sale {
    sale.split = SplitMode::Later;
    sale
}

/// The references of the splits are the sellers' own, so here they are compared, too.
#[tokio::test]
async fn added_splits() {
    let (mut payment, _) = decided(unsplit(sale("EUR", &[(33513, 100)])));
    payment.seen = Some(seen(at(Host::Pay, 5_891_650)));
    let work = add_splits(&[
        (33513, 50, Some("4324322-A")),
        (33512, 20, Some("4324322-B")),
        (33511, 30, Some("4324322-C")),
    ]);
    let operation = operation(&payment, "s2p_test1ad", work);
    let gateway = Gateway::answering(201, golden!("add-splits.response")).await;
    let added = gateway
        .client()
        .add_splits(Host::Pay, &payment, &operation, soon())
        .await;
    let document = golden!("add-splits.request");
    assert_sent(&gateway, "POST /v1/payments/5891650/splits", Some(document));
    let sent = body(&gateway.requests()[0]);
    let document: Value = serde_json::from_str(document).expect("a document");
    for number in 0..3 {
        let [sent, document] = [&sent, &document].map(|it| &it["Splits"][number]);
        assert_eq!(sent["OriginatorTransactionID"], document["OriginatorTransactionID"]);
        assert_eq!(sent["MerchantTransactionID"], format!("s2p_test1ad-{}", number + 1));
    }
    let added = added.expect("splits").into_iter().map(|split| {
        let standing = split.status.expect("a status").standing;
        (
            split.id.get(),
            split.site.get(),
            split.amount.get(),
            split.captured,
            standing,
        )
    });
    let success = Standing::Captured;
    assert_eq!(
        added.collect::<Vec<_>>(),
        [
            (1161, 33513, 50, None, success),
            (1162, 33512, 20, None, success),
            (1163, 33511, 30, None, success)
        ]
    );
}

/// A refund of 60 from the documents' split.
fn refunded() -> (Payment, Operation) {
    let mut payment = shown(5_611_633, &[(737, 33513, 60), (738, 33512, 20), (739, 33511, 20)]);
    let mut refund = refund_of(&payment, 1, 60);
    refund.asked = Some(RefundAsk {
        ask: Ask::Everything,
        keeps: std::collections::BTreeSet::new(),
        commission: None,
        reason: Some("test refund".to_owned()),
        reference: None,
        metadata: std::collections::BTreeMap::new(),
    });
    payment.refunds.push(refund);
    let work = Work::Refund {
        refund: 1,
        split: Some(1),
    };
    let operation = operation(&payment, "carmen1607607300", work);
    (payment, operation)
}

#[tokio::test]
async fn split_refund() {
    let (payment, operation) = refunded();
    let gateway = Gateway::answering(201, golden!("split-refund.response")).await;
    let refund = gateway.client().refund(Host::Pay, &payment, &operation, soon()).await;
    let document = golden!("split-refund.request");
    assert_sent(&gateway, "POST /v1/payments/5611633/splits/737/refunds", Some(document));
    let document: Value = serde_json::from_str(document).expect("a document");
    assert_eq!(
        body(&gateway.requests()[0]),
        document,
        "its reference, too, and the amount a number"
    );
    let refund = refund.expect("a refund");
    let (id, payment, split) = (refund.id, refund.payment, refund.split);
    assert_eq!(
        (id.get(), payment.map(|it| it.get()), split.map(|it| it.get())),
        (55_745, Some(5_611_633), Some(737))
    );
    assert_eq!(
        (refund.amount.get(), refund.currency.code(), refund.standing),
        (60, "EUR", RefundStanding::Open)
    );
    assert_eq!(refund.reference, Some(operation.reference));
}

#[tokio::test]
async fn one_click() {
    let mut asked = unsplit(sale("EUR", &[(33513, 2000)]));
    (asked.method, asked.save_card, asked.card) = (6, true, Some(domain::ids::CardId::from_u128(1)));
    (asked.customer, asked.billing_address, asked.token_lifetime_minutes) = (None, None, None);
    asked.description = Some("payment product".to_owned());
    asked.statement_descriptor = Some("bank statement message".to_owned());
    let documents = [golden!("one-click.request"), golden!("one-click.response")];
    let sight = create(Host::Cards, asked, "POST /v1/payments", documents).await;
    assert_eq!(
        read(&sight),
        (202_587, 2000, Some(2000), Standing::Captured, Vec::new())
    );
}
