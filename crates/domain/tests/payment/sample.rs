//! One payment, one gateway, and ways to put words into its mouth.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::allocation::{SellerTerms, Terms, allocate};
use domain::capture_plan::{CaptureAsk, SellerTake, SplitAmount, Take, Unanswered};
use domain::cart::{Cart, CartDraft};
use domain::command::{Addition, Command, NewSplit, RefundAsk};
use domain::fee_plan::FeePlan;
use domain::finding::{Door, Finding, GatewayRefusal, What};
use domain::ids::{GatewayId, PaymentId, SiteId};
use domain::metadata::Metadata;
use domain::money::Amount;
use domain::operation::{Asked, Attempt, Work};
use domain::payment::{Asking, Learning, Lesson, Pace, Payment, Stale};
use domain::refund::Ask;
use domain::sale::{CaptureMode, Sale, SplitMode, Steps};
use domain::seller::{Party, SellerStatus};
use domain::sight::{GatewayRef, GatewayStatus, Host, Reason, Sight, SplitSight, Standing};
use domain::time::Timestamp;

pub const PACE: Pace = Pace {
    first: Duration::from_secs(15),
    longest: Duration::from_secs(3600),
    quiet: Duration::from_secs(600),
    resend_refund_after: None,
    patience: Duration::from_secs(86_400),
};

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + seconds * 1_000_000)
}

pub fn sale() -> Sale {
    sold(
        r#"{"currency": "EUR", "lines": [
            {"id": "l1", "seller": "s1", "name": "Lamp", "quantity": 2, "unit_price": 1999},
            {"id": "l2", "seller": "s2", "name": "Rug", "quantity": 1, "unit_price": 12000}],
            "fees": [{"id": "service", "amount": 99}]}"#,
        0,
    )
    .unwrap()
}

/// The same sale, captured in a second step and by hand.
pub fn by_hand() -> Sale {
    Sale {
        steps: Steps::Two,
        capture: CaptureMode::Manual,
        ..sale()
    }
}

/// A cart of sellers `s1` to `s3` under a commission on items and shipping; none where it cannot be divided so.
pub fn sold(cart: &str, percent_bp: u32) -> Option<Sale> {
    let draft: CartDraft = serde_json::from_str(cart).unwrap();
    let cart = Cart::try_new(draft).ok()?;
    let plan = serde_json::json!({"rules": [{"percent_bp": percent_bp, "applies_to": "items_and_shipping"}]});
    let plan = FeePlan::try_new("standard".parse().unwrap(), 1, serde_json::from_value(plan).unwrap()).unwrap();
    let seller = |(name, site): (&str, u32)| {
        let terms = SellerTerms {
            site: SiteId::try_new(site).unwrap(),
            status: SellerStatus::Active,
            fee_plan: Some(plan.clone()),
        };
        (name.parse().unwrap(), terms)
    };
    let terms = Terms {
        sellers: [("s1", 33513), ("s2", 33512), ("s3", 33511)].map(seller).into(),
        commission_site: SiteId::try_new(30201).unwrap(),
    };
    let allocation = allocate(&cart, &terms).ok()?;
    Some(Sale {
        live: false,
        order: "order-1".parse().unwrap(),
        originator: "order-1".parse().unwrap(),
        cart,
        allocation,
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
        return_url: "https://shop.example/return".to_owned(),
        description: None,
        statement_descriptor: None,
        customer: None,
        billing_address: None,
        language: None,
        token_lifetime_minutes: None,
        allow_another: false,
        metadata: BTreeMap::new(),
    })
}

pub fn attempt(number: u32, seconds: i64) -> Attempt {
    Attempt {
        number,
        owner: format!("owner-{number}"),
        send_before: at(seconds + 2),
        over_at: at(seconds + 12),
        nothing_before: false,
    }
}

/// A payment whose create is on its way.
pub fn sending() -> Payment {
    create(sale())
}

pub fn create(sale: Sale) -> Payment {
    Payment::decide(None, &Command::Authorize(std::sync::Arc::new(sale)), asking(1, 0))
        .unwrap()
        .next
}

/// A command under a key of its own.
pub fn asking(key: u32, seconds: i64) -> Asking {
    Asking {
        now: at(seconds),
        payment: PaymentId::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001),
        asked: Asked {
            principal: "shop".parse().unwrap(),
            key: format!("key-{key}").parse().unwrap(),
            part: 0,
            fingerprint: "f".to_owned(),
        },
        reference: format!("reference{key}").parse().unwrap(),
        attempt: attempt(1, seconds),
    }
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
        refunds: None,
    }
}

