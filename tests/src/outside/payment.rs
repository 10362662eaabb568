//! A payment that the gateway has shown, and everything that it can be asked for next.

use domain::allocation::{SellerTerms, Terms, allocate};
use domain::capture_plan::{CapturePlan, SplitCapture, Unanswered};
use domain::cart::{Cart, CartDraft};
use domain::command::{Addition, Command, NewSplit};
use domain::ids::{GatewayId, PaymentId, SiteId};
use domain::money::Amount;
use domain::operation::{Asked, Attempt, Operation, Work};
use domain::payment::{Asking, Payment, Seen};
use domain::refund::{Part, PartState, Refund};
use domain::sale::{CaptureMode, Sale, SplitMode, Steps};
use domain::seller::{Party, SellerStatus};
use domain::sight::{GatewayRef, GatewayStatus, Host, Standing};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The gateway's id of the payment in its document of a one-step payment.
pub(super) const ID: u64 = 5_581_804;
/// The reference it was asked for under.
pub(super) const REFERENCE: &str = "s2ptest_split1";

/// What is asked of one payment.
pub(super) struct Wishes {
    pub payment: Payment,
    pub create: Operation,
    pub capture: Operation,
    pub cancel: Operation,
    pub add_splits: Operation,
    pub refund: Operation,
}

/// The gateway's documented payment of 60, 20 and 20 at this host, under this id.
pub(super) fn wishes(host: Host, id: u64) -> Wishes {
    let mut payment = asked_for();
    let create = payment.operations[0].clone();
    for (split, id) in payment.splits.iter_mut().zip(737..) {
        split.gateway_id = Some(GatewayId::new(id));
    }
    payment.seen = Some(Seen {
        at: GatewayRef {
            host,
            id: GatewayId::new(id),
        },
        status: GatewayStatus {
            id: 9,
            info: "Authorized".to_owned(),
            reasons: Vec::new(),
            standing: Standing::Authorized,
        },
        redirect_url: None,
    });
    let split = &payment.splits[0];
    payment.refunds.push(Refund {
        number: 1,
        asked: None,
        plan: None,
        parts: vec![Part {
            split: split.number,
            party: split.party.clone(),
            amount: split.amount,
            state: PartState::Processing,
            gateway_id: None,
        }],
        adjusted: false,
        created_at: Timestamp::MIN,
        settled_at: None,
    });
    let of = |work| Operation {
        number: 2,
        work,
        ..create.clone()
    };
    Wishes {
        capture: of(everything(&payment)),
        cancel: of(Work::Cancel),
        add_splits: of(Work::AddSplits(Box::new(Addition {
            splits: vec![NewSplit {
                party: Party::Marketplace,
                site: site(33514),
                amount: money(30),
                reference: None,
            }],
            lines: Vec::new(),
            rest: None,
        }))),
        refund: of(Work::Refund {
            refund: 1,
            split: Some(payment.splits[0].number),
        }),
        create,
        payment,
    }
}

/// The terms of sellers `A`, `B` and `C`, and of those of the stories.
pub(super) fn terms() -> Terms {
    let sellers = [
        ("A", 33513),
        ("B", 33512),
        ("C", 33511),
        ("s1", 1),
        ("s2", 2),
        ("s3", 3),
    ];
    let sellers = sellers.map(|(seller, number)| {
        let terms = SellerTerms {
            site: site(number),
            status: SellerStatus::Active,
            fee_plan: None,
        };
        (seller.parse().expect("a seller"), terms)
    });
    Terms {
        sellers: sellers.into(),
        commission_site: site(30201),
    }
}

fn asked_for() -> Payment {
    let line = |seller: &str, price: i64| serde_json::json!({"id": seller, "seller": seller, "name": "thing", "quantity": 1, "unit_price": price});
    let draft = serde_json::json!({"currency": "EUR", "lines": [line("A", 60), line("B", 20), line("C", 20)]});
    let draft: CartDraft = serde_json::from_value(draft).expect("a draft");
    let cart = Cart::try_new(draft).expect("a cart");
    let sale = Sale {
        live: false,
        order: "4324322".parse().expect("an order"),
        originator: "4324322".parse().expect("a reference"),
        allocation: allocate(&cart, &terms()).expect("an allocation"),
        cart,
        fee_plans: Vec::new(),
        method: 9,
        steps: Steps::One,
        capture: CaptureMode::Automatic,
        authorization_days: 7,
        capture_by: None,
        capture_unanswered: Unanswered::Full,
        split: SplitMode::Now,
        card: None,
        save_card: false,
        return_url: "https://shop.example/thanks".to_owned(),
        description: None,
        statement_descriptor: None,
        customer: None,
        billing_address: None,
        language: None,
        token_lifetime_minutes: None,
        allow_another: false,
        metadata: BTreeMap::new(),
    };
    let asking = Asking {
        now: Timestamp::MIN,
        payment: PaymentId::from_u128(1),
        asked: Asked {
            principal: "storefront".parse().expect("a principal"),
            key: "key".parse().expect("a key"),
            part: 0,
            fingerprint: String::new(),
        },
        reference: REFERENCE.parse().expect("a reference"),
        attempt: Attempt {
            number: 1,
            owner: "me".to_owned(),
            send_before: Timestamp::MIN,
            over_at: Timestamp::MIN,
            nothing_before: false,
        },
    };
    let command = Command::Authorize(Arc::new(sale));
    let mut payment = Payment::decide(None, &command, asking).expect("a payment").next;
    payment.operations[0].request_id = uuid::Uuid::nil().to_string();
    payment
}

/// A capture of all of it.
fn everything(payment: &Payment) -> Work {
    let splits = payment.splits.iter().map(|split| SplitCapture {
        split: split.number,
        party: split.party.clone(),
        amount: split.amount,
        stranded: Amount::ZERO,
    });
    Work::Capture {
        plan: Box::new(CapturePlan {
            amount: payment.amount(),
            stranded: Amount::ZERO,
            splits: splits.collect(),
            let_go: Vec::new(),
            shares: Vec::new(),
            adjustments: Vec::new(),
        }),
        only: None,
    }
}

fn money(minor_units: i64) -> Amount {
    Amount::try_new(minor_units).expect("an amount")
}

fn site(number: u32) -> SiteId {
    SiteId::try_new(number).expect("a site")
}
