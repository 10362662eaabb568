//! Storefronts, buyers and operators: who asks for what, and asks again.

use domain::capture_plan::{CaptureAsk, SellerTake, SplitAmount, Take};
use domain::ids::{PaymentId, RefundId};
use domain::money::Amount;
use domain::payment::{Charged, Payment, Phase};
use domain::refund::{Ask, Units};
use domain::sale::SplitMode;
use engine::captures::CaptureWish;
use engine::checkout::NewPayment;
use engine::refunds::RefundWish;
use engine::splits::SplitsWish;
use engine::{Engine, Error, Submission};
use std::sync::Arc;
use std::time::Duration;

use crate::dice::Dice;
use crate::life::ops;
use crate::world::World;
use crate::{books, cart, outside};

/// Steps of one payment, at most and at least.
const STEPS: (u64, u64) = (3, 14);

/// Somebody who sells one order, and looks after it.
pub struct Shopper {
    number: u64,
    keys: u64,
    steps: u64,
    /// What is under way, or was when the engine died: it may be asked again with the same key.
    doing: Option<(Submission, Action)>,
    payment: Option<PaymentId>,
    request: NewPayment,
}

/// What is asked of the engine.
#[derive(Clone, Debug)]
enum Action {
    Create(Box<NewPayment>),
    Capture(CaptureWish),
    Ready(SellerTake),
    Cancel,
    AddSplits,
    Refund(RefundWish),
    Retry(RefundId),
    Abandon(RefundId),
}

impl Shopper {
    /// Somebody with a cart of their own.
    pub fn new(number: u64, dice: &Dice) -> Self {
        Self {
            number,
            keys: 0,
            steps: dice.between(STEPS.0, STEPS.1),
            doing: None,
            payment: None,
            request: cart::request(number, dice),
        }
    }

    fn submission(&mut self, action: &Action) -> Submission {
        self.keys += 1;
        Submission {
            key: format!("shopper-{}-{}", self.number, self.keys).parse().expect("a key"),
            fingerprint: format!("{action:?}"),
        }
    }
}

/// Goes shopping, as far as steps are left; after a crash, where it was.
pub async fn shop(world: Arc<World>, engine: Engine, number: usize) {
    let dice = &world.dice;
    let shopper = || world.shoppers[number].lock().unwrap();
    loop {
        if shopper().steps == 0 {
            return;
        }
        shopper().steps -= 1;
        let longest = dice.one_of(&[(80, 3_000), (10, 60_000), (3, 1_300_000)]);
        tokio::time::sleep(Duration::from_millis(dice.between(5, longest))).await;
        let interrupted = shopper().doing.clone();
        if interrupted.is_some() && dice.happens(800) {
            world.tally().reached("asked again, same key");
            step(&world, &engine, number, interrupted).await;
            continue;
        }
        let payment = shopper().payment;
        let payment = match payment {
            Some(id) => books::load(&world, id).await,
            None => None,
        };
        if let Some(payment) = &payment
            && outside::acts(&world, payment)
        {
            continue;
        }
        let chosen = match &payment {
            None => Some(Action::Create(Box::new(shopper().request.clone()))),
            Some(payment) => choose(dice, payment, &shopper().request),
        };
        let Some(action) = chosen else { continue };
        let submission = shopper().submission(&action);
        if dice.happens(100) {
            world.tally().reached("the same request twice at once");
            let twice = Some((submission, action));
            tokio::join!(
                step(&world, &engine, number, twice.clone()),
                step(&world, &engine, number, twice)
            );
        } else if matches!(action, Action::Refund(_)) && dice.happens(250) {
            world.tally().reached("two refunds at once");
            let second = shopper().submission(&action);
            let both = (Some((submission, action.clone())), Some((second, action)));
            tokio::join!(
                step(&world, &engine, number, both.0),
                step(&world, &engine, number, both.1)
            );
        } else {
            step(&world, &engine, number, Some((submission, action))).await;
        }
    }
}

