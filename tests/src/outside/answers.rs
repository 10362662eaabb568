//! The gateway's answers, through the client that makes the calls: what may be concluded from any bytes at all.
//!
//! The first byte of what is read chooses the HTTP status, the others are the body.

use super::Target;
use super::documents::{BY_CARD, FORGOTTEN, LISTED, PAYMENTS, REFUND_LIST, REFUNDED, REFUSALS, SPLITS, about_ours};
use super::payment::{self, Wishes, wishes};
use domain::ids::{GatewayId, Reference, SiteId};
use domain::money::Amount;
use domain::sight::{GatewayRef, GatewayStatus, Host, RefundSight, Sight, SplitSight};
use gateway_client::transport::{Carried, Transport};
use gateway_client::{Answer, Call, CardSecret, Client, GatewayError, Settings};
use reqwest::Request;
use serde::de::IgnoredAny;
use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// The HTTP statuses of answers. Two in three inputs are read as success.
const STATUSES: [u16; 24] = [
    200, 201, 200, 201, 200, 201, 200, 201, 200, 201, 200, 202, 204, 400, 400, 402, 401, 403, 404, 409, 429, 500, 503,
    302,
];
/// What pays with a card; whoever finds it in what is shown has found a leak.
const TOKEN: &str = "F43F90A5CB613D91F704407D4E297EA1";
/// Long enough that no body has it by chance.
const SECURITY_CODE: &str = "9137";

macro_rules! target {
    ($name:ident, $called:literal, $read:expr, $seeds:expr) => {
        /// One kind of answer.
        pub const $name: Target = Target {
            name: $called,
            read: $read,
            seeds: || answered(&$seeds),
            weight: 25,
        };
    };
}

target!(CREATE, "answer_create", |input| judge(Deed::Create, input), PAYMENTS);
target!(
    CREATE_BY_CARD,
    "answer_create_by_card",
    |input| judge(Deed::CreateByCard, input),
    BY_CARD
);
target!(CAPTURE, "answer_capture", |input| judge(Deed::Capture, input), PAYMENTS);
target!(CANCEL, "answer_cancel", |input| judge(Deed::Cancel, input), PAYMENTS);
target!(GET, "answer_get", |input| judge(Deed::Get, input), PAYMENTS);
target!(LOOK_UP, "answer_look_up", |input| judge(Deed::LookUp, input), LISTED);
target!(
    ADD_SPLITS,
    "answer_add_splits",
    |input| judge(Deed::AddSplits, input),
    SPLITS
);
target!(REFUND, "answer_refund", |input| judge(Deed::Refund, input), REFUNDED);
target!(
    REFUNDS,
    "answer_refunds",
    |input| judge(Deed::Refunds, input),
    REFUND_LIST
);
target!(
    FORGET_CARD,
    "answer_forget_card",
    |input| judge(Deed::ForgetCard, input),
    FORGOTTEN
);

/// A call to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Asks for a payment.
    Create,
    /// Asks for a payment by a kept card.
    CreateByCard,
    /// Takes what is authorized.
    Capture,
    /// Ends it.
    Cancel,
    /// Asks about it.
    Get,
    /// Asks for what is under a reference.
    LookUp,
    /// Adds splits.
    AddSplits,
    /// Gives back.
    Refund,
    /// Asks what was given back.
    Refunds,
    /// Gives up a card.
    ForgetCard,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::CreateByCard,
        Self::Capture,
        Self::Cancel,
        Self::Get,
        Self::LookUp,
        Self::AddSplits,
        Self::Refund,
        Self::Refunds,
        Self::ForgetCard,
    ];

    /// Whether it only asks.
    pub const fn is_question(self) -> bool {
        matches!(self, Self::Get | Self::LookUp | Self::Refunds)
    }
}

/// What an answer shows.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// One payment.
    Payment(Box<Sight>),
    /// What a list names, and whether it was about nothing else.
    Found(Vec<Sight>, bool),
    /// Splits.
    Splits(Vec<SplitSight>),
    /// A refund.
    Refund(Box<RefundSight>),
    /// Refunds.
    Refunds(Vec<RefundSight>),
    /// Nothing but that it was done.
    Done,
}

/// The gateway of this thread: it says one thing to everybody.
struct Rig {
    client: Client,
    pay: Wishes,
    cards: Wishes,
    card: CardSecret,
}

struct Parrot;

thread_local! {
    static SAYS: RefCell<(u16, Vec<u8>)> = const { RefCell::new((0, Vec::new())) };
    static LISTS: Cell<bool> = const { Cell::new(false) };
    static RIG: Rig = rig();
}

