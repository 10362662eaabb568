//! One payment, one gateway, and ways to put words into its mouth.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::allocation::{SellerTerms, Terms, allocate};
use domain::cart::{Cart, CartDraft};
use domain::finding::{Door, Finding, GatewayRefusal, What};
use domain::ids::{GatewayId, PaymentId, SiteId};
use domain::money::Amount;
use domain::operation::{Asked, Attempt, Command};
use domain::payment::{Asking, Learning, Lesson, Pace, Payment, Stale};
use domain::sale::{CaptureMode, Sale, Steps};
use domain::seller::SellerStatus;
use domain::sight::{GatewayRef, GatewayStatus, Host, Reason, Sight, SplitSight, Standing};
use domain::time::Timestamp;

pub const PACE: Pace = Pace {
    first: Duration::from_secs(15),
    longest: Duration::from_secs(3600),
    quiet: Duration::from_secs(600),
    patience: Duration::from_secs(86_400),
};

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + seconds * 1_000_000)
}

pub fn sale() -> Sale {
    let draft: CartDraft = serde_json::from_str(
        r#"{"currency": "EUR", "lines": [
            {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999},
            {"id": "l2", "seller": "s2", "name": "Rug", "quantity": 1, "unit_price": 12000}],
            "fees": [{"id": "service", "amount": 99}]}"#,
    )
    .unwrap();
    let cart = Cart::try_new(draft).unwrap();
    let seller = |site| SellerTerms {
        site: SiteId::try_new(site).unwrap(),
        status: SellerStatus::Active,
        fee_plan: None,
    };
    let sellers = BTreeMap::from([
        ("s1".parse().unwrap(), seller(33513)),
        ("s2".parse().unwrap(), seller(33512)),
    ]);
    let allocation = allocate(
        &cart,
        &Terms {
            sellers,
            commission_site: SiteId::try_new(30201).unwrap(),
        },
    )
    .unwrap();
    Sale {
        live: false,
        order: "order-1".parse().unwrap(),
        originator: "order-1".parse().unwrap(),
        cart,
        allocation,
        fee_plans: Vec::new(),
        method: 9,
        steps: Steps::One,
        capture: CaptureMode::Automatic,
        return_url: "https://shop.example/return".to_owned(),
        description: None,
        statement_descriptor: None,
        customer: None,
        billing_address: None,
        language: None,
        token_lifetime_minutes: None,
        allow_another: false,
        metadata: BTreeMap::new(),
    }
}

pub fn attempt(number: u32, seconds: i64) -> Attempt {
    Attempt {
        number,
        owner: format!("owner-{number}"),
        send_before: at(seconds + 2),
        over_at: at(seconds + 12),
    }
}

/// A payment whose create is on its way.
pub fn sending() -> Payment {
    let asking = Asking {
        now: at(0),
        payment: PaymentId::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001),
        asked: Asked {
            principal: "shop".parse().unwrap(),
            key: "key-1".parse().unwrap(),
            part: 0,
            fingerprint: "f".to_owned(),
        },
        reference: "reference1".parse().unwrap(),
        request_id: "request1".to_owned(),
        attempt: attempt(1, 0),
    };
    Payment::decide(None, &Command::Authorize(std::sync::Arc::new(sale())), asking)
        .unwrap()
        .next
}

pub fn status(standing: Standing) -> GatewayStatus {
    let (id, info) = match standing {
        Standing::Open => (1, "Open"),
        Standing::Pending => (7, "PendingOnProvider"),
        Standing::Authorized => (9, "Authorized"),
        Standing::Capturing => (13, "CaptureRequested"),
        Standing::Cancelling => (15, "CancelRequested"),
        Standing::Captured => (2, "Success"),
        Standing::PartiallyCaptured => (35, "PartiallyCaptured"),
        Standing::Cancelled => (3, "Cancelled"),
        Standing::Failed => (4, "Failed"),
        Standing::Expired => (5, "Expired"),
        Standing::Disputed => (19, "Disputed"),
        Standing::ChargedBack => (26, "Chargedback"),
        Standing::Unknown => (77, "Surprise"),
    };
    GatewayStatus {
        id,
        info: info.to_owned(),
        reasons: Vec::new(),
        standing,
    }
}

/// The payment as an honest gateway shows it.
pub fn sight(payment: &Payment, standing: Standing) -> Sight {
    Sight {
        at: GatewayRef {
            host: Host::Pay,
            id: GatewayId::new(5_581_804),
        },
        reference: payment.authorize().map(|operation| operation.reference.clone()),
        amount: payment.amount(),
        currency: payment.sale.cart.currency(),
        captured: None,
        status: status(standing),
        redirect_url: Some("https://gateway.example/Home".to_owned()),
        splits: payment
            .splits
            .iter()
            .map(|split| SplitSight {
                id: GatewayId::new(480 + u64::from(split.number)),
                site: split.site,
                amount: split.amount,
                captured: None,
                status: Some(status(standing)),
            })
            .collect(),
    }
}

/// As the vendor's own sample does: one split is larger than was asked.
pub fn crooked(payment: &Payment, standing: Standing) -> Sight {
    let mut sight = sight(payment, standing);
    sight.splits[0].amount = Amount::try_new(sight.splits[0].amount.get() + 3).unwrap();
    sight
}

pub fn refusal() -> GatewayRefusal {
    GatewayRefusal {
        http_status: 400,
        reasons: vec![Reason {
            code: "5".to_owned(),
            info: "Method is invalid".to_owned(),
        }],
    }
}

pub fn asked(payment: &Payment, what: What) -> Finding {
    Finding {
        door: Door::Question {
            version: payment.version,
        },
        what,
    }
}

pub fn answered(attempt: u32, what: What) -> Finding {
    Finding {
        door: Door::Answer { operation: 1, attempt },
        what,
    }
}

pub fn learn(payment: &Payment, finding: &Finding, seconds: i64) -> Result<Lesson, Stale> {
    payment.learn(
        finding,
        &Learning {
            now: at(seconds),
            pace: &PACE,
            claims: None,
            order_holder: None,
        },
    )
}