/// What whoever looks after a payment would do next.
fn choose(dice: &Dice, payment: &Payment, request: &NewPayment) -> Option<Action> {
    let later = payment.sale.split == SplitMode::Later && payment.splits.is_empty();
    match payment.phase {
        Phase::Failed | Phase::Cancelled | Phase::Expired => {
            dice.happens(300).then(|| Action::Create(Box::new(request.clone())))
        }
        Phase::Processing | Phase::Pending | Phase::Open => {
            let create = || Action::Create(Box::new(request.clone()));
            (dice.happens(120).then_some(Action::Cancel)).or_else(|| dice.happens(60).then(create))
        }
        Phase::Authorized => Some(match dice.one_of(&[(5, 0), (4, 1), (2, 2), (4, 3), (2, 4)]) {
            0 => capture(CaptureAsk::Everything),
            1 => capture(CaptureAsk::Sellers(takes(dice, payment))),
            2 => capture(CaptureAsk::Splits(amounts(dice, payment))),
            3 => Action::Ready(takes(dice, payment).pop()?),
            _ => Action::Cancel,
        }),
        Phase::Captured | Phase::PartiallyCaptured if later => Some(Action::AddSplits),
        Phase::Captured | Phase::PartiallyCaptured | Phase::Disputed => {
            if let Some(last) = payment.refunds.last()
                && dice.happens(200)
            {
                let id = RefundId::new(payment.id, last.number);
                return Some(if dice.happens(700) {
                    Action::Retry(id)
                } else {
                    Action::Abandon(id)
                });
            }
            dice.happens(750).then(|| Action::Refund(refund(dice, payment)))
        }
        Phase::Capturing | Phase::Cancelling | Phase::ChargedBack => dice.happens(100).then_some(Action::Cancel),
    }
}

fn capture(ask: CaptureAsk) -> Action {
    Action::Capture(CaptureWish {
        ask,
        only: None,
        accept_stranded: true,
    })
}

fn takes(dice: &Dice, payment: &Payment) -> Vec<SellerTake> {
    let mut takes: Vec<SellerTake> = Vec::new();
    for line in payment.sale.cart.lines() {
        if takes.iter().any(|one| one.seller == *line.seller()) {
            continue;
        }
        let take = match dice.between(0, 2) {
            0 => Take::Everything,
            1 => Take::Amount(amount(dice.between(0, 1500))),
            _ => Take::Lines(vec![Units {
                id: line.id().clone(),
                quantity: u32::from(dice.happens(700)),
            }]),
        };
        takes.push(SellerTake {
            seller: line.seller().clone(),
            take,
        });
    }
    takes
}

fn amounts(dice: &Dice, payment: &Payment) -> Vec<SplitAmount> {
    let mut amounts = Vec::new();
    for split in &payment.splits {
        let most = u64::try_from(split.amount.get()).unwrap_or(0);
        let taken = if dice.happens(400) { most } else { dice.between(0, most) };
        amounts.push(SplitAmount {
            split: split.number,
            amount: amount(taken),
        });
    }
    amounts
}

fn refund(dice: &Dice, payment: &Payment) -> RefundWish {
    let lines = payment.sale.cart.lines();
    let some = usize::try_from(dice.draw()).unwrap_or(0) % lines.len();
    let line = &lines[some];
    let ask = match dice.between(0, 3) {
        0 | 1 => Ask::Amount {
            seller: line.seller().clone(),
            amount: amount(dice.between(1, 1200)),
        },
        2 => Ask::Lines {
            lines: vec![Units {
                id: line.id().clone(),
                quantity: 1,
            }],
            shipping: Vec::new(),
        },
        _ => Ask::Everything,
    };
    RefundWish {
        ask,
        commission: None,
        reason: None,
        reference: None,
        metadata: std::collections::BTreeMap::default(),
    }
}

fn amount(minor: u64) -> Amount {
    i64::try_from(minor)
        .ok()
        .and_then(|minor| Amount::try_from(minor).ok())
        .expect("a small amount")
}