impl Transport for Parrot {
    fn carry(&self, request: Request) -> Carried<'_> {
        // What a list names is then asked for by its id, and is as documented.
        let is_named = LISTS.get() && request.url().query().is_none();
        let (http_status, body) = if is_named {
            (200, PAYMENTS[0].as_bytes().to_vec())
        } else {
            SAYS.with_borrow(|(status, body)| (*status, body.clone()))
        };
        Box::pin(std::future::ready(Ok(Answer { http_status, body })))
    }
}

fn rig() -> Rig {
    let settings = Settings {
        base_url: "http://gateway.example".to_owned(),
        cards_base_url: "http://gateway.example".to_owned(),
        site_id: SiteId::try_new(30201).expect("a site"),
        api_key: "key".into(),
        timeout: Duration::from_secs(1),
        connect_timeout: Duration::from_secs(1),
    };
    Rig {
        client: Client::over(Arc::new(Parrot), &settings).expect("settings"),
        pay: wishes(Host::Pay, payment::ID),
        cards: wishes(Host::Cards, payment::ID),
        card: CardSecret {
            token: TOKEN.into(),
            security_code: Some(SECURITY_CODE.into()),
        },
    }
}

/// What is concluded when this call is answered so.
pub fn concluded(deed: Deed, http_status: u16, body: &[u8]) -> Result<Shown, GatewayError> {
    SAYS.with_borrow_mut(|(status, said)| {
        *status = http_status;
        said.clear();
        said.extend_from_slice(body);
    });
    LISTS.set(deed == Deed::LookUp);
    RIG.with(|rig| now(made(deed, rig)))
}

async fn made(deed: Deed, rig: &Rig) -> Result<Shown, GatewayError> {
    let (client, not_after) = (&rig.client, Instant::now() + Duration::from_secs(60));
    let call = Call {
        request_id: Uuid::nil(),
        not_after,
    };
    let at = GatewayRef {
        host: Host::Pay,
        id: GatewayId::new(payment::ID),
    };
    let payment = |sight: Sight| Shown::Payment(Box::new(sight));
    let wishes = &rig.pay;
    let of = &wishes.payment;
    Ok(match deed {
        Deed::Create => payment(
            client
                .create(Host::Pay, of, &wishes.create, None, not_after)
                .await?
                .sight,
        ),
        Deed::CreateByCard => {
            let (of, operation) = (&rig.cards.payment, &rig.cards.create);
            let shown = client
                .create(Host::Cards, of, operation, Some(&rig.card), not_after)
                .await?;
            payment(shown.sight)
        }
        Deed::Capture => payment(client.capture(Host::Pay, of, &wishes.capture, not_after).await?),
        Deed::Cancel => payment(client.cancel(Host::Pay, of, &wishes.cancel, not_after).await?),
        Deed::Get => payment(client.get(at, call).await?.sight),
        Deed::LookUp => {
            let reference: Reference = payment::REFERENCE.parse().expect("a reference");
            let found = client.look_up(Host::Pay, &reference, call).await?;
            Shown::Found(found.sights, found.is_filtered)
        }
        Deed::AddSplits => Shown::Splits(client.add_splits(Host::Pay, of, &wishes.add_splits, not_after).await?),
        Deed::Refund => {
            let shown = client.refund(Host::Pay, of, &wishes.refund, not_after).await?;
            Shown::Refund(Box::new(shown))
        }
        Deed::Refunds => Shown::Refunds(client.refunds(at, call).await?),
        Deed::ForgetCard => {
            client.forget_card(&rig.card.token, call).await?;
            Shown::Done
        }
    })
}

/// What a future says that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let future = pin!(future);
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(said) => said,
        Poll::Pending => panic!("the gateway of a test answers at once"),
    }
}

fn answered(bodies: &[&str]) -> Vec<Vec<u8>> {
    let with = |status: u8, body: &str| [&[status], about_ours(body).as_bytes()].concat();
    let good = bodies.iter().map(|body| with(0, body));
    let bad = REFUSALS.iter().map(|body| with(13, body));
    good.chain(bad).collect()
}

fn split(input: &[u8]) -> (u16, &[u8]) {
    match input.split_first() {
        Some((first, body)) => (STATUSES[usize::from(*first) % STATUSES.len()], body),
        None => (200, input),
    }
}

