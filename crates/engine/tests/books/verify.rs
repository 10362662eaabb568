//! A clean database is found clean, and each planted lie is found.

use std::time::Duration;

use domain::ids::PaymentId;
use domain::ledger::{Account, Book, Cause, Posting};
use domain::money::Amount;
use domain::operation::OperationState;
use domain::payment::{Claim, Event, Payment, Phase};
use domain::refund::{Part, PartState, Refund};
use domain::seller::Party;
use domain::sight::Standing;
use engine::verify::{Progress, VerifyReport};
use store::{Change, Commit};

use crate::world::{World, ops};

impl World {
    async fn verify(&self) -> VerifyReport {
        self.engine.verify(|_| ()).await.unwrap()
    }

    /// Commits what no rule would: the payment changed so, beside whatever else is in the commit.
    async fn plant(&self, id: PaymentId, change: impl FnOnce(&mut Payment), commit: Commit) {
        let before = self.payment(id).await;
        let mut after = before.clone();
        after.version += 1;
        change(&mut after);
        let (before, after) = (before.into(), after.into());
        let payment = Some(Change::Update { before, after });
        self.store.commit(Commit { payment, ..commit }).await.unwrap();
    }
}

/// The names of the rules that were broken.
fn broken(report: &VerifyReport) -> Vec<&str> {
    assert_eq!(report.ok, report.checks.iter().all(|check| check.ok));
    let wrong = report.checks.iter().filter(|check| !check.ok);
    wrong
        .map(|check| {
            assert!(check.violations_total > 0 && !check.violations.is_empty());
            check.name.as_str()
        })
        .collect()
}

fn cents(amount: i64) -> Amount {
    Amount::try_new(amount).unwrap()
}

fn of(seller: &str, book: Book) -> Account {
    Account::Of(Party::Seller(seller.parse().unwrap()), book)
}

fn posting(debit: Account, credit: Account, amount: i64) -> Posting {
    let (split, cause) = (Some(1), Cause::External);
    Posting {
        debit,
        credit,
        amount: cents(amount),
        split,
        cause,
        reason: "planted".to_owned(),
    }
}

#[tokio::test]
async fn what_the_desk_did_is_found_clean() {
    let world = World::with_sellers().await;
    assert!(world.verify().await.ok, "an empty database");
    world.sells("open").await;
    for number in 0..7 {
        world.sells_and_is_paid(&format!("paid-{number}")).await;
    }
    for (order, id, standing) in [
        ("failed", 4, Standing::Failed),
        ("disputed", 19, Standing::Disputed),
        ("lost", 24, Standing::ChargedBack),
    ] {
        let sold = world.sells(order).await;
        world.gateway.show(&sold.reference, id, standing);
        world.engine.inquire(&ops(), sold.operation).await.unwrap();
    }
    let released = world.sells("released").await;
    for (id, standing) in [(9, Standing::Authorized), (3, Standing::Cancelled)] {
        world.gateway.show(&released.reference, id, standing);
        world.engine.inquire(&ops(), released.operation).await.unwrap();
    }
    let held = world.sells("held").await;
    world.gateway.show_amount(&held.reference, 9999);
    world.gateway.show(&held.reference, 2, Standing::Captured);
    world.engine.inquire(&ops(), held.operation).await.unwrap();
    *world.gateway.mute.lock().unwrap() = true;
    world.sells("unknown").await;

    let mut heard = Vec::new();
    let report = world.engine.verify(|progress| heard.push(progress)).await.unwrap();
    assert_eq!(broken(&report), [""; 0], "{report:#?}");
    assert_eq!((report.payments, report.parties), (14, 3));
    assert!(report.postings >= 7 * 6);
    let of_payments = report.checks.iter().filter(|check| check.checked == 14).count();
    assert!(of_payments >= 15, "{report:#?}");
    assert_eq!(
        heard[0],
        Progress {
            payments: 0,
            payments_total: 14,
            parties: 0
        }
    );
    assert_eq!(
        heard.last(),
        Some(&Progress {
            payments: 14,
            payments_total: 14,
            parties: 3
        })
    );
}

