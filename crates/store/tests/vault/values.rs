//! Payments and what happens to them.

use std::collections::BTreeMap;

use domain::allocation::{SellerTerms, Terms, allocate};
use domain::capture_plan::Unanswered;
use domain::cart::{Cart, CartDraft};
use domain::discrepancy::{Discrepancy, DiscrepancyKind, DiscrepancyState};
use domain::fee_plan::{FeePlan, FeePlanDraft};
use domain::ids::{DiscrepancyId, GatewayId, NotificationId, PaymentId, SiteId};
use domain::ledger::{Account, Book, Cause, Posting};
use domain::money::Amount;
use domain::notification::{Notification, NotificationKind, NotificationState};
use domain::operation::{Asked, Attempt, Operation, OperationState, Work};
use domain::payment::{Claim, Event, Payment, Phase, Seen};
use domain::sale::{CaptureMode, Customer, Sale, SplitMode, Steps};
use domain::seller::{Party, SellerStatus};
use domain::sight::{GatewayRef, GatewayStatus, Host, Standing};
use domain::split::Split;
use domain::time::Timestamp;
use store::{Change, Commit, DiscrepancyFilter, NotificationChange};

/// The moment at which everything is decided here.
pub const NOW: i64 = 1_800_000_000_000_000;

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(NOW + seconds * 1_000_000)
}

pub fn id(number: u128) -> PaymentId {
    PaymentId::from_u128(number)
}

pub fn plan(version: u32) -> FeePlan {
    let rules = format!(
        r#"{{"rules": [{{"percent_bp": {}, "applies_to": "items"}}]}}"#,
        1500 + version
    );
    let draft: FeePlanDraft = serde_json::from_str(&rules).unwrap();
    FeePlan::try_new("standard".parse().unwrap(), version, draft).unwrap()
}

/// 20.00 of `s1` and 10.00 of `s2`, 15.01 % of each the marketplace's.
pub fn sale(order: &str) -> Sale {
    let draft = r#"{"currency": "EUR", "lines": [
        {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1000},
        {"id": "l2", "seller": "s2", "name": "Bulb", "quantity": 1, "unit_price": 1000}]}"#;
    let cart = Cart::try_new(serde_json::from_str::<CartDraft>(draft).unwrap()).unwrap();
    let site = |number| SiteId::try_new(number).unwrap();
    let terms = |number| SellerTerms {
        site: site(number),
        status: SellerStatus::Active,
        fee_plan: Some(plan(1)),
    };
    let sellers = BTreeMap::from([("s1".parse().unwrap(), terms(11)), ("s2".parse().unwrap(), terms(12))]);
    let allocation = allocate(
        &cart,
        &Terms {
            sellers,
            commission_site: site(1),
        },
    )
    .unwrap();
    Sale {
        live: false,
        order: order.parse().unwrap(),
        originator: order.parse().unwrap(),
        cart,
        allocation,
        fee_plans: vec!["standard@1".to_owned()],
        method: 9,
        steps: Steps::One,
        capture: CaptureMode::Automatic,
        authorization_days: 7,
        capture_by: None,
        capture_unanswered: Unanswered::Full,
        split: SplitMode::default(),
        card: None,
        save_card: false,
        return_url: "https://shop.example/back".to_owned(),
        description: None,
        statement_descriptor: None,
        customer: Some(Customer {
            id: Some("c1".parse().unwrap()),
            email: None,
            first_name: None,
            last_name: None,
            phone: None,
        }),
        billing_address: None,
        language: None,
        token_lifetime_minutes: None,
        allow_another: false,
        metadata: BTreeMap::from([("note".to_owned(), "ü".to_owned())]),
    }
}

pub fn operation(number: u16, key: &str) -> Operation {
    Operation {
        number,
        work: Work::Authorize,
        state: OperationState::Sending,
        asked: Asked {
            principal: "shop".parse().unwrap(),
            key: key.parse().unwrap(),
            part: 0,
            fingerprint: "f".repeat(64),
        },
        reference: format!("ref-{key}").parse().unwrap(),
        request_id: "00000000-0000-4000-8000-000000000001".to_owned(),
        attempt: Some(Attempt {
            number: 1,
            owner: "me".to_owned(),
            send_before: at(1),
            over_at: at(31),
            nothing_before: false,
        }),
        absences: 0,
        refusal: None,
        note: None,
        created_at: at(0),
        settled_at: None,
    }
}