fn judge(deed: Deed, input: &[u8]) {
    let (status, body) = split(input);
    let concluded = concluded(deed, status, body);
    check(deed, status, body, &concluded);
}

/// What must be so of every conclusion from every answer.
pub fn check(deed: Deed, status: u16, body: &[u8], concluded: &Result<Shown, GatewayError>) {
    let is_success = (200..300).contains(&status);
    let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
    match concluded {
        Ok(shown) => {
            assert!(is_json(), "an answer was understood that is not JSON");
            possible(deed, shown);
            let is_failed_refund = deed == Deed::Refund;
            assert!(
                is_success || is_failed_refund || (400..500).contains(&status),
                "HTTP {status} was taken for an answer"
            );
        }
        Err(GatewayError::NotSent { why }) => panic!("it was sent, and is said not to have been: {why}"),
        Err(GatewayError::Refused(refusal)) => {
            assert!(!is_success, "success was taken for a refusal");
            assert!((400..500).contains(&status), "HTTP {status} was taken for a refusal");
            assert!(!matches!(status, 408 | 429), "HTTP {status} decides nothing");
            assert!(
                refusal.credentials || is_json(),
                "a refusal was read in what is not JSON"
            );
        }
        Err(GatewayError::AlreadyThere(_)) => assert!(is_json(), "a taken reference was read in what is not JSON"),
        Err(GatewayError::Missing) => {
            assert!(deed.is_question() && status == 404 && is_json(), "nothing was missing");
        }
        Err(GatewayError::Unknown { .. }) => {
            assert!(!is_success || deed == Deed::ForgetCard, "success was taken for silence");
        }
        Err(GatewayError::Garbled { .. }) => {
            assert!(is_success || is_json(), "a refusal that is not JSON was called garbled");
        }
    }
    if matches!(deed, Deed::CreateByCard | Deed::ForgetCard) {
        hidden(concluded);
    }
}

/// Neither the card's token nor its security code may be quoted, however the gateway wrote it.
fn hidden(shown: &impl Debug) {
    let shown = format!("{shown:?}").to_ascii_uppercase();
    assert!(!shown.contains(TOKEN), "a card's token is shown");
}

/// What is shown can be counted, and is short enough to keep.
fn possible(deed: Deed, shown: &Shown) {
    match shown {
        Shown::Payment(sight) => {
            payment_is_possible(sight);
            let is_new = matches!(deed, Deed::Create | Deed::CreateByCard);
            assert!(
                is_new || sight.at.id.get() == payment::ID,
                "another payment was believed to be this one"
            );
        }
        Shown::Found(sights, _) => {
            for sight in sights {
                payment_is_possible(sight);
                let reference = sight.reference.as_ref().map(Reference::as_str);
                assert_eq!(reference, Some(payment::REFERENCE), "another's payment was found");
            }
        }
        Shown::Splits(splits) => {
            assert!(!splits.is_empty());
            splits.iter().for_each(split_is_possible);
        }
        Shown::Refund(refund) => refund_is_possible(refund),
        Shown::Refunds(refunds) => refunds.iter().for_each(refund_is_possible),
        Shown::Done => {}
    }
}

fn payment_is_possible(sight: &Sight) {
    assert!(sight.amount >= Amount::ZERO && sight.captured.is_none_or(|amount| amount >= Amount::ZERO));
    let url = sight.redirect_url.as_deref();
    assert!(
        url.is_none_or(|url| url.trim_start().to_ascii_lowercase().starts_with("http")),
        "a link that is no web address"
    );
    status_is_short(&sight.status);
    sight.splits.iter().for_each(split_is_possible);
}

fn split_is_possible(split: &SplitSight) {
    assert!(split.amount >= Amount::ZERO && split.captured.is_none_or(|amount| amount >= Amount::ZERO));
    assert!(split.site.get() > 0);
    split.status.iter().for_each(status_is_short);
}

fn refund_is_possible(refund: &RefundSight) {
    assert!(refund.amount >= Amount::ZERO);
    assert!(
        refund.payment.is_none_or(|id| id.get() == payment::ID),
        "another's refund"
    );
    assert!(refund.split.is_none_or(|split| split.get() != 0));
    status_is_short(&refund.status);
}

fn status_is_short(status: &GatewayStatus) {
    assert!(status.info.chars().count() <= 200 && status.reasons.len() <= 20);
    let is_short = |text: &str| text.chars().count() <= 200;
    assert!(
        status
            .reasons
            .iter()
            .all(|reason| is_short(&reason.code) && is_short(&reason.info))
    );
}