/// As the vendor's own sample does: one split is larger than was asked, or the whole where there are none.
pub fn crooked(payment: &Payment, standing: Standing) -> Sight {
    let mut sight = sight(payment, standing);
    let differs = sight
        .splits
        .first_mut()
        .map_or(&mut sight.amount, |split| &mut split.amount);
    *differs = amount(differs.get() + 3);
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

/// Numbers that a case is read from, so that cases are cheap and shrink.
pub struct Dice<'a>(pub std::slice::Iter<'a, u16>);

impl Dice<'_> {
    /// From 0 to one less than `sides`; 0 once the numbers are used up.
    pub fn below(&mut self, sides: i64) -> i64 {
        i64::from(self.0.next().copied().unwrap_or_default()) % sides.max(1)
    }

    /// Once in so many times; never once the numbers are used up.
    pub fn one_in(&mut self, sides: i64) -> bool {
        self.below(sides) == sides - 1
    }
}

/// As the gateway shows a capture in part: what was captured of each split, and of those alone where it is told so.
pub fn in_part(payment: &Payment, amounts: &[(u16, i64)], listed_alone: bool) -> Sight {
    let mut sight = sight(payment, Standing::PartiallyCaptured);
    let of = |number: usize| amounts.iter().find(|(split, _)| usize::from(*split) == number + 1);
    for (place, split) in sight.splits.iter_mut().enumerate() {
        split.captured = Some(amount(of(place).map_or(0, |(_, amount)| *amount)));
    }
    sight.captured = Some(amount(amounts.iter().map(|(_, amount)| amount).sum()));
    if listed_alone {
        sight.splits.retain(|split| split.captured != Some(Amount::ZERO));
    }
    sight
}

pub fn amount(minor_units: i64) -> Amount {
    Amount::try_new(minor_units).unwrap()
}

pub fn capture(ask: CaptureAsk, only: Option<u16>, accept_stranded: bool) -> Command {
    Command::Capture {
        ask,
        only,
        accept_stranded,
    }
}

/// Exactly so much of these splits, accepting what is stranded.
pub fn capture_exactly(amounts: &[(u16, i64)], only: Option<u16>) -> Command {
    let exact = |(split, minor_units): &(u16, i64)| SplitAmount {
        split: *split,
        amount: amount(*minor_units),
    };
    capture(CaptureAsk::Splits(amounts.iter().map(exact).collect()), only, true)
}

pub fn take(seller: &str, minor_units: i64) -> SellerTake {
    SellerTake {
        seller: seller.parse().unwrap(),
        take: Take::Amount(amount(minor_units)),
    }
}

pub fn refund(ask: Ask) -> Command {
    Command::Refund(RefundAsk {
        ask,
        keeps: BTreeSet::new(),
        commission: None,
        reason: None,
        reference: None,
        metadata: Metadata::default(),
    })
}

pub fn refund_of(seller: &str, minor_units: i64) -> Command {
    refund(Ask::Amount {
        seller: seller.parse().unwrap(),
        amount: amount(minor_units),
    })
}

/// A split of `s1` and, if told so, what is left for the marketplace.
pub fn add(minor_units: i64, rest: bool) -> Command {
    Command::AddSplits(Addition {
        splits: vec![NewSplit {
            party: Party::Seller("s1".parse().unwrap()),
            site: SiteId::try_new(33513).unwrap(),
            amount: amount(minor_units),
            reference: None,
        }],
        lines: Vec::new(),
        rest: rest.then(|| SiteId::try_new(30201).unwrap()),
    })
}

/// The splits of an addition as the gateway shows them.
pub fn added(payment: &Payment) -> Vec<SplitSight> {
    let planned = payment.operations.iter().rev().find_map(|one| match &one.work {
        Work::AddSplits(planned) => Some(planned.splits.clone()),
        _ => None,
    });
    (500..)
        .zip(planned.unwrap_or_default())
        .map(|(id, split)| SplitSight {
            id: GatewayId::new(id),
            site: split.site,
            amount: split.amount,
            captured: None,
            status: Some(status(Standing::Captured)),
        })
        .collect()
}