/// A payment of order `order` that was just decided.
pub fn payment(number: u128, order: &str) -> Payment {
    let sale = sale(order);
    let splits = (1..)
        .zip(sale.allocation.splits())
        .map(|(n, one)| Split::asked(n, one.party, one.site, one.amount));
    Payment {
        id: id(number),
        version: 1,
        splits: splits.collect(),
        sale: std::sync::Arc::new(sale),
        phase: Phase::Processing,
        operations: vec![operation(1, &format!("key-{number}"))],
        refunds: Vec::new(),
        lines: Vec::new(),
        readiness: None,
        discrepancies: Vec::new(),
        seen: None,
        authorized_until: None,
        amount_unallocated: Amount::ZERO,
        amount_suspense: Amount::ZERO,
        due_at: Some(at(31)),
        asked: 0,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// The commit of a payment that was just decided.
pub fn creation(payment: &Payment) -> Commit {
    let mut claims_taken = vec![Claim::Reference(payment.operations[0].reference.clone())];
    claims_taken.extend(payment.sale.order_claim());
    Commit {
        payment: Some(Change::Insert(payment.clone().into())),
        claims_taken,
        events: vec![event("decided"), event("attempt")],
        ..Commit::default()
    }
}

pub fn event(kind: &str) -> Event {
    Event {
        kind: kind.to_owned(),
        operation: Some(1),
        detail: format!("{kind} happened"),
    }
}

/// The payment one version on, changed.
pub fn next(before: &Payment, change: impl FnOnce(&mut Payment)) -> Payment {
    let mut after = before.clone();
    after.version += 1;
    change(&mut after);
    after
}

pub fn update(before: &Payment, after: &Payment) -> Commit {
    Commit {
        payment: Some(Change::Update {
            before: before.clone().into(),
            after: after.clone().into(),
        }),
        ..Commit::default()
    }
}

/// The payment once the buyer has paid, and the commit that says so.
pub fn captured(before: &Payment, gateway: u64) -> (Payment, Commit) {
    let after = next(before, |payment| {
        payment.phase = Phase::Captured;
        payment.due_at = None;
        payment.seen = Some(Seen {
            at: GatewayRef {
                host: Host::Pay,
                id: GatewayId::new(gateway),
            },
            status: status(2, Standing::Captured),
            redirect_url: Some("https://pay.example/".to_owned()),
        });
        payment.operations[0].state = OperationState::Done;
        payment.operations[0].settled_at = Some(at(5));
        for split in &mut payment.splits {
            split.gateway_id = Some(GatewayId::new(gateway.wrapping_mul(10) + u64::from(split.number)));
            split.status = Some(status(2, Standing::Captured));
            split.amount_authorized = split.amount;
            split.amount_captured = split.amount;
        }
    });
    let mut commit = update(before, &after);
    commit.events = vec![event("shown"), event("phase")];
    commit.postings = postings(&after);
    (after, commit)
}

/// Everything authorized and captured.
pub fn postings(payment: &Payment) -> Vec<Posting> {
    let post = |debit: Account, credit: Account, split: &Split| Posting {
        debit,
        credit,
        amount: split.amount,
        split: Some(split.number),
        cause: Cause::Operation(1),
        reason: "paid by the buyer".to_owned(),
    };
    let of = |split: &Split, book| Account::Of(split.party.clone(), book);
    let mut all: Vec<Posting> = payment
        .splits
        .iter()
        .map(|split| post(Account::Buyer, of(split, Book::Authorized), split))
        .collect();
    all.extend(
        payment
            .splits
            .iter()
            .map(|split| post(of(split, Book::Authorized), of(split, Book::Payable), split)),
    );
    all
}

pub fn amount(minor_units: i64) -> Amount {
    Amount::try_new(minor_units).unwrap()
}

pub fn posting(debit: Account, credit: Account, amount: i64) -> Posting {
    Posting {
        debit,
        credit,
        amount: self::amount(amount),
        split: None,
        cause: Cause::External,
        reason: "because".to_owned(),
    }
}

pub fn account(party: &Party, book: Book) -> Account {
    Account::Of(party.clone(), book)
}

pub fn s1() -> Party {
    Party::Seller("s1".parse().unwrap())
}

pub fn s2() -> Party {
    Party::Seller("s2".parse().unwrap())
}

pub fn status(id: u16, standing: Standing) -> GatewayStatus {
    GatewayStatus {
        id,
        info: "Info".to_owned(),
        reasons: Vec::new(),
        standing,
    }
}

pub fn discrepancy(number: u16, state: DiscrepancyState) -> Discrepancy {
    Discrepancy {
        number,
        kind: DiscrepancyKind::AnswerDiffers,
        state,
        detail: "asked 1, shown 2".to_owned(),
        opened_at: at(2),
        closed_at: (state == DiscrepancyState::Closed).then(|| at(3)),
        note: None,
    }
}

/// A notification about the gateway's payment `gateway`.
pub fn bell(number: u128, gateway: u64) -> Notification {
    Notification {
        id: NotificationId::from_u128(number),
        kind: NotificationKind::Payment,
        about: Some(GatewayRef {
            host: Host::Pay,
            id: GatewayId::new(gateway),
        }),
        gateway_id: None,
        reference: Some("ref-1".parse().unwrap()),
        claims: None,
        digest: "d".repeat(64),
        redacted: "{}".to_owned(),
        state: NotificationState::Waiting,
        payment: None,
        received_at: at(0),
        due_at: Some(at(0)),
        tries: 0,
    }
}

pub fn rung(bell: &Notification) -> Commit {
    Commit {
        notification: Some(NotificationChange::Insert(bell.clone())),
        ..Commit::default()
    }
}

/// Discrepancies that wait, behind this one.
pub fn waiting(limit: usize, after: Option<DiscrepancyId>) -> DiscrepancyFilter {
    DiscrepancyFilter {
        state: Some(DiscrepancyState::Open),
        after,
        limit,
        ..DiscrepancyFilter::default()
    }
}