/// One lie, told of a payment that was sold, or sold and paid; and the rules that it breaks.
type Lie = (&'static str, bool, fn(&mut Payment), Commit, &'static [&'static str]);

fn lies() -> Vec<Lie> {
    let nothing = |_: &mut Payment| ();
    let posted = |posting| Commit {
        postings: vec![posting],
        ..Commit::default()
    };
    let said = |kind: &str, operation, detail: &str| {
        let event = Event {
            kind: kind.to_owned(),
            operation,
            detail: detail.to_owned(),
        };
        Commit {
            events: vec![event],
            ..Commit::default()
        }
    };
    let order: Claim = Claim::Order(false, "o1".parse().unwrap());
    let none = Commit::default;
    vec![
        (
            "a cent posted twice",
            true,
            nothing,
            posted(posting(of("s1", Book::Authorized), of("s1", Book::Payable), 1)),
            &["postings_rebuild_splits"],
        ),
        (
            "a cent captured that nobody posted",
            false,
            |payment| {
                payment.splits[0].amount_authorized = cents(1);
                payment.splits[0].amount_captured = cents(1);
            },
            none(),
            &["phase_follows_money", "postings_rebuild_splits"],
        ),
        (
            "more captured than authorized",
            true,
            |payment| payment.splits[0].amount_authorized = cents(1),
            none(),
            &["quantities_ordered", "postings_rebuild_splits"],
        ),
        (
            "called captured",
            false,
            |payment| payment.phase = Phase::Captured,
            said("phase", None, "open → captured"),
            &["phase_follows_money"],
        ),
        (
            "another's posting in a split",
            true,
            nothing,
            posted(posting(Account::Buyer, of("s2", Book::Authorized), 5)),
            &["postings_have_causes"],
        ),
        (
            "a posting for an operation that is none",
            true,
            nothing,
            posted(Posting {
                cause: Cause::Operation(9),
                split: None,
                ..posting(Account::Buyer, Account::Unallocated, 5)
            }),
            &["suspense_is_posted", "postings_have_causes"],
        ),
        (
            "a refund that is none of its splits'",
            true,
            |payment| {
                let split = &payment.splits[0];
                let part = Part {
                    split: split.number,
                    party: split.party.clone(),
                    amount: cents(5),
                    state: PartState::Succeeded,
                    gateway_id: None,
                };
                payment.refunds.push(Refund {
                    number: 1,
                    asked: None,
                    plan: None,
                    parts: vec![part],
                    adjusted: true,
                    created_at: payment.created_at,
                    settled_at: Some(payment.created_at),
                });
            },
            none(),
            &["refunds_are_their_parts"],
        ),
        (
            "goods of which more went back than was sold",
            true,
            |payment| {
                let mut lines = payment.lines().into_owned();
                lines[0].back.n = cents(1_000_000);
                payment.lines = lines;
            },
            none(),
            &["lines_give_back_what_was_paid"],
        ),
        (
            "a movement that no rule makes",
            true,
            nothing,
            posted(posting(of("s1", Book::Payable), of("s1", Book::Authorized), 5)),
            &["postings_rebuild_splits", "balances_are_their_postings"],
        ),
        (
            "suspense that was never posted",
            false,
            |payment| payment.amount_suspense = cents(7),
            none(),
            &["suspense_is_posted"],
        ),
        (
            "posted before the gateway showed anything",
            false,
            |payment| payment.seen = None,
            posted(Posting {
                split: None,
                ..posting(Account::Buyer, Account::Unallocated, 5)
            }),
            &["suspense_is_posted", "postings_have_evidence", "operations_end_once"],
        ),
        (
            "a live payment that gave its order away",
            true,
            nothing,
            Commit {
                claims_released: vec![order],
                ..none()
            },
            &["live_payments_hold_their_order"],
        ),
        (
            "an ended payment that keeps its order",
            false,
            |payment| payment.phase = Phase::Failed,
            said("phase", None, "open → failed"),
            &["live_payments_hold_their_order"],
        ),
        (
            "done, and nobody knows when",
            true,
            |payment| payment.operations[0].settled_at = None,
            none(),
            &["operations_end_once"],
        ),
        (
            "undecided, and nobody will ask",
            false,
            |payment| {
                payment.operations[0].state = OperationState::Unknown;
                payment.operations[0].settled_at = None;
                payment.due_at = None;
            },
            none(),
            &["nothing_is_forgotten"],
        ),
        (
            "an attempt that was not recorded",
            true,
            |payment| payment.operations[0].attempt.as_mut().unwrap().number = 2,
            none(),
            &["attempts_were_committed_first"],
        ),
        (
            "a phase that nobody told of",
            true,
            |payment| payment.phase = Phase::Disputed,
            none(),
            &["postings_rebuild_splits", "history_reaches_today"],
        ),
        (
            "a history that jumps",
            true,
            nothing,
            said("phase", None, "open → captured"),
            &["history_reaches_today"],
        ),
    ]
}

#[tokio::test]
async fn each_planted_lie_is_found() {
    for (lie, paid, change, commit, rules) in lies() {
        let world = World::with_sellers().await;
        let sold = if paid {
            world.sells_and_is_paid("o1").await
        } else {
            world.sells("o1").await
        };
        world.sells_and_is_paid("honest").await;
        assert!(world.verify().await.ok, "before {lie}");
        world.plant(sold.payment, change, commit).await;
        let report = world.verify().await;
        assert_eq!(broken(&report), rules, "{lie}");
        let told: Vec<_> = report.checks.iter().flat_map(|check| &check.violations).collect();
        assert!(
            told.iter().any(|one| one.contains(&sold.payment.to_string())),
            "{lie}: {told:?}"
        );
        assert!(!report.ok);
    }
}

#[tokio::test]
async fn a_payment_that_was_wrong_from_the_start_is_found() {
    let world = World::with_sellers().await;
    let sold = world.sells("o1").await;
    let mut twin = world.payment(sold.payment).await;
    twin.id = PaymentId::from_u128(u128::MAX);
    twin.version = 1;
    std::sync::Arc::make_mut(&mut twin.sale).order = "o2".parse().unwrap();
    twin.splits[0].amount = cents(1049);
    let event = |kind: &str, detail: &str| Event {
        kind: kind.to_owned(),
        operation: Some(1),
        detail: detail.to_owned(),
    };
    let events = vec![
        event("decided", ""),
        event("attempt", ""),
        event("phase", "processing → open"),
    ];
    let claims_taken = vec![Claim::Order(false, "o2".parse().unwrap())];
    let commit = Commit {
        payment: Some(Change::Insert(twin.clone().into())),
        events,
        claims_taken,
        ..Commit::default()
    };
    world.store.commit(commit).await.unwrap();

    let report = world.verify().await;
    let rules = [
        "splits_add_up",
        "references_are_claimed",
        "gateway_payments_are_ours_once",
    ];
    assert_eq!(broken(&report), rules, "{report:#?}");
    assert!(
        report
            .checks
            .iter()
            .flat_map(|check| &check.violations)
            .all(|one| one.contains(&twin.id.to_string()))
    );
}

#[tokio::test]
async fn only_the_first_violations_are_written_out() {
    let world = World::with_sellers().await;
    for number in 0..25 {
        let sold = world.sells(&format!("o{number}")).await;
        let lie = |payment: &mut Payment| payment.amount_suspense = cents(7);
        world.plant(sold.payment, lie, Commit::default()).await;
    }
    world.clock.advance(Duration::from_secs(1));
    let report = world.verify().await;
    let suspense = report
        .checks
        .iter()
        .find(|check| check.name == "suspense_is_posted")
        .unwrap();
    assert_eq!(
        (suspense.violations.len(), suspense.violations_total, suspense.checked),
        (20, 25, 25)
    );
}