/// Asks for something, and judges what is answered.
async fn step(world: &World, engine: &Engine, number: usize, what: Option<(Submission, Action)>) {
    let Some((submission, action)) = what else { return };
    let payment = {
        let mut shopper = world.shoppers[number].lock().unwrap();
        shopper.doing = Some((submission.clone(), action.clone()));
        shopper.payment
    };
    if matches!(action, Action::Create(_)) {
        world.tally().payments += 1;
    }
    world.happened(&("asks", number, format!("{submission:?}{action:?}")));
    let answered = ask(engine, payment, submission, action.clone()).await;
    world.happened(&("hears", number, format!("{answered:?}")));
    let again = judge(world, &action, &answered);
    {
        let mut shopper = world.shoppers[number].lock().unwrap();
        if !again {
            shopper.doing = None;
        }
        let created = matches!(action, Action::Create(_));
        if let Some(id) = answered.as_ref().map_or_else(payment_of, |id| *id).filter(|_| created) {
            shopper.payment = Some(id);
        }
    }
    let payment = world.shoppers[number].lock().unwrap().payment;
    if let Some(id) = payment {
        books::touched(world, id).await;
    }
}

async fn ask(
    engine: &Engine,
    payment: Option<PaymentId>,
    submission: Submission,
    action: Action,
) -> Result<Option<PaymentId>, Error> {
    let caller = ops();
    let id = match (&action, payment) {
        (Action::Create(request), _) => {
            let outcome = engine.checkout(&caller, submission, (**request).clone()).await?;
            return Ok(outcome.view.id.parse().ok());
        }
        (_, Some(id)) => id,
        (_, None) => return Ok(None),
    };
    match action {
        Action::Create(_) => {}
        Action::Capture(wish) => drop(engine.capture(&caller, id, submission, wish).await?),
        Action::Ready(take) => drop(engine.ready(&caller, id, submission, take).await?),
        Action::Cancel => drop(engine.cancel(&caller, id, submission).await?),
        Action::AddSplits => drop(engine.add_splits(&caller, id, submission, SplitsWish::Own).await?),
        Action::Refund(wish) => drop(engine.refund(&caller, id, submission, wish).await?),
        Action::Retry(refund) => drop(engine.retry_refund(&caller, refund, submission).await?),
        Action::Abandon(refund) => drop(engine.abandon_refund(&caller, refund, submission).await?),
    }
    Ok(Some(id))
}

fn payment_of(error: &Error) -> Option<PaymentId> {
    match error {
        Error::RefusedByGateway { payment, .. } => Some(*payment),
        Error::Unavailable { payment, .. } | Error::Refused { payment, .. } => *payment,
        _ => None,
    }
}

/// Whether it is to be asked again under the same key.
fn judge(world: &World, action: &Action, answered: &Result<Option<PaymentId>, Error>) -> bool {
    let name = action.name();
    let Err(error) = answered else {
        world.tally().reached(&format!("{name}: answered"));
        return false;
    };
    let (what, again) = match error {
        Error::Invalid(_) => ("invalid", false),
        Error::Refused { .. } => ("refused by a rule", false),
        Error::RefusedByGateway { .. } => ("refused by the gateway", false),
        Error::Contended => ("contended", true),
        Error::Unavailable {
            what: "gateway",
            charged: Charged::No,
            ..
        } => ("not sent", true),
        other => {
            world.violation(format!("{name} was answered with: {other}"));
            ("a violation", false)
        }
    };
    world.tally().reached(&format!("{name}: {what}"));
    again
}

impl Action {
    const fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Capture(_) => "capture",
            Self::Ready(_) => "ready",
            Self::Cancel => "cancel",
            Self::AddSplits => "add splits",
            Self::Refund(_) => "refund",
            Self::Retry(_) => "retry refund",
            Self::Abandon(_) => "abandon refund",
        }
    }
}
